#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/io/dataset_check.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/dataset_writer.h"
#include "thz/io/hdf5_file.h"

using Catch::Matchers::Contains;
using thz::InputError;
using thz::test::Scratch;
using thz::test::slurp;
using thz::test::small_header;
using thz::test::small_row;
using thz::test::small_visible;
using thz::test::spill;
using namespace thz::io;
namespace fs = std::filesystem;

namespace {

constexpr uint64_t kRows = 40;
constexpr uint64_t kPart = 12;  // the last part is shorter

std::vector<DatasetRow> all_rows(const DatasetHeader& header) {
  std::vector<DatasetRow> rows;
  for (uint64_t n = 0; n < header.rows; ++n) rows.push_back(small_row(header, n));
  return rows;
}

std::vector<VisibleRow> all_visible(const DatasetHeader& header) {
  std::vector<VisibleRow> rows;
  for (uint64_t v = 0; v < header.visible_rows; ++v) rows.push_back(small_visible(header, v));
  return rows;
}

DatasetWriterOptions part_options(const DatasetHeader& header) {
  DatasetWriterOptions options;
  options.rows_per_part = kPart;
  for (uint64_t v = 0; v < header.visible_rows; ++v) options.visible_owner.push_back(2 * v);
  return options;
}

void write_part(DatasetWriter& writer, const DatasetHeader& header, std::size_t index) {
  const DatasetPart part = writer.part(index);
  std::vector<DatasetRow> rows;
  std::vector<VisibleRow> visible;
  for (uint64_t n = 0; n < part.rows; ++n) rows.push_back(small_row(header, part.first_row + n));
  for (uint64_t v = 0; v < part.visible_rows; ++v) {
    visible.push_back(small_visible(header, part.first_visible + v));
  }
  writer.write_part(index, rows, visible);
}

template <typename T>
void copy_array(const Hdf5File& from, Hdf5File& to, const std::string& path) {
  to.write<T>(path, from.shape(path), from.read<T>(path), 256);
}

/// A copy with one identity changed whose every checksum of HDF5 is right.
void forge(const fs::path& path) {
  const Hdf5File from = Hdf5File::open(path);
  Hdf5File to = Hdf5File::create_in_memory("forged");
  for (const std::string& array : from.datasets()) {
    const std::string type = from.type_name(array);
    if (type == "float32") copy_array<float>(from, to, array);
    if (type == "int32") copy_array<int32_t>(from, to, array);
    if (type == "uint8") copy_array<uint8_t>(from, to, array);
    if (type == "uint64") copy_array<uint64_t>(from, to, array);
    if (from.has_attribute(array, "names")) {
      to.set_texts(array, "names", from.texts(array, "names"));
    }
  }
  const int32_t other = 99;
  to.write_rows("/label/identity", 0, 1, &other);
  for (const std::string& key : from.attributes("/")) {
    try {
      to.set_text("/", key, from.text("/", key));
    } catch (const InputError&) {
      to.set_unsigned("/", key, from.unsigned_number("/", key));
    }
  }
  write_hdf5(path, to);
}

}  // namespace

TEST_CASE("a value changed behind the checksums is told by the content hash", "[io][dataset]") {
  const Scratch scratch;
  const auto header = small_header(kRows, kRows / 2, false);
  {
    DatasetWriter writer(scratch.path(), header, part_options(header));
    for (std::size_t i = 0; i < 4; ++i) write_part(writer, header, i);
  }
  forge(scratch / "parts/part-000002.h5");
  DatasetWriter writer(scratch.path(), header, part_options(header));
  CHECK(writer.missing_parts() == std::vector<std::size_t>{2});
  REQUIRE(writer.repairs().size() == 1);
  CHECK_THAT(writer.repairs()[0], Contains("content hash"));
  CHECK_FALSE(fs::exists(scratch / "parts/part-000002.h5"));
  write_part(writer, header, 2);
  const fs::path file = writer.finish();
  CHECK(all_ok(verify_dataset(file)));
  forge(file);
  CHECK_FALSE(all_ok(verify_dataset(file)));
}

