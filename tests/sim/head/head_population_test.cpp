// The population of heads beside the published figures it is drawn from.
#include <Eigen/Eigenvalues>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "sim/head/mesh_checks.h"
#include "thz/core/error.h"
#include "thz/sim/head_statistics.h"

using namespace thz;
using namespace thz::sim;

namespace {

Eigen::MatrixXd matrix_of(const std::vector<double>& values) {
  const auto n = static_cast<Eigen::Index>(std::lround(std::sqrt(values.size())));
  return Eigen::Map<const Eigen::MatrixXd>(values.data(), n, n);
}

}  // namespace

TEST_CASE("a head has at least sixty parameters with a source, most of them measured",
          "[sim][head]") {
  const auto& table = parametric_head_parameters();
  CHECK(table.size() >= 60);
  std::size_t measured = 0;
  for (const HeadParameterInfo& p : table) {
    CAPTURE(p.name);
    CHECK(!p.source.empty());
    CHECK(p.male_sd > 0.0);
    CHECK(p.female_sd > 0.0);
    CHECK(p.name.rfind("_" + (p.unit == "1/mm" ? "per_mm" : p.unit)) ==
          p.name.size() - (p.unit == "1/mm" ? 7 : p.unit.size() + 1));
    measured += p.measured;
  }
  CHECK(measured >= 60);
  std::size_t solved = 0;
  for (const HeadMeasure& m : head_measures()) {
    if (!m.solved) continue;
    ++solved;
    CHECK(table[parametric_head_parameter_index(m.name)].measured);
  }
  CHECK(solved == measured);
}

TEST_CASE("the correlations are the nearest a population can have to the published ones",
          "[sim][head]") {
  for (const bool female : {false, true}) {
    const Eigen::MatrixXd used = matrix_of(parametric_head_correlation(female));
    const Eigen::MatrixXd published = matrix_of(published_head_correlation(female));
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(used);
    CHECK(eigen.eigenvalues().minCoeff() > 5e-4);
    CHECK((used.diagonal().array() - 1.0).abs().maxCoeff() < 1e-12);
    CHECK((used - used.transpose()).cwiseAbs().maxCoeff() < 1e-12);
    // Rounded to percent and joined from two sources, the published matrix misses by this much.
    CHECK((used - published).cwiseAbs().maxCoeff() < 0.05);
    // The eleven sizes of the survey resist twice as hard as the scans' in the norm that is least.
    Eigen::VectorXd weight = Eigen::VectorXd::Ones(used.rows());
    weight.head(11).setConstant(2.0);
    const auto distance = [&](const Eigen::MatrixXd& m) {
      return (weight.asDiagonal() * (m - published) * weight.asDiagonal()).norm();
    };
    // Nothing nearer: clipping the negative eigenvalues and rescaling is farther off.
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> raw(published);
    Eigen::MatrixXd clipped = raw.eigenvectors() * raw.eigenvalues().cwiseMax(2e-3).asDiagonal() *
                              raw.eigenvectors().transpose();
    const Eigen::VectorXd scale = clipped.diagonal().cwiseSqrt().cwiseInverse();
    clipped = scale.asDiagonal() * clipped * scale.asDiagonal();
    CHECK(distance(used) <= distance(clipped));
  }
}

TEST_CASE("ANSUR II's own correlations survive", "[sim][head]") {
  const auto r = [](bool female, const char* a, const char* b) {
    const std::size_t n = parametric_head_parameters().size();
    return parametric_head_correlation(
        female)[parametric_head_parameter_index(a) * n + parametric_head_parameter_index(b)];
  };
  // Individual records of 4082 men and 1986 women; the nearest matrix moves none by more than
  // 0.017.
  CHECK(r(false, "head_breadth_mm", "face_width_mm") == Approx(0.65).margin(0.03));
  CHECK(r(true, "head_breadth_mm", "face_width_mm") == Approx(0.61).margin(0.03));
  CHECK(r(false, "head_length_mm", "face_length_mm") == Approx(0.32).margin(0.03));
  CHECK(r(true, "interpupillary_mm", "face_width_mm") == Approx(0.48).margin(0.03));
  CHECK(r(false, "neck_circumference_mm", "neck_base_circumference_mm") ==
        Approx(0.93).margin(0.03));
}

TEST_CASE("sex and age can be asked for", "[sim][head]") {
  HeadPopulation women;
  women.female = true;
  women.age_band = HeadAgeBand::k60To75;
  HeadPopulation men;
  men.female = false;
  men.age_band = HeadAgeBand::k18To29;
  double ears = 0.0;
  double young_ears = 0.0;
  const std::size_t ear = parametric_head_parameter_index("ear_length_mm");
  constexpr int kPeople = 400;
  for (uint64_t i = 0; i < kPeople; ++i) {
    const HeadIdentity old_woman = sample_head_identity(3, i, women);
    const HeadIdentity young_man = sample_head_identity(3, i, men);
    REQUIRE(old_woman.female);
    REQUIRE(!young_man.female);
    REQUIRE(old_woman.age_years >= 60.0f);
    REQUIRE(old_woman.age_years < 75.0f);
    REQUIRE(young_man.age_years < 30.0f);
    CHECK(old_woman.face_hair.beard == 0.0f);
    ears += old_woman.parameters[ear] / kPeople;
    young_ears += young_man.parameters[ear] / kPeople;
  }
  // ANSUR II at 30, and its slopes of 0.94 and 1.40 mm a decade; four standard errors.
  CHECK(ears == Approx(59.4 + 0.94 * 3.75).margin(4.0 * 3.9 / std::sqrt(kPeople)));
  CHECK(young_ears == Approx(64.2 - 1.40 * 0.6).margin(4.0 * 4.5 / std::sqrt(kPeople)));
}

