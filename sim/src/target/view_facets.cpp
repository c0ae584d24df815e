#include "view_facets.h"

#include <algorithm>
#include <cmath>

#include "thz/core/parallel.h"

namespace thz::sim::internal {
namespace {

constexpr std::size_t kChunk = 1024;  // triangles a task
/// Cosine either side of grazing within which a triangle may hold a piece of outline: its facets
/// lean by some degrees from its normals.
constexpr float kOutline = 0.1f;
/// Sine of the half cone of normals from which a triangle is too bent for one facet (25 degrees).
constexpr float kBent = 0.42f;

}  // namespace

/// Places in the body frame to cells of the grid and nearness.
struct ViewFacets::Projector {
  float rotation[9], translation[3], standoff, scale, x0, y0;

  Projector(const RigidPose& pose, double standoff_m, const FootGrid& grid)
      : standoff(static_cast<float>(standoff_m)),
        scale(static_cast<float>(standoff_m / grid.pitch_m)),
        x0(static_cast<float>(grid.x0_m / grid.pitch_m)),
        y0(static_cast<float>(grid.y0_m / grid.pitch_m)) {
    for (int i = 0; i < 3; ++i) {
      translation[i] = static_cast<float>(pose.translation_m[i]);
      for (int j = 0; j < 3; ++j) rotation[3 * i + j] = static_cast<float>(pose.rotation(i, j));
    }
  }

  Corner operator()(const float* p) const {
    float world[3];
    for (int i = 0; i < 3; ++i) {
      world[i] = rotation[3 * i] * p[0] + rotation[3 * i + 1] * p[1] + rotation[3 * i + 2] * p[2] +
                 translation[i];
    }
    const float inverse = 1.0f / (standoff - world[2]);
    return {world[0] * inverse * scale - x0, world[1] * inverse * scale - y0, world[2] * inverse};
  }

