#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/run_program.h"
#include "apps/toy_dataset.h"
#include "support/page_text.h"

using Catch::Matchers::Contains;
using thz::test::check_page;
using thz::test::kExperiments;
using thz::test::ProgramOptions;
using thz::test::ProgramResult;
using thz::test::run_thzface;
using thz::test::Scratch;
using thz::test::write_tiny_budget;
using thz::test::write_toys;
using Json = nlohmann::json;

namespace {

const std::string kProtocols = std::string(THZ_SOURCE_DIR) + "/model/protocols/";

/// Two groups of two persons x two variants x one seed, and two sets of baselines: six units.
void write_protocol(const Scratch& scratch) {
  scratch.write("p.toml",
                "schema = \"thzface-protocol/1\"\nname = \"small\"\ntitle = \"A small one\"\n"
                "budget = \"tiny.toml\"\nseeds = [1]\n"
                "columns = [\"verification\", \"posture\", \"w_ssim\", \"ssim_nose\", \"eer\"]\n"
                "[[split]]\nrule = \"two-subjects-out\"\n"
                "[[variant]]\nname = \"all\"\ntitle = \"all tasks\"\n"
                "paper = {verification = [75.24, 10.52]}\n"
                "[[variant]]\nname = \"v\"\nreference = \"all\"\nexperiment = \"" +
                    kExperiments + "task-v.toml\"\n");
}

ProgramResult call(const Scratch& scratch, const std::vector<std::string>& words) {
  ProgramOptions options;
  options.folder = scratch.path();
  options.kill_after_s = 300.0;  // a loaded machine is slow; hanging is what this guards against
  ProgramResult result = run_thzface(words, options);
  UNSCOPED_INFO("standard error: " << result.err);
  return result;
}

std::vector<std::string> run_words(const std::string& output) {
  return {"protocol", "run",  "p.toml", "--data",    "toys.h5",
          "--output", output, "-q",     "--threads", "1"};
}

std::string table_of(const Scratch& scratch, const std::string& folder, const std::string& format) {
  const ProgramResult r = call(scratch, {"protocol", "table", folder, "--format", format,
                                         "--resamples", "100", "--no-times"});
  REQUIRE(r.status == 0);
  return r.out;
}

std::size_t results_in(const Scratch& scratch, const std::string& folder) {
  std::size_t count = 0;
  for (const std::string& file : scratch.files()) {
    if (file.rfind(folder + "/", 0) == 0 && file.find("/result.json") != std::string::npos) ++count;
  }
  return count;
}

/// The run is refused in one sentence with these parts, and exit status 2.
void refused(const Scratch& scratch, const std::vector<std::string>& words,
             const std::vector<std::string>& parts) {
  const ProgramResult r = call(scratch, words);
  CHECK(r.status == 2);
  CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
  for (const std::string& part : parts) CHECK_THAT(r.err, Contains(part));
}

/// Either half of the protocol in a process of its own, both at one time.
void make_parts_at_once(const Scratch& scratch, const std::string& output) {
  const auto part = [&](const std::string& which) {
    ProgramOptions options;
    options.folder = scratch.path();
    options.kill_after_s = 300.0;
    auto half = run_words(output);
    half.insert(half.end(), {"--part", which, "--json"});
    return run_thzface(half, options);
  };
  auto other = std::async(std::launch::async, part, "2/2");
  for (const ProgramResult& r : {part("1/2"), other.get()}) {
    INFO("standard error: " << r.err);
    REQUIRE(r.status == 0);
    CHECK(Json::parse(r.out).at("made") == 3);
  }
}

}  // namespace

