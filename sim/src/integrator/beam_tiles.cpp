#include "thz/sim/beam_tiles.h"

#include <algorithm>
#include <cmath>

#include "scan_beams.h"

namespace thz::sim {

double BeamTiles::phase_rad(const Vec2& foot_m) const {
  const internal::PhaseTerms monomials(foot_m, phase_degree);
  double sum = 0.0;
  for (std::size_t i = 0; i < phase.size(); ++i) sum += phase[i] * monomials.value[i];
  return sum;
}

bool BeamTiles::fits(const ScanGeometry& scan, const RangeAxis& axis) const {
  using namespace internal;
  const Vec2 field = scan.field_of_view_m();
  if (!(frequency_hz > 0.0) || standoff_m != scan.standoff_m() || field_of_view_m != field ||
      lines != scan.lines() || samples_per_line != scan.samples_per_line() || !(cell_m > 0.0) ||
      !(half_width_m > 0.0) || !(tile_depth_m > 0.0) || lines_per_group < 1 || depth_groups < 1) {
    return false;
  }
  const DepthNodes nodes = depth_nodes(axis);
  const double first = nodes.first_m - standoff_m,
               last = nodes.node_m(nodes.count - 1) - standoff_m;
  constexpr double slack_m = 1e-9;
  if (first < first_depth_m - slack_m ||
      last > first_depth_m + depth_groups * tile_depth_m + slack_m) {
    return false;
  }
  const ApertureGrid grid(scan, cell_m, half_width_m);
  if (slabs != grid.slabs() || line_groups != (lines + lines_per_group - 1) / lines_per_group ||
      phase_degree < 1 || phase_degree > 16 ||
      phase.size() != PhaseTerms({0.0, 0.0}, phase_degree).value.size()) {
    return false;
  }
  const auto count = static_cast<std::size_t>(slabs) * static_cast<std::size_t>(line_groups) *
                     static_cast<std::size_t>(depth_groups);
  if (tiles.size() != count) return false;
  const int widest = ApertureGrid::fine_half(grid.x, half_width_m);
  const int highest = ApertureGrid::fine_half(grid.y, half_width_m);
  for (const Tile& tile : tiles) {
    if (tile.terms < 0 || tile.terms > 16 || tile.along_half < 0 || tile.along_half > widest ||
        tile.across_half < 0 || tile.across_half > highest || tile.along_at > values.size() ||
        tile.across_at > values.size()) {
      return false;
    }
    const int phases = grid.x.per_position();
    if (AlongLayout(tile.along_half, phases).floats(tile.terms, phases) >
            values.size() - tile.along_at ||
        AcrossLayout(tile.across_half).floats(tile.terms, lines_per_group) >
            values.size() - tile.across_at) {
      return false;
    }
  }
  return std::all_of(phase.begin(), phase.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace thz::sim
