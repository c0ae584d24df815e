#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/run_program.h"
#include "apps/toy_dataset.h"
#include "support/page_text.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/png.h"

using Catch::Matchers::Contains;
using thz::test::check_page;
using thz::test::ProgramOptions;
using thz::test::ProgramResult;
using thz::test::run_thzface;
using thz::test::Scratch;
using Json = nlohmann::json;
namespace fs = std::filesystem;
namespace io = thz::io;

namespace {

ProgramResult quietly(const Scratch& scratch, std::vector<std::string> words) {
  ProgramOptions options;
  options.folder = scratch.path();
  options.kill_after_s = 300.0;
  words.insert(words.end(), {"--quiet", "--threads", "1"});
  ProgramResult result = run_thzface(words, options);
  UNSCOPED_INFO("standard error: " << result.err);
  return result;
}

void train(const Scratch& scratch, const std::string& run, const std::vector<std::string>& words) {
  thz::test::write_toy_split(scratch.path() / "toys.h5");
  std::vector<std::string> all = {"train", "--data", "toys.h5", "--output", run};
  all.insert(all.end(), words.begin(), words.end());
  REQUIRE(quietly(scratch, all).status == 0);
}

/// The page that `report` with these words makes.
std::string page_of(const Scratch& scratch, std::vector<std::string> words) {
  words.insert(words.begin(), "report");
  words.insert(words.end(), {"--output", "page.html"});
  fs::remove_all(scratch.path() / "page-figures");
  REQUIRE(quietly(scratch, words).status == 0);
  return scratch.read("page.html");
}

/// Image of a row as the data set has it.
thz::ImageF image_of_row(const io::DatasetColumns& columns, std::size_t row) {
  thz::ImageF image(64, 64);
  const auto* first = columns.image.data() + row * 64 * 64;
  std::copy(first, first + 64 * 64, image.data.begin());
  return image;
}

}  // namespace

TEST_CASE("pictures of any size are reconstructed, and a known one is found in the gallery") {
  const Scratch scratch;
  thz::test::write_tiny_budget(scratch);
  thz::test::write_toys(scratch.path() / "toys.h5", 4, 3, false);
  train(scratch, "run", {"tiny.toml"});
  const io::DatasetColumns columns =
      io::DatasetReader((scratch.path() / "toys.h5").string()).read_all();
  std::size_t bare = 0;
  while (columns.concealed[bare] != 0) ++bare;
  fs::create_directories(scratch.path() / "more");
  io::write_png(scratch.path() / "a.png", image_of_row(columns, bare));
  io::write_png(scratch.path() / "more" / "a.png", thz::ImageF(120, 200));
  io::write_png(scratch.path() / "small.png", thz::ImageF(9, 7));
  const ProgramResult r =
      quietly(scratch, {"reconstruct", "run", "a.png", "more/a.png", "small.png", "--nearest", "3",
                        "--output", "made", "--json"});
  REQUIRE(r.status == 0);
  const Json told = Json::parse(r.out);
  REQUIRE(told.size() == 3);
  CHECK(scratch.files().size() > 3);
  for (const char* name : {"a", "a-2", "small"}) {
    const auto made =
        io::read_png(scratch.path() / "made" / (name + std::string("-reconstruction.png")));
    CHECK(made.rows == 64);
    CHECK(made.cols == 64);
  }
  for (const Json& picture : told) {
    const double p = picture.at("posture_probability");
    CHECK(p >= 0.2);  // the likeliest of five
    CHECK(p <= 1.0);
    REQUIRE(picture.at("nearest").size() == 3);
    double before = 0.0;
    for (const Json& person : picture.at("nearest")) {
      CHECK(person.at("distance").get<double>() >= before);
      before = person.at("distance");
    }
  }
  // Eight bits a pixel move its embedding a little from that of the row itself.
  CHECK(told[0].at("nearest")[0].at("identity") == columns.identity[bare]);
  CHECK(told[0].at("nearest")[0].at("distance").get<double>() < 0.05);
}

