#include "thz/sim/depth_map.h"

#include <cmath>
#include <limits>

#include "thz/core/error.h"
#include "thz/sim/radar_budget.h"

namespace thz::sim {

double hann_peak_offset_bins(double low_power, double high_power) {
  const double low = std::sqrt(low_power), high = std::sqrt(high_power);
  if (!(low + high > 0.0)) return 0.0;
  // 3/2 cells are three bins.
  return 3.0 * (high - low) / (high + low);
}

ImageF peak_range_m(const std::vector<ImageF>& range_power, const RangeAxis& axis,
                    double noise_power, double threshold_db) {
  THZ_REQUIRE(!range_power.empty() && range_power.size() == static_cast<std::size_t>(axis.bins),
              "power and range axis differ");
  THZ_REQUIRE(std::abs(2.0 * axis.spacing_m - axis.cell_m) < 1e-6 * axis.cell_m,
              "the interpolation is for two bins a range cell");
  const double least = noise_power * ratio_from_db(threshold_db);
  ImageF range_m(range_power[0].rows, range_power[0].cols, std::numeric_limits<float>::quiet_NaN());
  for (std::size_t i = 0; i < range_m.size(); ++i) {
    std::size_t peak = 0;
    for (std::size_t b = 1; b < range_power.size(); ++b) {
      if (range_power[b].data[i] > range_power[peak].data[i]) peak = b;
    }
    if (peak == 0 || peak + 1 == range_power.size()) continue;
    if (!(range_power[peak].data[i] > least)) continue;
    const double offset = hann_peak_offset_bins(double{range_power[peak - 1].data[i]},
                                                double{range_power[peak + 1].data[i]});
    range_m.data[i] =
        static_cast<float>(axis.first_m + axis.spacing_m * (static_cast<double>(peak) + offset));
  }
  return range_m;
}

ImageF depth_z_m(const ImageF& range_m, const ScanGeometry& scan) {
  THZ_REQUIRE(range_m.rows == scan.lines() && range_m.cols == scan.samples_per_line(),
              "a range map lies on the nominal raster");
  ImageF depth_m(range_m.rows, range_m.cols);
  for (int l = 0; l < depth_m.rows; ++l) {
    for (int s = 0; s < depth_m.cols; ++s) {
      const double along = -scan.direction(scan.foot_m(l, s)).z();
      depth_m(l, s) = static_cast<float>(scan.standoff_m() - double{range_m(l, s)} * along);
    }
  }
  return depth_m;
}

}  // namespace thz::sim
