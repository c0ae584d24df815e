#include "scan_beams.h"

#include <Eigen/QR>
#include <algorithm>
#include <mutex>

#include "product_tables.h"
#include "thz/core/constants.h"
#include "thz/core/parallel.h"
#include "thz/sim/envelope.h"

namespace thz::sim::internal {
namespace {

/// Nodes from edge to edge so that none are further apart than `pitch_m`; four-point interpolation
/// needs four.
int node_count(double extent_m, double pitch_m) {
  return std::max(4, static_cast<int>(std::ceil(extent_m / pitch_m)) + 1);
}

}  // namespace

DepthKnots::DepthKnots(double first_m, double last_m) {
  // E's spectrum along the range is k (D/2R)^2 = 21 rad/m wide in the reference design: Bessel
  // functions of the half range times half of it fall below -60 dB from this order on.
  const int count = 6 + static_cast<int>(std::ceil(10.0 * (last_m - first_m)));
  for (int i = 0; i < count; ++i) {
    zeta_m.push_back(0.5 * (first_m + last_m) -
                     0.5 * (last_m - first_m) * std::cos(kPi * (i + 0.5) / count));
  }
}

std::vector<double> DepthKnots::weights(double at_m) const {
  std::vector<double> result;
  for (std::size_t i = 0; i < zeta_m.size(); ++i) {
    double w = 1.0;
    for (std::size_t j = 0; j < zeta_m.size(); ++j) {
      if (j != i) w *= (at_m - zeta_m[j]) / (zeta_m[i] - zeta_m[j]);
    }
    result.push_back(w);
  }
  return result;
}

PhaseTerms::PhaseTerms(const Vec2& foot_m, int degree) {
  constexpr double s = BeamTiles::kPhaseScale_m;
  const double x = foot_m.x() / s, y = foot_m.y() / s;
  std::vector<double> px{1.0}, py{1.0};
  for (int i = 0; i < degree; ++i) {
    px.push_back(px.back() * x);
    py.push_back(py.back() * y);
  }
  for (int i = 0; i <= degree; ++i) {
    for (int j = i == 0 ? 1 : 0; i + j <= degree; ++j) {
      const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
      value.push_back(px[a] * py[b]);
      by_x.push_back(i > 0 ? i * px[a - 1] * py[b] / s : 0.0);
      by_y.push_back(j > 0 ? j * px[a] * py[b - 1] / s : 0.0);
    }
  }
}

ScanBeams::ScanBeams(const Gregorian& optics, double frequency_hz, const ScanGeometry& scan,
                     const ApertureGrid& grid, const DepthKnots& depths,
                     const BeamTileOptions& options, double reach_m, const ProgressFn& progress,
                     const CancelToken& cancel)
    : grid_(grid),
      depths_(depths),
      standoff_m_(scan.standoff_m()),
      half_x_(ApertureGrid::fine_half(grid.x, reach_m)),
      half_y_(ApertureGrid::fine_half(grid.y, reach_m)),
      x0_m_(grid.x.position_m(0)),
      y0_m_(grid.y.position_m(0)) {
  const double width_m = grid.x.position_m(grid.x.positions() - 1) - x0_m_;
  const double height_m = grid.y.position_m(grid.y.positions() - 1) - y0_m_;
  cols_ = node_count(width_m, options.node_pitch_m);
  rows_ = node_count(height_m, options.node_pitch_m);
  dx_m_ = width_m / (cols_ - 1);
  dy_m_ = height_m / (rows_ - 1);
  const auto nodes = static_cast<std::size_t>(rows_ * cols_);
  values_.resize(nodes * static_cast<std::size_t>(depths_.count()) * plane());
  std::mutex counting;
  std::size_t done = 0;
  parallel_for(nodes, options.threads, [&](std::size_t node) {
    cancel.throw_if_requested();
    compute(optics, frequency_hz, options.sampling, node);
    const std::lock_guard<std::mutex> lock(counting);
    if (progress) progress(++done, nodes);
  });
  fit_phase();
  parallel_for(nodes, options.threads, [&](std::size_t node) { prepare(node); });
}

void ScanBeams::compute(const Gregorian& optics, double frequency_hz, const PupilSampling& sampling,
                        std::size_t node) {
  const Vec2 at = node_m(node);
  const AimedBeam beam(optics, frequency_hz, at, sampling);
  std::vector<Vec3> points;
  for (const double zeta_m : depths_.zeta_m) {
    for (int i = -half_x_; i <= half_x_; ++i) {
      for (int j = -half_y_; j <= half_y_; ++j) {
        const Vec2 foot = place_m(at, i, j);
        const Vec3 along = Vec3(foot.x(), foot.y(), -standoff_m_).normalized();
        points.push_back(Vec3(0.0, 0.0, standoff_m_) + (standoff_m_ + zeta_m) * along);
      }
    }
  }
  const std::vector<std::complex<double>> values = beam.envelope(points, 1);
  std::complex<float>* to = values_.data() + node * values.size();
  for (std::size_t i = 0; i < values.size(); ++i) to[i] = std::complex<float>(values[i]);
}

/// The polynomial whose gradient is minus the mean tangential wave number of the beams at mid
/// depth, by least squares.
void ScanBeams::fit_phase() {
  const int wide = 2 * half_x_ + 1, high = 2 * half_y_ + 1;
  const auto nodes = static_cast<std::size_t>(rows_ * cols_);
  const auto terms = static_cast<Eigen::Index>(PhaseTerms({0.0, 0.0}, kPhaseDegree).value.size());
  Eigen::MatrixXd equations(2 * static_cast<Eigen::Index>(nodes), terms);
  Eigen::VectorXd slopes(2 * static_cast<Eigen::Index>(nodes));
  for (std::size_t node = 0; node < nodes; ++node) {
    const std::complex<float>* e =
        values(static_cast<int>(node) / cols_, static_cast<int>(node) % cols_, depths_.count() / 2);
    std::complex<double> step_x = 0.0, step_y = 0.0;
    for (int i = 0; i < wide; ++i) {
      for (int j = 0; j < high; ++j) {
        const std::complex<double> here(e[i * high + j]);
        if (i + 1 < wide) step_x += here * std::conj(std::complex<double>(e[(i + 1) * high + j]));
        if (j + 1 < high) step_y += std::conj(here) * std::complex<double>(e[i * high + j + 1]);
      }
    }
    const auto row = 2 * static_cast<Eigen::Index>(node);
    const PhaseTerms monomials(node_m(node), kPhaseDegree);
    for (Eigen::Index t = 0; t < terms; ++t) {
      equations(row, t) = monomials.by_x[static_cast<std::size_t>(t)];
      equations(row + 1, t) = monomials.by_y[static_cast<std::size_t>(t)];
    }
    slopes[row] = -std::arg(step_x) / grid_.x.fine_m();
    slopes[row + 1] = -std::arg(step_y) / grid_.y.fine_m();
  }
  const Eigen::VectorXd solution = equations.colPivHouseholderQr().solve(slopes);
  phase_.assign(solution.data(), solution.data() + solution.size());
}

/// Multiplies by e^{j(phi(r) - phi(s))} and turns values into spline coefficients, which lie
/// per_cell() steps of the lattice apart.
void ScanBeams::prepare(std::size_t node) {
  const int wide = 2 * half_x_ + 1, high = 2 * half_y_ + 1;
  const Vec2 at = node_m(node);
  const auto phi = [&](const Vec2& foot) {
    const PhaseTerms monomials(foot, kPhaseDegree);
    double sum = 0.0;
    for (std::size_t t = 0; t < phase_.size(); ++t) sum += phase_[t] * monomials.value[t];
    return sum;
  };
  const double here = phi(at);
  std::vector<std::complex<double>> turn;
  for (int i = -half_x_; i <= half_x_; ++i) {
    for (int j = -half_y_; j <= half_y_; ++j) {
      turn.push_back(std::polar(1.0, phi(place_m(at, i, j)) - here));
    }
  }
  std::vector<std::complex<double>> run;
  for (int knot = 0; knot < depths_.count(); ++knot) {
    std::complex<float>* e = values_.data() + (node * static_cast<std::size_t>(depths_.count()) +
                                               static_cast<std::size_t>(knot)) *
                                                  plane();
    for (std::size_t n = 0; n < plane(); ++n) {
      e[n] = std::complex<float>(turn[n] * std::complex<double>(e[n]));
    }
    const auto filter = [&](int lines, int line_step, int count, int step, int stride) {
      for (int line = 0; line < lines; ++line) {
        for (int residue = 0; residue < stride; ++residue) {
          run.clear();
          std::complex<float>* from = e + line * line_step;
          for (int n = residue; n < count; n += stride) run.emplace_back(from[n * step]);
          spline_coefficients(run);
          for (std::size_t n = 0; n < run.size(); ++n) {
            from[(residue + static_cast<int>(n) * stride) * step] = std::complex<float>(run[n]);
          }
        }
      }
    };
    filter(high, 1, wide, high, grid_.x.per_cell());
    filter(wide, high, high, 1, grid_.y.per_cell());
  }
}

}  // namespace thz::sim::internal
