#include "thz/data/generate.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/io/dataset_check.h"
#include "thz/io/dataset_reader.h"

using Catch::Matchers::Contains;
using thz::InputError;
using thz::test::Scratch;
using namespace thz::data;
namespace io = thz::io;
namespace fs = std::filesystem;

namespace {

/// 3 identities x 2 postures x 2 conditions x 3 captures: 36 rows, 12 visible pictures.
Plan small_plan() {
  auto table = thz::ConfigTable::parse(
      "schema = 'thzface-plan/1'\nidentities = 3\nfirst_identity = 5\ncaptures = 3\n"
      "postures = ['front-center', 'full-right']\nfabrics = ['acrylic', 'cotton', 'wool']\n"
      "seed = 9\n",
      "small");
  return parse_plan(table);
}

io::DatasetHeader small_header(const Plan& plan) {
  io::DatasetHeader header = plan_header(plan);
  header.scene_toml = "x = 1\n";
  header.scene_sha256 = thz::sha256_hex(header.scene_toml);
  header.nuisance_names = {"gain_db"};
  return header;
}

/// Stands for the simulator: everything follows from the row's keys.
io::DatasetRow make_row(const PlanRow& planned) {
  io::DatasetRow row;
  row.image = thz::test::noise_image(9, planned.capture_key, 64, 64);
  row.pose = {1, 2, 3, 4, 5, static_cast<float>(planned.row)};
  row.nuisance = {0.5F};
  return row;
}

io::VisibleRow make_visible(const PlanRow& planned) {
  return {thz::test::noise_image(10, planned.capture_key, 64, 64), 0, 0, 0};
}

GenerateOptions small_parts(int threads) {
  GenerateOptions options;
  options.rows_per_part = 5;  // no multiple of the captures: pictures and rows part company
  options.threads = threads;
  return options;
}

GenerateReport run(const fs::path& folder, const GenerateOptions& options,
                   const MakeRow& row = make_row) {
  const Plan plan = small_plan();
  return generate(plan, small_header(plan), folder, row, make_visible, options);
}

std::string hash_of(const fs::path& folder) { return io::DatasetReader(folder).content_sha256(); }

std::string uninterrupted_hash() {
  static const std::string hash = [] {
    const Scratch scratch;
    run(scratch.path(), small_parts(1));
    return hash_of(scratch.path());
  }();
  return hash;
}

}  // namespace

TEST_CASE("a data set is what its plan says, whatever threads and parts", "[data][generate]") {
  const Scratch scratch;
  std::size_t last = 0;
  auto options = small_parts(2);
  options.rows_per_part = GENERATE(7, 256);
  options.progress = [&](std::size_t done, std::size_t total) {
    CHECK(total == 36);
    CHECK(done >= last);
    last = done;
  };
  const GenerateReport report = run(scratch.path(), options);
  CHECK(report.finished);
  CHECK(report.rows_made == 36);
  CHECK(last == 36);
  CHECK(hash_of(scratch.path()) == uninterrupted_hash());
  CHECK(io::all_ok(io::verify_dataset(scratch.path())));
  const io::DatasetReader reader(scratch.path());
  const Plan plan = small_plan();
  for (const PlanRow& planned : plan_rows(plan)) {
    const io::DatasetRow row = reader.read_row(planned.row);
    CHECK(row.identity == planned.identity);
    CHECK(row.fabric == planned.fabric);
    CHECK(row.visible_index == planned.visible_index);
    // Row n made alone is row n of the file.
    CHECK(row.image.data == make_row(planned).image.data);
  }
  const auto v = reader.read_visible(7);
  CHECK(v.image.data == make_visible(plan_visible_row(plan, 7)).image.data);
  const GenerateReport again = run(scratch.path(), options);
  CHECK(again.rows_found == 36);
  CHECK(again.rows_made == 0);
  CHECK(again.finished);
}

TEST_CASE("cancelling keeps what is finished, says what is missing, and resumes",
          "[data][generate]") {
  const Scratch scratch;
  thz::CancelToken cancel;
  auto options = small_parts(1);
  options.cancel = &cancel;
  std::atomic<int> rows{0};
  const MakeRow stopping = [&](const PlanRow& planned) {
    if (++rows == 13) cancel.request();
    return make_row(planned);
  };
  const GenerateReport stopped = run(scratch.path(), options, stopping);
  CHECK(stopped.cancelled);
  CHECK_FALSE(stopped.finished);
  CHECK(stopped.rows_made == 10);
  REQUIRE_FALSE(stopped.missing_rows_first.empty());
  CHECK(stopped.missing_rows_first.front() == 10);
  CHECK_THAT(summary(stopped), Contains("26 of 36 rows are missing, the first is row 10"));
  const GenerateReport resumed = run(scratch.path(), small_parts(2));
  CHECK(resumed.rows_found == 10);
  CHECK(resumed.rows_made == 26);
  CHECK(hash_of(scratch.path()) == uninterrupted_hash());
}

TEST_CASE("a row that fails ends the run and keeps finished parts", "[data][generate]") {
  const Scratch scratch;
  const MakeRow failing = [](const PlanRow& planned) {
    if (planned.row == 12) throw InputError("no such head");
    return make_row(planned);
  };
  CHECK_THROWS_WITH(run(scratch.path(), small_parts(2), failing), Contains("no such head"));
  CHECK(run(scratch.path(), small_parts(1)).rows_found == 10);
  CHECK(hash_of(scratch.path()) == uninterrupted_hash());
}