TEST_CASE("what was not trained is neither reconstructed nor judged") {
  const Scratch scratch;
  thz::test::write_tiny_budget(scratch);
  thz::test::write_toys(scratch.path() / "toys.h5", 4, 3, false);
  train(scratch, "run", {thz::test::kExperiments + "task-v.toml", "--base", "tiny.toml"});
  io::write_png(scratch.path() / "a.png", thz::ImageF(64, 64));
  const ProgramResult r = quietly(scratch, {"reconstruct", "run", "a.png", "--output", "made"});
  CHECK(r.status == 2);
  CHECK_THAT(r.err, Contains("trained without reconstruction"));
  CHECK_FALSE(fs::exists(scratch.path() / "made"));

  const ProgramResult judged =
      quietly(scratch, {"evaluate", "run", "toys.h5", "--resamples", "100", "--json"});
  REQUIRE(judged.status == 0);
  const Json figures = Json::parse(judged.out);
  for (const Json& system : figures.at("reconstruction")) CHECK(system.at("system") != "network");
  const std::string notes = figures.at("notes").dump();
  CHECK_THAT(notes, Contains("posture was not among the tasks"));
  CHECK_THAT(notes, Contains("reconstruction was not among the tasks"));
  CHECK_THAT(notes, !Contains("verification was not among"));
  CHECK(figures.at("posture").at("images") == 0);
  CHECK_THAT(scratch.read("run/evaluation/table.txt"), !Contains("posture of concealed images"));
  // What it cost is the whole training, wherever its best checkpoint lies.
  const Json summary = Json::parse(scratch.read("run/run.json"));
  CHECK(figures.at("run").at("image_exposures") == summary.at("image_exposures"));
  CHECK(figures.at("run").at("epochs") == summary.at("epochs"));
  check_page(page_of(scratch, {"run"}),
             {"posture: not among the tasks of this training",
              "reconstruction: not among the tasks of this training", "<h3>Verification</h3>"},
             {"<h3>Posture</h3>", "<h3>Reconstruction</h3>"});
  CHECK_FALSE(fs::exists(scratch.path() / "page-figures/run1-confusion.svg"));
}

TEST_CASE("a page shows no other data set than the run's, and says what it lacks") {
  const Scratch scratch;
  const fs::path toys = scratch.path() / "toys.h5", note = scratch.path() / "run/data-path.txt";
  thz::test::write_tiny_budget(scratch);
  thz::test::write_toys(toys, 4, 3, false);
  train(scratch, "run", {"tiny.toml"});
  REQUIRE(quietly(scratch, {"evaluate", "run", "toys.h5", "--resamples", "100"}).status == 0);
  check_page(page_of(scratch, {"run"}),
             {"instrument and subjects: the data set names no scene",
              "visible pictures: the data set holds none", "Sample images"},
             {" GHz", "simulated"});
  for (const char* name : {"samples-1.png", "run1-reconstructions.png", "run1-confusion.svg"}) {
    CHECK(fs::exists(scratch.path() / "page-figures" / name));
  }

  // Elsewhere, and not noted.
  fs::rename(toys, scratch.path() / "moved.h5");
  check_page(page_of(scratch, {"run"}), {"toys.h5 any more; --data names"}, {"Sample images"});
  fs::remove(note);
  check_page(page_of(scratch, {"run"}), {"does not note where its data set is", "--data DATA"},
             {"Sample images"});
  check_page(page_of(scratch, {"run", "--data", "moved.h5"}),
             {"Sample images", "evaluate run moved.h5"}, {"does not note"});

  // Other pictures at the place that was noted.
  thz::test::write_toys(toys, 4, 3, false, 8);
  scratch.write("run/data-path.txt", toys.string() + "\n");
  check_page(page_of(scratch, {"run"}), {"toys.h5 is not what the run was trained on"},
             {"Sample images"});
  scratch.write("broken.h5", "no data set");
  for (const char* data : {"toys.h5", "broken.h5", "nowhere.h5"}) {
    CAPTURE(data);
    const ProgramResult r =
        quietly(scratch, {"report", "run", "--data", data, "--output", "other.html"});
    CHECK(r.status == 2);
    CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
    CHECK_THAT(r.err, Contains(data));
    CHECK_FALSE(fs::exists(scratch.path() / "other.html"));
    CHECK_FALSE(fs::exists(scratch.path() / "other-figures"));
  }

  fs::remove(scratch.path() / "run/evaluation/examples.h5");
  check_page(page_of(scratch, {"run"}), {"examples.h5 is missing; evaluate writes it"});
}

