#include "plots.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "gnuplot.h"
#include "report/synthetic_report.h"
#include "thz/core/error.h"

using namespace thz::report;
using namespace thz::report::internal;

namespace {

// Sets an environment variable for the life of the object.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name), before_(std::getenv(name)) {
    setenv(name, value, 1);
  }
  ~ScopedVariable() { setenv(name_, before_.c_str(), 1); }

 private:
  const char* name_;
  std::string before_;
};

}  // namespace

TEST_CASE("a plot is an SVG element in the colours of the page with ids of its own",
          "[report][plots]") {
  const std::string svg =
      gnuplot_svg("plot x linecolor rgb '" + series_colour(2) + "' with linespoints", "a <line>",
                  300, 200, "here");
  CHECK(svg.rfind("<svg class=\"plot\" role=\"img\" aria-labelledby=\"here-title\"", 0) == 0);
  CHECK(svg.find("<title id=\"here-title\">a &lt;line&gt;</title>") != std::string::npos);
  CHECK(svg.find("var(--s2)") != std::string::npos);
  CHECK(svg.find("var(--ink)") != std::string::npos);
  CHECK(svg.find("id='gp") == std::string::npos);
  CHECK(svg.find("id=\"here-gpPt") != std::string::npos);
  CHECK(svg.find("href='#gp") == std::string::npos);
  CHECK(svg.find("12,  12,  12") == std::string::npos);
}

TEST_CASE("names with quotes and markup are plotted as they are", "[report][plots]") {
  TrainingHistory history = testing::falling_history();
  history.columns[0] = "it's a_{b}^c {/Symbol a} & @x ~y";
  const std::string svg = history_plot(history, "loss", "p");
  CHECK(svg.find("it's a_{b}^c {/Symbol a} &amp; @x ~y") != std::string::npos);
}

TEST_CASE("regions are named in short and coloured as their systems", "[report][plots]") {
  thz::eval::EvaluationResult result;
  for (const char* system : {"network", "copy"}) {
    thz::eval::ReconstructionSummary r;
    r.system = r.title = system;
    r.regions = {{"eye, subject's right", 0.5, 20.0}, {"nose", 0.4, 19.0}};
    result.reconstruction.push_back(r);
  }
  const std::string svg = regions_plot(result, "p");
  CHECK(svg.find("right eye") != std::string::npos);
  CHECK(svg.find("subject") == std::string::npos);
  CHECK(svg.find("var(--s1)") != std::string::npos);
  CHECK(svg.find("var(--s2)") != std::string::npos);
}

TEST_CASE("a confusion matrix is drawn with counts, shares and names", "[report][plots]") {
  thz::eval::PostureSummary posture;
  posture.images = 20;
  posture.names = {"front & left", "it's {right}"};
  posture.confusion = {{9, 3}, {0, 0}};
  const std::string svg = confusion_plot(posture, "p");
  for (const char* part : {">9<", ">3<", "75 %", "25 %", "0 %", "front &amp; left", "it's {right}",
                           "predicted posture", "true posture", "id=\"p-title\""}) {
    CAPTURE(part);
    CHECK(svg.find(part) != std::string::npos);
  }
  CHECK(svg.find("var(--s1)") != std::string::npos);
}

TEST_CASE("a missing gnuplot is one clear sentence", "[report][plots][errors]") {
  const ScopedVariable path("PATH", "/nonexistent");
  CHECK_THROWS_WITH(gnuplot_svg("plot x", "t", 300, 200, "p"),
                    Catch::Contains("gnuplot") && Catch::Contains("install"));
}

TEST_CASE("a broken script is reported with gnuplot's own words", "[report][plots][errors]") {
  CHECK_THROWS_AS(gnuplot_svg("plot nonsense(", "t", 300, 200, "p"), thz::InputError);
}