TEST_CASE("shards of a folder add up to the whole", "[data][generate]") {
  const Scratch scratch;
  for (int shard = 0; shard < 3; ++shard) {
    auto options = small_parts(1);
    options.shard = shard;
    options.shards = 3;
    const GenerateReport report = run(scratch.path(), options);
    CHECK_FALSE(report.finished);
    CHECK(report.missing_rows_first.empty());
  }
  const GenerateReport joined = run(scratch.path(), small_parts(1));
  CHECK(joined.rows_made == 0);
  CHECK(hash_of(scratch.path()) == uninterrupted_hash());
}

TEST_CASE("killed at any moment it resumes to the same content", "[data][generate][kill]") {
  const Scratch scratch;
  const std::string wanted = uninterrupted_hash();
  run(scratch / "whole", small_parts(1));
  const bool has_h5diff = std::system("command -v h5diff >/dev/null 2>&1") == 0;
  if (!has_h5diff) WARN("skipped: comparison by h5diff: it is not installed (hdf5-tools)");
  const MakeRow slow = [](const PlanRow& planned) {
    std::this_thread::sleep_for(std::chrono::microseconds(1500));
    return make_row(planned);
  };
  thz::Rng rng(21, thz::RngPurpose::kTest);
  int killed = 0;
  for (int round = 0; round < 20; ++round) {
    const fs::path folder = scratch / std::to_string(round);
    for (int attempt = 0; attempt < 200; ++attempt) {
      const pid_t child = ::fork();
      if (child == 0) {
        // One thread: OpenMP's team does not survive a fork.
        try {
          run(folder, small_parts(1), slow);
        } catch (...) {
          ::_exit(1);
        }
        ::_exit(0);
      }
      // Later attempts live longer, so that every round ends; the first ones die in the first part.
      const double life_ms = rng.uniform() * (15.0 + 6.0 * attempt);
      std::this_thread::sleep_for(std::chrono::microseconds(static_cast<int>(1000 * life_ms)));
      ::kill(child, SIGKILL);
      int status = 0;
      ::waitpid(child, &status, 0);
      CAPTURE(round, attempt);
      if (WIFEXITED(status)) {
        REQUIRE(WEXITSTATUS(status) == 0);
        break;
      }
      ++killed;
    }
    run(folder, small_parts(1));
    CHECK(hash_of(folder) == wanted);
    CHECK(io::all_ok(io::verify_dataset(folder)));
    // Nothing is left but the file and the lock.
    CHECK(thz::test::count_entries(folder) == 2);
    // A program that is not ours says the same of every array and its attributes.
    for (const char* group : {"/label", "/provenance", "/thz", "/visible"}) {
      const std::string command = fmt::format("h5diff {0}/dataset.h5 {1}/dataset.h5 {2} {2}",
                                              folder.string(), (scratch / "whole").string(), group);
      if (has_h5diff) CHECK(std::system(command.c_str()) == 0);
    }
  }
  CHECK(killed >= 20);
}

namespace {

/// Largest memory, kB, of a process that makes and verifies a data set of so many identities x 20
/// rows.
long peak_memory_kb(const fs::path& folder, int identities) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto table = thz::ConfigTable::parse(
        fmt::format("schema = 'thzface-plan/1'\nidentities = {}\ncaptures = 2\n", identities), "m");
    const Plan plan = parse_plan(table);
    GenerateOptions options;
    options.threads = 1;  // OpenMP's team does not survive a fork
    try {
      generate(plan, small_header(plan), folder, make_row, make_visible, options);
      if (!io::all_ok(io::verify_dataset(folder))) ::_exit(1);
    } catch (...) {
      ::_exit(2);
    }
    ::_exit(0);
  }
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  return used.ru_maxrss;
}

}  // namespace

TEST_CASE("memory does not grow with the rows", "[data][generate]") {
  const Scratch scratch;
  const long some = peak_memory_kb(scratch / "some", 200);
  const long many = peak_memory_kb(scratch / "many", 500);
  WARN("4000 rows take " << some / 1024 << " MiB at most, 10000 rows " << many / 1024
                         << " MiB; the pictures of the latter are 234 MiB");
  // HDF5 keeps 32 MiB of chunks an array, which 4000 rows fill. Labels of 6000 rows more are some
  // 1 MB, held a few times over.
  CHECK(many - some < 16 * 1024);
}

TEST_CASE("a second generator of the same folder is refused", "[data][generate]") {
  const Scratch scratch;
  const Plan plan = small_plan();
  io::DatasetWriterOptions options;
  options.rows_per_part = 5;
  for (uint64_t v = 0; v < plan.num_visible(); ++v) {
    options.visible_owner.push_back(plan_visible_row(plan, v).row);
  }
  const io::DatasetWriter writer(scratch.path(), small_header(plan), options);
  CHECK_THROWS_WITH(run(scratch.path(), small_parts(1)), Contains("one writer at a time"));
}

TEST_CASE("an output that cannot be written is one sentence", "[data][generate]") {
  const Scratch scratch;
  thz::test::spill(scratch / "file", "kept");
  CHECK_THROWS_WITH(run(scratch / "file", small_parts(1)), Contains("file"));
  CHECK(thz::test::slurp(scratch / "file") == "kept");
  fs::create_directory(scratch / "closed");
  fs::permissions(scratch / "closed", fs::perms(0555));
  const pid_t child = ::fork();
  if (child == 0) {
    if (::getuid() == 0 && ::setuid(65534) != 0) ::_exit(4);
    try {
      run(scratch / "closed", small_parts(1));
    } catch (const InputError& e) {
      ::_exit(std::string(e.what()).find("Permission denied") != std::string::npos ? 0 : 2);
    } catch (...) {
      ::_exit(3);
    }
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  fs::permissions(scratch / "closed", fs::perms(0755));
}