  /// Cosine between a normal of the body and the way back to the pivot from a place.
  float facing(const float* p, const float* n) const {
    float dot = 0.0f, square = 0.0f;
    for (int i = 0; i < 3; ++i) {
      const float* row = rotation + 3 * i;
      const float back = (i == 2 ? standoff : 0.0f) - translation[i] -
                         (row[0] * p[0] + row[1] * p[1] + row[2] * p[2]);
      dot += back * (row[0] * n[0] + row[1] * n[1] + row[2] * n[2]);
      square += back * back;
    }
    return dot / std::sqrt(square);
  }
};

ViewFacets::ViewFacets(const PatchMesh& mesh, const RigidPose& world_from_body, double standoff_m,
                       const FootGrid& grid, const TileGrid& tiles, double cos_least, int threads) {
  const Projector project(world_from_body, standoff_m, grid);
  one_sided_ = mesh.closed();
  classify(mesh, project, cos_least, threads);
  list_by_tile(flatten(mesh, project, grid, threads), tiles, threads);
}

void ViewFacets::classify(const PatchMesh& mesh, const Projector& project, double cos_least,
                          int threads) {
  const std::size_t count = mesh.triangles();
  may_face_.resize(count);
  detail_.assign(count, kCoarse);
  const auto least = static_cast<float>(cos_least);
  parallel_for((count + kChunk - 1) / kChunk, threads, [&](std::size_t chunk) {
    const std::size_t last = std::min(count, (chunk + 1) * kChunk);
    for (std::size_t t = chunk * kChunk; t < last; ++t) {
      const PatchMesh::NormalCone& cone = mesh.cone(t);
      const float* place = mesh.nodes()[static_cast<std::size_t>(mesh.corners(t)[0])].position_m;
      const float c = project.facing(place, cone.axis);
      const float s = std::sqrt(std::max(0.0f, 1.0f - c * c));
      const float widest = c * cone.cos_half - s * cone.sin_half;
      const float narrowest = c * cone.cos_half + s * cone.sin_half;
      // Within the half cone about the axis the narrowest angle is none at all.
      may_face_[t] = narrowest > least || c > cone.cos_half ? 1 : 0;
      if (one_sided_ && narrowest < -kOutline && cone.cos_half > 0.0f) {
        detail_[t] = kAway;
        continue;
      }
      const bool bent = cone.sin_half > kBent || cone.cos_half < 0.0f;
      if (mesh.side() > 1 && (bent || (widest < kOutline && narrowest > -kOutline))) {
        detail_[t] = kFine;
      }
    }
  });
  std::vector<uint8_t> at_fine(mesh.coarse_vertices());
  for (std::size_t t = 0; t < count; ++t) {
    if (detail_[t] != kFine) continue;
    for (const int32_t v : mesh.corners(t)) at_fine[static_cast<std::size_t>(v)] = 1;
  }
  for (std::size_t t = 0; t < count; ++t) {
    if (detail_[t] != kCoarse) continue;
    for (const int32_t v : mesh.corners(t)) {
      if (at_fine[static_cast<std::size_t>(v)] != 0) detail_[t] = kBoth;
    }
  }
}

void ViewFacets::add_facet(const Corner& a, const Corner& b, const Corner& c, std::size_t triangle,
                           float u0, float v0, float turn, const FootGrid& grid,
                           std::vector<Facet>& out) const {
  Facet f;
  f.low_x = std::min({a.x, b.x, c.x});
  f.high_x = std::max({a.x, b.x, c.x});
  f.low_y = std::min({a.y, b.y, c.y});
  f.high_y = std::max({a.y, b.y, c.y});
  if (!(f.high_x >= -1.0f && f.high_y >= -1.0f && f.low_x <= static_cast<float>(grid.nx) &&
        f.low_y <= static_cast<float>(grid.ny))) {
    return;
  }
  const float bx = b.x - a.x, by = b.y - a.y, cx = c.x - a.x, cy = c.y - a.y;
  const float area = bx * cy - by * cx;
  if (one_sided_ && area < 0.0f) return;
  // Seen from the edge: thinner than a millionth of a cell.
  if (std::abs(area) < 1e-6f * (std::abs(bx) + std::abs(by) + std::abs(cx) + std::abs(cy))) return;
  f.x0 = a.x;
  f.y0 = a.y;
  f.share1_x = cy / area;
  f.share1_y = -cx / area;
  f.share2_x = -by / area;
  f.share2_y = bx / area;
  f.near0 = a.near;
  f.near_x = f.share1_x * (b.near - a.near) + f.share2_x * (c.near - a.near);
  f.near_y = f.share1_y * (b.near - a.near) + f.share2_y * (c.near - a.near);
  f.triangle = static_cast<int>(triangle);
  f.u0 = u0;
  f.v0 = v0;
  f.turn = turn;
  f.may_face = may_face_[triangle];
  out.push_back(f);
}

void ViewFacets::add_patch(const PatchMesh& mesh, const Projector& project, const FootGrid& grid,
                           std::size_t triangle, std::vector<Facet>& out) const {
  const int side = mesh.side();
  const auto nodes = static_cast<std::size_t>(patch_node_count(side));
  const int32_t* patch = &mesh.patch_nodes()[triangle * nodes];
  Corner corner[patch_node_count(8)];
  for (std::size_t i = 0; i < nodes; ++i) {
    corner[i] = project(mesh.nodes()[static_cast<std::size_t>(patch[i])].position_m);
  }
  const float step = 1.0f / static_cast<float>(side);
  for (int j = 0; j < side; ++j) {
    for (int i = 0; i + j < side; ++i) {
      const Corner& east = corner[patch_node(side, i + 1, j)];
      const Corner& north = corner[patch_node(side, i, j + 1)];
      add_facet(corner[patch_node(side, i, j)], east, north, triangle, step * static_cast<float>(i),
                step * static_cast<float>(j), step, grid, out);
      if (i + j + 1 == side) continue;
      add_facet(corner[patch_node(side, i + 1, j + 1)], north, east, triangle,
                step * static_cast<float>(i + 1), step * static_cast<float>(j + 1), -step, grid,
                out);
    }
  }
}

std::vector<std::vector<Facet>> ViewFacets::flatten(const PatchMesh& mesh, const Projector& project,
                                                    const FootGrid& grid, int threads) const {
  const std::size_t count = mesh.triangles();
  std::vector<std::vector<Facet>> parts((count + kChunk - 1) / kChunk);
  parallel_for(parts.size(), threads, [&](std::size_t chunk) {
    std::vector<Facet>& out = parts[chunk];
    out.reserve(kChunk + kChunk / 4);
    const std::size_t last = std::min(count, (chunk + 1) * kChunk);
    for (std::size_t t = chunk * kChunk; t < last; ++t) {
      if (detail_[t] == kAway) continue;
      if (detail_[t] != kCoarse) add_patch(mesh, project, grid, t, out);
      if (detail_[t] == kFine) continue;
      Corner corner[3];
      for (std::size_t c = 0; c < 3; ++c) {
        corner[c] = project(mesh.nodes()[static_cast<std::size_t>(mesh.corners(t)[c])].position_m);
      }
      add_facet(corner[0], corner[1], corner[2], t, 0.0f, 0.0f, 1.0f, grid, out);
    }
  });
  return parts;
}

namespace {

/// The tiles that a facet overlaps. A tile reaches half a cell beyond its ring, where the parts of
/// cells at the border lie.
struct TileSpan {
  int x0, x1, y0, y1;

