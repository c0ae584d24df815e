#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/sim/layers.h"

namespace thz::sim {
namespace {

using Complex = std::complex<double>;
constexpr int kFirstNodes = 257;
constexpr int kMostNodes = 65537;
// Stands for grazing incidence, where the admittance of air has no finite value.
constexpr double kGrazing = 1e-7;

struct Exact {
  Complex reflection_mean, reflection_half, transmission_mean, transmission_half;
};

Exact exact(const Stack& stack, double cos_theta, double frequency_hz) {
  const double c = std::max(cos_theta, kGrazing);
  const StackResponse r = stack_response(stack, c, frequency_hz);
  const double k = 2.0 * kPi * frequency_hz / kSpeedOfLight;
  const Complex displaced = std::polar(1.0, k * c * stack.thickness_m());
  return {0.5 * (r.r_s + r.r_p), 0.5 * (r.r_p - r.r_s), 0.5 * (r.t_s + r.t_p) * displaced,
          0.5 * (r.t_p - r.t_s) * displaced};
}

CoPolar narrow(Complex mean, Complex half) {
  return {std::complex<float>(mean), std::complex<float>(half)};
}

double distance(const CoPolar& a, Complex mean, Complex half) {
  return std::max(std::abs(Complex(a.mean) - mean), std::abs(Complex(a.half_difference) - half));
}

}  // namespace

ReflectionTable::ReflectionTable(const Stack& stack, double frequency_hz, double error_bound) {
  THZ_REQUIRE(error_bound > 0.0, "the error bound must be positive");
  for (int nodes = kFirstNodes;; nodes = 2 * nodes - 1) {
    reflection_.clear();
    transmission_.clear();
    scale_ = static_cast<float>(nodes - 1);
    for (int i = 0; i < nodes; ++i) {
      const Exact e = exact(stack, static_cast<double>(i) / (nodes - 1), frequency_hz);
      reflection_.push_back(narrow(e.reflection_mean, e.reflection_half));
      transmission_.push_back(narrow(e.transmission_mean, e.transmission_half));
    }
    measured_error_ = 0.0;
    for (int i = 0; i + 1 < nodes; ++i) {
      for (const double part : {1.0 / 3.0, 0.5, 2.0 / 3.0}) {
        const double c = (i + part) / (nodes - 1);
        const Exact e = exact(stack, c, frequency_hz);
        const float cf = static_cast<float>(c);
        measured_error_ = std::max(
            {measured_error_, distance(reflection(cf), e.reflection_mean, e.reflection_half),
             distance(transmission(cf), e.transmission_mean, e.transmission_half)});
      }
    }
    if (measured_error_ <= error_bound || nodes >= kMostNodes) return;
  }
}

float ReflectionTable::power_reflectivity(float cos_theta) const {
  // |r_s|² + |r_p|² = 2(|mean|² + |half difference|²).
  const CoPolar r = reflection(cos_theta);
  return std::norm(r.mean) + std::norm(r.half_difference);
}

}  // namespace thz::sim
