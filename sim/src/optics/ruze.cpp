#include "thz/sim/ruze.h"

#include <Eigen/Dense>
#include <cmath>
#include <map>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

/// Terms whose widths differ by less than this are joined, their mean Σn/c² kept: the error is of
/// second order.
constexpr double kJoinedWidths = 0.01;
constexpr double kLeastShare = 1e-14;

/// Share of each spread Σn/c² (1/m²), by the bin of its logarithm.
struct Spread {
  double share = 0.0;
  double share_times_spread = 0.0;
};
using Spreads = std::map<long, Spread>;

long bin_of(double spread_per_m2) {
  return spread_per_m2 == 0.0 ? std::numeric_limits<long>::min()
                              : std::lround(std::log(spread_per_m2) / kJoinedWidths);
}

/// One more mirror: every term times the Poisson weights of δ².
Spreads with_mirror(const Spreads& before, const RoughMirror& mirror) {
  const double variance = mirror.phase_rms_rad * mirror.phase_rms_rad;
  if (variance == 0.0) return before;
  const double step = 1.0 / (mirror.correlation_m * mirror.correlation_m);
  Spreads after;
  // Nothing above double precision lies further out than this.
  const int most = static_cast<int>(variance + 9.0 * std::sqrt(variance) + 20.0);
  for (int n = 0; n <= most; ++n) {
    const double weight = std::exp(n * std::log(variance) - variance - std::lgamma(n + 1.0));
    for (const auto& [bin, term] : before) {
      const double share = weight * term.share;
      if (share < kLeastShare && n > 0) continue;
      const double spread = term.share_times_spread / term.share + n * step;
      Spread& joined = after[bin_of(spread)];
      joined.share += share;
      joined.share_times_spread += share * spread;
    }
  }
  return after;
}

/// What a Gaussian of 1/e radius `radius_m` carries from cell to cell of a line: its integral over
/// the cell, so that a narrow one keeps its power.
Eigen::MatrixXd smear(int count, double pitch_m, double radius_m) {
  Eigen::MatrixXd matrix(count, count);
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < count; ++j) {
      const double near = (i - j - 0.5) * pitch_m / radius_m;
      const double far = (i - j + 0.5) * pitch_m / radius_m;
      matrix(i, j) = 0.5 * (std::erf(far) - std::erf(near));
    }
  }
  return matrix;
}

}  // namespace

std::vector<RoughMirror> rough_mirrors(const Gregorian& optics, const TracedRay& chief,
                                       double wavelength_m) {
  const GregorianDesign& d = optics.design();
  const double turn = 4.0 * kPi / wavelength_m, expansion = optics.expansion();
  // Two scan mirrors, each folding the beam at a right angle: 2 · (√½)² = 1.
  return {{turn * d.galvo_rms_m, d.galvo_correlation_m * expansion},
          {turn * d.sub_rms_m * chief.cos_sub, d.sub_correlation_m * expansion},
          {turn * d.main_rms_m * chief.cos_main, d.main_correlation_m}};
}

RuzeHalo::RuzeHalo(const std::vector<RoughMirror>& mirrors, double wavelength_m,
                   double distance_m) {
  THZ_REQUIRE(wavelength_m > 0.0 && distance_m > 0.0, "lengths are positive");
  Spreads spreads = {{bin_of(0.0), {1.0, 0.0}}};
  double variance = 0.0;
  for (const RoughMirror& mirror : mirrors) {
    THZ_REQUIRE(mirror.phase_rms_rad >= 0.0 && mirror.correlation_m > 0.0,
                "roughness needs a correlation length");
    variance += mirror.phase_rms_rad * mirror.phase_rms_rad;
    spreads = with_mirror(spreads, mirror);
  }
  phase_rms_rad_ = std::sqrt(variance);
  coherent_share_ = std::exp(-variance);
  halo_share_ = -std::expm1(-variance);
  for (const auto& [bin, term] : spreads) {
    if (term.share_times_spread == 0.0) continue;  // the coherent beam
    const double spread = term.share_times_spread / term.share;
    terms_.push_back({term.share, wavelength_m * distance_m / kPi * std::sqrt(spread)});
  }
}

double RuzeHalo::irradiance_per_m2(double radius_m) const {
  double sum = 0.0;
  for (const Term& term : terms_) {
    const double ratio = radius_m / term.radius_m;
    sum += term.share / (kPi * term.radius_m * term.radius_m) * std::exp(-ratio * ratio);
  }
  return sum;
}

double RuzeHalo::radius_holding_m(double share) const {
  THZ_REQUIRE(share > 0.0 && share < 1.0, "a share lies between 0 and 1");
  if (terms_.empty()) return 0.0;
  const auto outside = [&](double radius_m) {
    double sum = 0.0;
    for (const Term& term : terms_) {
      const double ratio = radius_m / term.radius_m;
      sum += term.share * std::exp(-ratio * ratio);
    }
    return sum / halo_share_;
  };
  double low = 0.0, high = terms_.back().radius_m;
  while (outside(high) > 1.0 - share) high *= 2.0;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (outside(middle) > 1.0 - share ? low : high) = middle;
  }
  return high;
}

ImageD RuzeHalo::image(const ImageD& coherent, double pitch_m) const {
  THZ_REQUIRE(!coherent.empty() && pitch_m > 0.0, "the grid needs points");
  THZ_REQUIRE(coherent_share_ > 0.0, "of a beam without a coherent part there is no picture");
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const RowMajor> from(coherent.data.data(), coherent.rows, coherent.cols);
  ImageD halo(coherent.rows, coherent.cols);
  Eigen::Map<RowMajor> to(halo.data.data(), halo.rows, halo.cols);
  for (const Term& term : terms_) {
    if (term.share < 1e-9 * halo_share_) continue;
    to += term.share / coherent_share_ * smear(coherent.rows, pitch_m, term.radius_m) * from *
          smear(coherent.cols, pitch_m, term.radius_m);
  }
  return halo;
}

}  // namespace thz::sim
