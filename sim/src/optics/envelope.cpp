#include "thz/sim/envelope.h"

#include <Eigen/Eigenvalues>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "lagrange.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

using Complex = std::complex<double>;
using Eigen::MatrixXcd;
constexpr int kMostTerms = 16;

void check_options(const EnvelopeOptions& o) {
  THZ_REQUIRE(o.size >= 8 && o.depths >= 4 && o.pitch_m > 0.0 && o.depth_step_m > 0.0,
              "an envelope needs 8 x 8 points and 4 depths at least");
  THZ_REQUIRE(o.rank >= 1 && o.rank <= kMostTerms && o.rank <= o.size,
              "an envelope has 1 to 16 terms");
}

/// Where the integrator's coordinates (dx, dy, ζ) of a beam's stack lie in the world.
std::vector<Vec3> world_points(const AimedBeam& beam, double standoff_m,
                               const std::vector<Vec3>& places) {
  std::vector<Vec3> points;
  const double scale = 1.0 / (standoff_m * beam.direction().kappa());
  for (const Vec3& place : places) {
    const StereoPoint at{beam.direction().x + scale * place.x(),
                         beam.direction().y + scale * place.y()};
    const double kappa = at.kappa();
    const Vec3 unit(at.x * kappa, at.y * kappa, 1.0 - 2.0 * kappa);
    points.push_back(Vec3(0.0, 0.0, standoff_m) + (standoff_m + place.z()) * unit);
  }
  return points;
}

/// Balanced truncated decomposition of one depth, columns descending: plane ≈ f gᵀ.
struct DepthTerms {
  MatrixXcd f, g;
  std::vector<double> power;  ///< squares of the singular values
};

DepthTerms decompose(const MatrixXcd& plane, int rank) {
  // By the eigenvectors of the smaller Gram matrix: good to 1e-8 of the largest singular value.
  const Eigen::SelfAdjointEigenSolver<MatrixXcd> solver(plane.adjoint() * plane);
  const Eigen::Index n = plane.cols();
  DepthTerms terms;
  terms.f.resize(plane.rows(), rank);
  terms.g.resize(n, rank);
  for (int r = 0; r < std::min<int>(kMostTerms, static_cast<int>(n)); ++r) {
    const double power = std::max(0.0, solver.eigenvalues()[n - 1 - r]);
    terms.power.push_back(power);
    if (r >= rank) continue;
    const auto v = solver.eigenvectors().col(n - 1 - r);
    const double balance = std::pow(power, 0.25);
    terms.f.col(r) = balance > 0.0 ? Eigen::VectorXcd(plane * v / balance)
                                   : Eigen::VectorXcd::Zero(plane.rows());
    terms.g.col(r) = balance * v.conjugate();
  }
  return terms;
}

/// Turns the terms by the unitary Q, f → fQ, g → gQ*, that brings them nearest to others.
void align(const MatrixXcd& other_f, const MatrixXcd& other_g, MatrixXcd& f, MatrixXcd& g) {
  const MatrixXcd overlap = f.adjoint() * other_f + (g.adjoint() * other_g).conjugate();
  const Eigen::JacobiSVD<MatrixXcd> svd(overlap, Eigen::ComputeFullU | Eigen::ComputeFullV);
  const MatrixXcd turn = svd.matrixU() * svd.matrixV().adjoint();
  f = f * turn;
  g = g * turn.conjugate();
}

}  // namespace

AimedBeam::AimedBeam(const Gregorian& optics, double frequency_hz, const Vec2& landing_m,
                     const PupilSampling& sampling)
    : optics_(optics), standoff_m_(optics.design().main_to_target_m) {
  // World x is minus the target plane's.
  const ScanAngles scan = optics.aim({-landing_m.x(), landing_m.y()});
  field_ = aperture_field(optics, frequency_hz, scan, sampling);
  const Vec3 from_pivot(landing_m.x(), landing_m.y(), -standoff_m_);
  direction_ = stereographic(from_pivot.normalized());
  landing_range_m_ = from_pivot.norm();
}

std::vector<Complex> AimedBeam::envelope(const std::vector<Vec3>& points_m, int threads) const {
  std::vector<Vec3> points;
  for (const Vec3& point : points_m) points.push_back(optics_.optics_from_world(point));
  std::vector<Complex> u = focal_field(field_, points, threads);
  for (std::size_t i = 0; i < u.size(); ++i) {
    // focal_field has taken out e^{−jk along}; the integrator takes out e^{−2jkζ}.
    const double along = (points[i] - field_.frame.origin).dot(field_.frame.along);
    const double range_m = (points_m[i] - Vec3(0.0, 0.0, standoff_m_)).norm();
    u[i] = u[i] * u[i] *
           std::polar(1.0, 2.0 * field_.wavenumber_per_m * (range_m - landing_range_m_ - along));
  }
  return u;
}

std::vector<Complex> envelope_values(const Gregorian& optics, double frequency_hz,
                                     const Vec2& landing_m,
                                     const std::vector<Vec3>& offsets_and_depths_m,
                                     const EnvelopeOptions& options) {
  const AimedBeam beam(optics, frequency_hz, landing_m, options.sampling);
  return beam.envelope(world_points(beam, optics.design().main_to_target_m, offsets_and_depths_m),
                       options.threads);
}

