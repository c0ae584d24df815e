#include "apps/toy_dataset.h"

#include <algorithm>
#include <string>
#include <vector>

#include "model/toy_data.h"
#include "thz/core/sha256.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/dataset_writer.h"
#include "thz/io/split_file.h"

namespace thz::test {

void write_toys(const std::filesystem::path& path, int identities, int captures, bool visible,
                uint64_t seed, const std::string& scene) {
  model::test::ToyOptions options;
  options.identities = identities;
  options.captures = captures;
  options.seed = seed;
  const model::TrainingData toys = model::test::toy_data(options);
  io::DatasetHeader header;
  header.rows = static_cast<uint64_t>(toys.rows());
  header.visible_rows = visible ? static_cast<uint64_t>(toys.visible_rows()) : 0;
  header.seed = seed;
  header.scene_toml = scene;
  if (!scene.empty()) header.scene_sha256 = sha256_hex(scene);
  std::vector<io::DatasetRow> rows;
  std::vector<io::VisibleRow> pictures(header.visible_rows);
  for (int64_t r = 0; r < toys.rows(); ++r) {
    const auto at = static_cast<std::size_t>(r);
    io::DatasetRow row;
    row.image = thz::ImageF(64, 64);
    std::copy(toys.image(r), toys.image(r) + model::kImagePixels, row.image.data.begin());
    row.pose.assign(6, 0.0F);
    row.identity = toys.identity[at];
    row.posture = toys.posture[at];
    row.concealed = static_cast<uint8_t>(toys.concealed[at]);
    row.capture = static_cast<int32_t>(r) % captures;
    if (visible) {
      row.visible_index = static_cast<int32_t>(toys.visible_index[at]);
      io::VisibleRow& picture = pictures[static_cast<std::size_t>(row.visible_index)];
      picture.image = thz::ImageF(64, 64);
      std::copy(toys.visible(r), toys.visible(r) + model::kImagePixels, picture.image.data.begin());
      picture.identity = row.identity;
      picture.posture = row.posture;
      picture.concealed = row.concealed;
    }
    rows.push_back(row);
  }
  io::write_dataset(path, header, rows, pictures);
}

void write_toy_split(const std::filesystem::path& dataset) {
  const io::DatasetReader reader(dataset.string());
  const io::DatasetColumns columns = reader.read_all();
  io::Split split;
  split.rule = "image-disjoint";
  split.train_fraction = split.validation_fraction = split.test_fraction = 1.0 / 3.0;
  split.dataset_sha256 = reader.content_sha256();
  split.dataset_rows = columns.identity.size();
  for (uint64_t row = 0; row < split.dataset_rows; ++row) {
    const int part = columns.capture[row] % 3;
    (part == 0 ? split.train : part == 1 ? split.validation : split.test).push_back(row);
  }
  io::write_split(dataset.parent_path() / "split-image-disjoint.json", split);
}

void write_tiny_budget(const Scratch& scratch) {
  scratch.write("tiny.toml", "schema = \"thzface-train/1\"\nextends = \"" + kExperiments +
                                 "smoke.toml\"\nname = \"tiny\"\n[network]\nbase_channels = 4\n"
                                 "[batch]\nidentities = 3\npostures = 5\n"
                                 "[budget]\nimage_exposures = 120\nepoch_exposures = 60\n");
}

}  // namespace thz::test