TEST_CASE("what is written is read back, row by row and as a whole", "[io][dataset]") {
  const bool power = GENERATE(false, true);
  const Scratch scratch;
  const auto header = small_header(kRows, kRows / 2, power);
  write_dataset(scratch / "d.h5", header, all_rows(header), all_visible(header));
  const DatasetReader reader(scratch / "d.h5");
  CHECK(reader.rows() == kRows);
  CHECK(reader.header().scene_toml == header.scene_toml);
  CHECK(reader.header().soft_biometric_names == header.soft_biometric_names);
  CHECK(reader.has_power() == power);
  for (const uint64_t n : {uint64_t{0}, uint64_t{17}, kRows - 1}) {
    const DatasetRow row = reader.read_row(n);
    const DatasetRow made = small_row(header, n);
    CHECK(row.image.data == made.image.data);
    CHECK(row.power.data == made.power.data);
    CHECK(row.identity == made.identity);
    CHECK(row.fabric == made.fabric);
    CHECK(row.pose == made.pose);
    CHECK(row.head_coefficients == made.head_coefficients);
  }
  CHECK(reader.read_visible(3).image.data == small_visible(header, 3).image.data);
  const auto images = reader.read_images({30, 2, 30});
  CHECK(
      std::equal(images.begin(), images.begin() + 4096, small_row(header, 30).image.data.begin()));
  CHECK(std::equal(images.begin() + 4096, images.begin() + 8192,
                   small_row(header, 2).image.data.begin()));
  CHECK(reader.read_images().size() == kRows * 4096);
  CHECK(reader.read_labels().image.empty());
  const DatasetColumns all = reader.read_all(true);
  CHECK(content_sha256(reader.header(), all) == reader.content_sha256());
  CHECK_THROWS_AS(reader.read_images({kRows}), InputError);
  CHECK(all_ok(verify_dataset(scratch / "d.h5")));
  const auto json = nlohmann::json::parse(describe_dataset(scratch / "d.h5"));
  CHECK(json["rows"] == kRows);
  CHECK(json["counts"]["posture"]["front-left"] == 8);
}

TEST_CASE("parts in any order join to the content of one piece", "[io][dataset]") {
  const Scratch scratch;
  const auto header = small_header(kRows, kRows / 2, true);
  write_dataset(scratch / "whole.h5", header, all_rows(header), all_visible(header));
  const auto folder = scratch / "set";
  {
    DatasetWriter writer(folder, header, part_options(header));
    CHECK(writer.num_parts() == 4);
    CHECK(writer.missing_parts() == std::vector<std::size_t>{0, 1, 2, 3});
    write_part(writer, header, 2);
    write_part(writer, header, 0);
    CHECK_THROWS_WITH(writer.finish(), Contains("2 of 4 parts are missing") && Contains("row 12"));
  }
  CHECK_THROWS_WITH(DatasetReader(folder), Contains("not finished"));
  CHECK_FALSE(all_ok(verify_dataset(folder)));
  CHECK(nlohmann::json::parse(describe_dataset(folder))["missing_rows"] == "12 to 23, 36 to 39");
  DatasetWriter writer(folder, header, part_options(header));
  CHECK(writer.missing_parts() == std::vector<std::size_t>{1, 3});
  write_part(writer, header, 3);
  write_part(writer, header, 1);
  const fs::path file = writer.finish();
  CHECK(file.filename() == "dataset.h5");
  CHECK_FALSE(fs::exists(folder / "parts"));
  CHECK(DatasetReader(folder).content_sha256() ==
        DatasetReader(scratch / "whole.h5").content_sha256());
}

