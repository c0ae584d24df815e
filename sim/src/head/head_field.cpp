#include "head_field.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "head_grid.h"
#include "sculpt_tools.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"

namespace thz::sim::internal {
namespace {

constexpr double kSymmetricLengthMm = 20.0;
constexpr double kSymmetricRmsMm = 0.9;
constexpr double kAntisymmetricLengthMm = 26.0;
constexpr double kAntisymmetricRmsMm = 0.6;
constexpr double kMesoLengthMm = 4.5;
/// The waves are part of the shape model: this seed never changes.
constexpr uint64_t kWaveSeed = 0x7468'7a66'6163'6501ULL;

/// Value of every wave at every vertex, [V][count], of unit total variance.
struct WaveTable {
  std::size_t count = 0;
  std::vector<float> value;
};

enum class Parity { kEven, kOdd, kNone };

/// Waves come in pairs: cos or sin along x (even or odd), times cos and sin along y and z.
WaveTable make_waves(std::size_t count, double length_mm, Parity parity, uint64_t stream) {
  const HeadGrid& grid = head_grid();
  WaveTable table;
  table.count = count;
  table.value.resize(grid.base_mm.size() * count);
  Rng rng(kWaveSeed, RngPurpose::kIdentity, stream);
  for (std::size_t pair = 0; pair < count / 2; ++pair) {
    // One draw a statement: compilers evaluate arguments in different orders.
    const double k_z = rng.normal() / length_mm;
    const double k_y = rng.normal() / length_mm;
    const double k_x = rng.normal() / length_mm;
    const Vec3 k(k_x, k_y, k_z);
    const double phase = rng.uniform(0.0, 6.283185307179586);
    // <cos^2> along x is 1/2; the pair has cos^2 + sin^2 = 1 along y and z.
    const double scale = std::sqrt(2.0 / (0.5 * static_cast<double>(count)));
    for (std::size_t v = 0; v < grid.base_mm.size(); ++v) {
      const Vec3& p = grid.base_mm[v];
      const double turn = k.x() * p.x();
      const double across = parity == Parity::kEven  ? std::cos(turn)
                            : parity == Parity::kOdd ? std::sin(turn)
                                                     : std::sqrt(0.5);
      const double along =
          k.y() * p.y() + k.z() * p.z() + phase + (parity == Parity::kNone ? turn : 0.0);
      table.value[v * count + 2 * pair] = static_cast<float>(scale * across * std::cos(along));
      table.value[v * count + 2 * pair + 1] = static_cast<float>(scale * across * std::sin(along));
    }
  }
  return table;
}

void add_waves(const WaveTable& table, const std::vector<float>& coefficients, double rms_mm,
               std::vector<double>& field) {
  for (std::size_t v = 0; v < field.size(); ++v) {
    double sum = 0.0;
    const float* value = table.value.data() + v * table.count;
    for (std::size_t k = 0; k < table.count; ++k) {
      sum += static_cast<double>(value[k]) * static_cast<double>(coefficients[k]);
    }
    field[v] += rms_mm * sum;
  }
}

}  // namespace

std::vector<double> smooth_field_mm(const HeadIdentity& identity) {
  const auto& [residual, asymmetry, meso] =
      std::tie(identity.residual, identity.asymmetry, identity.meso);
  THZ_REQUIRE(residual.empty() || residual.size() == kResidualCount,
              "wrong number of residual coefficients");
  THZ_REQUIRE(asymmetry.empty() || asymmetry.size() == kAsymmetryCount,
              "wrong number of asymmetry coefficients");
  THZ_REQUIRE(meso.empty() || meso.size() == kMesoCount, "wrong number of meso coefficients");
  static const WaveTable even = make_waves(kResidualCount, kSymmetricLengthMm, Parity::kEven, 1);
  static const WaveTable odd =
      make_waves(kAsymmetryCount - 1, kAntisymmetricLengthMm, Parity::kOdd, 2);
  static const WaveTable fine = make_waves(kMesoCount, kMesoLengthMm, Parity::kNone, 3);
  const HeadGrid& grid = head_grid();
  std::vector<double> field(grid.base_mm.size(), 0.0);
  if (!residual.empty()) add_waves(even, residual, kSymmetricRmsMm, field);
  if (!asymmetry.empty()) add_waves(odd, asymmetry, kAntisymmetricRmsMm, field);
  const double years = std::clamp(static_cast<double>(identity.age_years) - 20.0, 0.0, 60.0);
  if (!meso.empty()) add_waves(fine, meso, 0.08 + 0.0024 * years, field);
  for (std::size_t v = 0; v < field.size(); ++v) {
    field[v] *= smooth_step((grid.base_mm[v].y() + 132.0) / 50.0);  // none at the cut of the neck
  }
  return field;
}

}  // namespace thz::sim::internal
