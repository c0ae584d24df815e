#include "thz/model/config.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "thz/core/error.h"

using namespace thz::model;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

TrainConfig parsed(const std::string& text) {
  return parse_train_config("schema = \"thzface-train/1\"\n" + text, "test.toml", "");
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "thz-config-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~TemporaryFolder() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
  }
  fs::path path;
};

}  // namespace

TEST_CASE("a resolved training configuration reads back to itself", "[model][config]") {
  TrainConfig config = parsed(
      "name = \"a \\\"b\\\"\"\nseed = 7\naugmentation = \"none\"\n"
      "[network]\nbase_channels = 24\nexperts = 1\ndropout = 0.1\n"
      "[loss]\ntemperature = 0.05\nlpips = 0\nreconstruct = \"all\"\n"
      "[batch]\nidentities = 3\n[optimiser]\nlearning_rate = 0.00031\nschedule = \"plateau\"\n"
      "[budget]\nimage_exposures = 123456\nearly_stop_epochs = 5\n");
  CHECK(config.network.base_channels == 24);
  CHECK(config.optimiser.learning_rate == 0.00031);
  const TrainConfig again = parse_train_config(to_toml(config), "again.toml", "");
  CHECK(to_toml(again) == to_toml(config));
  CHECK(again.name == "a \"b\"");
  CHECK(again.loss.reconstruct == "all");
}

TEST_CASE("a configuration overrides what it extends, key by key", "[model][config]") {
  const TemporaryFolder folder;
  folder.write(
      "base.toml",
      "schema = \"thzface-train/1\"\nseed = 1\n[network]\nbase_channels = 64\nexperts = 1\n");
  folder.write("child.toml",
               "schema = \"thzface-train/1\"\nextends = \"base.toml\"\n[network]\nexperts = 5\n");
  const TrainConfig config = load_train_config((folder.path / "child.toml").string());
  CHECK(config.seed == 1);
  CHECK(config.network.base_channels == 64);
  CHECK(config.network.experts == 5);

  folder.write("loop.toml", "schema = \"thzface-train/1\"\nextends = \"loop.toml\"\n");
  CHECK_THROWS_WITH(load_train_config((folder.path / "loop.toml").string()),
                    Contains("never ends"));
}

TEST_CASE("mistakes in a training configuration name file, line, key and what is allowed",
          "[model][config]") {
  CHECK_THROWS_WITH(parse_train_config("seed = 1", "x.toml", ""), Contains("thzface-train/1"));
  CHECK_THROWS_WITH(parsed("sed = 1"), Contains("test.toml:2") && Contains("sed"));
  CHECK_THROWS_WITH(parsed("[network]\nbase_channels = 18"), Contains("multiple of 4"));
  CHECK_THROWS_WITH(parsed("[network]\nexperts = 3"), Contains("1 or 5"));
  CHECK_THROWS_WITH(parsed("[loss]\nssim = -1"), Contains("loss.ssim"));
  CHECK_THROWS_WITH(parsed("[optimiser]\nlearning_rate = \"fast\""), Contains("number"));
  CHECK_THROWS_WITH(parsed("augmentation = \"wild\""), Contains("none") && Contains("gentle"));
  CHECK_THROWS_AS(parsed("[loss]\nverification = 0\nposture = 0\nreconstruction = 0"),
                  thz::InputError);
}

TEST_CASE("every experiment that is shipped can be read", "[model][config]") {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(THZ_SOURCE_DIR "/model/experiments")) {
    CAPTURE(entry.path().string());
    CHECK_NOTHROW(load_train_config(entry.path().string()));
    ++count;
  }
  CHECK(count >= 4);
}
