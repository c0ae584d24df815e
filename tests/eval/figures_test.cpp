#include "thz/eval/figures.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "eval/synthetic_predictions.h"
#include "thz/core/error.h"
#include "thz/eval/classification.h"
#include "thz/eval/test_sums.h"

using namespace thz::eval;
using Catch::Matchers::Contains;
using testing::synthetic_predictions;

namespace {

double value_of(const std::string& figure, const IdentitySums& sums) {
  BootstrapOptions options;
  options.resamples = 100;
  return pooled_interval(find_figure(figure), {&sums}, {}, options).value;
}

/// Sums of n persons with one case each of the given values.
IdentitySums cases(const std::vector<double>& values) {
  const auto n = static_cast<Eigen::Index>(values.size());
  IdentitySums sums;
  SumTable table{false, std::vector<MatrixD>(2, MatrixD::Ones(n, 1))};
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums.identities.push_back(static_cast<int32_t>(i));
    table.terms[1](static_cast<Eigen::Index>(i), 0) = values[i];
  }
  sums.tables["pictures"] = table;
  return sums;
}

}  // namespace

TEST_CASE("figures from sums are those of an evaluation", "[eval][figures]") {
  const Predictions p = synthetic_predictions(8);
  EvaluationOptions options;
  options.resamples = 100;
  const EvaluationResult whole = evaluate_predictions(p, options);
  TestView view;
  view.posture_unknown = true;
  auto network = network_sums(p, {}, view);
  auto baseline = baseline_sums(p, view, 4, 0, {}, nullptr);
  for (const bool known : {true, false}) {
    const std::string tail = known ? "" : "_any";
    for (const auto& [system, tested] : {std::pair{"network", network.at("network")},
                                         std::pair{"template", baseline.at("template")},
                                         std::pair{"ceiling", network.at("ceiling")}}) {
      const IdentitySums& sums = tested.sums;
      const VerificationSummary* v = whole.find_verification(system, known);
      if (v == nullptr) continue;  // one bare test image a posture: no ceiling
      CAPTURE(system, known);
      CHECK(value_of("verification" + tail, sums) == Approx(v->triplet_accuracy.value));
      CHECK(value_of("rank_1" + tail, sums) == Approx(v->rank_1.value));
      CHECK(value_of("rank_5" + tail, sums) == Approx(v->rank_5.value));
      CHECK(tested.draws.at("eer" + tail).value == Approx(v->eer.value));
      CHECK(tested.draws.at("eer" + tail).persons == sums.identities);
      if (!v->margins) continue;
      CHECK(value_of("cosine_positive" + tail, sums) == Approx(v->margins->cosine_positive));
      CHECK(value_of("cosine_negative" + tail, sums) == Approx(v->margins->cosine_negative));
      CHECK(value_of("l2_margin" + tail, sums) == Approx(v->margins->l2_margin));
      CHECK(value_of("normalised_margin" + tail, sums) == Approx(v->margins->normalised_margin));
    }
  }
  const IdentitySums& of_network = network.at("network").sums;
  CHECK(value_of("posture", of_network) == Approx(whole.posture.accuracy.value));
  CHECK(value_of("posture_f1", of_network) == Approx(whole.posture.macro_f1));
  for (const char* system : {"network", "copy", "posture-mean", "ceiling"}) {
    CAPTURE(system);
    const ReconstructionSummary* r = whole.find_reconstruction(system);
    REQUIRE(r != nullptr);
    const IdentitySums& sums =
        std::string(system) == "network" ? of_network : baseline.at(system).sums;
    CHECK(value_of("w_ssim", sums) == Approx(r->ssim.value));
    CHECK(value_of("psnr_db", sums) == Approx(r->psnr_db.value));
    CHECK(value_of("edge_ssim", sums) == Approx(r->edge_ssim.value));
    CHECK(value_of("edge_mae", sums) == Approx(r->edge_mae.value));
  }
  // Not asked for, so not there: neither a cosine nor regions.
  CHECK(std::isnan(value_of("embedding_cosine", of_network)));
  CHECK(std::isnan(value_of("ssim_nose", of_network)));
  // The interval over persons is the evaluation's own.
  BootstrapOptions bootstrap;
  bootstrap.resamples = 100;
  const Interval pooled =
      pooled_interval(find_figure("verification"), {&of_network}, {}, bootstrap);
  const Interval& own = whole.find_verification("network", true)->triplet_accuracy;
  CHECK(pooled.low == Approx(own.low));
  CHECK(pooled.high == Approx(own.high));
}

TEST_CASE("template matching posture by posture is that of the known posture", "[eval][figures]") {
  const Predictions p = synthetic_predictions(4);
  TestView both;
  both.posture_unknown = true;
  const TestedSystem whole = baseline_sums(p, both, 1, 0, {}, nullptr).at("template");
  const TestedSystem part = baseline_sums(p, {}, 1, 0, {}, nullptr).at("template");
  const IdentitySums &all = whole.sums, &known = part.sums;
  // The same pairs, whether they come from one table or from one a posture.
  CHECK(to_json({{"eer", part.draws.at("eer")}}) == to_json({{"eer", whole.draws.at("eer")}}));
  CHECK(part.draws.count("eer_any") == 0);
  CHECK(known.tables.count("triplets_any") == 0);
  CHECK(value_of("verification", known) == Approx(value_of("verification", all)));
  CHECK(value_of("rank_1", known) == Approx(value_of("rank_1", all)));
  // 1 - SSIM is no distance of embeddings.
  for (const char* margin : {"cosine_positive", "l2_positive", "l2_margin", "normalised_margin"}) {
    CHECK(std::isnan(value_of(margin, known)));
  }
}

