#include <png.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <set>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/data/export.h"
#include "thz/data/import.h"
#include "thz/io/csv.h"
#include "thz/io/dataset_check.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/dataset_writer.h"
#include "thz/io/npy.h"
#include "thz/io/png.h"

using Catch::Matchers::Contains;
using thz::ImageF;
using thz::test::noise_image;
using thz::test::Scratch;
using thz::test::spill;
using namespace thz::data;
namespace io = thz::io;
namespace fs = std::filesystem;

namespace {

const PostureMap kMap = parse_posture_map("1=full-right,2=front-center,4=front-left");

/// A picture whose pixels are whole 8-bit steps, so that PNG keeps it exactly.
ImageF step_image(uint64_t key, int rows = 64, int cols = 64) {
  ImageF image = noise_image(3, key, rows, cols);
  for (float& value : image.data) value = std::round(value * 255.0F) / 255.0F;
  return image;
}

void put(const fs::path& file, const ImageF& image) {
  fs::create_directories(file.parent_path());
  io::write_png(file, image);
}

/// Persons 3 and 12, digits 1 and 2, both conditions, two pictures each; 12 has no b2b.
void write_published(const fs::path& root) {
  uint64_t key = 0;
  for (const char* person : {"3", "12"}) {
    for (const char* code : {"b1b", "n1n", "b2b", "n2n"}) {
      for (const char* number : {"2", "10"}) {
        ++key;
        if (std::string(person) == "12" && std::string(code) == "b2b") continue;
        const std::string name = std::string(person) + "_" + code + "_" + number + ".png";
        put(root / person / "thz" / name, step_image(key));
        if (std::string(number) == "2") put(root / person / "eye" / name, step_image(100 + key));
      }
    }
  }
}

io::DatasetReader imported(const ImportList& list, const fs::path& file,
                           const ImportOptions& options = {}) {
  import_dataset(list, options, file);
  CHECK(io::all_ok(io::verify_dataset(file)));
  return io::DatasetReader(file);
}

void write_png16(const fs::path& file, const ImageF& image) {
  std::FILE* out = std::fopen(file.c_str(), "wb");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, out);
  png_set_IHDR(png, info, static_cast<png_uint_32>(image.cols),
               static_cast<png_uint_32>(image.rows), 16, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (int r = 0; r < image.rows; ++r) {
    std::vector<png_byte> bytes;
    for (int c = 0; c < image.cols; ++c) {
      const long value = std::lround(image(r, c) * 65535.0F);
      bytes.push_back(static_cast<png_byte>(value >> 8));
      bytes.push_back(static_cast<png_byte>(value & 255));
    }
    png_write_row(png, bytes.data());
  }
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  std::fclose(out);
}

/// One picture as a data set through a CSV of labels.
io::DatasetReader import_one(const Scratch& scratch, const ImportOptions& options = {}) {
  spill(scratch / "one.csv", "file,identity,posture,condition\np.png,0,front-left,bare\n");
  return imported(list_labelled(scratch / "one.csv", "", {}), scratch / "one.h5", options);
}

}  // namespace

TEST_CASE("posture maps and published names mean one thing", "[data][import]") {
  CHECK(posture_map_text(kMap) == "1=full-right,2=front-center,4=front-left");
  for (const char* wrong : {"", "1", "6=front-left", "1=up", "1=front-left,1=front-right",
                            "1=front-left,2=front-left"}) {
    CAPTURE(wrong);
    CHECK_THROWS_WITH(parse_posture_map(wrong), Contains("--posture-map"));
  }
  const auto name = parse_published_name("p_7_b3b_12.png");
  REQUIRE(name);
  CHECK(name->person == "p_7");
  CHECK(name->concealed == 1);
  CHECK(name->digit == 3);
  CHECK(name->number == 12);
  CHECK(published_name(*name) == "p_7_b3b_12.png");
  for (const char* wrong :
       {"7_b3n_1.png", "7_b6b_1.png", "7_b3b_1.jpg", "7_b3b.png", "_b3b_1.png"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_published_name(wrong));
  }
}

