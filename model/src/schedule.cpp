#include "schedule.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"

namespace thz::model {

namespace {

/// From 1 at t = 0 down to f at t = 1.
double cosine(double t, double f) { return f + (1.0 - f) * 0.5 * (1.0 + std::cos(kPi * t)); }

}  // namespace

int epochs_without_gain(const std::vector<EpochRecord>& history) {
  int count = 0;
  for (auto it = history.rbegin(); it != history.rend() && !it->best; ++it) ++count;
  return count;
}

double learning_rate_at(const OptimiserOptions& options, int64_t step, int64_t total_steps,
                        const std::vector<EpochRecord>& history) {
  const auto warmup = static_cast<int64_t>(
      std::llround(options.warmup_fraction * static_cast<double>(total_steps)));
  if (step < warmup) {
    return options.learning_rate * static_cast<double>(step + 1) / static_cast<double>(warmup);
  }
  if (options.schedule == "cosine") {
    const auto span = static_cast<double>(std::max<int64_t>(total_steps - 1 - warmup, 1));
    const double t = std::min(static_cast<double>(step - warmup) / span, 1.0);
    return options.learning_rate * cosine(t, options.final_fraction);
  }
  if (options.schedule == "restarts") {
    const auto cycle = std::max<int64_t>(
        std::llround(options.cycle_fraction * static_cast<double>(total_steps)), 2);
    const int64_t within = (step - warmup) % cycle, number = (step - warmup) / cycle;
    const double t = static_cast<double>(within) / static_cast<double>(cycle - 1);
    return options.learning_rate * std::pow(options.cycle_gamma, static_cast<double>(number)) *
           cosine(t, options.final_fraction);
  }
  if (options.schedule == "plateau") {
    int reductions = 0;
    int waited = 0;
    for (const EpochRecord& record : history) {
      waited = record.best ? 0 : waited + 1;
      if (waited < options.plateau_epochs) continue;
      ++reductions;
      waited = 0;
    }
    return options.learning_rate * std::pow(options.plateau_factor, reductions);
  }
  return options.learning_rate;
}

}  // namespace thz::model
