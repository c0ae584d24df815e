#include "thz/sim/envelope_table.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/sim/integrator.h"

namespace thz::sim {
namespace {

using EnvelopeValues = std::vector<std::complex<float>>;

void check_factor(const EnvelopeValues& factor, const char* name, std::size_t term,
                  std::size_t size) {
  if (factor.size() != size) {
    throw_input(
        "separable envelope: factor '{}' of term {} has {} values, not depths x offsets = {}", name,
        term, factor.size(), size);
  }
  for (const auto& value : factor) {
    if (!std::isfinite(value.real()) || !std::isfinite(value.imag())) {
      throw_input("separable envelope: factor '{}' of term {} has a value that is not finite", name,
                  term);
    }
  }
}

}  // namespace

std::complex<double> EnvelopeTable::value(const EnvelopeValues& factor, double offset_m,
                                          double zeta_m) const {
  const double place = offset_m / offset_step_m + (offsets - 1) / 2;
  if (place < 0.0 || place > offsets - 1) return 0.0;
  const int at = std::clamp(static_cast<int>(place), 1, offsets - 3);
  const double t = place - at;
  const double weight[4] = {-t * (t - 1.0) * (t - 2.0) / 6.0,
                            (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0,
                            -(t + 1.0) * t * (t - 2.0) / 2.0, (t + 1.0) * t * (t - 1.0) / 6.0};
  const double depth = std::clamp((zeta_m - first_depth_m) / depth_step_m, 0.0, depths - 1.0);
  const int row = std::min(depths - 2, static_cast<int>(depth));
  std::complex<double> rows[2];
  for (int r = 0; r < 2; ++r) {
    for (int j = 0; j < 4; ++j) {
      rows[r] +=
          weight[j] *
          std::complex<double>(factor[static_cast<std::size_t>((row + r) * offsets + at - 1 + j)]);
    }
  }
  return rows[0] + (depth - row) * (rows[1] - rows[0]);
}

void EnvelopeTable::validate() const {
  if (!(frequency_hz > 0.0)) throw_input("separable envelope: frequency must be above 0");
  if (depths < 2 || !(depth_step_m > 0.0)) {
    throw_input(
        "separable envelope: {} depths {} m apart; at least 2 and a step above 0 are needed",
        depths, depth_step_m);
  }
  if (offsets < 5 || offsets % 2 == 0 || !(offset_step_m > 0.0)) {
    throw_input(
        "separable envelope: {} offsets {} m apart; an odd number from 5 and a step above 0 are "
        "needed",
        offsets, offset_step_m);
  }
  if (terms.empty()) throw_input("separable envelope: there is no term");
  const std::size_t size = static_cast<std::size_t>(depths) * static_cast<std::size_t>(offsets);
  for (std::size_t t = 0; t < terms.size(); ++t) {
    check_factor(terms[t].along, "along", t, size);
    check_factor(terms[t].across, "across", t, size);
  }
}

EnvelopeTable gaussian_envelope(const BeamOptions& beam, double standoff_m, double half_width_m,
                                double offset_step_m, double first_depth_m, double last_depth_m,
                                double depth_step_m) {
  using Complex = std::complex<double>;
  EnvelopeTable e;
  e.frequency_hz = beam.frequency_hz;
  e.first_depth_m = first_depth_m;
  e.depth_step_m = depth_step_m;
  e.depths =
      std::max(2, static_cast<int>(std::ceil((last_depth_m - first_depth_m) / depth_step_m)) + 1);
  e.offset_step_m = offset_step_m;
  const int half = std::max(2, static_cast<int>(std::ceil(half_width_m / offset_step_m)));
  e.offsets = 2 * half + 1;
  EnvelopeTable::Term term;
  for (int d = 0; d < e.depths; ++d) {
    const double zeta = first_depth_m + depth_step_m * d;
    const Complex defocus = 1.0 / Complex(1.0, -zeta / beam.rayleigh_range_m());
    // Curvature about the beam's focus less that of the sphere about the pivot.
    const Complex c = 2.0 / (beam.waist_m * beam.waist_m) * defocus -
                      Complex(0.0, beam.wavenumber() / (standoff_m + zeta));
    const Complex peak = 2.0 / (kPi * beam.waist_m * beam.waist_m) * defocus * defocus;
    for (int i = -half; i <= half; ++i) {
      const double offset = offset_step_m * i;
      const Complex factor = std::exp(-c * (offset * offset));
      term.along.emplace_back(factor);
      term.across.emplace_back(peak * factor);
    }
  }
  e.terms.push_back(std::move(term));
  return e;
}

}  // namespace thz::sim