TEST_CASE("a folder in the published naming becomes a data set", "[data][import]") {
  const Scratch scratch;
  write_published(scratch / "faces");
  spill(scratch / "faces" / "readme.txt", "notes are passed over");
  const auto list = list_published_folder(scratch / "faces", kMap, {"thz"}, "eye");
  const ImportReport report = import_dataset(list, {}, scratch / "d.h5");
  CHECK(report.rows == 14);
  CHECK(report.visible_rows == 7);
  CHECK(report.people == std::map<int32_t, std::string>{{3, "3"}, {12, "12"}});
  CHECK(report.missing ==
        std::vector<std::string>{"person 12, front-center: no concealed picture"});
  CHECK(report.fewest_captures == 2);
  CHECK(io::all_ok(io::verify_dataset(scratch / "d.h5")));
  const io::DatasetReader reader(scratch / "d.h5");
  // Person 3, front-center (digit 2; label 1) before full-right (digit 1; label 4), bare first.
  const io::DatasetRow first = reader.read_row(0);
  CHECK(first.identity == 3);
  CHECK(first.posture == 1);
  CHECK(first.concealed == 0);
  // 2 comes before 10, and a picture of 64 x 64 is taken as it is.
  CHECK(first.image.data == step_image(7).data);
  CHECK(reader.read_row(1).image.data == step_image(8).data);
  CHECK(reader.read_row(1).capture == 1);
  CHECK(reader.read_visible(static_cast<uint64_t>(first.visible_index)).image.data ==
        step_image(107).data);
  CHECK(std::isnan(first.pose[0]));
  CHECK(reader.header().plan_toml.find("1=full-right") != std::string::npos);

  ImportOptions complete;
  complete.complete_only = true;
  CHECK(import_dataset(list, complete, scratch / "c.h5").left_out == 2);
  CHECK(io::DatasetReader(scratch / "c.h5").rows() == 12);
}

TEST_CASE("faults of a published folder are refused by name", "[data][import]") {
  const Scratch scratch;
  const fs::path root = scratch / "faces";
  write_published(root);
  const auto list = [&](const std::vector<std::string>& units, const std::string& visible) {
    return list_published_folder(root, kMap, units, visible);
  };
  CHECK_THROWS_WITH(list({}, ""), Contains("--unit") && Contains("eye, thz"));
  CHECK_NOTHROW(list({}, "eye"));
  CHECK_THROWS_WITH(list({"xray"}, ""), Contains("'xray'") && Contains("eye, thz"));
  const auto with = [&](const std::string& name) {
    put(root / name, step_image(1));
    std::string message;
    try {
      list({"thz"}, "");
    } catch (const thz::InputError& e) {
      message = e.what();
    }
    fs::remove(root / name);
    return message;
  };
  CHECK_THAT(with("3/thz/3_b5b_1.png"), Contains("3_b5b_1.png") && Contains("digit is 5"));
  CHECK_THAT(with("3/thz/4_b1b_1.png"), Contains("4_b1b_1.png") && Contains("person '4'"));
  CHECK_THAT(with("3/thz/3_x1x_1.png"), Contains("3_x1x_1.png") && Contains("b1b"));
  CHECK_THAT(with("3/thz/3_b1b_1.jpg"), Contains("3_b1b_1.jpg"));
  CHECK_THAT(with("3/3_b1b_1.png"), Contains("units' folders"));
  CHECK_THAT(with("3_b1b_1.png"), Contains("people's folders"));
  CHECK_THROWS_WITH(list_published_folder(scratch / "none", kMap, {}, ""), Contains("none"));
}

