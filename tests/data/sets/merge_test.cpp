#include "thz/data/merge.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/data/generate.h"
#include "thz/io/dataset_check.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/hdf5_file.h"

using Catch::Matchers::Contains;
using thz::test::Scratch;
using namespace thz::data;
namespace io = thz::io;
namespace fs = std::filesystem;

namespace {

/// `identities` x 2 postures x 2 conditions x 3 captures.
Plan merge_plan(int identities, int first, uint64_t seed, const std::string& fabrics) {
  auto table = thz::ConfigTable::parse(
      fmt::format("schema = 'thzface-plan/1'\nidentities = {}\nfirst_identity = {}\ncaptures = 3\n"
                  "postures = ['front-center', 'full-right']\nfabrics = [{}]\nseed = {}\n",
                  identities, first, fabrics, seed),
      "merge");
  return parse_plan(table);
}

io::DatasetHeader merge_header(const Plan& plan, const std::string& nuisance) {
  io::DatasetHeader header = plan_header(plan);
  header.scene_toml = "x = 1\n";
  header.scene_sha256 = thz::sha256_hex(header.scene_toml);
  header.nuisance_names = {nuisance};
  return header;
}

io::DatasetRow merge_row(const PlanRow& planned) {
  io::DatasetRow row;
  row.image = thz::test::noise_image(9, planned.capture_key, 64, 64);
  row.pose = {1, 2, 3, 4, 5, 6};
  row.nuisance = {0.5F};
  return row;
}

io::VisibleRow merge_visible(const PlanRow& planned) {
  return {thz::test::noise_image(10, planned.capture_key, 64, 64), 0, 0, 0};
}

void make(const fs::path& folder, const Plan& plan, const std::string& nuisance = "gain_db",
          int shard = 0, int shards = 1) {
  GenerateOptions options;
  options.rows_per_part = 5;
  options.threads = 1;
  options.shard = shard;
  options.shards = shards;
  generate(plan, merge_header(plan, nuisance), folder, merge_row, merge_visible, options);
}

const char* const kTwoFabrics = "'acrylic', 'cotton'";

}  // namespace

TEST_CASE("shards in folders of their own become what one run makes, as a file and as an index",
          "[data][merge]") {
  const Scratch scratch;
  const Plan plan = merge_plan(3, 5, 9, kTwoFabrics);
  make(scratch / "whole", plan);
  for (int shard = 0; shard < 3; ++shard) {
    make(scratch / std::to_string(shard), plan, "gain_db", shard, 3);
  }
  const std::vector<fs::path> shards = {scratch / "0", scratch / "1", scratch / "2"};
  const io::DatasetReader whole(scratch / "whole");
  MergeOptions options;
  options.index = GENERATE(false, true);
  fs::create_directory(scratch / "out");
  const MergeReport report = merge_datasets(shards, scratch / "out" / "dataset.h5", options);
  CHECK(report.fewest_captures == 3);
  const io::DatasetReader merged(scratch / "out");
  CHECK(merged.content_sha256() == whole.content_sha256());
  // Comparisons outside of CHECK: a failure would print all pixels.
  const bool images = merged.read_all().image == whole.read_all().image;
  CHECK(images);
  const bool pictures = merged.read_all().visible_image == whole.read_all().visible_image;
  CHECK(pictures);
  const bool one = merged.read_row(7).image.data == whole.read_row(7).image.data;
  CHECK(one);
  CHECK(io::all_ok(io::verify_dataset(scratch / "out")));

  const std::vector<fs::path> two = {scratch / "0", scratch / "2"};
  CHECK_THROWS_WITH(merge_datasets(two, scratch / "not.h5", options),
                    Contains("rows 5 to 9, 20 to 24") && Contains("of 36"));
  CHECK_FALSE(fs::exists(scratch / "not.h5"));
  make(scratch / "other", merge_plan(3, 5, 10, kTwoFabrics), "gain_db", 1, 3);
  const std::vector<fs::path> foreign = {scratch / "0", scratch / "other", scratch / "2"};
  CHECK_THROWS_WITH(merge_datasets(foreign, scratch / "not.h5", options), Contains("seed"));
  const std::vector<fs::path> mixed = {scratch / "0", scratch / "whole"};
  CHECK_THROWS_WITH(merge_datasets(mixed, scratch / "not.h5", options), Contains("unfinished"));
}

