#pragma once

#include <vector>

#include "thz/sim/integrator.h"
#include "thz/sim/scan.h"

/// How far away what a pixel sees is, from its power by range bin.
namespace thz::sim {

/// Ranges are given where the peak stands this much above the noise of a bin. A lone dark pixel
/// passes with a chance of bins * exp(-10^1.2) = 2e-6 in one frame, less in the mean of several.
constexpr double kDepthThreshold_db = 12.0;

/// Where a lone target stands between the bins of a Hann-windowed transform, in bins from `peak`:
/// with amplitudes l and h of the bins half a cell below and above, (3/2)(h - l)/(h + l) cells.
/// Exact without noise, as p(x) = sinc(x)/(1 - x^2) gives p(d - 1/2)/p(d + 1/2) =
/// (3/2 + d)/(3/2 - d). @param low_power, high_power  |p|^2 of the two.
double hann_peak_offset_bins(double low_power, double high_power);

/// Range from the pivot of each pixel's strongest bin, between the bins, m; NaN where the peak is
/// below the threshold, or in the first or last bin (it may then lie outside the gate).
/// @param range_power  [bin] of [line][sample], Hann window. @param axis  two bins a cell.
/// @param noise_power  mean noise of a bin in the same units; 0: no threshold.
ImageF peak_range_m(const std::vector<ImageF>& range_power, const RangeAxis& axis,
                    double noise_power, double threshold_db = kDepthThreshold_db);

/// The same as heights in the world: z of the point of each beam's axis at that range, so that a
/// plane z = constant has one depth all over.
ImageF depth_z_m(const ImageF& range_m, const ScanGeometry& scan);

}  // namespace thz::sim