  TileSpan(const Facet& f, const TileGrid& tiles) {
    span(f.low_x, f.high_x, tiles.columns, x0, x1);
    span(f.low_y, f.high_y, tiles.rows, y0, y1);
  }

  template <typename Use>
  void each(const TileGrid& tiles, Use&& use) const {
    for (int y = y0; y <= y1; ++y) {
      for (int x = x0; x <= x1; ++x) use(static_cast<std::size_t>(y * tiles.columns + x));
    }
  }

 private:
  static void span(float low, float high, int tiles_across, int& first, int& last) {
    constexpr float kInner = TileGrid::kInner, kPerCell = 1.0f / kInner;
    // Truncation is the floor here: no facet ends more than a cell below the grid. What rounding
    // may add is a tile too many.
    first = static_cast<int>(std::max(0.0f, (low - 0.51f) * kPerCell));
    last = std::min(tiles_across - 1, static_cast<int>((high + 1.51f) * kPerCell));
  }
};

}  // namespace

void ViewFacets::list_by_tile(const std::vector<std::vector<Facet>>& parts, const TileGrid& tiles,
                              int threads) {
  // Counted chunk by chunk, so that every chunk knows where in each tile's list its facets go: the
  // lists are ascending however many threads fill them.
  std::vector<std::vector<int>> place(parts.size());
  std::vector<std::vector<TileSpan>> spans(parts.size());
  std::vector<std::vector<uint8_t>> facing(parts.size());
  parallel_for(parts.size(), threads, [&](std::size_t chunk) {
    place[chunk].assign(tiles.count(), 0);
    facing[chunk].assign(tiles.count(), 0);
    spans[chunk].reserve(parts[chunk].size());
    for (const Facet& f : parts[chunk]) {
      spans[chunk].emplace_back(f, tiles);
      const auto faces = static_cast<uint8_t>(f.may_face);
      spans[chunk].back().each(tiles, [&](std::size_t tile) {
        ++place[chunk][tile];
        facing[chunk][tile] |= faces;
      });
    }
  });
  first_.assign(1, 0);
  long total = 0;
  for (std::size_t tile = 0; tile < tiles.count(); ++tile) {
    for (auto& chunk : place) {
      const int here = chunk[tile];
      chunk[tile] = static_cast<int>(total);
      total += here;
    }
    first_.push_back(total);
  }
  std::vector<std::size_t> start(1, 0);
  for (const auto& part : parts) start.push_back(start.back() + part.size());
  // Filled below, every element once.
  facets_.reset(new Facet[start.back()]);
  list_.reset(new int[static_cast<std::size_t>(total)]);
  parallel_for(parts.size(), threads, [&](std::size_t chunk) {
    std::copy(parts[chunk].begin(), parts[chunk].end(), facets_.get() + start[chunk]);
    for (std::size_t i = 0; i < parts[chunk].size(); ++i) {
      spans[chunk][i].each(tiles, [&](std::size_t tile) {
        list_[static_cast<std::size_t>(place[chunk][tile]++)] = static_cast<int>(start[chunk] + i);
      });
    }
  });
  tile_may_face_.assign(tiles.count(), 0);
  for (const auto& chunk : facing) {
    for (std::size_t tile = 0; tile < tiles.count(); ++tile) tile_may_face_[tile] |= chunk[tile];
  }
}

}  // namespace thz::sim::internal