TEST_CASE("a damaged part is found, removed and made again", "[io][dataset]") {
  const Scratch scratch;
  const auto header = small_header(kRows, kRows / 2, false);
  {
    DatasetWriter writer(scratch.path(), header, part_options(header));
    for (std::size_t i = 0; i < 4; ++i) write_part(writer, header, i);
  }
  const fs::path part = scratch / "parts/part-000001.h5";
  std::string bytes = slurp(part);
  SECTION("cut short") { bytes.resize(bytes.size() / 2); }
  SECTION("empty") { bytes.clear(); }
  SECTION("one bit of an image turned") {
    const auto image = small_row(header, kPart + 3).image;
    const std::string raw(reinterpret_cast<const char*>(image.data.data()), 64);
    const std::size_t at = bytes.find(raw);
    REQUIRE(at != std::string::npos);
    bytes[at + 7] = static_cast<char>(bytes[at + 7] ^ 1);
  }
  SECTION("another part's file under its name") { bytes = "text"; }
  spill(part, bytes);
  DatasetWriter writer(scratch.path(), header, part_options(header));
  CHECK(writer.missing_parts() == std::vector<std::size_t>{1});
  REQUIRE(writer.repairs().size() == 1);
  CHECK_THAT(writer.repairs()[0], Contains("part-000001.h5"));
  write_part(writer, header, 1);
  writer.finish();
  CHECK(all_ok(verify_dataset(scratch.path())));
}

TEST_CASE("a folder made from another plan, seed or layout is refused unharmed", "[io][dataset]") {
  const Scratch scratch;
  const auto header = small_header(kRows, kRows / 2, false);
  {
    DatasetWriter writer(scratch.path(), header, part_options(header));
    write_part(writer, header, 0);
  }
  auto other = header;
  auto options = part_options(header);
  std::string wanted;
  SECTION("seed") {
    other.seed = 6;
    wanted = "seed 5, not 6";
  }
  SECTION("plan") {
    other.plan_sha256 = std::string(64, '0');
    wanted = "plan_sha256";
  }
  SECTION("instruction set") {
    other.instruction_set = "avx512";
    wanted = "instruction_set";
  }
  SECTION("part size") {
    options.rows_per_part = 7;
    wanted = "parts of 7 rows";
  }
  CHECK_THROWS_WITH(DatasetWriter(scratch.path(), other, options), Contains(wanted));
  CHECK(DatasetWriter(scratch.path(), header, part_options(header)).missing_parts().size() == 3);
}

TEST_CASE("a second writer is refused while the first lives", "[io][dataset]") {
  const Scratch scratch;
  const auto header = small_header(kRows, 0, false);
  auto options = part_options(header);
  const DatasetWriter first(scratch.path(), header, options);
  CHECK_THROWS_WITH(DatasetWriter(scratch.path(), header, options), Contains("one writer"));
}

TEST_CASE("shards fill one folder together", "[io][dataset]") {
  const Scratch scratch;
  const auto header = small_header(kRows, kRows / 2, false);
  {
    auto options = part_options(header);
    options.shards = 2;
    DatasetWriter even(scratch.path(), header, options);
    options.shard = 1;
    DatasetWriter odd(scratch.path(), header, options);
    CHECK(even.missing_parts() == std::vector<std::size_t>{0, 2});
    CHECK_THROWS_AS(DatasetWriter(scratch.path(), header, options), InputError);
    CHECK_THROWS_AS(DatasetWriter(scratch.path(), header, part_options(header)), InputError);
    for (const std::size_t i : {0, 2}) write_part(even, header, i);
    for (const std::size_t i : {1, 3}) write_part(odd, header, i);
  }
  DatasetWriter writer(scratch.path(), header, part_options(header));
  CHECK(writer.missing_parts().empty());
  writer.finish();
  CHECK(all_ok(verify_dataset(scratch.path())));
}

TEST_CASE("a finished set is recognised, a damaged one refused", "[io][dataset]") {
  const Scratch scratch;
  const auto header = small_header(kRows, 0, false);
  const auto options = part_options(header);
  {
    DatasetWriter writer(scratch.path(), header, options);
    for (std::size_t i = 0; i < 4; ++i) write_part(writer, header, i);
    writer.finish();
  }
  CHECK(DatasetWriter(scratch.path(), header, options).is_finished());
  auto other = header;
  other.seed = 9;
  CHECK_THROWS_WITH(DatasetWriter(scratch.path(), other, options), Contains("seed"));
  std::string bytes = slurp(scratch / "dataset.h5");
  bytes.resize(bytes.size() - 100);
  spill(scratch / "dataset.h5", bytes);
  CHECK_THROWS_AS(DatasetWriter(scratch.path(), header, options), InputError);
  CHECK(fs::file_size(scratch / "dataset.h5") == bytes.size());
}

