#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "run_program.h"
#include "thz/core/rng.h"
#include "thz/io/dataset_writer.h"
#include "thz/io/png.h"

using thz::test::ProgramOptions;
using thz::test::ProgramResult;
using Json = nlohmann::json;

namespace {

thz::ImageF look_noise(uint64_t key) {
  thz::Rng rng(7, thz::RngPurpose::kTest, key);
  thz::ImageF image(64, 64);
  for (float& v : image.data) v = static_cast<float>(rng.uniform());
  return image;
}

/// A data set of noise: 5 people, 5 postures, both conditions, two captures each, 50 visible ones.
void write_noise_set(const std::filesystem::path& file) {
  thz::io::DatasetHeader header;
  header.rows = 100;
  header.visible_rows = 50;
  header.fabric_names = {"acrylic"};
  std::vector<thz::io::DatasetRow> rows;
  std::vector<thz::io::VisibleRow> visible;
  for (int n = 0; n < 100; ++n) {
    thz::io::DatasetRow row;
    row.image = look_noise(static_cast<uint64_t>(n));
    row.identity = n / 20;
    row.posture = n / 4 % 5;
    row.concealed = static_cast<uint8_t>(n / 2 % 2);
    row.capture = n % 2;
    row.visible_index = n / 2;
    row.fabric = row.concealed != 0 ? 0 : -1;
    row.pose.assign(6, 0.0F);
    if (n % 2 == 0) {
      visible.push_back(
          {look_noise(1000U + static_cast<uint64_t>(n)), row.identity, row.posture, row.concealed});
    }
    rows.push_back(row);
  }
  thz::io::write_dataset(file, header, rows, visible);
}

ProgramResult look(const std::filesystem::path& folder, const std::vector<std::string>& words) {
  ProgramOptions options;
  options.folder = folder;
  ProgramResult result = thz::test::run_thzface(words, options);
  UNSCOPED_INFO("standard error: " << result.err);
  return result;
}

/// What the page's document is after its scripts ran; empty without chromium.
std::string rendered(const std::filesystem::path& page, const std::string& hash) {
  const std::string command =
      "timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir=" +
      (page.parent_path() / "profile").string() + " --dump-dom 'file://" + page.string() + hash +
      "' 2>/dev/null";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  std::array<char, 65536> block{};
  for (std::size_t n; (n = std::fread(block.data(), 1, block.size(), pipe)) > 0;) {
    text.append(block.data(), n);
  }
  ::pclose(pipe);
  return text;
}

bool has_chromium() { return std::system("command -v chromium >/dev/null 2>&1") == 0; }

}  // namespace

TEST_CASE("show writes a contact sheet, charts and a gallery that filters in a browser") {
  const thz::test::Scratch scratch;
  write_noise_set(scratch.path() / "d.h5");
  const ProgramResult shown =
      look(scratch.path(), {"dataset", "show", "d.h5", "--output", "out", "--json"});
  REQUIRE(shown.status == 0);
  const Json json = Json::parse(shown.out);
  CHECK(json.at("rows") == 100);
  CHECK(json.at("statistics").at("bare").at("images") == 50);
  const auto sheet = thz::io::read_png(scratch.path() / "out/contact-sheet.png");
  // 10 pictures of 64 a row for 5 people, gaps of 2 px around each.
  CHECK(sheet.cols == 10 * 64 + 11 * 2);
  CHECK(sheet.rows == 5 * 64 + 6 * 2);
  CHECK(thz::io::read_png(scratch.path() / "out/statistics.png").cols > 400);
  const auto page = scratch.path() / "out/gallery.html";
  const std::string html = scratch.read("out/gallery.html");
  for (const char* outside : {"http://", "https://", "src=\"/", "<link"}) {
    CHECK(html.find(outside) == std::string::npos);
  }
  if (!has_chromium()) {
    WARN("skipped: the gallery in a browser: chromium is not installed");
    return;
  }
  CHECK_THAT(rendered(page, ""), Catch::Contains(">100 of 100</output>"));
  const std::string some = rendered(page, "#identity=3&posture=full-left&condition=concealed");
  CHECK_THAT(some, Catch::Contains(">2 of 100</output>"));
  std::size_t hidden = 0;
  for (auto at = some.find("hidden=\"\""); at != std::string::npos;
       at = some.find("hidden=\"\"", at + 1)) {
    ++hidden;
  }
  CHECK(hidden == 98);
  CHECK_THAT(rendered(page, "#visible=1&condition=bare"),
             Catch::Contains("class=\"pairs\"") && Catch::Contains(">50 of 100</output>"));
}

TEST_CASE("compare says how two data sets differ, and refuses what it cannot compare") {
  const thz::test::Scratch scratch;
  write_noise_set(scratch.path() / "a.h5");
  write_noise_set(scratch.path() / "b.h5");
  const ProgramResult same =
      look(scratch.path(), {"dataset", "compare", "a.h5", "b.h5", "--output", "c", "--json"});
  REQUIRE(same.status == 0);
  const Json json = Json::parse(same.out);
  CHECK(json.at("difference").at("concealed").at("histogram_distance") == 0.0);
  CHECK(json.at("a").at("statistics").at("concealed_bare_similarity").at("pairs") == 50);
  CHECK(Json::parse(scratch.read("c/comparison.json")) == json);
  CHECK(thz::io::read_png(scratch.path() / "c/comparison.png").rows > 700);
  CHECK_THAT(look(scratch.path(), {"dataset", "compare", "a.h5", "b.h5", "--output", "c"}).out,
             Catch::Contains("concealed against bare, W-SSIM"));
  CHECK(look(scratch.path(), {"dataset", "compare", "a.h5", "b.h5"}).status == 2);
  const ProgramResult none =
      look(scratch.path(), {"dataset", "compare", "a.h5", "none.h5", "--output", "d"});
  CHECK(none.status == 2);
  CHECK_THAT(none.err, Catch::Contains("none.h5"));
}
