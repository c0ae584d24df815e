#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "run_program.h"

using namespace thz::test;
using Json = nlohmann::json;

namespace {

/// Three people, bare, from the front, coarsely seen.
void write_plan(const Scratch& scratch, int identities) {
  scratch.write("head.toml",
                "imager = {lines = 8, samples_per_line = 16, frames = 1}\n"
                "sampling = {ray_pitch_m = 3e-3, lattice_area_m2 = 1e-5, subdivision = 0}\nsubject "
                "= {kind = \"head\"}\n");
  scratch.write("plan.toml",
                "schema = \"thzface-plan/1\"\nidentities = " + std::to_string(identities) +
                    "\ncaptures = 1\npostures = [\"front-center\"]\n"
                    "conditions = [\"bare\"]\nvisible = false\nscene = \"head.toml\"\n");
}

ProgramResult run(const Scratch& scratch, const std::vector<std::string>& words,
                  double interrupt_after_s = 0.0) {
  ProgramOptions options;
  options.folder = scratch.path();
  options.interrupt_after_s = interrupt_after_s;
  ProgramResult result = run_thzface(words, options);
  UNSCOPED_INFO("standard error: " << result.err);
  return result;
}

/// Of all arrays and labels; the file itself also says when it was made.
std::string content_hash(const Scratch& scratch, const std::string& data) {
  return Json::parse(run(scratch, {"dataset", "show", data, "--json"}).out).at("content_sha256");
}

}  // namespace

TEST_CASE(
    "A data set is the same on one thread and two, verified, kept, and faults in it are found") {
  const Scratch scratch;
  write_plan(scratch, 3);
  const ProgramResult one = run(scratch, {"dataset", "generate", "plan.toml", "--output", "one",
                                          "--threads", "1", "--json", "-q"});
  REQUIRE(one.status == 0);
  CHECK(one.err.empty());
  CHECK(Json::parse(one.out).at("rows_made") == 3);
  REQUIRE(
      run(scratch, {"dataset", "generate", "plan.toml", "--output", "two", "--threads", "2", "-q"})
          .status == 0);
  const std::string bytes = scratch.read("one/dataset.h5");
  CHECK(content_hash(scratch, "one") == content_hash(scratch, "two"));

  const ProgramResult verified = run(scratch, {"dataset", "verify", "one", "--json"});
  CHECK(verified.status == 0);
  CHECK(Json::parse(verified.out).at("ok") == true);
  CHECK(Json::parse(run(scratch, {"dataset", "show", "one", "--json"}).out).is_object());

  // Another seed in the same folder would be another data set.
  const ProgramResult other =
      run(scratch, {"dataset", "generate", "plan.toml", "--output", "one", "--seed", "9", "-q"});
  CHECK(other.status == 2);
  CHECK_THAT(other.err, Catch::Contains("seed 1, not 9"));
  const bool kept = scratch.read("one/dataset.h5") == bytes;
  CHECK(kept);

  // Cut short it is no data set any more: the user's mistake, not a failed check.
  scratch.write("short.h5", bytes.substr(0, bytes.size() / 2));
  const ProgramResult cut = run(scratch, {"dataset", "verify", "short.h5"});
  CHECK(cut.status == 2);
  CHECK_THAT(cut.err, Catch::Contains("short.h5") && Catch::Contains("truncated"));
  const ProgramResult train = run(scratch, {"simulate", "one/dataset.h5", "--probe", "0,0"});
  CHECK(train.status == 2);
}

TEST_CASE(
    "Ctrl-C ends a long run soon, leaves nothing half-written, and the same command goes on") {
  const Scratch scratch;
  write_plan(scratch, 2000);
  const std::vector<std::string> words = {"dataset", "generate", "plan.toml", "--output", "data"};
  for (int i = 0; i < 2; ++i) {
    const ProgramResult result = run(scratch, words, 2.0);
    CHECK(result.status == 130);
    CHECK_THAT(result.err, Catch::Contains("stopped"));
    // One row's time at most, generously: other work may share the machine.
    CHECK(result.seconds < 20.0);
    for (const std::string& name : scratch.files()) {
      CHECK_THAT(name, !Catch::Contains(".tmp-") && !Catch::Contains("dataset.h5"));
    }
  }
}
