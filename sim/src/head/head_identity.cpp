#include <algorithm>
#include <cmath>

#include "head_field.h"
#include "head_parameters.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "thz/sim/parametric_head.h"

namespace thz::sim {
namespace {

using internal::kParameterCount;

constexpr double kParameterLimit = 3.0;  ///< standard deviations

/// Lower Cholesky factor of the correlation matrix, row-major.
std::vector<double> cholesky(const std::vector<double>& matrix, std::size_t n) {
  std::vector<double> lower(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = matrix[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= lower[i * n + k] * lower[j * n + k];
      if (i == j) {
        THZ_REQUIRE(sum > 0.0, "the correlation matrix is not positive definite");
        lower[i * n + i] = std::sqrt(sum);
      } else {
        lower[i * n + j] = sum / lower[j * n + j];
      }
    }
  }
  return lower;
}

/// Correlated standard normals, the whole vector redrawn while any is out of range.
std::vector<double> draw_scores(Rng& rng) {
  static const std::vector<double> lower = cholesky(parametric_head_correlation(), kParameterCount);
  std::vector<double> score(kParameterCount);
  bool accepted = false;
  while (!accepted) {
    std::vector<double> z(kParameterCount);
    for (double& value : z) value = rng.normal();
    for (std::size_t i = 0; i < kParameterCount; ++i) {
      score[i] = 0.0;
      for (std::size_t k = 0; k <= i; ++k) score[i] += lower[i * kParameterCount + k] * z[k];
    }
    accepted = std::all_of(score.begin(), score.end(),
                           [](double s) { return std::abs(s) < kParameterLimit; });
  }
  return score;
}

}  // namespace

HeadIdentity sample_head_identity(uint64_t seed, uint64_t identity) {
  Rng rng(seed, RngPurpose::kIdentity, identity);
  HeadIdentity head;
  head.female = rng.uniform() < 0.5;
  const std::vector<double> score = draw_scores(rng);
  const auto& table = parametric_head_parameters();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double mean = head.female ? table[i].female_mean : table[i].male_mean;
    const double sd = head.female ? table[i].female_sd : table[i].male_sd;
    head.parameters.push_back(static_cast<float>(mean + sd * score[i]));
  }
  const auto normal = [&] { return static_cast<float>(rng.truncated_normal(0.0, 1.0, 3.0)); };
  head.residual.resize(internal::kResidualCount);
  for (float& c : head.residual) c = normal();
  head.asymmetry.resize(internal::kAsymmetryCount);
  for (float& c : head.asymmetry) c = normal();
  // Bare forehead height and pattern hair loss: docs/theory/head.md.
  head.hairline_mm = static_cast<float>(head.female ? rng.truncated_normal(63.0, 6.0, 2.5)
                                                    : rng.truncated_normal(67.0, 7.5, 2.5));
  const double loss = rng.uniform();
  const double prevalence = head.female ? 0.04 : 0.35;
  const double extent = rng.uniform();
  head.baldness = loss < prevalence ? static_cast<float>(extent) : 0.0f;
  head.hairline_mm += 20.0f * head.baldness;
  head.hair_thickness_mm = static_cast<float>(rng.uniform(3.0, 8.0));
  head.brow_hair = static_cast<float>(rng.uniform(0.3, 1.0));
  const double beard = rng.uniform();
  head.beard = !head.female && beard < 0.3;
  return head;
}

HeadIdentity mean_head_identity() {
  HeadIdentity head;
  for (const HeadParameterInfo& p : parametric_head_parameters()) {
    head.parameters.push_back(static_cast<float>(0.5 * (p.male_mean + p.female_mean)));
  }
  head.residual.assign(internal::kResidualCount, 0.0f);
  head.asymmetry.assign(internal::kAsymmetryCount, 0.0f);
  return head;
}

HeadExpression sample_head_expression(uint64_t seed, uint64_t capture_key) {
  Rng rng(seed, RngPurpose::kExpression, capture_key);
  HeadExpression expression;
  expression.smile = static_cast<float>(rng.truncated_normal(0.1, 0.25, 2.5));
  expression.jaw_open = static_cast<float>(std::abs(rng.truncated_normal(0.0, 0.15, 2.5)));
  expression.brow_raise = static_cast<float>(rng.truncated_normal(0.0, 0.2, 2.5));
  return expression;
}

}  // namespace thz::sim