TEST_CASE("pictures of other sizes, depths and colours are brought to size or refused by name",
          "[data][import]") {
  const Scratch scratch;
  put(scratch / "p.png", step_image(1, 80, 100));
  CHECK_THROWS_WITH(import_one(scratch), Contains("one.csv:2") && Contains("p.png") &&
                                             Contains("100 x 80") && Contains("--crop"));
  CHECK_FALSE(fs::exists(scratch / "one.h5"));
  ImportOptions box;
  box.crop = parse_crop("30,10,64,64");
  const auto cut = import_one(scratch, box).read_row(0).image;
  const ImageF whole = step_image(1, 80, 100);
  for (const auto& [r, c] : {std::pair{0, 0}, std::pair{63, 63}, std::pair{10, 20}}) {
    CHECK(cut(r, c) == whole(r + 10, c + 30));
  }
  box.crop = parse_crop("50,0,64,64");
  CHECK_THROWS_WITH(import_one(scratch, box), Contains("does not fit"));
  ImportOptions centre;
  centre.crop = parse_crop("centre");
  CHECK_NOTHROW(import_one(scratch, centre));
  for (const char* wrong : {"middle", "1,2,3", "0,0,0,4", "-1,0,4,4", "0,0,4,4x"}) {
    CHECK_THROWS_WITH(parse_crop(wrong), Contains("--crop"));
  }
  put(scratch / "p.png", step_image(1, 8, 8));
  CHECK_THROWS_WITH(import_one(scratch), Contains("at least 16"));
  // A constant stays one under the bicubic kernel, whose weights add up to 1.
  put(scratch / "p.png", ImageF(200, 200, 0.4F));
  for (const float v : import_one(scratch).read_row(0).image.data) {
    CHECK(v == Approx(0.4).margin(1e-6));  // float; 102/255 is 0.4
  }
  write_png16(scratch / "p.png", noise_image(3, 9, 64, 64));
  const auto deep = import_one(scratch).read_row(0).image;
  // Half a step of 16 bits.
  CHECK(std::abs(deep(5, 7) - noise_image(3, 9, 64, 64)(5, 7)) < 0.51 / 65535.0);
  io::ImageRgb colour(64, 64, {10, 200, 30});
  io::write_png(scratch / "p.png", colour);
  CHECK_THROWS_WITH(import_one(scratch), Contains("p.png") && Contains("--colour luma"));
  ImportOptions luma;
  luma.luma = true;
  CHECK(import_one(scratch, luma).read_row(0).image(0, 0) ==
        Approx((0.299 * 10 + 0.587 * 200 + 0.114 * 30) / 255).margin(1e-6));
  io::ImageRgb grey(64, 64, {51, 51, 51});
  io::write_png(scratch / "p.png", grey);
  CHECK(import_one(scratch).read_row(0).image(3, 3) == Approx(0.2).margin(1e-6));
  spill(scratch / "p.png", "no picture");
  CHECK_THROWS_WITH(import_one(scratch), Contains("one.csv:2") && Contains("not a PNG"));
}

TEST_CASE("a CSV of triplets gives each picture once, and its mistakes have a line",
          "[data][import]") {
  const Scratch scratch;
  write_published(scratch / "f");
  const std::string head =
      "anchor,positive,negative,visible_concealed,visible_unconcealed,visible_negative\n";
  const std::string line =
      "3/thz/3_b1b_2.png,3/thz/3_n1n_10.png,12/thz/12_n1n_2.png,3/eye/3_b1b_2.png,"
      "3/eye/3_n1n_2.png,12/eye/12_n1n_2.png\n";
  spill(scratch / "t.csv", head + line + line);
  const auto reader =
      imported(list_triplets(scratch / "t.csv", scratch / "f", kMap), scratch / "d.h5");
  CHECK(reader.rows() == 3);
  CHECK(reader.visible_rows() == 3);
  const auto refused = [&](const std::string& text) {
    spill(scratch / "w.csv",
          "anchor,positive,negative\n3/thz/3_b1b_2.png,3/thz/3_n1n_2.png,12/thz/12_n1n_2.png\n" +
              text);
    std::string message;
    try {
      list_triplets(scratch / "w.csv", scratch / "f", kMap);
    } catch (const thz::InputError& e) {
      message = e.what();
    }
    return message;
  };
  CHECK_THAT(refused("3_n1n_2.png,3_n1n_2.png,12_n1n_2.png\n"), Contains("w.csv:3: anchor"));
  CHECK_THAT(refused("3_b1b_2.png,12_n1n_2.png,12_n1n_2.png\n"), Contains("w.csv:3: positive"));
  CHECK_THAT(refused("3_b1b_2.png,3_n2n_2.png,12_n1n_2.png\n"), Contains("w.csv:3: positive"));
  CHECK_THAT(refused("3_b1b_2.png,3_n1n_2.png,3_n1n_2.png\n"), Contains("w.csv:3: negative"));
  CHECK_THAT(refused("3_b3b_2.png,3_n1n_2.png,12_n1n_2.png\n"), Contains("digit is 3"));
  CHECK_THAT(refused("a,b\n"), Contains("w.csv:3") && Contains("2 fields"));
  spill(scratch / "m.csv", "anchor,positive,negative\nx/9_b1b_1.png,9_n1n_1.png,3_n1n_1.png\n");
  CHECK_THROWS_WITH(
      import_dataset(list_triplets(scratch / "m.csv", "", kMap), {}, scratch / "m.h5"),
      Contains("m.csv:2") && Contains("cannot be read"));
}