TEST_CASE("an index whose file is missing or has changed is an error, never zeros",
          "[data][merge]") {
  const Scratch scratch;
  make(scratch / "a", merge_plan(2, 0, 1, kTwoFabrics));
  make(scratch / "b", merge_plan(2, 2, 1, kTwoFabrics));
  MergeOptions options;
  options.index = true;
  const fs::path index = scratch / "index.h5";
  merge_datasets({scratch / "a", scratch / "b"}, index, options);
  // Some 48 pictures take 800 kB; the index holds labels alone.
  CHECK(fs::file_size(index) < 100000);
  CHECK(io::all_ok(io::verify_dataset(index)));

  const fs::path b = scratch / "b" / "dataset.h5", away = scratch / "away.h5";
  fs::rename(b, away);
  CHECK_THROWS_WITH(io::DatasetReader(index),
                    Contains("index.h5") && Contains("b/dataset.h5") && Contains("missing"));
  CHECK_FALSE(io::all_ok(io::verify_dataset(index)));
  // A pipe would have the reader wait for ever.
  REQUIRE(::mkfifo(b.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(io::DatasetReader(index), Contains("b/dataset.h5") && Contains("missing"));
  fs::remove(b);
  fs::copy(scratch / "a" / "dataset.h5", b);
  CHECK_THROWS_WITH(io::DatasetReader(index), Contains("no longer the one"));
  fs::remove(b);
  thz::test::spill(b, "something else");
  CHECK_THROWS_WITH(io::DatasetReader(index), Contains("b/dataset.h5"));
  fs::remove(b);
  fs::rename(away, b);
  const io::DatasetReader reader(index);
  // Also when the file goes or changes after the index was opened.
  fs::rename(b, away);
  CHECK_THROWS_WITH(reader.read_row(30), Contains("b/dataset.h5") && Contains("missing"));
  CHECK_NOTHROW(reader.read_row(3));
  fs::copy(scratch / "a" / "dataset.h5", b);
  CHECK_THROWS_WITH(reader.read_row(30), Contains("no longer the one"));
}

TEST_CASE("an index is read by its list of files, not by what HDF5 makes of its arrays",
          "[data][merge]") {
  const Scratch scratch;
  make(scratch / "a", merge_plan(2, 0, 1, kTwoFabrics));
  make(scratch / "b", merge_plan(2, 2, 1, kTwoFabrics));
  MergeOptions options;
  options.index = true;
  const fs::path index = scratch / "index.h5";
  merge_datasets({scratch / "a", scratch / "b"}, index, options);
  // The layer below knows nothing of data sets and hands out no numbers.
  CHECK_THROWS_WITH(io::Hdf5File::open(index).read<float>("/thz/image"), Contains("virtual"));
  std::string bytes = thz::test::slurp(index);
  const std::size_t heap = bytes.find("GCOL");
  REQUIRE(heap != std::string::npos);
  // HDF5's own lists of the files, which have no checksum: a program that believes them crashes.
  bytes.replace(heap + 40, 8, 8, '\xFF');
  thz::test::spill(index, bytes);
  CHECK(io::all_ok(io::verify_dataset(index)));
}

TEST_CASE("an index of an index names the whole data sets behind it", "[data][merge]") {
  const Scratch scratch;
  for (const char* name : {"a", "b", "c"}) {
    make(scratch / name, merge_plan(2, 2 * (name[0] - 'a'), 1, kTwoFabrics));
  }
  MergeOptions options;
  options.index = true;
  fs::create_directory(scratch / "below");
  const fs::path inner = scratch / "below" / "inner.h5", outer = scratch / "outer.h5";
  merge_datasets({scratch / "b", scratch / "c"}, inner, options);
  merge_datasets({scratch / "a", inner}, outer, options);
  options.index = false;
  merge_datasets({scratch / "a", inner}, scratch / "whole.h5", options);
  fs::remove_all(scratch / "below");
  const io::DatasetReader reader(outer), whole(scratch / "whole.h5");
  CHECK(io::all_ok(io::verify_dataset(outer)));
  CHECK(reader.content_sha256() == whole.content_sha256());
  // In any order, across files, and each row twice.
  const std::vector<uint64_t> wanted = {71, 0, 30, 47, 48, 23, 24, 71, 0};
  const bool images = reader.read_images(wanted) == whole.read_images(wanted);
  CHECK(images);
  const bool all = reader.read_images() == whole.read_images() &&
                   reader.read_visible_images() == whole.read_visible_images();
  CHECK(all);
  const bool run = reader.read_run(20, 40, 3, 6).image == whole.read_run(20, 40, 3, 6).image;
  CHECK(run);
  CHECK_THROWS_WITH(reader.read_run(60, 20), Contains("/label"));
}

TEST_CASE("data sets of different making are united, and each row stays what it was",
          "[data][merge]") {
  const Scratch scratch;
  make(scratch / "a", merge_plan(2, 0, 1, kTwoFabrics));
  make(scratch / "b", merge_plan(3, 1, 2, "'cotton', 'wool'"), "moisture");
  const std::vector<fs::path> sources = {scratch / "a", scratch / "b"};
  MergeOptions options;
  CHECK_THROWS_WITH(merge_datasets(sources, scratch / "m.h5", options),
                    Contains("a person 1") && Contains("--people"));
  options.people = GENERATE(MergePeople::kSame, MergePeople::kRenumber);
  options.index = GENERATE(false, true);
  const bool same = options.people == MergePeople::kSame;
  const MergeReport report = merge_datasets(sources, scratch / "m.h5", options);
  CHECK(report.identity_offsets == std::vector<int64_t>{0, same ? 0 : 1});
  CHECK(io::all_ok(io::verify_dataset(scratch / "m.h5")));
  const io::DatasetReader a(sources[0]), b(sources[1]), merged(scratch / "m.h5");
  CHECK(merged.rows() == 24 + 36);
  CHECK(merged.header().fabric_names == std::vector<std::string>{"acrylic", "cotton", "wool"});
  CHECK(merged.header().nuisance_names == std::vector<std::string>{"gain_db", "moisture"});
  CHECK(merged.header().plan_toml.find(b.content_sha256()) != std::string::npos);
  for (uint64_t i = 0; i < merged.rows(); ++i) {
    const bool second = i >= a.rows();
    const io::DatasetReader& from = second ? b : a;
    const io::DatasetRow row = merged.read_row(i), was = from.read_row(second ? i - 24 : i);
    const bool image = row.image.data == was.image.data;
    CHECK(image);
    CHECK(row.posture == was.posture);
    CHECK(row.seed == was.seed);
    CHECK(row.identity == was.identity + (second && !same ? 1 : 0));
    CHECK(row.capture == was.capture + (second && same ? 3 : 0));
    CHECK(std::isnan(row.nuisance[second ? 0 : 1]));
    CHECK(row.nuisance[second ? 1 : 0] == was.nuisance[0]);
    if (was.fabric >= 0) {
      CHECK(merged.header().fabric_names[static_cast<std::size_t>(row.fabric)] ==
            from.header().fabric_names[static_cast<std::size_t>(was.fabric)]);
    }
    const auto v = static_cast<uint64_t>(row.visible_index);
    const bool picture = merged.read_visible(v).image.data ==
                         from.read_visible(static_cast<uint64_t>(was.visible_index)).image.data;
    CHECK(picture);
  }
  if (!same) return;
  // Its own file under another name has the same people and pictures: merged with itself it is
  // told.
  CHECK_THROWS_WITH(merge_datasets({sources[0], sources[0]}, scratch / "n.h5", {}),
                    Contains("--people"));
}
