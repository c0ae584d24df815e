// The pair kernel for one instruction set. The including file defines THZ_LANES and
// THZ_KERNEL_NAME.

#include "lanes.inl"
#include "pair_kernel.h"

namespace thz::sim::internal {
namespace {

/// g exp(-C chord^2) of one scatterer at a block of scan positions.
inline void pair_values(const PairSource& source, Lanes x, Lanes y, Lanes kappa, Lanes& re,
                        Lanes& im) {
  const Lanes dx = x - source.x;
  const Lanes dy = y - source.y;
  const Lanes chord2 = (dx * dx + dy * dy) * kappa;
  const Lanes magnitude = exp2_lanes(chord2 * source.decay + source.octaves);
  Lanes sine, cosine;
  sin_cos_turns(chord2 * source.bend + source.turns, sine, cosine);
  re = magnitude * cosine;
  im = magnitude * sine;
}

/// Scatterers in a row that share their depth nodes and blocks of scan positions.
struct Group {
  long count;
  long first_block, last_block;
};

inline Group next_group(const PairSource* sources, long count) {
  const auto first_block = [](const PairSource& s) { return s.first_sample / THZ_LANES; };
  const auto last_block = [](const PairSource& s) {
    return (s.first_sample + s.samples - 1) / THZ_LANES;
  };
  constexpr long kLongest = 16;  // past it the sums' loads and stores no longer count
  const Group group{1, first_block(sources[0]), last_block(sources[0])};
  long n = 1;
  while (n < count && n < kLongest && sources[n].node == sources[0].node &&
         first_block(sources[n]) == group.first_block &&
         last_block(sources[n]) == group.last_block) {
    ++n;
  }
  return {n, group.first_block, group.last_block};
}

}  // namespace

void THZ_KERNEL_NAME(const PairSource* sources, long count, const float* x, const float* y,
                     const float* kappa, float* sum, long nodes) {
  const auto* line_x = reinterpret_cast<const Lanes*>(x);
  const auto* line_y = reinterpret_cast<const Lanes*>(y);
  const auto* line_kappa = reinterpret_cast<const Lanes*>(kappa);
  auto* sums = reinterpret_cast<Lanes*>(sum);
  for (const PairSource* end = sources + count; sources < end;) {
    const Group group = next_group(sources, end - sources);
    for (long block = group.first_block; block <= group.last_block; ++block) {
      Lanes* node = sums + 2 * (block * nodes + sources->node);
      // In registers while the group is summed: each scatterer would read and write all eight.
      Lanes r0 = node[0], i0 = node[1], r1 = node[2], i1 = node[3];
      Lanes r2 = node[4], i2 = node[5], r3 = node[6], i3 = node[7];
      for (const PairSource* s = sources; s < sources + group.count; ++s) {
        Lanes re, im;
        pair_values(*s, line_x[block], line_y[block], line_kappa[block], re, im);
        r0 += s->weight[0] * re, i0 += s->weight[0] * im;
        r1 += s->weight[1] * re, i1 += s->weight[1] * im;
        r2 += s->weight[2] * re, i2 += s->weight[2] * im;
        r3 += s->weight[3] * re, i3 += s->weight[3] * im;
      }
      node[0] = r0, node[1] = i0, node[2] = r1, node[3] = i1;
      node[4] = r2, node[5] = i2, node[6] = r3, node[7] = i3;
    }
    sources += group.count;
  }
}

}  // namespace thz::sim::internal