TEST_CASE("a CSV of labels numbers people by name and refuses what it cannot place",
          "[data][import]") {
  const Scratch scratch;
  put(scratch / "a.png", step_image(1));
  put(scratch / "b.png", step_image(2));
  const std::string head = "file,identity,posture,condition\n";
  spill(scratch / "l.csv", head + "a.png,zoe,1,concealed\nb.png,adam,front-left,bare\n");
  const auto reader = imported(list_labelled(scratch / "l.csv", "", kMap), scratch / "d.h5");
  CHECK(reader.read_row(0).image.data == step_image(2).data);  // adam is 0
  CHECK(reader.read_row(1).identity == 1);
  CHECK(reader.read_row(1).posture == 4);
  for (const std::string wrong :
       {"a.png,1,up,bare", "a.png,1,1,veiled", "a.png,1,3,bare", "a.png,,1,bare"}) {
    CAPTURE(wrong);
    spill(scratch / "w.csv", head + wrong + "\n");
    CHECK_THROWS_WITH(list_labelled(scratch / "w.csv", "", kMap), Contains("w.csv:2"));
  }
  spill(scratch / "w.csv", head + "a.png,1,1,bare\na.png,2,1,bare\n");
  CHECK_THROWS_WITH(list_labelled(scratch / "w.csv", "", kMap), Contains("w.csv:3"));
}

TEST_CASE("export and import again give the same data set", "[data][import][export]") {
  const Scratch scratch;
  // 5 people as tests/io has them, in steps of 8 bits so that PNG loses nothing.
  io::DatasetHeader header = thz::test::small_header(100, 50, false);
  std::vector<io::DatasetRow> rows;
  std::vector<io::VisibleRow> visible;
  for (uint64_t n = 0; n < 100; ++n) {
    rows.push_back(thz::test::small_row(header, n));
    rows.back().image = step_image(n);
  }
  for (uint64_t v = 0; v < 50; ++v) {
    visible.push_back(thz::test::small_visible(header, v));
    visible.back().image = step_image(1000 + v);
  }
  io::write_dataset(scratch / "d.h5", header, rows, visible);
  const io::DatasetReader from(scratch / "d.h5");
  const auto map =
      parse_posture_map("5=front-left,1=front-center,2=front-right,3=full-left,4=full-right");
  const ExportReport report = export_published(from, map, scratch / "out", {});
  CHECK(report.pictures == 100);
  // 50 concealed pictures with 4 other people each.
  CHECK(report.triplet_rows == std::vector<uint64_t>{200});
  CHECK(fs::exists(scratch / "out" / "4" / "thz" / "4_b5b_2.png"));
  CHECK_THROWS_WITH(export_published(from, map, scratch / "out", {}), Contains("not empty"));
  CHECK_THROWS_WITH(export_published(from, kMap, scratch / "other", {}), Contains("no digit"));
  export_arrays(from, scratch / "np");

  const std::string out = scratch / "out";
  const std::vector<ImportList> lists = {list_published_folder(out, map, {"thz"}, "visible"),
                                         list_triplets(out + "/triplets.csv", "", map),
                                         list_labelled(out + "/labels.csv", "", {}),
                                         list_arrays(scratch / "np", {})};
  for (const ImportList& list : lists) {
    CAPTURE(list.kind);
    const auto back = imported(list, scratch / (list.kind + ".h5"));
    const io::DatasetColumns a = from.read_all(), b = back.read_all();
    // Triplets name only pictures that were drawn as positive or negative.
    if (list.kind == "triplets") {
      CHECK(b.rows > 80);
      continue;
    }
    CHECK(b.identity == a.identity);
    CHECK(b.posture == a.posture);
    CHECK(b.concealed == a.concealed);
    CHECK(b.capture == a.capture);
    CHECK(b.visible_index == a.visible_index);
    CHECK(b.image == a.image);
    CHECK(b.visible_image == a.visible_image);
    CHECK(b.visible_identity == a.visible_identity);
  }
}

