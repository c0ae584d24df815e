#include "tile_points.h"

#include <algorithm>
#include <cmath>

#include "ray_quadrature.h"
#include "thz/core/constants.h"
#include "thz/core/version.h"

namespace thz::sim::internal {
namespace {

constexpr int kPointBlock = 16;  // points of a kernel come in multiples of this

std::size_t padded(std::size_t count) {
  return (count + kPointBlock - 1) / kPointBlock * kPointBlock;
}

}  // namespace

const TileKernel& tile_kernel() {
  const std::string set = instruction_set();
  if (set == "avx512") return kTileKernelAvx512;
  return set == "avx2" ? kTileKernelAvx2 : kTileKernelSse2;
}

RayFrame ray_frame(const RigidPose& world_from_body, double standoff_m) {
  const RigidPose inverse = world_from_body.inverse();
  RayFrame rays;
  for (int c = 0; c < 3; ++c) {
    rays.origin_m[c] = static_cast<float>(inverse.translation_m[c]);
    rays.axis_x[c] = static_cast<float>(inverse.rotation(c, 0));
    rays.axis_y[c] = static_cast<float>(inverse.rotation(c, 1));
    rays.axis_z[c] = static_cast<float>(inverse.rotation(c, 2));
  }
  rays.standoff_m = static_cast<float>(standoff_m);
  return rays;
}

TaperedReflection::TaperedReflection(const ScatterTable& material, const Sampling& sampling) {
  constexpr int kNodes = 1024;
  const double cos_end = std::cos(deg_to_rad(sampling.taper_end_deg));
  cos_end_ = static_cast<float>(cos_end);
  scale_ = static_cast<float>((kNodes - 1) / (1.0 - cos_end));
  for (int i = 0; i < kNodes; ++i) {
    const double c = cos_end + (1.0 - cos_end) * i / (kNodes - 1);
    nodes_.emplace_back(material.coherent(c) * coherent_taper(sampling, c));
  }
}

std::complex<float> TaperedReflection::operator()(float cos_incidence) const {
  const float position = std::max(0.0f, (cos_incidence - cos_end_) * scale_);
  const std::size_t i = std::min(static_cast<std::size_t>(position), nodes_.size() - 2);
  const float w = position - static_cast<float>(i);
  return nodes_[i] + w * (nodes_[i + 1] - nodes_[i]);
}

PropagationTable::PropagationTable(std::complex<double> exponent, double x0, double low,
                                   double high, int nodes)
    : low_(static_cast<float>(low)) {
  const double step = (high - low) / (nodes - 1.0);
  per_x_ = static_cast<float>(1.0 / step);
  per_node_ = std::complex<float>(exponent * step);
  for (int i = 0; i < nodes; ++i) nodes_.emplace_back(std::exp(exponent * (low + step * i - x0)));
}

std::complex<float> PropagationTable::operator()(float x) const {
  const float position = (x - low_) * per_x_;
  const int node = static_cast<int>(position + 0.5f);
  const std::complex<float> e = per_node_ * (position - static_cast<float>(node));
  return nodes_[static_cast<std::size_t>(node)] * (1.0f + e + 0.5f * e * e);
}

namespace {
// 11 rad over the unit of the factor, more than any fabric of ours has, and 5 rad of water.
constexpr int kThicknessNodes = 513;
constexpr int kWaterNodes = 129;
}  // namespace

ClothPhase::ClothPhase(const WornCloth& cloth)
    : thickness_(cloth.excess_per_m * cloth.thickness_m, 1.0, ClothScreen::kLeastFactor,
                 ClothScreen::kMostFactor, kThicknessNodes),
      water_(cloth.excess_per_kg_m2, 0.0, 0.0, std::max(cloth.screen->most_water_kg_m2(), 1e-6),
             kWaterNodes) {}

TilePoints::TilePoints(const TileKernel& kernel, const RayFrame& rays, const FootGrid& grid,
                       const Sampling& sampling, const Imager& imager)
    : kernel_(kernel),
      rays_(rays),
      grid_(grid),
      sampling_(sampling),
      wavenumber_(static_cast<float>(imager.beam.wavenumber())),
      cells_(std::make_unique<Cells>()),
      run_(std::make_unique<PatchRun>()) {}

void TilePoints::clear() {
  for (auto* list : {&x_, &y_, &near_, &zeta_, &facing_, &weight_}) list->clear();
  material_.clear();
  hidden_.clear();
  factor_.clear();
}

void TilePoints::add(float x, float y, float nearness) {
  x_.push_back(x);
  y_.push_back(y);
  near_.push_back(nearness);
  hidden_.push_back(0);
  factor_.emplace_back(1.0f);
}

double TilePoints::place(std::size_t i, Vec3& direction) const {
  const double x = grid_.x0_m + grid_.pitch_m * double{x_[i]};
  const double y = grid_.y0_m + grid_.pitch_m * double{y_[i]};
  const double r = double{rays_.standoff_m};
  const double inverse = 1.0 / std::sqrt(x * x + y * y + r * r);
  direction = Vec3(x * inverse, y * inverse, -r * inverse);
  return r + double{zeta_[i]};
}

template <typename Use>
void TilePoints::on_surface(const MappedSurface& surface, int steps, Use&& use) {
  PatchRun& run = *run_;
  const auto x0 = static_cast<float>(grid_.x0_m), y0 = static_cast<float>(grid_.y0_m);
  const auto pitch = static_cast<float>(grid_.pitch_m);
  for (std::size_t first = 0; first < pending_.size(); first += kRun) {
    const auto count = static_cast<int>(std::min<std::size_t>(kRun, pending_.size() - first));
    const auto whole = static_cast<int>(padded(static_cast<std::size_t>(count)));
    for (int i = 0; i < whole; ++i) {
      const Pending& p = pending_[first + static_cast<std::size_t>(std::min(i, count - 1))];
      const Facet& f = surface.facets.facets()[p.facet];
      const float dx = p.x - f.x0, dy = p.y - f.y0;
      run.x_m[i] = x0 + pitch * p.x;
      run.y_m[i] = y0 + pitch * p.y;
      run.u[i] = f.u0 + f.turn * (f.share1_x * dx + f.share1_y * dy);
      run.v[i] = f.v0 + f.turn * (f.share2_x * dx + f.share2_y * dy);
      run.triangle[i] = f.triangle;
    }
    kernel_.to_surface(surface.patches, rays_, steps, whole, run);
    use(run, first, count);
  }
}

void TilePoints::trace_cells(const MappedSurface& surface, std::size_t tile, const TileGrid& tiles,
                             float cos_end) {
  Cells& cells = *cells_;
  const int x0 = tiles.first_x(tile), y0 = tiles.first_y(tile);
  std::fill_n(cells.nearness, kTileCells, kFar);
  std::fill_n(cells.facet, kTileCells, -1);
  std::fill_n(cells.facing, kTileCells, -2.0f);
  std::fill_n(cells.row_faces, kTileSide, false);
  const ViewFacets& facets = surface.facets;
  kernel_.cover_grid(facets.facets(), facets.begin(tile), facets.count(tile),
                     static_cast<float>(x0), static_cast<float>(y0), cells.nearness, cells.facet);
  pending_.clear();
  for (int c = 0; c < kTileCells; ++c) {
    const int f = cells.facet[c];
    if (f < 0 || facets.facets()[f].may_face == 0) continue;
    pending_.push_back(
        {static_cast<float>(x0 + c % kTileSide), static_cast<float>(y0 + c / kTileSide), f, c});
  }
  on_surface(surface, 2, [&](const PatchRun& run, std::size_t first, int count) {
    for (int i = 0; i < count; ++i) {
      const int c = pending_[first + static_cast<std::size_t>(i)].cell;
      cells.zeta[c] = run.zeta_m[i];
      cells.facing[c] = run.facing[i];
      if (run.facing[i] > cos_end) cells.row_faces[c / kTileSide] = true;
      cells.normal_x[c] = run.normal_x[i];
      cells.normal_y[c] = run.normal_y[i];
      cells.material[c] =
          surface.mesh->material_at(static_cast<std::size_t>(run.triangle[i]), run.u[i], run.v[i]);
    }
  });
}

void TilePoints::cover_cells(const MappedSurface* cloth, std::size_t tile, const TileGrid& tiles) {
  Cells& cells = *cells_;
  std::fill_n(cells.covered, kTileCells, false);
  if (cloth == nullptr || cloth->facets.count(tile) == 0) return;
  std::fill_n(cells.cloth_nearness, kTileCells, kFar);
  std::fill_n(cells.cloth_facet, kTileCells, -1);
  const ViewFacets& facets = cloth->facets;
  kernel_.cover_grid(facets.facets(), facets.begin(tile), facets.count(tile),
                     static_cast<float>(tiles.first_x(tile)),
                     static_cast<float>(tiles.first_y(tile)), cells.cloth_nearness,
                     cells.cloth_facet);
  for (int c = 0; c < kTileCells; ++c) {
    cells.covered[c] = cells.cloth_facet[c] >= 0 && cells.cloth_nearness[c] > cells.nearness[c];
  }
}

bool TilePoints::is_curved(int cell) const {
  const Cells& cells = *cells_;
  const auto limit = static_cast<float>(sampling_.refine_phase_rad);
  for (const int step : {1, kTileSide}) {
    // Cells without a smooth place are misses, or so steep that an edge is near.
    if (cells.facing[cell - step] < -1.0f || cells.facing[cell + step] < -1.0f) return true;
    if (cells.material[cell - step] != cells.material[cell + step]) return true;
    if (cells.covered[cell - step] != cells.covered[cell + step]) return true;
    const float second =
        (cells.zeta[cell - step] - cells.zeta[cell]) - (cells.zeta[cell] - cells.zeta[cell + step]);
    if (2.0f * wavenumber_ * std::abs(second) > limit) return true;
  }
  return false;
}

void TilePoints::choose_cells(float cos_end, const TileGrid& tiles, std::size_t tile) {
  const Cells& cells = *cells_;
  const int columns = std::min(kTileSide - 1, grid_.nx - tiles.first_x(tile));
  const int rows = std::min(kTileSide - 1, grid_.ny - tiles.first_y(tile));
  whole_.clear();
  cut_.clear();
  for (int y = 1; y < rows; ++y) {
    if (!cells.row_faces[y - 1] && !cells.row_faces[y] && !cells.row_faces[y + 1]) continue;
    for (int x = 1; x < columns; ++x) {
      const int c = y * kTileSide + x;
      const bool inside = cells.facing[c] > cos_end;
      const bool neighbour = cells.facing[c - 1] > cos_end || cells.facing[c + 1] > cos_end ||
                             cells.facing[c - kTileSide] > cos_end ||
                             cells.facing[c + kTileSide] > cos_end;
      if (!inside && !neighbour) continue;
      const bool curved = !inside || is_curved(c);
      if (curved && sampling_.refine > 1) {
        cut_.push_back(c);
      } else if (inside) {
        whole_.push_back(c);
      }
    }
  }
}

std::size_t TilePoints::grow(std::size_t more) {
  const std::size_t before = x_.size(), after = before + more;
  for (auto* list : {&x_, &y_, &near_, &zeta_, &facing_, &weight_}) list->resize(after);
  material_.resize(after);
  hidden_.resize(after);
  factor_.resize(after, 1.0f);
  return before;
}

void TilePoints::shrink(std::size_t count) {
  for (auto* list : {&x_, &y_, &near_, &zeta_, &facing_, &weight_}) list->resize(count);
  material_.resize(count);
  hidden_.resize(count);
  factor_.resize(count);
}

void TilePoints::keep(std::size_t at, const PatchRun& run, int i, float nearness, int material) {
  near_[at] = nearness;
  zeta_[at] = run.zeta_m[i];
  facing_[at] = run.facing[i];
  weight_[at] = run.weight[i];
  material_[at] = material;
}

void TilePoints::keep_whole_cells(const TileGrid& tiles, std::size_t tile) {
  const Cells& cells = *cells_;
  const auto x0 = static_cast<float>(grid_.x0_m), y0 = static_cast<float>(grid_.y0_m);
  const auto pitch = static_cast<float>(grid_.pitch_m);
  PatchRun& run = *run_;
  const std::size_t before = grow(whole_.size());
  for (std::size_t first = 0; first < whole_.size(); first += kRun) {
    const auto count = static_cast<int>(std::min<std::size_t>(kRun, whole_.size() - first));
    const auto filled = static_cast<int>(padded(static_cast<std::size_t>(count)));
    for (int i = 0; i < filled; ++i) {
      const std::size_t n = first + static_cast<std::size_t>(std::min(i, count - 1));
      const int c = whole_[n];
      const auto x = static_cast<float>(tiles.first_x(tile) + c % kTileSide);
      const auto y = static_cast<float>(tiles.first_y(tile) + c / kTileSide);
      run.x_m[i] = x0 + pitch * x;
      run.y_m[i] = y0 + pitch * y;
      run.zeta_m[i] = cells.zeta[c];
      run.facing[i] = cells.facing[c];
      run.normal_x[i] = cells.normal_x[c];
      run.normal_y[i] = cells.normal_y[c];
      x_[before + n] = x;
      y_[before + n] = y;
    }
    kernel_.weigh_cells(rays_.standoff_m, wavenumber_, pitch, filled, run);
    for (int i = 0; i < count; ++i) {
      const std::size_t n = first + static_cast<std::size_t>(i);
      const int c = whole_[n];
      keep(before + n, run, i, cells.nearness[c], cells.material[c]);
    }
  }
}

void TilePoints::cover(const MappedSurface& surface, std::size_t tile, std::vector<float>& x,
                       std::vector<float>& y) {
  const std::size_t count = x.size(), whole = padded(count);
  x.resize(whole, x.back());
  y.resize(whole, y.back());
  part_near_.resize(whole);
  part_facet_.resize(whole);
  const ViewFacets& facets = surface.facets;
  kernel_.cover_points(facets.facets(), facets.begin(tile), facets.count(tile), x.data(), y.data(),
                       static_cast<long>(whole), part_near_.data(), part_facet_.data());
  x.resize(count);
  y.resize(count);
}

void TilePoints::keep_parts(const MappedSurface& surface, std::size_t tile, const TileGrid& tiles,
                            float cos_end) {
  const int n = sampling_.refine;
  const float step = 1.0f / static_cast<float>(n);
  part_x_.clear();
  part_y_.clear();
  for (const int c : cut_) {
    const auto x = static_cast<float>(tiles.first_x(tile) + c % kTileSide);
    const auto y = static_cast<float>(tiles.first_y(tile) + c / kTileSide);
    for (int i = 0; i < n * n; ++i) {
      part_x_.push_back(x + step * (static_cast<float>(i % n) - 0.5f * static_cast<float>(n - 1)));
      part_y_.push_back(y + step * (static_cast<float>(i / n) - 0.5f * static_cast<float>(n - 1)));
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
  const float pitch = static_cast<float>(grid_.pitch_m) * step;
  on_surface(surface, 2, [&](PatchRun& run, std::size_t first, int count) {
    kernel_.weigh_cells(rays_.standoff_m, wavenumber_, pitch,
                        static_cast<int>(padded(static_cast<std::size_t>(count))), run);
    std::size_t at = grow(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      if (!(run.facing[i] > cos_end)) continue;
      const Pending& p = pending_[first + static_cast<std::size_t>(i)];
      x_[at] = p.x;
      y_[at] = p.y;
      keep(
          at++, run, i, part_near_[static_cast<std::size_t>(p.cell)],
          surface.mesh->material_at(static_cast<std::size_t>(run.triangle[i]), run.u[i], run.v[i]));
    }
    shrink(at);
  });
}

void TilePoints::add_cells(const MappedSurface& surface, const MappedSurface* cloth,
                           std::size_t tile, const TileGrid& tiles, float cos_end) {
  trace_cells(surface, tile, tiles, cos_end);
  if (pending_.empty()) return;
  cover_cells(cloth, tile, tiles);
  choose_cells(cos_end, tiles, tile);
  keep_whole_cells(tiles, tile);
  keep_parts(surface, tile, tiles, cos_end);
}

void TilePoints::hide(const MappedSurface& surface, std::size_t tile) {
  // A point is hidden if the surface lies this much in front of it: more than the distance between
  // the curved patch and its facets, less than any feature. Nearness is z / (R - z).
  constexpr float kHiddenBy_m = 1.5e-3f;
  cover(surface, tile, x_, y_);
  for (std::size_t i = 0; i < x_.size(); ++i) {
    const float margin = kHiddenBy_m * (1.0f + near_[i]) * (1.0f + near_[i]) / rays_.standoff_m;
    hidden_[i] = part_near_[i] > near_[i] + margin ? 1 : 0;
  }
}

void TilePoints::pass_cloth(const WornCloth& cloth, const ClothPhase& phase,
                            const MappedSurface& surface, std::size_t tile) {
  if (surface.facets.count(tile) == 0) return;
  cover(surface, tile, x_, y_);
  pending_.clear();
  for (std::size_t i = 0; i < x_.size(); ++i) {
    if (part_facet_[i] < 0 || part_near_[i] <= near_[i] || hidden_[i] != 0) continue;
    pending_.push_back({x_[i], y_[i], part_facet_[i], static_cast<int>(i)});
  }
  on_surface(surface, 1, [&](const PatchRun& run, std::size_t first, int count) {
    float thickness[kRun], water[kRun];
    cloth.screen->evaluate(run.triangle, run.u, run.v, run.point_m[0], run.point_m[1],
                           run.point_m[2], static_cast<std::size_t>(count), thickness, water);
    for (int i = 0; i < count; ++i) {
      const std::complex<float> once =
          cloth.table->transmission(std::abs(run.facing[i])).mean * phase(thickness[i], water[i]);
      factor_[static_cast<std::size_t>(pending_[first + static_cast<std::size_t>(i)].cell)] =
          once * once;
    }
  });
}

}  // namespace thz::sim::internal
