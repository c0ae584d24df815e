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
      "[loss]\ntemperature = 0.05\nlpips = 0\nreconstruct = \"concealed\"\n"
      "[teacher]\nkind = \"random\"\nfusion = \"thz-guided\"\npermuted = true\nlogit = 0.3\n"
      "[batch]\nidentities = 3\nkind = \"triplets\"\ntriplets = 7\nlabels = "
      "\"triplet\"\n[optimiser]\nlearning_rate = 0.00031\nschedule = \"plateau\"\n"
      "[budget]\nimage_exposures = 123456\nearly_stop_epochs = 5\n");
  CHECK(config.network.base_channels == 24);
  CHECK(config.optimiser.learning_rate == 0.00031);
  const TrainConfig again = parse_train_config(to_toml(config), "again.toml", "");
  CHECK(to_toml(again) == to_toml(config));
  CHECK(again.name == "a \"b\"");
  CHECK(again.loss.reconstruct == "concealed");
  CHECK(again.teacher.fusion == "thz-guided");
  CHECK(again.teacher.permuted);
  CHECK(again.batch.triplets == 7);
  CHECK(again.batch.labels == "triplet");
}

TEST_CASE("keys of a schedule belong to it alone", "[model][config]") {
  const std::string cycles = "cycle_fraction = 0.1\ncycle_gamma = 0.8\n";
  const TrainConfig config = parsed("[optimiser]\nschedule = \"restarts\"\n" + cycles);
  CHECK(config.optimiser.cycle_gamma == 0.8);
  const TrainConfig again = parse_train_config(to_toml(config), "again.toml", "");
  CHECK(to_toml(again) == to_toml(config));
  CHECK(again.optimiser.cycle_fraction == 0.1);
  CHECK_THROWS_WITH(parsed("[optimiser]\n" + cycles), Contains("cycle_"));
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
  CHECK_THROWS_WITH(parsed("[teacher]\nfusion = \"deep\""), Contains("visible-guided"));
  CHECK_THROWS_WITH(parsed("[teacher]\nattention_heads = 7"), Contains("attention_heads"));
  CHECK_THROWS_WITH(parsed("[batch]\nencode = \"published\""), Contains("triplets"));
  CHECK_THROWS_WITH(parsed("[batch]\nkind = \"triplets\"\n[loss]\nreconstruct = \"all\""),
                    Contains("anchors"));
  CHECK_THROWS_WITH(parsed("[batch]\nkind = \"triplets\"\nencode = \"published\"\n[teacher]\n"
                           "kind = \"trained\""),
                    Contains("no teacher"));
  CHECK_THROWS_AS(parsed("[loss]\nverification = 0\nposture = 0\nreconstruction = 0"),
                  thz::InputError);
}

TEST_CASE("an experiment can be laid over another base than its own", "[model][config]") {
  const TemporaryFolder folder;
  folder.write("base.toml", "schema = \"thzface-train/1\"\n[network]\nbase_channels = 64\n");
  folder.write(
      "small.toml",
      "schema = \"thzface-train/1\"\nextends = \"base.toml\"\n[network]\nbase_channels = 8\n");
  folder.write("middle.toml",
               "schema = \"thzface-train/1\"\nextends = \"base.toml\"\n[loss]\nposture = 0\n");
  folder.write("leaf.toml",
               "schema = \"thzface-train/1\"\nextends = \"middle.toml\"\n[loss]\nssim = 0.1\n");
  const auto at = [&](const char* name) { return (folder.path / name).string(); };
  const TrainConfig config = load_train_config(at("leaf.toml"), at("small.toml"));
  CHECK(config.network.base_channels == 8);
  CHECK(config.loss.posture == 0.0);
  CHECK(config.loss.ssim == 0.1);
  CHECK(load_train_config(at("leaf.toml")).network.base_channels == 64);
  // A file that extends nothing would hide the base it is given.
  CHECK_THROWS_WITH(load_train_config(at("base.toml"), at("small.toml")),
                    Contains("has no key extends"));
}

TEST_CASE("every experiment that is shipped can be read", "[model][config]") {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(THZ_SOURCE_DIR "/model/experiments")) {
    CAPTURE(entry.path().string());
    CHECK_NOTHROW(load_train_config(entry.path().string()));
    ++count;
  }
  CHECK(count >= 4 + 18);  // budgets and variants
}