TEST_CASE("missing, foreign and incomplete files are one sentence", "[io][dataset]") {
  const Scratch scratch;
  CHECK_THROWS_WITH(DatasetReader(scratch / "none.h5"), Contains("no such file"));
  CHECK_THROWS_WITH(DatasetReader(scratch.path()), Contains("holds no data set"));
  spill(scratch / "text.h5", "hello");
  CHECK_THROWS_WITH(DatasetReader(scratch / "text.h5"), Contains("not a readable HDF5 file"));
  Hdf5File::create(scratch / "other.h5").write<float>("/x", {2}, {1.0F, 2.0F});
  CHECK_THROWS_WITH(DatasetReader(scratch / "other.h5"), Contains("no attribute 'schema'"));
  {
    Hdf5File file = Hdf5File::create(scratch / "half.h5");
    file.set_text("/", "schema", "thzface-dataset/1");
    file.close();
  }
  CHECK_THROWS_WITH(DatasetReader(scratch / "half.h5"), Contains("not complete"));
  CHECK_FALSE(all_ok(verify_dataset(scratch / "half.h5")));
}

TEST_CASE("verify names what is wrong with the content", "[io][dataset]") {
  const Scratch scratch;
  const auto header = small_header(kRows, kRows / 2, false);
  auto rows = all_rows(header);
  auto visible = all_visible(header);
  std::string wanted;
  SECTION("a value that is not finite") {
    rows[7].image(3, 3) = std::numeric_limits<float>::quiet_NaN();
    wanted = "/thz/image row 7";
  }
  SECTION("a posture that does not exist") {
    rows[8].posture = 5;
    wanted = "/label/posture row 8 is 5";
  }
  SECTION("a pair of two people") {
    visible[2].identity = 77;
    wanted = "row 4 and its visible picture 2";
  }
  write_dataset(scratch / "d.h5", header, rows, visible);
  const auto checks = verify_dataset(scratch / "d.h5");
  CHECK_FALSE(all_ok(checks));
  std::string text;
  for (const auto& check : checks) text += check.ok ? "" : check.name + ": " + check.detail + "\n";
  CHECK_THAT(text, Contains(wanted));
}

TEST_CASE("no truncation or flipped byte crashes or passes", "[io][dataset][fuzz]") {
  const Scratch scratch;
  const auto header = small_header(6, 3, true);
  write_dataset(scratch / "d.h5", header, all_rows(header), all_visible(header));
  const std::string bytes = slurp(scratch / "d.h5");
  const std::string hash = DatasetReader(scratch / "d.h5").content_sha256();
  const auto intact = verify_dataset(scratch / "d.h5");
  const fs::path bad = scratch / "bad.h5";
  const auto reads_whole = [&] {
    try {
      const DatasetReader reader(bad);
      // Whatever a reader hands out must be the content the file was made with.
      return content_sha256(reader.header(), reader.read_all(true)) == hash;
    } catch (const InputError&) {
      return true;
    }
  };
  for (std::size_t i = 0; i < 60; ++i) {
    spill(bad, bytes.substr(0, bytes.size() * i / 60));
    CAPTURE(i);
    CHECK_THROWS_AS(DatasetReader(bad), InputError);
    CHECK_FALSE(all_ok(verify_dataset(bad)));
  }
  thz::Rng rng(3, thz::RngPurpose::kTest);
  int unnoticed = 0;
  for (int i = 0; i < 400; ++i) {
    // Half of the hits in the first pages, where HDF5 keeps its own structures.
    const uint64_t reach = i % 2 == 0 ? std::min<uint64_t>(bytes.size(), 16384) : bytes.size();
    const std::size_t at = rng.index(reach);
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << rng.index(8)));
    spill(bad, flipped);
    CAPTURE(i, at);
    // Text attributes and unused bytes carry no checksum of their own: the content hash is what
    // tells.
    if (!reads_whole()) CHECK_FALSE(all_ok(verify_dataset(bad)));
    if (all_ok(verify_dataset(bad))) ++unnoticed;
  }
  CHECK(intact.size() == 8);
  // Padding, time stamps and free space only.
  INFO(unnoticed);
  CHECK(unnoticed < 300);
}