TEST_CASE("a protocol that is killed goes on and ends in the same table") {
  const Scratch scratch;
  write_tiny_budget(scratch);
  write_protocol(scratch);
  write_toys(scratch.path() / "toys.h5", 4, 2, false);
  const ProgramResult whole = call(scratch, run_words("whole"));
  REQUIRE(whole.status == 0);
  CHECK_THAT(whole.out, Contains("| all tasks |") && Contains("| *the paper* | 75.24 ± 10.52 |") &&
                            Contains("1 seed: no claim") && Contains("template matching"));
  CHECK(results_in(scratch, "whole") == 6);
  CHECK_THAT(whole.out, Contains("scene_sha256: "));

  // Killed in the middle of a network, and between two splits.
  const auto first = scratch.path() / "parts/two-subjects-out/group-1";
  for (const char* sign : {"all/seed-1/run/log.csv", "all/seed-1/result.json"}) {
    CAPTURE(sign);
    CHECK_FALSE(std::filesystem::exists(first / sign));
    ProgramOptions options;
    options.folder = scratch.path();
    options.kill_when = [&] { return std::filesystem::exists(first / sign); };
    options.kill_after_s = 300.0;
    CHECK(run_thzface(run_words("parts"), options).status == 128 + SIGKILL);
  }
  CHECK_FALSE(std::filesystem::exists(first / "../group-2/v/seed-1/result.json"));
  const std::size_t before = results_in(scratch, "parts");
  INFO("results before the last call: " << before);
  CHECK(before >= 3);
  CHECK(before < 6);
  CHECK_THAT(table_of(scratch, "parts", "markdown"), Contains(" of 6 units are finished"));
  auto words = run_words("parts");
  words.emplace_back("--json");
  const ProgramResult last = call(scratch, words);
  REQUIRE(last.status == 0);
  CHECK(Json::parse(last.out).at("made") == 6 - before);
  for (const char* format : {"csv", "markdown", "latex"}) {
    CHECK(table_of(scratch, "parts", format) == table_of(scratch, "whole", format));
  }

  // Two machines share the work at one time: the last to end writes the table.
  make_parts_at_once(scratch, "shared");
  CHECK(std::filesystem::exists(scratch.path() / "shared/table.md"));
  CHECK(table_of(scratch, "shared", "csv") == table_of(scratch, "whole", "csv"));

  // Nothing is left to do; other settings or data are refused.
  auto again = run_words("whole");
  again.emplace_back("--json");
  CHECK(Json::parse(call(scratch, again).out).at("made") == 0);
  auto longer = run_words("whole");
  longer.insert(longer.end(), {"--exposures", "180"});
  refused(scratch, longer, {"protocol.json", "another budget_sha256"});
  write_toys(scratch.path() / "toys.h5", 4, 2, false, 8);
  refused(scratch, run_words("whole"), {"protocol.json", "another dataset_sha256"});
}

TEST_CASE("split rules that are run one after the other share a folder and a table") {
  const Scratch scratch;
  write_tiny_budget(scratch);
  const std::string rules =
      "[[split]]\nrule = \"image-disjoint\"\n"
      "[[split]]\nrule = \"two-subjects-out\"\n";
  const std::string head =
      "schema = \"thzface-protocol/1\"\nname = \"rules\"\ntitle = \"Two rules\"\n"
      "budget = \"tiny.toml\"\nseeds = [1]\ncolumns = [\"verification\"]\n";
  const std::string variant =
      "[[variant]]\nname = \"v\"\nexperiment = \"" + kExperiments + "task-v.toml\"\n";
  scratch.write("p.toml", head + rules + variant);
  write_toys(scratch.path() / "toys.h5", 4, 4, false);
  REQUIRE(call(scratch, run_words("at-once")).status == 0);
  // The second rule of the file first: the table keeps the file's order.
  for (const char* rule : {"two-subjects-out", "image-disjoint"}) {
    auto words = run_words("in-turn");
    words.insert(words.end(), {"--rule", rule});
    REQUIRE(call(scratch, words).status == 0);
  }
  CHECK(table_of(scratch, "in-turn", "csv") == table_of(scratch, "at-once", "csv"));

  // A result that was removed is judged anew, from the network that lies there.
  const std::string unit = "in-turn/two-subjects-out/group-2/v/seed-1/";
  const std::string weights = scratch.read(unit + "run/checkpoints/best.safetensors");
  const auto log_time = std::filesystem::last_write_time(scratch.path() / (unit + "run/log.csv"));
  std::filesystem::remove(scratch.path() / (unit + "result.json"));
  auto judged = run_words("in-turn");
  judged.emplace_back("--json");
  CHECK(Json::parse(call(scratch, judged).out).at("made") == 1);
  CHECK(scratch.read(unit + "run/checkpoints/best.safetensors") == weights);
  CHECK(std::filesystem::last_write_time(scratch.path() / (unit + "run/log.csv")) == log_time);
  CHECK(table_of(scratch, "in-turn", "csv") == table_of(scratch, "at-once", "csv"));

  // The same rule, but other splits of it.
  scratch.write("p.toml", head + rules + "validation_fraction = 0.3\n" + variant);
  refused(scratch, run_words("in-turn"), {"protocol.json", "another protocol_sha256"});
  scratch.write("p.toml", head + rules + variant);
  std::filesystem::remove(scratch.path() / (unit + "result.json"));
  scratch.write(unit + "run/run.json", "{\"schema\": \"thzface-run/1\", \"status\": 3}");
  refused(scratch, run_words("in-turn"), {"run.json: damaged", "type must be string"});
  CHECK(scratch.read(unit + "run/checkpoints/best.safetensors") == weights);
  Json settings = Json::parse(scratch.read("in-turn/protocol.json"));
  settings.erase("groups");
  scratch.write("in-turn/protocol.json", settings.dump());
  refused(scratch, run_words("in-turn"), {"protocol.json: damaged", "groups"});
  scratch.write("p.toml", head + rules + "[[test]]\nname = \"t\"\nsource = \"own\"\n" + variant);
  refused(scratch, run_words("none"), {"p.toml", "test t", "cross-generator"});
}

