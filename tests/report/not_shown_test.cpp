#include "not_shown.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "pictures.h"
#include "report/synthetic_report.h"
#include "support/page_text.h"
#include "thz/report/charts.h"

using namespace thz::report;
using namespace thz::report::internal;
using Catch::Matchers::Contains;
using thz::test::check_page;

namespace {

/// Made once: every case changes a copy.
ReportInput report() {
  static const ReportInput made = testing::synthetic_report(3, 100);
  return made;
}

template <typename Summary>
void take_network_out(std::vector<Summary>& summaries) {
  summaries.erase(std::remove_if(summaries.begin(), summaries.end(),
                                 [](const Summary& s) { return s.system == "network"; }),
                  summaries.end());
}

std::string note_of(const std::string& task) {
  return task +
         " was not among the tasks of this training: the network's figures of it tell nothing";
}

/// Why a part is missing; empty if it is not.
std::string why(const ReportInput& input, const std::string& what) {
  for (const MissingPart& part : missing_parts(without_untrained(input))) {
    if (part.what == what) return part.why;
  }
  return "";
}

std::set<std::string> files_of(const ReportInput& input) {
  const auto folder = std::filesystem::temp_directory_path() / "thzface-not-shown-test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  write_report(input, (folder / "page.html").string());
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "page-figures")) {
    names.insert(entry.path().filename().string());
  }
  std::filesystem::remove_all(folder);
  return names;
}

}  // namespace

TEST_CASE("a page that has everything lists nothing", "[report][missing]") {
  CHECK(missing_parts(report()).empty());
  check_page(render_report(report()), {}, {"Not shown"});
}

TEST_CASE("what could not be gathered is listed with its reason", "[report][missing]") {
  ReportInput input = report();
  input.not_shown = {{"sample pictures", "the data set is not at </ul> any more"}};
  check_page(render_report(input),
             {"<b>Not shown</b>",
              "<li>sample pictures: the data set is not at &lt;/ul&gt; any more</li>"});
}

TEST_CASE("a page without a band names none", "[report][page]") {
  ReportInput input = report();
  input.band.clear();
  input.title = input.subtitle = "Faces";
  input.sections.clear();
  input.grids.clear();
  const std::string page = render_report(input);
  check_page(page, {"</b> grey value"}, {" GHz"});
}

TEST_CASE("an evaluation without verification leaves it out everywhere", "[report][missing]") {
  ReportInput input = report();
  take_network_out(input.runs[0].result.verification);
  const std::string page = render_report(input);
  check_page(page, {},
             {"<h3>Verification</h3>", "Triplet accuracy", "hardest pairs", "run1-roc",
              "Embeddings of the test images", "Verification, triplets"});
  check_page(page, {"<h3>Posture</h3>", "<h3>Reconstruction</h3>", "<h3>By group</h3>"});
  CHECK(why(input, "verification") == "the evaluation holds no figures of it");
  const std::set<std::string> files = files_of(input);
  for (const char* name : {"run1-roc.svg", "run1-hardest-pairs.png", "run1-embeddings.svg"}) {
    CHECK(files.count(name) == 0);
  }
  CHECK(files.count("run1-confusion.svg") == 1);
}

TEST_CASE("an evaluation without postures leaves them out everywhere", "[report][missing]") {
  ReportInput input = report();
  input.runs[0].result.posture = {};
  input.runs[0].result.notes = {note_of("posture")};
  const std::string page = render_report(input);
  check_page(page, {},
             {"<h3>Posture</h3>", "Confusion of postures", "<th scope=\"col\">Posture</th>",
              "names the posture"});
  check_page(page, {"<li>posture: not among the tasks of this training</li>"});
  CHECK(files_of(input).count("run1-confusion.svg") == 0);
}

TEST_CASE("an evaluation without reconstructions leaves them out everywhere", "[report][missing]") {
  ReportInput input = report();
  take_network_out(input.runs[0].result.reconstruction);
  const std::string page = render_report(input);
  check_page(page, {}, {"<h3>Reconstruction</h3>", "What is under it", "structural similarity of"});
  CHECK(why(input, "reconstruction") == "the evaluation holds no figures of it");
  const std::set<std::string> files = files_of(input);
  for (const char* name : {"layout.png", "run1-reconstructions.png", "run1-regions.svg"}) {
    CHECK(files.count(name) == 0);
  }
}

