#pragma once

#include <cstdint>
#include <vector>

#include "thz/model/run.h"

namespace thz::model {

/// Learning rate of step `step` (from 0) of `total_steps`: a linear rise over the warm-up, then
///   cosine   lr (f + (1 - f) (1 + cos(pi t)) / 2), t from 0 to 1, f = final_fraction
///   restarts the same over cycles of cycle_fraction of all steps, the n-th (from 0) from
///            lr gamma^n (Loshchilov and Hutter 2017; the published program's second schedule)
///   plateau  lr factor^n, n: how often `plateau_epochs` epochs passed without a better score
///   constant lr
/// A function of its arguments alone, so there is nothing to restore when a run is resumed.
double learning_rate_at(const OptimiserOptions& options, int64_t step, int64_t total_steps,
                        const std::vector<EpochRecord>& history);

/// Epochs since the best one; 0 without history.
int epochs_without_gain(const std::vector<EpochRecord>& history);

}  // namespace thz::model
