#include "thz/sim/window.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

double sinc(double x) {
  const double angle = kPi * x;
  return std::abs(angle) < 1e-6 ? 1.0 - angle * angle / 6.0 : std::sin(angle) / angle;
}

// |Σ w e^{−2πjxi/n}|/Σw at x bins.
double spectrum(const std::vector<double>& window, double bins) {
  std::complex<double> sum = 0.0;
  double total = 0.0;
  const double step = -2.0 * kPi * bins / static_cast<double>(window.size());
  for (std::size_t i = 0; i < window.size(); ++i) {
    sum += std::polar(window[i], step * static_cast<double>(i));
    total += window[i];
  }
  return std::abs(sum) / total;
}

double half_power_width(const std::vector<double>& window) {
  double inside = 0.0;
  double outside = 2.0;
  for (int i = 0; i < 50; ++i) {
    const double middle = 0.5 * (inside + outside);
    (spectrum(window, middle) > std::sqrt(0.5) ? inside : outside) = middle;
  }
  return inside + outside;
}

double highest_sidelobe_db(const std::vector<double>& window) {
  constexpr double kStep = 0.005;
  double x = kStep;
  while (spectrum(window, x + kStep) < spectrum(window, x)) x += kStep;  // down to the first null
  double highest = 0.0;
  for (const double end = x + 4.0; x < end; x += kStep) {
    highest = std::max(highest, spectrum(window, x));
  }
  return 20.0 * std::log10(highest);
}

}  // namespace

WindowKind window_kind(const std::string& name) {
  if (name == "rectangular") return WindowKind::kRectangular;
  if (name == "hann") return WindowKind::kHann;
  throw_input("unknown window \"{}\"; allowed are rectangular and hann", name);
}

std::vector<double> window_samples(WindowKind kind, int n) {
  THZ_REQUIRE(n > 0, "a window needs samples");
  std::vector<double> samples(static_cast<std::size_t>(n), 1.0);
  if (kind == WindowKind::kHann) {
    for (int i = 0; i < n; ++i) {
      samples[static_cast<std::size_t>(i)] = 0.5 - 0.5 * std::cos(2.0 * kPi * i / n);
    }
  }
  return samples;
}

double noise_bandwidth_bins(WindowKind kind, int n) {
  // Of three samples on, sums over whole periods leave nothing but the mean: Σw = n/2, Σw² = 3n/8.
  if (kind == WindowKind::kRectangular || n > 2) return kind == WindowKind::kHann ? 1.5 : 1.0;
  double sum = 0.0;
  double squares = 0.0;
  for (const double w : window_samples(kind, n)) {
    sum += w;
    squares += w * w;
  }
  return n * squares / (sum * sum);
}

WindowFigures window_figures(WindowKind kind, int n) {
  const std::vector<double> window = window_samples(kind, n);
  double sum = 0.0;
  for (const double w : window) sum += w;
  return {half_power_width(window), highest_sidelobe_db(window), noise_bandwidth_bins(kind, n),
          sum / n};
}

double range_response(WindowKind kind, double bins) {
  if (kind == WindowKind::kRectangular) return sinc(bins);
  // 1/(1 − x²) has a pole at x = 1 where the sinc vanishes; the three shifted sincs have none.
  return sinc(bins) + 0.5 * (sinc(bins - 1.0) + sinc(bins + 1.0));
}

std::complex<double> range_response(WindowKind kind, double bins, double carrier_fraction) {
  return range_response(kind, bins) * std::polar(1.0, -2.0 * kPi * bins * (0.5 - carrier_fraction));
}

}  // namespace thz::sim
