#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "thz/eval/bootstrap.h"

namespace thz::eval::internal {

/// Throws InputError for fewer than 100 resamples or a coverage outside (0, 1).
void require_options(const BootstrapOptions& options);

/// How often each of weights.size() units is drawn in as many draws with replacement.
void draw_weights(const BootstrapOptions& options, std::size_t resample, uint32_t side,
                  std::vector<double>& weights);

/// Weights of repetitions (seeds): R - 1 drawn of R, scaled to R in all; one is never redrawn.
std::vector<double> draw_repetitions(const BootstrapOptions& options, std::size_t resample,
                                     std::size_t repetitions);

/// Percentile interval of a figure from its resamples, widened for few units; NaN draws are left
/// out, and limits are NaN where none is left.
/// @param units  persons (or pairs) that were resampled, at least 2 if there are draws
Interval percentile_interval(double value, std::vector<double> draws, double coverage,
                             std::size_t units);

}  // namespace thz::eval::internal