TEST_CASE("a page states the instrument that the scene of the data set describes") {
  const Scratch scratch;
  thz::test::write_tiny_budget(scratch);
  thz::test::write_toys(scratch.path() / "toys.h5", 4, 3, false, 7,
                        "schema = \"thzface-scene/1\"\nimager = {frequency_hz = 3e11, "
                        "standoff_m = 4.5, optics = \"aperture\"}\n");
  train(scratch, "run", {"tiny.toml"});
  REQUIRE(quietly(scratch, {"evaluate", "run", "toys.h5", "--resamples", "100"}).status == 0);
  check_page(page_of(scratch, {"run"}),
             {"<h1>Faces at 300 GHz, bare and concealed</h1>",
              "what the reflectors make of the feed", "<td>4.5 m</td>", "300 GHz grey value"},
             {"340 GHz", "Gaussian beam", "spot, one-way", "Not shown</b><ul>\n<li>instrument"});
}

TEST_CASE("a network without postures is judged by the decoder of the true one") {
  const Scratch scratch;
  thz::test::write_tiny_budget(scratch);
  thz::test::write_toys(scratch.path() / "toys.h5", 4, 3, false);
  train(scratch, "run", {thz::test::kExperiments + "task-r.toml", "--base", "tiny.toml"});
  const ProgramResult judged =
      quietly(scratch, {"evaluate", "run", "toys.h5", "--resamples", "100", "--json"});
  REQUIRE(judged.status == 0);
  const Json figures = Json::parse(judged.out);
  CHECK_THAT(figures.at("notes").dump(), Contains("by the decoder of the true posture"));
  for (const Json& system : figures.at("verification")) CHECK(system.at("system") == "template");
  CHECK(figures.at("hard_pairs").empty());
  CHECK(figures.at("groups")[0].at("triplet_accuracy").is_null());
  const Json& systems = figures.at("reconstruction");
  CHECK(std::any_of(systems.begin(), systems.end(),
                    [](const Json& s) { return s.at("system") == "network"; }));
  io::write_png(scratch.path() / "a.png", thz::ImageF(64, 64));
  const ProgramResult r = quietly(scratch, {"reconstruct", "run", "a.png", "--output", "made"});
  CHECK(r.status == 2);
  CHECK_THAT(r.err, Contains("without postures"));
}

TEST_CASE("reconstruct names nobody where identities were not learned") {
  const Scratch scratch;
  thz::test::write_tiny_budget(scratch);
  thz::test::write_toys(scratch.path() / "toys.h5", 4, 3, false);
  train(scratch, "run", {thz::test::kExperiments + "task-cr.toml", "--base", "tiny.toml"});
  io::write_png(scratch.path() / "a.png", thz::ImageF(64, 64));
  const ProgramResult r =
      quietly(scratch, {"reconstruct", "run", "a.png", "--output", "made", "--json"});
  REQUIRE(r.status == 0);
  const Json told = Json::parse(r.out);
  CHECK(told[0].at("nearest").is_null());
  CHECK(told[0].at("posture").is_string());
  CHECK(fs::exists(scratch.path() / "made/a-reconstruction.png"));
  // Killed between its last checkpoint and the log, which is then an epoch short.
  const std::string log = scratch.read("run/log.jsonl");
  scratch.write("run/log.jsonl", log.substr(0, log.find('\n') + 1));
  CHECK(quietly(scratch, {"train", "--resume", "run"}).status == 0);
  CHECK(scratch.read("run/log.jsonl") == log);
  // What a run has settled cannot be asked for again.
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--seed", "7"}, {"--split", "other.json"}}) {
    std::vector<std::string> words = {"train", "--resume", "run"};
    words.insert(words.end(), more.begin(), more.end());
    const ProgramResult again = quietly(scratch, words);
    CHECK(again.status == 2);
    CHECK_THAT(again.err, Contains("are its own"));
  }
}