TEST_CASE("triplets of a split stay within its lists", "[data][export]") {
  const Scratch scratch;
  io::DatasetHeader header = thz::test::small_header(100, 0, false);
  std::vector<io::DatasetRow> rows;
  for (uint64_t n = 0; n < 100; ++n) rows.push_back(thz::test::small_row(header, n));
  io::write_dataset(scratch / "d.h5", header, rows, {});
  const io::DatasetReader from(scratch / "d.h5");
  io::Split split;
  for (uint64_t n = 0; n < 100; ++n) (n % 2 == 0 ? split.train : split.test).push_back(n);
  ExportOptions options;
  options.split = &split;
  const auto map =
      parse_posture_map("1=front-left,2=front-center,3=front-right,4=full-left,5=full-right");
  const auto report = export_published(from, map, scratch / "out", options);
  CHECK(report.triplet_rows == std::vector<uint64_t>{100, 0, 100});
  std::set<std::string> train, test;
  for (const auto& [name, names] : {std::pair{"train", &train}, std::pair{"test", &test}}) {
    const auto table =
        io::CsvTable::read(scratch / "out" / ("triplets-" + std::string(name) + ".csv"));
    CHECK(table.columns().size() == 3);  // nothing visible
    for (std::size_t r = 0; r < table.rows(); ++r) {
      for (const char* column : {"anchor", "positive", "negative"}) {
        names->insert(table.at(r, column));
      }
    }
  }
  for (const std::string& name : train) CHECK(test.count(name) == 0);
}

TEST_CASE("NumPy folders that do not fit together are refused by file", "[data][import]") {
  const Scratch scratch;
  const std::vector<uint64_t> shape = {2, 64, 64};
  io::write_npy(scratch / "image.npy", shape, std::vector<float>(2 * 4096, 0.5F));
  io::write_npy(scratch / "identity.npy", {2}, std::vector<int32_t>{0, 1});
  io::write_npy(scratch / "posture.npy", {2}, std::vector<int32_t>{0, 5});
  io::write_npy(scratch / "concealed.npy", {2}, std::vector<int32_t>{0, 1});
  CHECK_THROWS_WITH(list_arrays(scratch.path(), {}),
                    Contains("posture.npy") && Contains("row 1 is 5"));
  io::write_npy(scratch / "posture.npy", {3}, std::vector<int32_t>{0, 1, 1});
  CHECK_THROWS_WITH(list_arrays(scratch.path(), {}),
                    Contains("posture.npy") && Contains("2 pictures"));
  io::write_npy(scratch / "posture.npy", {2}, std::vector<int32_t>{0, 1});
  CHECK_NOTHROW(imported(list_arrays(scratch.path(), {}), scratch / "d.h5"));
  io::write_npy(scratch / "image.npy", shape, std::vector<float>(2 * 4096, 17.0F));
  CHECK_THROWS_WITH(import_dataset(list_arrays(scratch.path(), {}), {}, scratch / "e.h5"),
                    Contains("image.npy row 0") || Contains("row 0 holds 17"));
  io::write_npy(scratch / "image.npy", {2, 4096}, std::vector<float>(2 * 4096, 0.5F));
  CHECK_THROWS_WITH(list_arrays(scratch.path(), {}), Contains("image.npy") && Contains("axes"));
}