TEST_CASE("a column of a task that was not learned stays empty") {
  const Scratch scratch;
  write_tiny_budget(scratch);
  write_protocol(scratch);
  write_toys(scratch.path() / "toys.h5", 4, 1, false);
  auto words = run_words("out");
  REQUIRE(call(scratch, words).status == 0);
  const std::string csv = table_of(scratch, "out", "csv");
  // Verification alone: no posture, no pictures.
  const auto at = csv.find("variant,two-subjects-out,v,test,v,all tasks,");
  REQUIRE(at != std::string::npos);
  const std::string row = csv.substr(at, csv.find('\n', at) - at);
  CHECK_THAT(row, Contains(",1 seed: no claim,,,,,,,,,,,,,,,,,,"));
  CHECK_THAT(csv, Contains("\nchance,two-subjects-out,chance,test,chance,,50,"));

  // Its network has a page of its own; the protocol notes no data, so they are named.
  const std::string run = "out/two-subjects-out/group-1/v/seed-1/run";
  REQUIRE(call(scratch, {"evaluate", run, "toys.h5", "--resamples", "100", "-q"}).status == 0);
  REQUIRE(call(scratch, {"report", run, "--data", "toys.h5", "--output", "v.html"}).status == 0);
  check_page(scratch.read("v.html"), {"Sample images", "--split run/split.json",
                                      "posture: not among the tasks of this training"});
}

TEST_CASE("every shipped protocol is sound and listed") {
  const Scratch scratch;
  const ProgramResult r = call(scratch, {"protocol", "list", "--protocols", kProtocols, "--json"});
  REQUIRE(r.status == 0);
  std::vector<std::string> names;
  const Json listed = Json::parse(r.out);
  for (const Json& p : listed.at("protocols")) {
    names.push_back(p.at("name"));
    CHECK(p.at("file") == kProtocols + names.back() + ".toml");
  }
  CHECK(names == std::vector<std::string>{"cross-generator", "distillation", "fusion",
                                          "identity-disjoint", "integrity", "kd-weights",
                                          "reconstruction-validity", "six-fold", "tasks",
                                          "two-subjects-out"});
}

/// The table of a shipped protocol on toys.h5 at a tiny budget.
std::string shipped_table(const Scratch& scratch, const std::string& name,
                          const std::vector<std::string>& more = {}) {
  CAPTURE(name);
  std::vector<std::string> words = {"protocol", "run",         name,       "--data",    "toys.h5",
                                    "--output", name,          "--budget", "tiny.toml", "--seeds",
                                    "1",        "--exposures", "60",       "--threads", "1",
                                    "-q",       "--protocols", kProtocols};
  words.insert(words.end(), more.begin(), more.end());
  const ProgramResult r = call(scratch, words);
  REQUIRE(r.status == 0);
  return r.out;
}

