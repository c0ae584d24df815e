#include <algorithm>
#include <cmath>

#include "tile_points.h"

namespace thz::sim::internal {
namespace {

/// A second difference of range this many times the one that cuts a cell is no bend but an edge.
constexpr float kFold = 20.0f;

void list_marks(const unsigned* marks, std::vector<int>& cells) {
  cells.clear();
  for (int y = 0; y < kTileSide; ++y) {
    for (unsigned bits = marks[y]; bits != 0; bits &= bits - 1) {
      cells.push_back(y * kTileSide + __builtin_ctz(bits));
    }
  }
}

}  // namespace

void TilePoints::trace_cells(const MappedSurface& surface, std::size_t tile) {
  Cells& cells = *cells_;
  std::fill_n(cells.nearness, kTileCells, kFar);
  std::fill_n(cells.facet, kTileCells, -1);
  std::fill_n(cells.facing, kTileCells, -2.0f);
  const ViewFacets& facets = surface.facets;
  pending_.clear();
  if (facets.count(tile) == 0) return;
  kernel_.cover_grid(facets.facets(), facets.begin(tile), facets.count(tile), corner_x_, corner_y_,
                     cells.nearness, cells.facet);
  // Written first and counted afterwards: whether a cell faces the beam is hard to foresee.
  pending_.resize(kTileCells + 1);
  const int any = facets.begin(tile)[0];
  std::size_t found = 0;
  for (int c = 0; c < kTileCells; ++c) {
    const int f = cells.facet[c];
    pending_[found] = {cell_x(c), cell_y(c), f, c};
    const bool faces = facets.facets()[f < 0 ? any : f].may_face != 0;
    found += static_cast<std::size_t>((f >= 0) & faces);
  }
  pending_.resize(found);
  on_surface(surface, pending_, 2, [&](PatchRun& run, std::size_t first, int count) {
    kernel_.weigh_cells(rays_.standoff_m, wavenumber_, frame_.pitch_m, padded_to_lanes(count), run);
    for (int i = 0; i < count; ++i) {
      const int c = pending_[first + static_cast<std::size_t>(i)].cell;
      cells.zeta[c] = run.zeta_m[i];
      cells.facing[c] = run.facing[i];
      cells.weight[c] = run.weight[i];
      cells.u[c] = run.u[i];
      cells.v[c] = run.v[i];
      cells.material[c] =
          surface.mesh->material_at(static_cast<std::size_t>(run.triangle[i]), run.u[i], run.v[i]);
    }
  });
}

void TilePoints::cover_cells(const MappedSurface& cloth, std::size_t tile) {
  Cells& cells = *cells_;
  std::fill_n(cells.cloth_nearness, kTileCells, kFar);
  std::fill_n(cells.cloth_facet, kTileCells, -1);
  const ViewFacets& facets = cloth.facets;
  kernel_.cover_grid(facets.facets(), facets.begin(tile), facets.count(tile), corner_x_, corner_y_,
                     cells.cloth_nearness, cells.cloth_facet);
  for (int c = 0; c < kTileCells; ++c) {
    cells.covered[c] = (cells.cloth_facet[c] >= 0) & (cells.cloth_nearness[c] > cells.nearness[c]);
  }
}

void TilePoints::choose_cells(float cos_end, bool under_cloth) {
  const Cells& cells = *cells_;
  // Second differences of a phase are those of the range times 2 k.
  const float smooth_m = sampling_.refine > 1
                             ? static_cast<float>(sampling_.refine_phase_rad) / (2.0f * wavenumber_)
                             : 1e30f;
  CellMarks marks;
  kernel_.judge_cells(
      {cells.zeta, cells.facing, cells.material, under_cloth ? cells.covered : nullptr},
      {cos_end, smooth_m, kFold * smooth_m},
      std::min(kTileSide - 1, grid_.nx - static_cast<int>(corner_x_)),
      std::min(kTileSide - 1, grid_.ny - static_cast<int>(corner_y_)), marks);
  list_marks(marks.whole, whole_);
  list_marks(marks.curved, curved_);
  list_marks(marks.edge, edge_);
  if (sampling_.refine > 1) return;
  // Nothing is cut: what lies inside the taper counts as it is.
  for (const int c : edge_) {
    if (cells.facing[c] > cos_end) whole_.push_back(c);
  }
  edge_.clear();
}

void TilePoints::keep_whole_cells() {
  const Cells& cells = *cells_;
  std::size_t at = grow(whole_.size());
  for (const int c : whole_) {
    x_[at] = cell_x(c);
    y_[at] = cell_y(c);
    near_[at] = cells.nearness[c];
    zeta_[at] = cells.zeta[c];
    facing_[at] = cells.facing[c];
    weight_[at] = cells.weight[c];
    material_[at] = cells.material[c];
    cell_[at++] = c;
  }
}

void TilePoints::keep_part(const MappedSurface& surface, int i, float x, float y, float nearness,
                           int cell, float cos_end, std::size_t& at) {
  const PatchRun& run = *run_;
  x_[at] = x;
  y_[at] = y;
  near_[at] = nearness;
  zeta_[at] = run.zeta_m[i];
  facing_[at] = run.facing[i];
  weight_[at] = run.weight[i];
  material_[at] =
      surface.mesh->material_at(static_cast<std::size_t>(run.triangle[i]), run.u[i], run.v[i]);
  cell_[at] = cell;
  at += run.facing[i] > cos_end ? 1 : 0;
}

void TilePoints::keep_started_parts(const MappedSurface& surface, float cos_end) {
  PatchRun& run = *run_;
  const auto count = static_cast<int>(pending_.size());
  if (count == 0) return;
  const int whole = padded_to_lanes(count);
  for (int i = count; i < whole; ++i) {
    for (auto* list : {run.x_m, run.y_m, run.u, run.v}) list[i] = list[count - 1];
    run.triangle[i] = run.triangle[count - 1];
  }
  kernel_.to_surface(surface.patches, rays_, 2, whole, run);
  kernel_.weigh_cells(rays_.standoff_m, wavenumber_, part_pitch_m(), whole, run);
  std::size_t at = grow(pending_.size());
  for (int i = 0; i < count; ++i) {
    const FacetHit& p = pending_[static_cast<std::size_t>(i)];
    keep_part(surface, i, p.x, p.y, cells_->nearness[p.cell], p.cell, cos_end, at);
  }
  shrink(at);
  pending_.clear();
}

void TilePoints::keep_curved_parts(const MappedSurface& surface, float cos_end) {
  const Cells& cells = *cells_;
  PatchRun& run = *run_;
  pending_.clear();
  for (const int c : curved_) {
    const Facet& f = surface.facets.facets()[cells.facet[c]];
    for (std::size_t part = 0; part < part_dx_.size(); ++part) {
      const float dx = part_dx_[part], dy = part_dy_[part];
      const float x = cell_x(c) + dx, y = cell_y(c) + dy;
      const float u = cells.u[c] + f.turn * (f.share1_x * dx + f.share1_y * dy);
      const float v = cells.v[c] + f.turn * (f.share2_x * dx + f.share2_y * dy);
      if (u < 0.0f || v < 0.0f || u + v > 1.0f) {
        part_x_.push_back(x);
        part_y_.push_back(y);
        continue;
      }
      const std::size_t i = pending_.size();
      run.x_m[i] = frame_.x0_m + frame_.pitch_m * x;
      run.y_m[i] = frame_.y0_m + frame_.pitch_m * y;
      run.u[i] = u;
      run.v[i] = v;
      run.triangle[i] = f.triangle;
      pending_.push_back({x, y, cells.facet[c], c});
      if (pending_.size() == kRun) keep_started_parts(surface, cos_end);
    }
  }
  keep_started_parts(surface, cos_end);
}

void TilePoints::keep_edge_parts(const MappedSurface& surface, std::size_t tile, float cos_end) {
  for (const int c : edge_) {
    for (std::size_t i = 0; i < part_dx_.size(); ++i) {
      part_x_.push_back(cell_x(c) + part_dx_[i]);
      part_y_.push_back(cell_y(c) + part_dy_[i]);
    }
  }
  if (part_x_.empty()) return;
  cover(surface, tile, part_x_, part_y_);
  const Facet* facets = surface.facets.facets();
  pending_.clear();
  for (std::size_t i = 0; i < part_x_.size(); ++i) {
    const int f = part_facet_[i];
    if (f < 0 || facets[f].may_face == 0) continue;
    pending_.push_back({part_x_[i], part_y_[i], f, static_cast<int>(i)});
  }
  on_surface(surface, pending_, 2, [&](PatchRun& run, std::size_t first, int count) {
    kernel_.weigh_cells(rays_.standoff_m, wavenumber_, part_pitch_m(), padded_to_lanes(count), run);
    std::size_t at = grow(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      const FacetHit& p = pending_[first + static_cast<std::size_t>(i)];
      keep_part(surface, i, p.x, p.y, part_near_[static_cast<std::size_t>(p.cell)], -1, cos_end,
                at);
    }
    shrink(at);
  });
}

void TilePoints::add_cells(const MappedSurface& surface, const MappedSurface* cloth,
                           std::size_t tile, const TileGrid& tiles, float cos_end) {
  corner_x_ = static_cast<float>(tiles.first_x(tile));
  corner_y_ = static_cast<float>(tiles.first_y(tile));
  trace_cells(surface, tile);
  if (pending_.empty()) return;
  const bool under_cloth = cloth != nullptr && cloth->facets.count(tile) > 0;
  if (under_cloth) cover_cells(*cloth, tile);
  choose_cells(cos_end, under_cloth);
  keep_whole_cells();
  part_x_.clear();
  part_y_.clear();
  keep_curved_parts(surface, cos_end);
  keep_edge_parts(surface, tile, cos_end);
}

}  // namespace thz::sim::internal
