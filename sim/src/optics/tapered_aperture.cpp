#include "thz/sim/tapered_aperture.h"

#include <algorithm>
#include <cmath>
#include <complex>

#include "quadrature.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

using Complex = std::complex<double>;
constexpr int kRadialNodes = 96;  // exact to rounding up to u of some 100

double nepers(double taper_db) {
  THZ_REQUIRE(taper_db >= 0.0 && taper_db <= 60.0, "the taper lies between 0 and 60 dB");
  return taper_db / (20.0 * std::log10(std::exp(1.0)));
}

/// Radial integrals of the tapered disc.
class TaperedDisc {
 public:
  explicit TaperedDisc(double taper_db) : a_(nepers(taper_db)), rule_(kRadialNodes) {}

  double transverse(double u) const {
    double sum = 0.0;
    each_node([&](double rho, double w) { sum += w * std::cyl_bessel_j(0.0, u * rho); });
    return sum;
  }
  /// With a quadratic phase error of `edge_rad` at the rim.
  double axial(double edge_rad) const {
    Complex sum = 0.0;
    each_node([&](double rho, double w) { sum += std::polar(w, edge_rad * rho * rho); });
    return std::norm(sum);
  }
  double captured() const { return 1.0 - std::exp(-2.0 * a_); }
  /// (∫ f dA)²/(A ∫ f² dA), f = e^{−aρ²}.
  double taper_efficiency() const {
    if (a_ < 1e-9) return 1.0;
    const double field = (1.0 - std::exp(-a_)) / a_;
    return field * field / (captured() / (2.0 * a_));
  }

 private:
  template <typename Visit>
  void each_node(Visit&& visit) const {
    for (std::size_t i = 0; i < rule_.node.size(); ++i) {
      const double rho = 0.5 * (1.0 + rule_.node[i]);
      visit(rho, 0.5 * rule_.weight[i] * rho * std::exp(-a_ * rho * rho));
    }
  }
  double a_;
  internal::GaussLegendre rule_;
};

/// Where a function that is positive at `low` and negative at `high` vanishes.
template <typename Function>
double crossing(double low, double high, Function&& f) {
  for (int i = 0; i < 80; ++i) {
    const double middle = 0.5 * (low + high);
    (f(middle) > 0.0 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

/// Highest point of a function with one maximum in [low, high].
template <typename Function>
double highest(double low, double high, Function&& f) {
  for (int i = 0; i < 120; ++i) {
    const double a = low + (high - low) / 3.0, b = high - (high - low) / 3.0;
    (f(a) < f(b) ? low : high) = f(a) < f(b) ? a : b;
  }
  return 0.5 * (low + high);
}

}  // namespace

SpotShape tapered_spot(double taper_db) {
  const TaperedDisc disc(taper_db);
  const double centre = disc.transverse(0.0);
  const auto intensity = [&](double u) {
    const double ratio = disc.transverse(u) / centre;
    return ratio * ratio;
  };
  // The first minimum by steps, then the minimum and the lobe behind it by thirds.
  constexpr double kStep = 0.05;
  double u = kStep;
  while (intensity(u + kStep) < intensity(u)) u += kStep;
  const double dip = highest(u - kStep, u + kStep, [&](double v) { return -intensity(v); });
  double lobe = dip + kStep;
  while (intensity(lobe + kStep) > intensity(lobe)) lobe += kStep;
  lobe = highest(lobe - kStep, lobe + kStep, intensity);
  const auto radius = [&](double level) {
    return crossing(0.0, dip, [&](double v) { return intensity(v) - level; }) / kPi;
  };
  return {2.0 * radius(0.5), 2.0 * radius(std::exp(-2.0)),       2.0 * radius(std::sqrt(0.5)),
          dip / kPi,         10.0 * std::log10(intensity(lobe)), disc.taper_efficiency(),
          disc.captured()};
}

AxialShape tapered_axis(double taper_db, double diameter_m, double focus_m, double wavelength_m) {
  THZ_REQUIRE(diameter_m > 0.0 && focus_m > 0.0 && wavelength_m > 0.0, "lengths are positive");
  const TaperedDisc disc(taper_db);
  const double edge = kPi * 0.25 * diameter_m * diameter_m / wavelength_m;
  const auto irradiance = [&](double z) {
    return disc.axial(edge * (1.0 / z - 1.0 / focus_m)) / (z * z);
  };
  // Between the axial zeros either side of the focus, where the rim's phase is some 2π.
  const double near = 1.0 / (1.0 / focus_m + 2.0 * kPi / edge);
  const double far = 1.0 / std::max(1.0 / focus_m - 2.0 * kPi / edge, 1e-3 / focus_m);
  const double peak = highest(near, far, irradiance);
  const auto width = [&](double level) {
    const double half = level * irradiance(peak);
    return crossing(peak, far, [&](double z) { return irradiance(z) - half; }) -
           crossing(peak, near, [&](double z) { return irradiance(z) - half; });
  };
  const double area = 0.25 * kPi * diameter_m * diameter_m;
  const double scale = wavelength_m * focus_m;
  return {peak, width(0.5), width(std::sqrt(0.5)),
          disc.taper_efficiency() * disc.captured() * area / (scale * scale)};
}

}  // namespace thz::sim
