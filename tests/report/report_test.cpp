#include "thz/report/report.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "report/synthetic_report.h"
#include "thz/core/error.h"

using namespace thz::report;
using thz::report::testing::synthetic_report;

namespace {

const std::string& page() {
  static const std::string text = render_report(synthetic_report(6, 200));
  return text;
}

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("the page refers to nothing outside itself", "[report][page]") {
  CHECK(page().rfind("<!DOCTYPE html>", 0) == 0);
  CHECK(page().find("<script") == std::string::npos);
  CHECK(page().find("<link") == std::string::npos);
  const std::regex reference("(src|href|url)\\s*[=(]\\s*[\"']?([^\"')\\s>]+)");
  for (auto it = std::sregex_iterator(page().begin(), page().end(), reference);
       it != std::sregex_iterator(); ++it) {
    const std::string target = (*it)[2];
    CHECK((target.rfind("data:image/png;base64,", 0) == 0 || target[0] == '#'));
  }
}

TEST_CASE("every picture has a text, every plot a title, and no id stands twice",
          "[report][page]") {
  // Samples of both conditions, examples, the layout of six samples, twelve hard pairs.
  CHECK(count(page(), "<img ") == 8 * 5 + 6 * 3 + 6 * 3 + 12 * 2);
  CHECK(count(page(), "alt=\"") == count(page(), "<img "));
  CHECK(count(page(), "alt=\"\"") == 0);
  CHECK(count(page(), "<svg class=\"plot\" role=\"img\"") == 2 + 4 + 1);
  CHECK(count(page(), "<svg") == count(page(), "-title\">"));
  std::set<std::string> ids;
  const std::regex id("[^-]\\bid=[\"']([^\"']+)");
  for (auto it = std::sregex_iterator(page().begin(), page().end(), id);
       it != std::sregex_iterator(); ++it) {
    CHECK(ids.insert((*it)[1]).second);
  }
}

TEST_CASE("the page shows metrics beside baselines, chance and ceiling", "[report][page]") {
  for (const char* part : {"Network, posture known",
                           "Template matching, posture known",
                           "Template matching, posture unknown",
                           "Ceiling",
                           "Chance",
                           "refused: ",
                           "Copy of the concealed input",
                           "Mean unconcealed training image",
                           "340 GHz",
                           "thzface train demo.toml",
                           "image-disjoint",
                           "Not measured",
                           "FNIR (%) at FPIR 10 %",
                           "Cllr, calibrated",
                           "The hardest pairs",
                           "Embeddings of the test images",
                           "unconcealed target",
                           ">best<",
                           ">median<",
                           "training saw none of these images",
                           "340 GHz grey value",
                           ">worst<"}) {
    CAPTURE(part);
    CHECK(page().find(part) != std::string::npos);
  }
}

TEST_CASE("figures and tables are numbered in the order of the page", "[report][page]") {
  for (const std::string kind : {"Figure ", "Table "}) {
    int expected = 0;
    const std::regex caption("<b>" + kind + "([0-9]+)[.]</b>");
    for (auto it = std::sregex_iterator(page().begin(), page().end(), caption);
         it != std::sregex_iterator(); ++it) {
      CHECK(std::stoi((*it)[1]) == ++expected);
    }
    CHECK(expected >= 7);
  }
}

TEST_CASE("markup in names stays text", "[report][page]") {
  ReportInput input = synthetic_report(3, 100);
  input.title = "<b>bold</b> & \"quoted\"";
  input.runs[0].name = "<i>";
  input.runs[0].result.posture.names[0] = "<script>";
  const std::string text = render_report(input);
  CHECK(text.find("<b>bold") == std::string::npos);
  CHECK(text.find("<script>") == std::string::npos);
}

TEST_CASE("two runs stand side by side; empty parts leave no heading", "[report][page]") {
  ReportInput input = synthetic_report(3, 100);
  input.grids.clear();
  input.commands.clear();
  input.sections.clear();
  input.runs.push_back(input.runs[0]);
  input.runs[0].name = "first";
  input.runs[1].name = "second";
  input.runs[1].history = {};
  input.runs[1].reconstructions.clear();
  const std::string text = render_report(input);
  CHECK(text.find("The runs side by side") != std::string::npos);
  CHECK(text.find("Results: second") != std::string::npos);
  CHECK(text.find("Sample images") == std::string::npos);
  CHECK(text.find("To reproduce") == std::string::npos);
  CHECK(text.find("Instrument, scene") == std::string::npos);
}

TEST_CASE("a page is written whole, and a mistake harms no page there", "[report][page][errors]") {
  const auto folder = std::filesystem::temp_directory_path() / "thzface-report-test";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "page.html").string();
  const ReportInput input = synthetic_report(3, 100);
  write_report(input, path);
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  CHECK(text.find("</html>") != std::string::npos);
  // Its figures lie beside it, with colours of their own.
  std::set<std::string> figures;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "page-figures")) {
    figures.insert(entry.path().filename().string());
    if (entry.path().extension() != ".svg") continue;
    std::ifstream plot(entry.path());
    const std::string svg{std::istreambuf_iterator<char>(plot), {}};
    CHECK(svg.rfind("<?xml", 0) == 0);
    CHECK(svg.find("xmlns=") != std::string::npos);
    CHECK(svg.find("var(") == std::string::npos);
  }
  for (const char* name :
       {"layout.png", "samples-1.png", "run1-reconstructions.png", "run1-hardest-pairs.png",
        "run1-confusion.svg", "run1-roc.svg", "run1-det.svg", "run1-histogram.svg", "run1-cmc.svg",
        "run1-embeddings.svg", "run1-history-1.svg"}) {
    CAPTURE(name);
    CHECK(figures.count(name) == 1);
  }
  ReportInput broken = input;
  broken.runs.clear();
  CHECK_THROWS_AS(write_report(broken, path), thz::InputError);
  broken = input;
  broken.runs[0].history.rows[3].values.pop_back();
  CHECK_THROWS_AS(write_report(broken, path), thz::InputError);
  CHECK(std::filesystem::file_size(path) == text.size());
  CHECK_THROWS_AS(write_report(input, (folder / "none" / "page.html").string()), thz::InputError);
  std::filesystem::remove_all(folder);
}

// Not run with the others: `THZ_REPORT_PAGE=/tmp/page.html thz_report_tests "[look]"` and open it.
TEST_CASE("a page to look at", "[.][look]") {
  const char* path = std::getenv("THZ_REPORT_PAGE");
  if (path == nullptr) {
    WARN("skipped: THZ_REPORT_PAGE names no file to write");
    return;
  }
  write_report(synthetic_report(10, 2000), path);
}
