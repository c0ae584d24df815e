#include "product_tables.h"

#include <algorithm>

#include "thz/core/constants.h"
#include "thz/core/parallel.h"

namespace thz::sim::internal {
namespace {

using Complex = std::complex<double>;

constexpr int kPrefilterMargin = 14;  // 0.268^14: -160 dB

/// Gain of four-point Lagrange interpolation at `phase` radians a node, its mean over places.
double lagrange_gain(double phase) {
  constexpr int places = 32;
  double sum = 0.0;
  for (int i = 0; i < places; ++i) {
    const double t = (i + 0.5) / places;
    const double weight[4] = {-t * (t - 1.0) * (t - 2.0) / 6.0,
                              (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0,
                              -(t + 1.0) * t * (t - 2.0) / 2.0, (t + 1.0) * t * (t - 1.0) / 6.0};
    for (int j = 0; j < 4; ++j) sum += weight[j] * std::cos(phase * (j - 1 - t));
  }
  return sum / places;
}

/// The range response sharpened for nodes `step` cells apart: windows a_0 + a_1 cos 2 pi x + ...
/// have sums of shifted sincs for responses.
class SharpResponse {
 public:
  explicit SharpResponse(double step_cells) {
    constexpr int samples = 128;
    for (int i = 0; i < samples; ++i) {
      const double x = (i + 0.5) / samples - 0.5;
      const double window =
          (0.5 + 0.5 * std::cos(2.0 * kPi * x)) / lagrange_gain(2.0 * kPi * x * step_cells);
      for (int k = 0; k < kTerms; ++k) {
        share_[k] += (k == 0 ? 1.0 : 2.0) * window * std::cos(2.0 * kPi * k * x) / samples;
      }
    }
  }

  /// p(0) = 1 for the window itself, whose mean is a half.
  double operator()(double cells) const {
    const double sine = std::sin(kPi * cells) / kPi;
    double sum = 0.0;
    for (int k = 0; k < kTerms; ++k) {
      const double sign = k % 2 == 0 ? sine : -sine;
      sum += 0.5 * share_[k] * (over(sign, cells - k) + over(sign, cells + k));
    }
    return 2.0 * sum;
  }

 private:
  static constexpr int kTerms = 8;

  /// sin(pi x) / (pi x) from its numerator; 1 at zero.
  static double over(double sine, double x) { return std::abs(x) < 1e-9 ? 1.0 : sine / x; }

  double share_[kTerms] = {};
};

}  // namespace

void spline_coefficients(std::vector<Complex>& samples) {
  const double pole = std::sqrt(3.0) - 2.0;
  for (std::size_t i = 1; i < samples.size(); ++i) samples[i] += pole * samples[i - 1];
  Complex next = 0.0;
  for (std::size_t i = samples.size(); i-- > 0;) {
    next = pole * (next - samples[i]);
    samples[i] = 6.0 * next;
  }
}

ProductGrid::ProductGrid(const ScanGeometry& scan, double column_m, double reach_m)
    : first_x_m_(scan.foot_m(0, 0).x()),
      first_y_m_(scan.foot_m(0, 0).y()),
      line_m_(scan.foot_m(0, 0).y() - scan.foot_m(1, 0).y()),
      fine_per_sample_(1),
      fine_per_column_(1) {
  const double sample_m = scan.foot_m(0, 1).x() - first_x_m_;
  if (sample_m > column_m) {
    fine_per_sample_ = static_cast<int>(std::ceil(sample_m / column_m));
  } else {
    fine_per_column_ = static_cast<int>(std::floor(column_m / sample_m));
  }
  fine_m_ = sample_m / fine_per_sample_;
  margin_ = static_cast<int>(std::ceil(reach_m / this->column_m())) + 2;
  const double last = column(scan.foot_m(0, scan.samples_per_line() - 1).x());
  columns_ = static_cast<int>(std::ceil(last)) + margin_;
  blocks_ = (scan.samples_per_line() + kProductBlock - 1) / kProductBlock;
}

ProductTables::ProductTables(const ProductGrid& grid, const ScanGeometry& scan,
                             const DepthNodes& nodes, const RangeAxis& axis, int first_node,
                             int last_node, const LineFactor& factor,
                             const std::vector<double>& reach_m, int threads)
    : grid_(grid), scan_(scan), nodes_(last_node - first_node + 1), view_{} {
  least_metric_ = 1.0;
  for (const int line : {0, scan.lines() / 2, scan.lines() - 1}) {
    least_metric_ = std::min(least_metric_, metric(line, -8.0));
  }
  // A step of 2.5e-4 in the metric changes exp(-C x^2) by less than -75 dB of its centre.
  levels_ = static_cast<int>(std::ceil((1.0 - least_metric_) / 2.5e-4)) + 1;
  lay_out(reach_m);
  view_.blocks = grid.blocks();
  view_.first_node = first_node;
  view_.node_stride = 2 * view_.stride * grid_.fine_per_sample();
  view_.level_stride = view_.node_stride * nodes_;
  factors_.assign(static_cast<std::size_t>(view_.level_stride * levels_), 0.0f);
  parallel_for(static_cast<std::size_t>(nodes_), threads, [&](std::size_t i) {
    const int node = static_cast<int>(i);
    fill_node(scan, factor, node, nodes.node_m(first_node + node) - scan.standoff_m());
  });
  response_ = node_responses(axis, nodes);
  view_.factors = factors_.data();
  view_.base = base_.data();
  view_.first_column = first_column_.data();
  view_.last_column = last_column_.data();
  view_.response = response_.data();
  view_.response_stride = nodes.count;
  view_.bins = axis.bins;
}

/// gx of the tangent coordinates at a scan position: (1 + v^2) / (1 + u^2 + v^2)^2.
double ProductTables::metric(int line, double sample) const {
  const Vec2 first = scan_.foot_m(line, 0);
  const double u =
      (first.x() + sample * (scan_.foot_m(line, 1).x() - first.x())) / scan_.standoff_m();
  const double v = first.y() / scan_.standoff_m();
  const double n2 = 1.0 + u * u + v * v;
  return (1.0 + v * v) / (n2 * n2);
}

std::vector<int> ProductTables::levels(int line) const {
  std::vector<int> levels;
  for (int block = 0; block < grid_.blocks(); ++block) {
    const double place = (1.0 - metric(line, kProductBlock * (block + 0.5) - 0.5)) /
                         std::max(1e-12, 1.0 - least_metric_) * (levels_ - 1);
    levels.push_back(std::min(levels_ - 1, static_cast<int>(std::lround(place))));
  }
  return levels;
}

/// Which columns each block of samples needs, and where a column's factors start. Of the fine
/// lattice every fine_per_sample-th point belongs to one phase, and neighbours in a phase are
/// neighbouring samples.
void ProductTables::lay_out(const std::vector<double>& reach_m) {
  const int q = grid_.fine_per_sample(), p = grid_.fine_per_column();
  std::vector<int> half;
  for (const double reach : reach_m) {
    // A spline carries a scatterer two columns further.
    half.push_back(static_cast<int>(std::ceil(reach / grid_.fine_m())) + p);
  }
  widest_ = *std::max_element(half.begin(), half.end());
  pad_ = widest_ / q + 1 + kProductBlock;  // sample of fine lattice 0 in a phase
  view_.stride = 2 * pad_ + 1;
  for (int column = 0; column < grid_.columns() + kSlabWidth; ++column) {
    const int fine = grid_.fine_between(0, column);
    const int phase = ((fine % q) + q) % q;
    base_.push_back(static_cast<int>(2 * view_.stride) * phase + (fine - phase) / q + pad_);
  }
  const auto floor_div = [](int a, int b) { return a >= 0 ? a / b : -((-a + b - 1) / b); };
  for (const int h : half) {
    for (int block = 0; block < grid_.blocks(); ++block) {
      const int left = q * kProductBlock * block;
      const int right = left + q * (kProductBlock - 1);
      first_column_.push_back(std::max(0, -floor_div(h - left, p) + grid_.margin()));
      last_column_.push_back(floor_div(right + h, p) + grid_.margin());
    }
  }
}

/// Factors of one node at both ends of the metric's range, turned into spline coefficients over the
/// columns, and blended for the levels in between.
void ProductTables::fill_node(const ScanGeometry& scan, const LineFactor& factor, int node,
                              double zeta_m) {
  const int q = grid_.fine_per_sample(), p = grid_.fine_per_column();
  const int half = widest_ + kPrefilterMargin * p;
  const double arc_m = grid_.fine_m() * (scan.standoff_m() + zeta_m) / scan.standoff_m();
  std::vector<Complex> ends[2];
  for (int end = 0; end < 2; ++end) {
    const double scale = arc_m * std::sqrt(end == 0 ? 1.0 : least_metric_);
    ends[end].resize(static_cast<std::size_t>(2 * half + 1));
    for (int residue = 0; residue < p; ++residue) {
      std::vector<Complex> samples;
      // The scatterer's place less the beam's.
      for (int i = residue; i <= 2 * half; i += p)
        samples.push_back(factor(-(i - half) * scale, zeta_m));
      spline_coefficients(samples);
      for (std::size_t i = 0; i < samples.size(); ++i) {
        ends[end][static_cast<std::size_t>(residue) + i * static_cast<std::size_t>(p)] = samples[i];
      }
    }
  }
  for (int level = 0; level < levels_; ++level) {
    const double blend = levels_ > 1 ? static_cast<double>(level) / (levels_ - 1) : 0.0;
    float* to = factors_.data() + level * view_.level_stride + node * view_.node_stride;
    for (int fine = -widest_; fine <= widest_; ++fine) {
      const auto i = static_cast<std::size_t>(fine + half);
      const Complex value = ends[0][i] + blend * (ends[1][i] - ends[0][i]);
      const int phase = ((fine % q) + q) % q;
      float* place = to + 2 * view_.stride * phase + (fine - phase) / q + pad_;
      place[0] = static_cast<float>(value.real());
      place[view_.stride] = static_cast<float>(value.imag());
    }
  }
}

std::vector<float> node_responses(const RangeAxis& axis, const DepthNodes& nodes) {
  const int padded = (axis.bins + 2) / 3 * 3;
  std::vector<float> weights(static_cast<std::size_t>(padded * nodes.count), 0.0f);
  if (axis.at_nodes) {
    for (int m = 0; m < nodes.count; ++m)
      weights[static_cast<std::size_t>(m * (nodes.count + 1))] = 1.0f;
    return weights;
  }
  const SharpResponse response(nodes.step_m / axis.cell_m);
  for (int b = 0; b < axis.bins; ++b) {
    for (int m = 0; m < nodes.count; ++m) {
      weights[static_cast<std::size_t>(b * nodes.count + m)] =
          static_cast<float>(response((nodes.node_m(m) - axis.bin_m(b)) / axis.cell_m));
    }
  }
  return weights;
}

}  // namespace thz::sim::internal
