#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
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

TEST_CASE("An audit is one command from a plan to a verdict, and no verdict on real heads") {
  const Scratch scratch;
  write_plan(scratch, 4);
  scratch.write("audited.toml",
                "schema = \"thzface-plan/1\"\nidentities = 4\ncaptures = 1\n"
                "postures = [\"front-center\"]\nscene = \"head.toml\"\n");
  const ProgramResult made =
      run(scratch, {"dataset", "audit", "audited.toml", "--output", "a", "--json", "-q"});
  const Json verdict = Json::parse(made.out);
  // What so few people give is up to chance; that status and verdict agree is not.
  CHECK(made.status == (verdict.at("passed").get<bool>() ? 0 : 1));
  REQUIRE(verdict.at("figures").size() == 1);
  CHECK(verdict.at("figures")[0].at("triplets") == 4 * 3);
  CHECK(verdict.at("content_sha256") == content_hash(scratch, "a"));
  // Nothing is made again, by the plan or by the data set's name.
  CHECK(Json::parse(run(scratch, {"dataset", "audit", "--data", "a", "--json", "-q"}).out) ==
        verdict);
  CHECK(Json::parse(
            run(scratch, {"dataset", "audit", "audited.toml", "--output", "a", "--json", "-q"})
                .out) == verdict);

  REQUIRE(run(scratch, {"dataset", "generate", "audited.toml", "--output", "b", "-q"}).status == 0);
  const ProgramResult real = run(scratch, {"dataset", "audit", "--data", "b"});
  CHECK(real.status == 2);
  CHECK_THAT(real.err, Catch::Contains("was not made with mean heads"));
  CHECK(run(scratch, {"dataset", "audit", "audited.toml", "--data", "a"}).status == 2);
  CHECK(run(scratch, {"dataset", "audit"}).status == 2);
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

TEST_CASE("A program killed at any moment leaves whole files, and the same command goes on") {
  const Scratch scratch;
  write_plan(scratch, 70);  // three parts of at most 32 rows
  const std::vector<std::string> words = {"dataset", "generate", "plan.toml", "-o", "d", "-q"};
  const ProgramResult undisturbed =
      run(scratch, {"dataset", "generate", "plan.toml", "-o", "whole", "-q"});
  REQUIRE(undisturbed.status == 0);
  ProgramOptions options;
  options.folder = scratch.path();
  int killed = 0;
  for (int attempt = 0; killed < 4 && attempt < 20; ++attempt) {
    options.kill_after_s = undisturbed.seconds * (0.25 + 0.2 * (attempt % 4));
    const ProgramResult result = run_thzface(words, options);
    INFO("standard error: " << result.err);
    REQUIRE((result.status == 0 || result.status == 128 + SIGKILL));
    if (result.status != 0) ++killed;
    // What has its final name is whole; a finished set is begun anew for the next kill.
    for (const std::string& name : scratch.files()) {
      if (name == "d/dataset.h5") CHECK(run(scratch, {"dataset", "verify", "d"}).status == 0);
    }
    if (result.status == 0) std::filesystem::remove_all(scratch.path() / "d");
  }
  CHECK(killed == 4);
  REQUIRE(run(scratch, words).status == 0);
  CHECK(run(scratch, {"dataset", "verify", "d"}).status == 0);
  CHECK(content_hash(scratch, "d") == content_hash(scratch, "whole"));
  const auto count = [&](const std::string& folder) {
    const auto files = scratch.files();
    return std::count_if(files.begin(), files.end(),
                         [&](const std::string& name) { return name.rfind(folder, 0) == 0; });
  };
  CHECK(count("d/") == count("whole/"));
}

TEST_CASE("A data set that finds no room is one sentence, and goes on where there is some") {
  const Scratch scratch;
  write_plan(scratch, 34);
  const std::vector<std::string> words = {"dataset", "generate", "plan.toml", "-o", "d", "-q"};
  ProgramOptions options;
  options.folder = scratch.path();
  // The first part alone is some 530 kB; both parts fit into 1 MB each, the joined file does not.
  for (const long most : {300000L, 1000000L}) {
    options.most_file_bytes = most;
    const ProgramResult full = run_thzface(words, options);
    INFO("standard error: " << full.err);
    CHECK(full.status == 2);
    CHECK(std::count(full.err.begin(), full.err.end(), '\n') == 1);
    CHECK_THAT(full.err, Catch::Contains(most < 500000 ? "part-000000.h5" : "d/dataset.h5") &&
                             Catch::Contains("cannot be written") &&
                             Catch::Contains("File too large"));
    for (const std::string& name : scratch.files()) {
      CHECK_THAT(name, !Catch::Contains(".tmp-") && !Catch::Contains("dataset.h5"));
    }
  }
  REQUIRE(run(scratch, words).status == 0);
  CHECK(run(scratch, {"dataset", "verify", "d"}).status == 0);
}

TEST_CASE("A folder that another program is writing is left alone") {
  const Scratch scratch;
  write_plan(scratch, 3);
  scratch.write("d/.writer.lock", "");
  const int lock = ::open((scratch.path() / "d/.writer.lock").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(::flock(lock, LOCK_EX) == 0);
  const auto before = scratch.files();
  for (const char* shard : {"0/1", "1/2"}) {
    const ProgramResult second =
        run(scratch, {"dataset", "generate", "plan.toml", "-o", "d", "-q", "--shard", shard});
    CHECK(second.status == 2);
    CHECK_THAT(second.err, Catch::Contains("one writer at a time"));
  }
  CHECK(scratch.files() == before);
  ::close(lock);
}
