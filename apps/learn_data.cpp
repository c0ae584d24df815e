#include "learn_data.h"

#include <filesystem>

#include "thz/core/error.h"
#include "thz/io/atomic_file.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;

std::vector<int64_t> as_signed(const std::vector<uint64_t>& rows) {
  return {rows.begin(), rows.end()};
}

fs::path path_note(const std::string& run) { return fs::path(run) / "data-path.txt"; }

}  // namespace

LearnData load_learn_data(const std::string& data_path, const std::string& split_path) {
  const io::DatasetReader reader(data_path);
  const fs::path split_file = split_path.empty()
                                  ? reader.path().parent_path() / "split-image-disjoint.json"
                                  : fs::path(split_path);
  LearnData data;
  data.split = io::read_split(split_file, reader.content_sha256());
  data.header = reader.header();
  data.columns = reader.read_all();
  model::TrainingData& t = data.training;
  t.images = data.columns.image;
  t.identity.assign(data.columns.identity.begin(), data.columns.identity.end());
  t.posture.assign(data.columns.posture.begin(), data.columns.posture.end());
  t.concealed.assign(data.columns.concealed.begin(), data.columns.concealed.end());
  t.visible_images = data.columns.visible_image;
  t.visible_index.assign(data.columns.visible_index.begin(), data.columns.visible_index.end());
  t.train_rows = as_signed(data.split.train);
  t.validation_rows = as_signed(data.split.validation);
  t.data_sha256 = reader.content_sha256();
  t.split_text = io::read_file(split_file);
  return data;
}

LearnData load_learn_data_of_run(const std::string& data_path, const std::string& run) {
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
