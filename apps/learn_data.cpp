#include "learn_data.h"

#include <filesystem>

#include "thz/core/error.h"
#include "thz/io/atomic_file.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;

fs::path path_note(const std::string& run) { return fs::path(run) / "data-path.txt"; }

}  // namespace

model::LearningData load_learn_data(const std::string& data_path, const std::string& split_path) {
  const fs::path split_file =
      split_path.empty() ? io::find_dataset(data_path).parent_path() / "split-image-disjoint.json"
                         : fs::path(split_path);
  model::LearningData data = model::load_learning_data(data_path);
  model::use_split(data, io::read_split(split_file, data.training.data_sha256),
                   io::read_file(split_file));
  return data;
}

model::LearningData load_learn_data_of_run(const std::string& data_path, const std::string& run) {
  return load_learn_data(data_path, (fs::path(run) / "split.json").string());
}

void require_run(const std::string& run) {
  if (!fs::exists(fs::path(run) / "run.json")) {
    throw_input("{}: not a run folder (no run.json in it)", run);
  }
}

void remember_data_path(const std::string& run, const std::string& data_path) {
  io::write_file(path_note(run), fs::absolute(data_path).string() + "\n");
}

std::string remembered_data_path(const std::string& run) {
  require_run(run);
  const fs::path note = path_note(run);
  if (!fs::exists(note)) {
    throw_input("{} does not say where its data set is; give it with --data", run);
  }
  std::string text = io::read_file(note);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace thz::apps