EnvelopeStack envelope_stack(const Gregorian& optics, double frequency_hz, const Vec2& landing_m,
                             const EnvelopeOptions& options) {
  check_options(options);
  const AimedBeam beam(optics, frequency_hz, landing_m, options.sampling);
  EnvelopeStack stack;
  stack.direction = beam.direction();
  stack.budget = beam.budget();
  stack.options = options;
  for (int d = 0; d < options.depths; ++d) {
    std::vector<Vec3> places;
    for (int y = 0; y < options.size; ++y) {
      for (int x = 0; x < options.size; ++x) {
        places.emplace_back(stack.offset_m(x), stack.offset_m(y), stack.depth_m(d));
      }
    }
    const std::vector<Complex> values = beam.envelope(
        world_points(beam, optics.design().main_to_target_m, places), options.threads);
    stack.planes.push_back(Eigen::Map<const MatrixXcd>(values.data(), options.size, options.size));
  }
  return stack;
}

SeparableEnvelope::SeparableEnvelope(const EnvelopeStack& stack)
    : options_(stack.options), direction_(stack.direction), budget_(stack.budget) {
  check_options(options_);
  THZ_REQUIRE(stack.planes.size() == static_cast<std::size_t>(options_.depths),
              "an envelope needs a plane a depth");
  DepthTerms before;
  for (const MatrixXcd& plane : stack.planes) {
    DepthTerms terms = decompose(plane, options_.rank);
    if (before.f.size() > 0) align(before.f, before.g, terms.f, terms.g);
    for (int r = 0; r < options_.rank; ++r) {
      for (int i = 0; i < options_.size; ++i) {
        f_.emplace_back(terms.f(i, r));
        g_.emplace_back(terms.g(i, r));
      }
    }
    singular_power_.push_back(terms.power);
    total_power_.push_back(plane.squaredNorm());
    before = std::move(terms);
  }
}

void SeparableEnvelope::terms(const std::vector<std::complex<float>>& table, double offset_m,
                              double zeta_m, std::complex<float>* out) const {
  std::fill(out, out + options_.rank, std::complex<float>(0.0f));
  const double place = offset_m / options_.pitch_m + 0.5 * (options_.size - 1);
  if (!(place >= 0.0 && place <= options_.size - 1)) return;
  const double depth = std::clamp((zeta_m - options_.depth_first_m) / options_.depth_step_m, 0.0,
                                  options_.depths - 1.0);
  const internal::FourNodes across = internal::four_nodes(place, options_.size);
  const internal::FourNodes deep = internal::four_nodes(depth, options_.depths);
  for (int d = 0; d < 4; ++d) {
    for (int r = 0; r < options_.rank; ++r) {
      const std::size_t row = static_cast<std::size_t>((deep.first + d) * options_.rank + r) *
                              static_cast<std::size_t>(options_.size);
      const std::complex<float>* values = table.data() + row + across.first;
      for (int i = 0; i < 4; ++i) {
        out[r] += static_cast<float>(deep.weight[d] * across.weight[i]) * values[i];
      }
    }
  }
}

void SeparableEnvelope::x_terms(double dx_m, double zeta_m, std::complex<float>* out) const {
  terms(f_, dx_m, zeta_m, out);
}

void SeparableEnvelope::y_terms(double dy_m, double zeta_m, std::complex<float>* out) const {
  terms(g_, dy_m, zeta_m, out);
}

std::complex<float> SeparableEnvelope::value(double dx_m, double dy_m, double zeta_m) const {
  std::complex<float> x[kMostTerms], y[kMostTerms], sum = 0.0f;
  x_terms(dx_m, zeta_m, x);
  y_terms(dy_m, zeta_m, y);
  for (int r = 0; r < options_.rank; ++r) sum += x[r] * y[r];
  return sum;
}

double SeparableEnvelope::residual_db(int rank) const {
  THZ_REQUIRE(rank >= 1 && rank <= kMostTerms, "a residual is known for 1 to 16 terms");
  double left = 0.0, total = 0.0;
  for (std::size_t d = 0; d < total_power_.size(); ++d) {
    left += total_power_[d];
    for (int r = 0; r < rank && r < static_cast<int>(singular_power_[d].size()); ++r) {
      left -= singular_power_[d][static_cast<std::size_t>(r)];
    }
    total += total_power_[d];
  }
  return 10.0 * std::log10(std::max(left, 1e-16 * total) / total);
}

double SeparableEnvelope::worst_residual_db(int rank) const {
  THZ_REQUIRE(rank >= 1 && rank <= kMostTerms, "a residual is known for 1 to 16 terms");
  double worst = 1e-16;
  for (std::size_t d = 0; d < total_power_.size(); ++d) {
    double left = total_power_[d];
    for (int r = 0; r < rank && r < static_cast<int>(singular_power_[d].size()); ++r) {
      left -= singular_power_[d][static_cast<std::size_t>(r)];
    }
    worst = std::max(worst, left / total_power_[d]);
  }
  return 10.0 * std::log10(worst);
}

}  // namespace thz::sim