TEST_CASE("an evaluation of nothing but a teacher or a record is still a page",
          "[report][missing]") {
  ReportInput input = report();
  input.runs[0].result = {};
  input.runs[0].history = {};
  check_page(render_report(input), {"<h3>Record</h3>"}, {"class=\"cards\"", "<h3>Training</h3>"});
  CHECK(why(input, "training curves") == "the log holds no finished epoch");
  input.runs.push_back(report().runs[0]);
  CHECK_NOTHROW(files_of(input));
}

// Evaluations of before hold such figures, with a note that they tell nothing.
TEST_CASE("figures of tasks that were not trained are not shown", "[report][missing]") {
  ReportInput input = report();
  input.runs[0].result.notes = {note_of("verification"), note_of("posture"),
                                note_of("reconstruction")};
  const std::string page = render_report(input);
  for (const char* task : {"verification", "posture", "reconstruction"}) {
    CHECK(why(input, task) == "not among the tasks of this training");
  }
  check_page(
      page, {},
      {"<h3>Verification</h3>", "<h3>Posture</h3>", "<h3>Reconstruction</h3>", "class=\"cards\""});
}

TEST_CASE("of two runs each lists its own parts by name", "[report][missing]") {
  ReportInput input = report();
  input.runs.push_back(input.runs[0]);
  input.runs[0].name = "whole";
  input.runs[1].name = "lesser";
  take_network_out(input.runs[1].result.reconstruction);
  CHECK(why(input, "lesser: reconstruction") == "the evaluation holds no figures of it");
  CHECK(why(input, "whole: reconstruction").empty());
  // The other's pictures stay.
  check_page(render_report(input), {"reconstruction by whole", "What is under it?"},
             {"reconstruction by lesser"});
}

TEST_CASE("runs of another split or data set are no part of the layout", "[report][missing]") {
  ReportInput input = report();
  input.runs.resize(3, input.runs[0]);
  input.runs[0].name = "first";
  input.runs[1].name = "alike";
  input.runs[2].name = "other";
  CHECK(layout_runs(input.runs).size() == 3);
  check_page(render_report(input), {}, {"Not all runs were tested on the same images"});
  // The same rows of another data set are other pictures.
  input.runs[2].result.run.dataset_sha256 = "b";
  CHECK(layout_runs(input.runs).size() == 2);
  CHECK_THAT(why(input, "reconstructions of samples by other"),
             Contains("another split or data set than first"));
  input.runs[2].result.run.dataset_sha256.clear();
  input.runs[2].result.run.split_sha256 = "c";
  for (ReconstructionRow& row : input.runs[2].reconstructions) row.input_row += 1000;
  CHECK_THAT(why(input, "reconstructions of samples by other"),
             Contains("another split or data set than first"));
  const std::string page = render_report(input);
  check_page(page, {"reconstruction by alike", "Not all runs were tested on the same images"},
             {"reconstruction by other"});
}

TEST_CASE("curves without a single value are left out and listed", "[report][missing]") {
  ReportInput input = report();
  TrainingHistory& history = input.runs[0].history;
  for (HistoryRow& row : history.rows) {
    for (std::size_t v = 0; v < row.values.size(); ++v) {
      if (history.groups[v] == "validation score") row.values[v] = std::nan("");
    }
  }
  CHECK(why(input, "curves of the validation score") == "no epoch has a value of it");
  check_page(render_report(input), {"Training: loss over the epochs"},
             {"Training: validation score"});
}

TEST_CASE("a split that leaks is told of wherever its figures stand", "[report][page]") {
  ReportInput input = report();
  input.runs[0].result.run.leaks = true;
  input.runs[0].result.run.split_name = "paper-anchor-folds";
  const std::string page = render_report(input);
  check_page(page,
             {"training saw some of these images", "The split leaks.", "paper-anchor-folds",
              "seen in training"},
             {"training saw none of these images"});
  input.runs.insert(input.runs.begin(), report().runs[0]);
  input.runs[1].name = "published";
  check_page(render_report(input),
             {"training saw none of these images", "published (leaks)", "The split leaks."});
}

TEST_CASE("a grid with gaps and grey pictures becomes one PNG", "[report][pictures]") {
  const auto path = std::filesystem::temp_directory_path() / "thzface-gaps-test.png";
  MapChart whole;
  whole.values = thz::ImageD(2, 2);
  whole.grey = true;
  write_charts_png(path, std::vector<MapChart>{whole, MapChart(), whole}, 2);
  CHECK(std::filesystem::file_size(path) > 1000);
  std::filesystem::remove(path);
}