TEST_CASE("drawn parameters have the published means, spreads and correlations", "[sim][head]") {
  constexpr int kPeople = 6000;
  const std::size_t count = parametric_head_parameters().size();
  HeadPopulation men;
  men.female = false;
  Eigen::MatrixXd scores(kPeople, static_cast<Eigen::Index>(count));
  for (int i = 0; i < kPeople; ++i) {
    const HeadIdentity head = sample_head_identity(9, static_cast<uint64_t>(i), men);
    for (std::size_t p = 0; p < count; ++p) {
      const double mean = parametric_head_mean(p, false, static_cast<double>(head.age_years));
      scores(i, static_cast<Eigen::Index>(p)) =
          (static_cast<double>(head.parameters[p]) - mean) / parametric_head_sd(p, false);
    }
  }
  const Eigen::RowVectorXd mean = scores.colwise().mean();
  const Eigen::MatrixXd centred = scores.rowwise() - mean;
  const Eigen::MatrixXd covariance = centred.transpose() * centred / (kPeople - 1.0);
  // Four and a half standard errors: 1 in 150,000 a number, and there are four thousand of them.
  const double error = 4.5 / std::sqrt(kPeople);
  CHECK(mean.cwiseAbs().maxCoeff() < error);
  CHECK((covariance.diagonal().cwiseSqrt().array() - 1.0).abs().maxCoeff() <
        error / std::sqrt(2.0));
  const Eigen::MatrixXd published = matrix_of(parametric_head_correlation(false));
  // Redrawing beyond 3.5 spreads takes up to 0.01 off a strong correlation.
  CHECK((covariance - published).cwiseAbs().maxCoeff() < error * 1.2 + 0.01);
}

TEST_CASE("measured heads reproduce the published figures they are drawn from", "[sim][head]") {
  constexpr std::size_t kPeople = 500;
  const HeadPopulationReport report = measure_population(5, kPeople);
  REQUIRE(report.rows.size() == 2 * 65);
  for (const HeadPopulationRow& row : report.rows) {
    CAPTURE(row.name, row.female, row.count, row.score_mean, row.score_sd, row.misfit);
    const auto n = static_cast<double>(row.count);
    // The mean is known to 1/sqrt(n) spreads, the spread to 1/sqrt(2 n): 3.7 of these, one false
    // alarm in 5000 checks. A misfit m between wanted and built shape may move either by m.
    CHECK(std::abs(row.score_mean) < 3.7 / std::sqrt(n) + 0.3 * row.misfit);
    CHECK(std::abs(row.score_sd - 1.0) < 3.7 / std::sqrt(2.0 * n) + 0.5 * row.misfit);
    CHECK(row.misfit < 0.4);
  }
  for (const HeadCorrelationRow& row : report.correlations) {
    CAPTURE(row.female, row.rms, row.sampling_rms, row.worst, row.worst_pair);
    CHECK(row.rms < 1.25 * row.sampling_rms);
    // 4.5 sampling errors at 250 people.
    CHECK(row.worst < 0.29);
  }
}

TEST_CASE("nearest faces are counted right", "[sim][head]") {
  // Three faces of two points: 1 mm and 3 mm along x from the first.
  const std::vector<std::vector<Vec3>> faces = {
      {Vec3(0, 0, 0), Vec3(0, 0.1, 0)},
      {Vec3(0.001, 0, 0), Vec3(0.001, 0.1, 0)},
      {Vec3(0.003, 0, 0), Vec3(0.003, 0.1, 0)},
  };
  const NeighbourStatistics raw = face_neighbours(faces, {}, false);
  CHECK(raw.nearest_min == Approx(1.0).epsilon(1e-4));
  CHECK(raw.nearest_p95 == Approx(2.0).epsilon(1e-4));
  CHECK(raw.pairs_median == Approx(2.0).epsilon(1e-4));
  const std::vector<Vec3> up(2, Vec3::UnitY());
  CHECK(face_neighbours(faces, up, false).pairs_median == Approx(0.0).margin(1e-4));
}

TEST_CASE("1000 faces beside scanned ones", "[.neighbours]") {
  constexpr std::size_t kPeople = 1000;
  const auto chosen = parametric_face_vertices(4);
  std::vector<std::vector<Vec3>> faces(kPeople);
  const Mesh mean = build_bare_head(mean_head_identity());
  const auto normals = test::area_weighted_normals(mean);
  std::vector<Vec3> face_normals;
  for (const int32_t v : chosen) face_normals.push_back(normals[static_cast<std::size_t>(v)]);
  for (std::size_t i = 0; i < kPeople; ++i) {
    const Mesh head = build_bare_head(sample_head_identity(1, i));
    for (const int32_t v : chosen) {
      faces[i].push_back(head.vertices[static_cast<std::size_t>(v)]);
    }
  }
  const NeighbourStatistics rigid = face_neighbours(faces, face_normals, true);
  WARN("nearest " << rigid.nearest_min << ", median " << rigid.nearest_median);
  // Scanned people: median 1.69 mm (rigid, along the normal).
  CHECK(rigid.nearest_median > 1.6);
}
