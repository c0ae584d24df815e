#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "run_program.h"
#include "support/page_text.h"

using namespace thz::test;
using Json = nlohmann::json;

namespace {

const std::string kMap = "1=front-left,2=front-center";

/// Three people in two postures, bare and concealed, three times each: 36 pictures.
void write_small_plan(const Scratch& scratch) {
  scratch.write("head.toml",
                "imager = {lines = 8, samples_per_line = 16, frames = 1}\n"
                "sampling = {ray_pitch_m = 3e-3, lattice_area_m2 = 1e-5, subdivision = 0}\n"
                "subject = {kind = \"head\"}\n");
  scratch.write("plan.toml",
                "schema = \"thzface-plan/1\"\nidentities = 3\ncaptures = 3\n"
                "postures = [\"front-left\", \"front-center\"]\nscene = \"head.toml\"\n");
}

ProgramResult call(const Scratch& scratch, std::vector<std::string> words) {
  ProgramOptions options;
  options.folder = scratch.path();
  options.kill_after_s = 300.0;  // training on a crowded machine
  words.emplace_back("--quiet");
  ProgramResult result = run_thzface(words, options);
  UNSCOPED_INFO("standard error: " << result.err);
  return result;
}

Json call_json(const Scratch& scratch, std::vector<std::string> words) {
  words.emplace_back("--json");
  const ProgramResult result = call(scratch, words);
  REQUIRE(result.status == 0);
  return Json::parse(result.out);
}

/// As small as training can be: does the way work, not how well.
void write_experiment(const Scratch& scratch) {
  scratch.write("tiny.toml", "schema = \"thzface-train/1\"\nextends = \"" +
                                 std::string(THZ_SOURCE_DIR) +
                                 "/model/experiments/smoke.toml\"\nname = \"tiny\"\n"
                                 "[network]\nbase_channels = 4\n"
                                 "[batch]\nidentities = 3\npostures = 2\n"
                                 "[budget]\nimage_exposures = 72\nepoch_exposures = 36\n");
}

bool can_train(const Scratch& scratch) {
  if (call(scratch, {"train", "--help"}).status == 0) return true;
  WARN("skipped: train and evaluate on imported pictures: thzface-learn is not built");
  return false;
}

void check_trains(const Scratch& scratch, const std::string& data, const std::string& run,
                  std::vector<std::string> more = {}) {
  INFO(data);
  std::vector<std::string> words = {"train", "tiny.toml", "--data", data, "--output", run};
  words.insert(words.end(), more.begin(), more.end());
  REQUIRE(call(scratch, words).status == 0);
  const Json judged = call_json(scratch, {"evaluate", run, data, "--resamples", "100"});
  CHECK(judged.is_object());
  CHECK(scratch.read(run + "/evaluation/table.txt").find("verification") != std::string::npos);
}

std::string page_of(const Scratch& scratch, const std::string& run) {
  REQUIRE(call(scratch, {"report", run, "--output", run + ".html"}).status == 0);
  return scratch.read(run + ".html");
}

/// A page states of a scene only what the data set says.
void check_pages(const Scratch& scratch) {
  for (const char* run : {"run-imported", "run-mixed"}) {
    CAPTURE(run);
    check_page(page_of(scratch, run),
               {"instrument and subjects: the data set names no scene", "Faces, bare and concealed",
                "none named: imported, or merged"},
               {" GHz", "simulated", "stand-off", "skin mirrors"});
  }
  check_page(page_of(scratch, "run-sim"),
             {"simulated, learned and judged", "stand-off", "Gaussian beam", "340 GHz"},
             {"names no scene"});
  const ProgramResult other =
      call(scratch, {"report", "run-imported", "--data", "sim", "--output", "other.html"});
  CHECK(other.status == 2);
  CHECK_THAT(other.err, Catch::Contains("sim: run-imported was trained on other data"));
  CHECK(std::count(other.err.begin(), other.err.end(), '\n') == 1);
  for (const std::string& file : scratch.files()) CHECK(file.rfind("other", 0) != 0);
}

}  // namespace

TEST_CASE("pictures without provenance go through training and judgement, alone and mixed") {
  const Scratch scratch;
  write_small_plan(scratch);
  write_experiment(scratch);
  REQUIRE(call(scratch, {"dataset", "generate", "plan.toml", "--output", "sim"}).status == 0);
  const Json out =
      call_json(scratch, {"dataset", "export", "sim", "--output", "png", "--posture-map", kMap});
  CHECK(out.at("pictures") == 36);
  CHECK(out.at("triplet_rows") == Json::array({36}));
  const Json in = call_json(scratch, {"dataset", "import", "png", "--posture-map", kMap, "--unit",
                                      "thz", "--visible-unit", "visible", "--output", "imported"});
  CHECK(in.at("rows") == 36);
  CHECK(in.at("fewest_captures") == 3);
  CHECK(call(scratch, {"dataset", "verify", "imported"}).status == 0);
  const ProgramResult collide =
      call(scratch, {"dataset", "merge", "sim", "imported", "--output", "mixed"});
  CHECK(collide.status == 2);
  CHECK_THAT(collide.err, Catch::Contains("--people"));
  const Json mixed = call_json(scratch, {"dataset", "merge", "sim", "imported", "--output", "mixed",
                                         "--people", "renumber", "--index"});
  CHECK(mixed.at("rows") == 72);
  CHECK(mixed.at("identity_offsets") == Json::array({0, 3}));
  if (!can_train(scratch)) return;
  check_trains(scratch, "imported", "run-imported");
  check_trains(scratch, "mixed", "run-mixed");
  check_trains(scratch, "sim", "run-sim");
  check_trains(scratch, "imported", "run-tuned", {"--from", "run-sim"});
  check_pages(scratch);
  // Fine-tuning began with the weights it was told to.
  CHECK(Json::parse(scratch.read("run-tuned/run.json")).at("init_sha256") != "");
  CHECK(Json::parse(scratch.read("run-imported/run.json")).at("init_sha256") == "");
}

TEST_CASE("an import that cannot be is refused in one sentence and leaves no data set") {
  const Scratch scratch;
  scratch.write("png/7/thz/7_b1b_1.png", "no picture");
  scratch.write("l.csv", "file,identity,posture,condition\nx.png,1,up,bare\n");
  const auto refused = [&](std::vector<std::string> words, const std::string& essential) {
    words.insert(words.begin(), {"dataset", "import"});
    words.insert(words.end(), {"--output", "d"});
    const ProgramResult result = call(scratch, words);
    CHECK(result.status == 2);
    CHECK_THAT(result.err, Catch::Contains(essential) && Catch::StartsWith("thzface: "));
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    CHECK(scratch.files() == std::vector<std::string>{"l.csv", "png/7/thz/7_b1b_1.png"});
  };
  refused({"png"}, "--posture-map is missing");
  refused({"png", "--posture-map", "1=sideways"}, "1=sideways");
  refused({"png", "--posture-map", kMap}, "7_b1b_1.png: not a PNG");
  refused({"--labels", "l.csv"}, "l.csv:2: posture is 'up'");
  refused({"--numpy", "png"}, "image.npy");
  refused({}, "exactly one");
  refused({"png", "--labels", "l.csv"}, "exactly one");
  refused({"none", "--posture-map", kMap}, "none");
}
