#include "head_field.h"

#include <cmath>

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
/// The waves are part of the shape model: this seed never changes.
constexpr uint64_t kWaveSeed = 0x7468'7a66'6163'6501ULL;

/// Value of every wave at every vertex, [V][count], of unit total variance.
struct WaveTable {
  std::size_t count = 0;
  std::vector<float> value;
};

/// Waves come in pairs: cos or sin along x (even or odd), times cos and sin along y and z.
WaveTable make_waves(std::size_t count, double length_mm, bool odd, uint64_t stream) {
  const HeadGrid& grid = head_grid();
  WaveTable table;
  table.count = count;
  table.value.resize(grid.base_mm.size() * count);
  Rng rng(kWaveSeed, RngPurpose::kIdentity, stream);
  for (std::size_t pair = 0; pair < count / 2; ++pair) {
    const Vec3 k(rng.normal() / length_mm, rng.normal() / length_mm, rng.normal() / length_mm);
    const double phase = rng.uniform(0.0, 6.283185307179586);
    // <cos^2> along x is 1/2; the pair has cos^2 + sin^2 = 1 along y and z.
    const double scale = std::sqrt(2.0 / (0.5 * static_cast<double>(count)));
    for (std::size_t v = 0; v < grid.base_mm.size(); ++v) {
      const Vec3& p = grid.base_mm[v];
      const double across = odd ? std::sin(k.x() * p.x()) : std::cos(k.x() * p.x());
      const double along = k.y() * p.y() + k.z() * p.z() + phase;
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

std::vector<double> smooth_field_mm(const std::vector<float>& residual,
                                    const std::vector<float>& asymmetry) {
  THZ_REQUIRE(residual.empty() || residual.size() == kResidualCount,
              "wrong number of residual coefficients");
  THZ_REQUIRE(asymmetry.empty() || asymmetry.size() == kAsymmetryCount,
              "wrong number of asymmetry coefficients");
  static const WaveTable even = make_waves(kResidualCount, kSymmetricLengthMm, false, 1);
  static const WaveTable odd = make_waves(kAsymmetryCount - 1, kAntisymmetricLengthMm, true, 2);
  const HeadGrid& grid = head_grid();
  std::vector<double> field(grid.base_mm.size(), 0.0);
  if (!residual.empty()) add_waves(even, residual, kSymmetricRmsMm, field);
  if (!asymmetry.empty()) add_waves(odd, asymmetry, kAntisymmetricRmsMm, field);
  for (std::size_t v = 0; v < field.size(); ++v) {
    field[v] *= smooth_step((grid.base_mm[v].y() + 132.0) / 50.0);  // none at the cut of the neck
  }
  return field;
}

}  // namespace thz::sim::internal
