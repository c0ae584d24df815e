#include <algorithm>
#include <cmath>

#include "frame_grid.h"
#include "pair_kernel.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/core/version.h"
#include "thz/sim/integrator.h"
#include "thz/sim/window.h"

namespace thz::sim {
namespace {

using Complex = std::complex<double>;
using internal::aligned_floats;
using internal::AlignedFloats;
using internal::depth_nodes;
using internal::DepthNodes;
using internal::floats;
using internal::PairKernel;
using internal::PairSource;

constexpr int kWidest = 16;  // lanes of the widest kernel

std::size_t padded_samples(const ScanGeometry& scan) {
  return static_cast<std::size_t>((scan.samples_per_line() + kWidest - 1) / kWidest * kWidest);
}

/// Stereographic coordinates of the scan positions of one line, padded for the widest kernel.
struct LineAxes {
  AlignedFloats x, y, kappa;

  LineAxes(const ScanGeometry& scan, int line)
      : x(aligned_floats(padded_samples(scan))), y(x), kappa(x) {
    for (std::size_t s = 0; s < padded_samples(scan); ++s) {
      const StereoPoint point =
          stereographic(scan.direction(scan.foot_m(line, static_cast<int>(s))));
      floats(x)[s] = static_cast<float>(point.x);
      floats(y)[s] = static_cast<float>(point.y);
      floats(kappa)[s] = static_cast<float>(point.kappa());
    }
  }
};

/// Weights of nodes at -1, 0, 1, 2; t in [0, 1].
void lagrange4(double t, float weight[4]) {
  weight[0] = static_cast<float>(-t * (t - 1.0) * (t - 2.0) / 6.0);
  weight[1] = static_cast<float>((t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0);
  weight[2] = static_cast<float>(-(t + 1.0) * t * (t - 2.0) / 2.0);
  weight[3] = static_cast<float>((t + 1.0) * t * (t - 1.0) / 6.0);
}

/// A scatterer with everything that does not depend on the scan position, and its reach.
struct Prepared {
  PairSource source;
  int first_line = 0;
  int last_line = -1;  // inclusive; empty when last < first
  // Where the beam's foot meets the scatterer, and the ellipse around it that it reaches.
  float centre_line, centre_sample;
  float reach_lines, reach_samples;

  /// The source with the samples of one line within reach; none if samples <= 0.
  PairSource on_line(int line, int samples_per_line) const {
    const float across = (static_cast<float>(line) - centre_line) / reach_lines;
    const float half = reach_samples * std::sqrt(std::max(0.0f, 1.0f - across * across));
    PairSource cut = source;
    cut.first_sample = std::max(0, static_cast<int>(std::ceil(centre_sample - half)));
    const int last =
        std::min(samples_per_line - 1, static_cast<int>(std::floor(centre_sample + half)));
    cut.samples = last - cut.first_sample + 1;
    return cut;
  }
};

class Preparer {
 public:
  Preparer(const BeamOptions& beam, const ScanGeometry& scan, const DepthNodes& nodes,
           double cutoff)
      : scan_(scan),
        nodes_(nodes),
        k_(beam.wavenumber()),
        w0_(beam.waist_m),
        z_r_(beam.rayleigh_range_m()),
        log_cutoff_(std::log(1.0 / cutoff)) {}

  Prepared operator()(const Vec3& direction, double range_m, Complex gamma) const {
    const Complex j(0.0, 1.0);
    const double zeta = range_m - scan_.standoff_m();
    const StereoPoint point = stereographic(direction);
    const Complex defocus = 1.0 / (1.0 - j * (zeta / z_r_));
    // Curvature about the beam's focus less that of the sphere about the pivot (-jka).
    const Complex c = 2.0 * range_m * range_m / (w0_ * w0_) * defocus - j * (k_ * range_m);
    const double turns = zeta * (k_ / kPi);  // 2 k zeta / 2 pi
    const double phase = -2.0 * kPi * (turns - std::rint(turns));
    const Complex g =
        gamma * (2.0 / (kPi * w0_ * w0_)) * defocus * defocus * std::polar(1.0, phase);

    Prepared result;
    PairSource& s = result.source;
    const double kappa = point.kappa();
    s.x = static_cast<float>(point.x);
    s.y = static_cast<float>(point.y);
    constexpr double log2e = 1.4426950408889634;
    s.decay = static_cast<float>(-c.real() * kappa * log2e);
    s.bend = static_cast<float>(-c.imag() * kappa / (2.0 * kPi));
    // Far below any other scatterer, and finite, where nothing is reflected.
    s.octaves = static_cast<float>(std::max(-1e4, std::log2(std::abs(g))));
    s.turns = static_cast<float>(std::arg(g) / (2.0 * kPi));
    const double place = (range_m - nodes_.first_m) / nodes_.step_m;
    const double floor_place = std::floor(place);
    if (!nodes_.holds(range_m)) return result;  // out of the gate
    s.node = static_cast<int>(floor_place) - 1;
    lagrange4(place - floor_place, s.weight);
    // exp(-Re C |de|^2) falls to the cutoff at this chord; seen in the plane z = 0 a chord is
    // stretched by at most 1 / cos^2 of the field's corner, half a percent.
    const double reach_m = 1.005 * scan_.standoff_m() * std::sqrt(log_cutoff_ / c.real());
    set_reach(direction, reach_m, result);
    return result;
  }

 private:
  void set_reach(const Vec3& direction, double reach_m, Prepared& p) const {
    const Vec2 foot = direction.head<2>() * (scan_.standoff_m() / -direction.z());
    const Vec2 first = scan_.foot_m(0, 0);
    const double dx = scan_.foot_m(0, 1).x() - first.x();
    const double dy = first.y() - scan_.foot_m(1, 0).y();
    p.centre_sample = static_cast<float>((foot.x() - first.x()) / dx);
    p.centre_line = static_cast<float>((first.y() - foot.y()) / dy);
    p.reach_samples = static_cast<float>(reach_m / dx);
    p.reach_lines = static_cast<float>(reach_m / dy);
    if (p.centre_sample + p.reach_samples < 0.0f ||
        p.centre_sample - p.reach_samples > static_cast<float>(scan_.samples_per_line() - 1)) {
      return;
    }
    p.first_line = std::max(0, static_cast<int>(std::ceil(p.centre_line - p.reach_lines)));
    p.last_line =
        std::min(scan_.lines() - 1, static_cast<int>(std::floor(p.centre_line + p.reach_lines)));
  }

  const ScanGeometry& scan_;
  DepthNodes nodes_;
  double k_, w0_, z_r_, log_cutoff_;
};

/// For each line, the scatterers that reach it, in their original order (counting sort).
struct LineLists {
  std::vector<std::size_t> start;  // [lines + 1]
  std::vector<uint32_t> index;
};

LineLists make_line_lists(const std::vector<Prepared>& prepared, int lines) {
  LineLists lists;
  lists.start.assign(static_cast<std::size_t>(lines) + 1, 0);
  for (const Prepared& p : prepared) {
    for (int l = p.first_line; l <= p.last_line; ++l)
      ++lists.start[static_cast<std::size_t>(l) + 1];
  }
  for (std::size_t l = 1; l < lists.start.size(); ++l) lists.start[l] += lists.start[l - 1];
  lists.index.resize(lists.start.back());
  std::vector<std::size_t> next(lists.start.begin(), lists.start.end() - 1);
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    for (int l = prepared[i].first_line; l <= prepared[i].last_line; ++l) {
      lists.index[next[static_cast<std::size_t>(l)]++] = static_cast<uint32_t>(i);
    }
  }
  return lists;
}

std::vector<Prepared> prepare_all(const Scatterers& scatterers, const Preparer& prepare,
                                  int threads) {
  std::vector<Prepared> prepared(scatterers.size());
  constexpr std::size_t block = 4096;
  parallel_for((scatterers.size() + block - 1) / block, threads, [&](std::size_t b) {
    const std::size_t end = std::min(scatterers.size(), (b + 1) * block);
    for (std::size_t i = b * block; i < end; ++i) {
      prepared[i] = prepare(scatterers.direction[i], scatterers.range_m[i], scatterers.gamma[i]);
    }
  });
  return prepared;
}

/// Bins of one line from its depth nodes: S[b] = sum_m p((a_m - a_b) / cell) T[m].
/// @param sum  [block][node][re, im][lane].
template <int kLanes>
void spread_to_bins(const float* sum, const std::vector<float>& response, int node_count, int line,
                    RangeFrame& frame) {
  constexpr int kWidth = 2 * kLanes;
  const int samples = frame.bins[0].cols;
  for (int first = 0; first < samples; first += kLanes, sum += node_count * kWidth) {
    for (std::size_t b = 0; b < frame.bins.size(); ++b) {
      const float* weight = response.data() + b * static_cast<std::size_t>(node_count);
      float total[kWidth] = {};
      for (int m = 0; m < node_count; ++m) {
        if (weight[m] == 0.0f) continue;
        for (int i = 0; i < kWidth; ++i) total[i] += weight[m] * sum[m * kWidth + i];
      }
      auto* out = frame.bins[b].row(line) + first;
      for (int i = 0; i < std::min(kLanes, samples - first); ++i) {
        out[i] = {total[i], total[kLanes + i]};
      }
    }
  }
}

std::vector<float> bin_responses(const RangeAxis& axis, const DepthNodes& nodes) {
  std::vector<float> response;
  for (int b = 0; b < axis.bins; ++b) {
    for (int m = 0; m < nodes.count; ++m) {
      if (axis.at_nodes) {
        response.push_back(b == m ? 1.0f : 0.0f);
        continue;
      }
      const double offset = (nodes.first_m + nodes.step_m * m - axis.bin_m(b)) / axis.cell_m;
      // Beyond eight cells the response is below -80 dB.
      response.push_back(std::abs(offset) > 8.0
                             ? 0.0f
                             : static_cast<float>(range_response(WindowKind::kHann, offset)));
    }
  }
  return response;
}

/// What depends on the width of the instruction set.
struct Kernel {
  PairKernel sum_pairs;
  void (*spread)(const float* sum, const std::vector<float>& response, int node_count, int line,
                 RangeFrame& frame);
};

Kernel kernel_for(const std::string& instruction_set) {
  if (instruction_set == "avx512") return {internal::pair_kernel_avx512, spread_to_bins<16>};
  if (instruction_set == "avx2") return {internal::pair_kernel_avx2, spread_to_bins<8>};
  return {internal::pair_kernel_sse2, spread_to_bins<4>};
}

RangeFrame sum_pairs(const BeamOptions& beam, const ScanGeometry& scan,
                     const Scatterers& scatterers, const RangeAxis& range_axis,
                     const FrameSumOptions& options) {
  THZ_REQUIRE(range_axis.bins > 0 && range_axis.cell_m > 0.0, "the range axis is empty");
  const DepthNodes nodes = depth_nodes(range_axis);
  const auto prepared =
      prepare_all(scatterers, Preparer(beam, scan, nodes, options.cutoff), options.threads);
  const LineLists lists = make_line_lists(prepared, scan.lines());
  const std::vector<float> response = bin_responses(range_axis, nodes);
  const Kernel kernel = kernel_for(instruction_set());

  RangeFrame frame;
  frame.bins.assign(static_cast<std::size_t>(range_axis.bins),
                    ImageC(scan.lines(), scan.samples_per_line()));
  parallel_for(static_cast<std::size_t>(scan.lines()), options.threads, [&](std::size_t l) {
    const LineAxes axes(scan, static_cast<int>(l));
    AlignedFloats sum =
        aligned_floats(padded_samples(scan) * 2 * static_cast<std::size_t>(nodes.count));
    std::vector<PairSource> run;
    run.reserve(lists.start[l + 1] - lists.start[l]);
    for (std::size_t i = lists.start[l]; i < lists.start[l + 1]; ++i) {
      run.push_back(prepared[lists.index[i]].on_line(static_cast<int>(l), scan.samples_per_line()));
      if (run.back().samples <= 0) run.pop_back();
    }
    kernel.sum_pairs(run.data(), static_cast<long>(run.size()), floats(axes.x), floats(axes.y),
                     floats(axes.kappa), floats(sum), nodes.count);
    kernel.spread(floats(sum), response, nodes.count, static_cast<int>(l), frame);
  });
  return frame;
}

}  // namespace

RangeAxis depth_axis(const RangeAxis& axis) {
  const DepthNodes nodes = depth_nodes(axis);
  RangeAxis at_nodes = axis;
  at_nodes.first_m = nodes.first_m;
  at_nodes.spacing_m = nodes.step_m;
  at_nodes.bins = nodes.count;
  at_nodes.at_nodes = true;
  return at_nodes;
}

RangeFrame sum_frame(const BeamOptions& beam, const ScanGeometry& scan,
                     const Scatterers& scatterers, const RangeAxis& range_axis,
                     const FrameSumOptions& options) {
  return options.method == SumMethod::kDirect
             ? sum_pairs(beam, scan, scatterers, range_axis, options)
             : internal::sum_product(beam, scan, scatterers, range_axis, options);
}

std::size_t count_pairs(const BeamOptions& beam, const ScanGeometry& scan,
                        const Scatterers& scatterers, const FrameSumOptions& options) {
  RangeAxis wide;
  wide.cell_m = 1.0;
  wide.bins = 1;
  wide.first_m = scan.standoff_m();
  wide.nodes_per_cell = 1;
  const Preparer prepare(beam, scan, depth_nodes(wide), options.cutoff);
  std::size_t pairs = 0;
  for (const Prepared& p : prepare_all(scatterers, prepare, options.threads)) {
    for (int line = p.first_line; line <= p.last_line; ++line) {
      pairs +=
          static_cast<std::size_t>(std::max(0, p.on_line(line, scan.samples_per_line()).samples));
    }
  }
  return pairs;
}

}  // namespace thz::sim
