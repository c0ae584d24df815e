// metrics: the project's measures on arrays of anybody's making.
#include <fmt/format.h>

#include <cmath>

#include "metrics_command.h"
#include "thz/core/error.h"

namespace thz::apps {

nlohmann::json interval_json(const eval::Interval& interval) {
  const auto number = [](double v) { return std::isfinite(v) ? nlohmann::json(v) : nullptr; };
  return {{"value", number(interval.value)},
          {"low", number(interval.low)},
          {"high", number(interval.high)}};
}

std::string interval_text(const eval::Interval& i) {
  if (std::isnan(i.low)) return fmt::format("{:.6g} (no interval)", i.value);
  return fmt::format("{:.6g} [{:.6g}, {:.6g}]", i.value, i.low, i.high);
}

void require_rows(const io::ArrayFile& labels, const io::ArrayFile& of) {
  if (labels.rows() != of.rows()) {
    throw_input("{} has {} rows, but {} has {}; one each is needed", labels.name(), labels.rows(),
                of.name(), of.rows());
  }
}

void add_metrics(CLI::App& app, const LoadLpips& load_lpips) {
  CLI::App* metrics = app.add_subcommand(
      "metrics",
      "Measures of images, scores and features of any program; an array is FILE.npy or "
      "FILE.h5:/PATH (docs/metrics.md)");
  metrics->require_subcommand(1);
  add_metrics_images(*metrics, load_lpips);
  add_metrics_verification(*metrics);
  add_metrics_alignment(*metrics);
}

}  // namespace thz::apps
