#include <catch2/catch.hpp>
#include <cstdlib>
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

namespace {

/// A variable of the environment for as long as this lives.
class EnvironmentValue {
 public:
  EnvironmentValue(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~EnvironmentValue() { ::unsetenv(name_); }
  EnvironmentValue(const EnvironmentValue&) = delete;
  EnvironmentValue& operator=(const EnvironmentValue&) = delete;

 private:
  const char* name_;
};

}  // namespace

TEST_CASE("Shares named by a scheduler, each in a folder of its own, make what one run makes") {
  const Scratch scratch;
  write_plan(scratch, 34);  // two parts of at most 32 rows
  REQUIRE(run(scratch, {"dataset", "generate", "plan.toml", "--output", "whole", "-q"}).status ==
          0);
  {
    const EnvironmentValue id("SLURM_ARRAY_TASK_ID", "4"), low("SLURM_ARRAY_TASK_MIN", "4"),
        high("SLURM_ARRAY_TASK_MAX", "6"), count("SLURM_ARRAY_TASK_COUNT", "2");
    const ProgramResult made =
        run(scratch, {"dataset", "generate", "plan.toml", "--output", "shards/a"});
    CHECK(made.status == 0);
    CHECK_THAT(made.err, Catch::Contains("shard 0/2 by SLURM_ARRAY_TASK_ID"));
    const EnvironmentValue odd("SLURM_ARRAY_TASK_ID", "5");
    const ProgramResult refused =
        run(scratch, {"dataset", "generate", "plan.toml", "--output", "shards/c"});
    CHECK(refused.status == 2);
    CHECK_THAT(refused.err, Catch::Contains("5 of 4 to 6") && Catch::Contains("--shard"));
  }
  const ProgramResult early = run(scratch, {"dataset", "merge", "shards/a", "--output", "early"});
  CHECK(early.status == 2);
  CHECK_THAT(early.err, Catch::Contains("rows 32 to 33 of 34"));
  {
    const EnvironmentValue rank("RANK", "1"), size("WORLD_SIZE", "2");
    const ProgramResult made =
        run(scratch, {"dataset", "generate", "plan.toml", "--output", "shards/b"});
    CHECK(made.status == 0);
    CHECK_THAT(made.err, Catch::Contains("shard 1/2 by RANK"));
  }
  REQUIRE(run(scratch, {"dataset", "merge", "shards/a", "shards/b", "--output", "joined", "-q"})
              .status == 0);
  CHECK(content_hash(scratch, "joined") == content_hash(scratch, "whole"));
}

TEST_CASE("A plan becomes a table with an estimate, and the table the same rows") {
  const Scratch scratch;
  write_plan(scratch, 3);
  const ProgramResult planned = run(
      scratch, {"dataset", "plan", "plan.toml", "--identities", "2", "--output", "t", "--json"});
  REQUIRE(planned.status == 0);
  const Json json = Json::parse(planned.out);
  CHECK(json.at("rows") == 2);
  CHECK(json.at("estimate").at("bare_s").get<double>() > 0.0);
  CHECK(json.at("estimate").at("minutes").get<double>() > 0.0);
  CHECK(json.at("estimate").at("gigabytes").get<double>() > 0.0);
  CHECK(scratch.read("t/rows.csv") ==
        "identity,posture,condition,capture,fabric,visible\n0,front-center,bare,0,,0\n"
        "1,front-center,bare,0,,0\n");
  // The table is found by the folder, the plan and itself; the scene by the plan's new place.
  REQUIRE(run(scratch, {"dataset", "generate", "t/rows.csv", "--output", "d", "-q"}).status == 0);
  CHECK(run(scratch, {"dataset", "generate", "t", "--output", "d", "-q"}).status == 0);
  const ProgramResult again = run(scratch, {"dataset", "plan", "plan.toml", "--output", "t"});
  CHECK(again.status == 2);
  CHECK_THAT(again.err, Catch::Contains("there already"));
  // Whoever edits the table of a data set that is there asks for another one.
  scratch.write("t/rows.csv", scratch.read("t/rows.csv") + "9,front-left,bare,0,,0\n");
  const ProgramResult edited = run(scratch, {"dataset", "generate", "t", "--output", "d", "-q"});
  CHECK(edited.status == 2);
  CHECK_THAT(edited.err, Catch::Contains("plan_sha256"));
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
