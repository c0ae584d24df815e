#pragma once

#include <cstdint>
#include <vector>

#include "thz/sim/integrator.h"
#include "thz/sim/raw_radar.h"
#include "thz/sim/window.h"

/// Noise of range bins that lie closer together than the transform's own.
namespace thz::sim {

/// Correlation of white noise between two bins of a windowed transform, x bins of 1/T apart:
///   ρ(x) = ∫ w² e^{−2πjx(s − 1/2)} ds / ∫ w² ds over the chirp s in [0, 1];
/// real, with the phase of range_response. Hann: 1, 0.8319 at half a bin, 2/3, 1/6 at 2, 0 from 3.
double window_autocorrelation(WindowKind kind, double bins);

/// Turns independent bins into those of a zero-padded transform: the covariance of bins b and b' of
/// a pixel becomes the variance times ρ(x), x their distance in cells. In place, by the Cholesky
/// factor of the correlation (to 1e-7); bin 0 keeps its values.
/// @param noise  independent circular normals of the same variance in every bin.
void correlate_bins(RangeFrame& noise, WindowKind kind, const RangeAxis& axis, int threads);

/// Variance E|n|² of every bin of an axis, W: noise_budget() at its range.
std::vector<double> bin_noise_variances_w(const RadarOptions& radar, const RawRadarOptions& raw,
                                          const RangeAxis& axis);

/// Correlated noise of all bins of [line][sample], E|n_b|² = variances[b] (the law of the colour is
/// taken as constant over the three cells in which bins are correlated); keyed by (seed, entity,
/// frame) and so the same for any number of threads.
/// @param variances  one a bin.
RangeFrame correlated_bin_noise(WindowKind kind, const RangeAxis& axis, int lines, int samples,
                                const std::vector<double>& variances, uint64_t seed,
                                uint64_t entity, uint32_t frame, int threads);

}  // namespace thz::sim