TEST_CASE("unseen persons and two generators go the whole way") {
  const Scratch scratch;
  write_tiny_budget(scratch);
  write_toys(scratch.path() / "toys.h5", 10, 1, true);
  write_toys(scratch.path() / "others.h5", 10, 1, true, 8);
  CHECK_THAT(shipped_table(scratch, "identity-disjoint"),
             Contains("| THz only |") && Contains("| distilled |") &&
                 Contains("a headline needs at least 200"));
  const Json split =
      Json::parse(scratch.read("identity-disjoint/identity-disjoint/split/split.json"));
  CHECK(split.at("test").size() == 30);  // of three persons of ten, with ten images each
  CHECK_THAT(shipped_table(scratch, "cross-generator", {"--other", "others.h5"}),
             Contains("own generator") && Contains("other generator") &&
                 Contains("| chance, own |") && Contains("| chance, other |"));
}

TEST_CASE("the published rule, teachers and bare inputs go the whole way") {
  const Scratch scratch;
  write_tiny_budget(scratch);
  write_toys(scratch.path() / "toys.h5", 4, 4, true);
  CHECK_THAT(shipped_table(scratch, "six-fold", {"--rule", "paper-anchor-folds"}),
             Contains("paper-anchor-folds leaks") && Contains("| distilled |"));
  const ProgramResult leaking =
      call(scratch, {"evaluate", "six-fold/paper-anchor-folds/fold-1/thz-only/seed-1/run",
                     "toys.h5", "--resamples", "100", "-q"});
  CHECK(leaking.status == 0);
  CHECK_THAT(leaking.out, Contains("were seen in training (published rule)"));
  CHECK_THAT(shipped_table(scratch, "integrity"),
             Contains("| random teacher |") && Contains("CKA (latent)"));
  CHECK_THAT(shipped_table(scratch, "reconstruction-validity"),
             Contains("| autoencoder, bare input |") && Contains("| 0.991 |"));
  // Four identities: one tests, so there is no triplet.
  refused(scratch,
          {"protocol", "run", "identity-disjoint", "--data", "toys.h5", "--output", "x",
           "--protocols", kProtocols},
          {"toys.h5", "identity-disjoint", "no triplet"});
  refused(scratch,
          {"protocol", "run", "cross-generator", "--data", "toys.h5", "--output", "x",
           "--protocols", kProtocols},
          {"cross-generator needs a second data set", "--other"});
}

TEST_CASE("what a protocol cannot do is refused in one sentence before any work") {
  const Scratch scratch;
  write_tiny_budget(scratch);
  write_protocol(scratch);
  write_toys(scratch.path() / "toys.h5", 4, 3, false);
  write_toys(scratch.path() / "few.h5", 4, 1, false);
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"protocol", "run", "fusion",      "--data",  "toys.h5",
                                      "--output", "x",   "--protocols", kProtocols};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  refused(scratch,
          {"protocol", "run", "fussion", "--data", "toys.h5", "--output", "x", "--protocols",
           kProtocols},
          {"'fussion'", "cross-generator, distillation, fusion"});
  refused(scratch, with({"--budget", "tiny.toml"}),
          {"toys.h5", "variant none of fusion", "visible pictures", "0 of the 72", "at least 2"});
  refused(scratch, with({"--budget", "huge"}), {"'huge'", "desk, demo"});
  refused(scratch, with({"--seeds", "1-x"}), {"--seeds", "'x'"});
  refused(scratch, with({"--part", "3/2"}), {"--part is '3/2'"});
  refused(scratch, with({"--rule", "none"}), {"'none'", "image-disjoint"});
  refused(scratch,
          {"protocol", "run", "six-fold", "--data", "few.h5", "--output", "x", "--protocols",
           kProtocols},
          {"few.h5", "identity 0 has 5 pairs", "at least 6"});
  refused(scratch, {"protocol", "table", "nowhere"}, {"nowhere", "no protocol.json"});
  scratch.write("bad.toml",
                "schema = \"thzface-protocol/1\"\nname = \"bad\"\nbudget = \"x\"\n"
                "columns = [\"accuracy\"]\n");
  refused(scratch, {"protocol", "run", "bad.toml", "--data", "toys.h5", "--output", "x"},
          {"'accuracy'", "verification"});
  for (const std::string& file : scratch.files()) CHECK(file.rfind("x/", 0) != 0);
}