TEST_CASE("bare inputs can be held against themselves", "[eval][figures]") {
  Predictions p = synthetic_predictions(3);
  for (std::size_t t = 0; t < p.test_rows.size(); ++t) {
    p.reconstructions[t] = p.images[static_cast<std::size_t>(p.test_rows[t])];
  }
  TestView view;
  view.concealed_input = view.independent_target = false;
  const auto network = network_sums(p, p.embeddings, view).at("network").sums;
  CHECK(value_of("w_ssim", network) == Approx(1.0));
  CHECK(value_of("embedding_cosine", network) == Approx(1.0));
}

TEST_CASE("sums are pooled by identity and survive JSON", "[eval][figures]") {
  IdentitySums a = cases({1.0, 3.0});
  IdentitySums b = cases({5.0, 7.0});
  b.identities = {1, 4};
  pool(a, b);
  CHECK(a.identities == std::vector<int32_t>{0, 1, 4});
  const MatrixD& sums = a.tables.at("pictures").terms[1];
  CHECK(sums(0, 0) == 1.0);
  CHECK(sums(1, 0) == 8.0);
  CHECK(sums(2, 0) == 7.0);
  CHECK(value_of("w_ssim", a) == 4.0);
  a.tables.at("pictures").terms[1](0, 0) = std::numeric_limits<double>::quiet_NaN();
  const IdentitySums back = sums_from_json(to_json(a), "here");
  CHECK(back.identities == a.identities);
  CHECK(std::isnan(back.tables.at("pictures").terms[1](0, 0)));
  CHECK(back.tables.at("pictures").terms[1](1, 0) == 8.0);
  CHECK_THROWS_WITH(sums_from_json("{", "here"), Contains("here"));
  CHECK_THROWS_WITH(
      sums_from_json(R"({"identities":[1],"tables":{"x":{"pairs":false,"terms":[[1,2]]}}})",
                     "here"),
      Contains("2 numbers"));
  IdentitySums other = cases({1.0});
  other.tables.at("pictures").terms.pop_back();
  CHECK_THROWS_WITH(pool(a, other), Contains("cannot be pooled"));
}

TEST_CASE("a paired difference does not see what both systems share", "[eval][figures]") {
  // Persons differ by much, systems by 0.1 for each: unpaired, nothing would be told apart.
  std::vector<double> hard, easy;
  for (int i = 0; i < 20; ++i) {
    hard.push_back(i % 2 == 0 ? 0.2 : 0.9);
    easy.push_back(hard.back() + 0.1);
  }
  const IdentitySums a = cases(easy), b = cases(hard);
  const Figure& figure = find_figure("w_ssim");
  const BootstrapOptions options;
  const Interval own = pooled_interval(figure, {&a}, {}, options);
  CHECK(own.high - own.low > 0.2);
  const Interval d = paired_difference(figure, {&a}, {&b}, {}, options);
  CHECK(d.value == Approx(0.1));
  CHECK(d.low == Approx(0.1));
  CHECK(d.high == Approx(0.1));
  // Seeds that disagree widen it: +0.3 and -0.1, mean 0.1, one of the two drawn each time.
  std::vector<double> better = hard, worse = hard;
  for (double& v : better) v += 0.3;
  for (double& v : worse) v -= 0.1;
  const IdentitySums up = cases(better), down = cases(worse);
  const Interval two = paired_difference(figure, {&up, &down}, {&b, &b}, {}, options);
  CHECK(two.value == Approx(0.1));
  CHECK(two.low == Approx(-0.1));
  CHECK(two.high == Approx(0.3));
}

TEST_CASE("the variance over seeds of a crossed resample is unbiased", "[eval][bootstrap]") {
  // Mean of 4 numbers with sum of squares about the mean 5: variance 5 / 3, of the mean 5 / 12.
  const std::vector<double> x = {-1.5, -0.5, 0.5, 1.5};
  BootstrapOptions options;
  options.resamples = 4000;
  options.coverage = 0.6827;  // one standard deviation of a normal
  const Interval i = bootstrap_crossed(
      1000, 4,
      [&](const std::vector<double>&, const std::vector<double>& u) {
        double sum = 0.0, count = 0.0;
        for (std::size_t k = 0; k < x.size(); ++k) {
          sum += u[k] * x[k];
          count += u[k];
        }
        return sum / count;
      },
      options);
  // Steps of 1/3: the half-width is one of them off at most.
  CHECK(0.5 * (i.high - i.low) == Approx(std::sqrt(5.0 / 12.0)).margin(0.17));
}

TEST_CASE("persons of one cluster are drawn together", "[eval][figures]") {
  // Ten groups of two alike: as twenty persons the interval is too narrow by sqrt 2.
  std::vector<double> values;
  Clusters clusters;
  for (int i = 0; i < 20; ++i) {
    values.push_back(i / 2 % 2 == 0 ? 0.2 : 0.8);
    clusters[i] = i / 2;
  }
  const IdentitySums sums = cases(values);
  BootstrapOptions options;
  options.resamples = 4000;
  const Figure& figure = find_figure("w_ssim");
  const Interval single = pooled_interval(figure, {&sums}, {}, options);
  const Interval joint = pooled_interval(figure, {&sums}, clusters, options);
  // Student's tails and n / (n - 1) of 10 in place of 20 add another 10 %.
  CHECK((joint.high - joint.low) / (single.high - single.low) == Approx(1.41 * 1.1).epsilon(0.1));
}

TEST_CASE("unknown figures are refused with those that are known", "[eval][figures]") {
  CHECK_THROWS_WITH(find_figure("accuracy"), Contains("'accuracy'") && Contains("verification, "));
  CHECK(find_figure("psnr_nose").title == "PSNR, nose, dB");
}