TEST_CASE("a task that validation cannot judge is told of once") {
  const Scratch scratch;
  thz::test::write_tiny_budget(scratch);
  thz::test::write_toys(scratch.path() / "toys.h5", 4, 3, false);
  thz::test::write_toy_split(scratch.path() / "toys.h5");
  const io::DatasetColumns columns =
      io::DatasetReader((scratch.path() / "toys.h5").string()).read_all();
  // One person alone to validate: nobody to be taken for.
  Json split = Json::parse(scratch.read("split-image-disjoint.json"));
  Json kept = Json::array();
  for (const Json& row : split.at("validation")) {
    if (columns.identity[row.get<std::size_t>()] == columns.identity[0]) kept.push_back(row);
  }
  split["validation"] = kept;
  scratch.write("one.json", split.dump());
  ProgramOptions options;
  options.folder = scratch.path();
  options.kill_after_s = 300.0;
  const ProgramResult r = run_thzface({"train", "tiny.toml", "--data", "toys.h5", "--split",
                                       "one.json", "--output", "run", "--threads", "1"},
                                      options);
  INFO("standard error: " << r.err);
  REQUIRE(r.status == 0);
  const std::string told = "the validation images give no verification_accuracy";
  const auto at = r.err.find(told);
  REQUIRE(at != std::string::npos);
  CHECK(r.err.find(told, at + 1) == std::string::npos);
  CHECK_THAT(r.err, !Contains("give no w_ssim"));
}

TEST_CASE("a picture that cannot be read is refused in one sentence") {
  const Scratch scratch;
  thz::test::write_tiny_budget(scratch);
  thz::test::write_toys(scratch.path() / "toys.h5", 4, 3, false);
  train(scratch, "run", {"tiny.toml"});
  scratch.write("a.png", "not a picture");
  for (const char* picture : {"a.png", "nowhere.png"}) {
    const ProgramResult r = quietly(scratch, {"reconstruct", "run", picture, "--output", "made"});
    CHECK(r.status == 2);
    CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
    CHECK_THAT(r.err, Contains(picture));
    CHECK_FALSE(fs::exists(scratch.path() / "made"));
  }
}

TEST_CASE("a disk that fills up while training costs no checkpoint that lies there") {
  const Scratch scratch;
  thz::test::write_tiny_budget(scratch);
  thz::test::write_toys(scratch.path() / "toys.h5", 4, 3, false);
  thz::test::write_toy_split(scratch.path() / "toys.h5");
  // Twenty epochs, so that the first sign of a log comes well before the end.
  scratch.write("longer.toml",
                "schema = \"thzface-train/1\"\nextends = \"tiny.toml\"\nname = \"longer\"\n"
                "[budget]\nimage_exposures = 1200\n");
  ProgramOptions options;
  options.folder = scratch.path();
  options.kill_after_s = 300.0;
  options.kill_when = [&] { return fs::exists(scratch.path() / "run/log.csv"); };
  const std::vector<std::string> begin = {
      "train", "longer.toml", "--data", "toys.h5", "--output", "run", "--quiet", "--threads", "1"};
  REQUIRE(run_thzface(begin, options).status == 128 + SIGKILL);
  const std::string kept = scratch.read("run/checkpoints/last.safetensors");
  options.kill_when = nullptr;
  options.most_file_bytes = static_cast<long>(kept.size()) / 2;
  const std::vector<std::string> go_on = {"train",   "--resume", "run",       "--data",
                                          "toys.h5", "--quiet",  "--threads", "1"};
  const ProgramResult full = run_thzface(go_on, options);
  CHECK(full.status == 2);
  CHECK(std::count(full.err.begin(), full.err.end(), '\n') == 1);
  CHECK_THAT(full.err, Contains("cannot be written") && Contains("is kept"));
  CHECK(scratch.read("run/checkpoints/last.safetensors") == kept);
  for (const std::string& name : scratch.files()) CHECK_THAT(name, !Contains(".tmp-"));
  options.most_file_bytes = 0;
  CHECK(run_thzface(go_on, options).status == 0);
}
