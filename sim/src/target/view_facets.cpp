#include "view_facets.h"

#include <algorithm>
#include <cmath>

#include "thz/core/parallel.h"

namespace thz::sim::internal {
namespace {

constexpr std::size_t kChunk = 2048;  // triangles a task
/// Cosine either side of grazing within which a triangle may hold a piece of outline: its facets
/// lean by some degrees from its normals.
constexpr float kOutline = 0.1f;
/// Sine of the half cone of normals from which a triangle is too bent for one facet (25 degrees).
constexpr float kBent = 0.42f;
/// Cells by which a patch may stand out over its triangle and still pass for flat.
constexpr float kFlat = 0.1f;

ViewProjection view_projection(const RigidPose& pose, double standoff_m, const FootGrid& grid) {
  ViewProjection view;
  view.standoff = static_cast<float>(standoff_m);
  view.scale = static_cast<float>(standoff_m / grid.pitch_m);
  view.x0 = static_cast<float>(grid.x0_m / grid.pitch_m);
  view.y0 = static_cast<float>(grid.y0_m / grid.pitch_m);
  for (int i = 0; i < 3; ++i) {
    view.translation[i] = static_cast<float>(pose.translation_m[i]);
    for (int j = 0; j < 3; ++j) view.rotation[3 * i + j] = static_cast<float>(pose.rotation(i, j));
  }
  return view;
}

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
    constexpr float kPerCell = 1.0f / TileGrid::kInner;
    // Tile t holds what lies between cells 30 t - 1.5 and 30 t + 30.5. Truncation is the floor
    // here: no facet ends more than a cell below the grid. What rounding may add is a tile too
    // many.
    first = static_cast<int>(std::max(0.0f, (low - 0.51f) * kPerCell));
    last = std::min(tiles_across - 1, static_cast<int>((high + 1.51f) * kPerCell));
  }
};

/// Builds the facets of one view.
class FacetMaker {
 public:
  FacetMaker(const PatchMesh& mesh, const RigidPose& world_from_body, double standoff_m,
             const FootGrid& grid, const TileGrid& tiles, double cos_least, int threads)
      : mesh_(mesh),
        kernel_(tile_kernel()),
        view_(view_projection(world_from_body, standoff_m, grid)),
        limits_{static_cast<float>(grid.nx), static_cast<float>(grid.ny), mesh.closed()},
        tiles_(tiles),
        pattern_(mesh.side()),
        cos_least_(static_cast<float>(cos_least)),
        threads_(threads),
        chunks_((mesh.triangles() + kChunk - 1) / kChunk) {
    const Vec3 pivot = world_from_body.inverse() * Vec3(0.0, 0.0, standoff_m);
    for (int c = 0; c < 3; ++c) pivot_[c] = static_cast<float>(pivot[c]);
  }

  /// Decides what every triangle becomes. @returns an upper bound of the number of facets.
  std::size_t plan();
  /// Makes the facets and counts them tile by tile. @param facets  room for all.
  void make(Facet* facets);
  /// @param first  set to where the lists of the tiles begin, and their end.
  std::unique_ptr<int[]> list(const Facet* facets, std::vector<long>& first);
  std::vector<uint8_t> tiles_that_may_face() const;

 private:
  enum Detail : uint8_t { kCoarse, kFine, kAway };

  void each_chunk(const std::function<void(std::size_t chunk)>& work) const {
    parallel_for(chunks_, threads_, work);
  }
  std::size_t begin(std::size_t chunk) const { return chunk * kChunk; }
  std::size_t end(std::size_t chunk) const {
    return std::min(mesh_.triangles(), (chunk + 1) * kChunk);
  }
  void project_coarse();
  void classify(std::size_t triangle);
  bool is_flat(std::size_t triangle, float distance_m) const;
  /// Fine facets that a triangle needs.
  uint64_t fine_facets(std::size_t triangle) const;
  Facet* make_chunk(std::size_t chunk, Facet* out) const;
  void add_patch(std::size_t triangle, FacetBatch& batch, Facet*& out) const;
  void add(const ViewCorner& a, const ViewCorner& b, const ViewCorner& c, std::size_t triangle,
           FacetBatch& batch, Facet*& out) const;

  const PatchMesh& mesh_;
  const TileKernel& kernel_;
  ViewProjection view_;
  FacetLimits limits_;
  const TileGrid& tiles_;
  PatchPattern pattern_;
  float cos_least_;
  int threads_;
  std::size_t chunks_;
  float pivot_[3];  // body frame
  std::vector<ViewCorner> corners_;
  std::vector<uint8_t> may_face_;
  std::vector<Detail> detail_;
  std::vector<uint64_t> fine_;             // [triangle]
  std::vector<std::size_t> start_, stop_;  // [chunk], of the facets
  std::vector<int> place_;                 // [chunk][tile]: how many, then where the next goes
  std::vector<uint8_t> facing_;            // [chunk][tile]
};

void FacetMaker::project_coarse() {
  constexpr std::size_t kNodes = 4096;
  const std::size_t count = mesh_.coarse_vertices();
  corners_.resize((count + kNodes - 1) / kNodes * kNodes);
  parallel_for(corners_.size() / kNodes, threads_, [&](std::size_t block) {
    const std::size_t first = block * kNodes;
    kernel_.project_nodes(view_, mesh_.nodes()[first].position_m, nullptr,
                          static_cast<long>(std::min(kNodes, count - first)), &corners_[first]);
  });
}

bool FacetMaker::is_flat(std::size_t triangle, float distance_m) const {
  // Over the middle of a triangle with sides of L on a sphere of radius R the height is L^2 / 6 R,
  // and the half cone's sine is L / sqrt(3) R.
  float longest2 = 0.0f;
  const auto& corners = mesh_.corners(triangle);
  for (std::size_t c = 0; c < 3; ++c) {
    const float* a = mesh_.nodes()[static_cast<std::size_t>(corners[c])].position_m;
    const float* b = mesh_.nodes()[static_cast<std::size_t>(corners[(c + 1) % 3])].position_m;
    const float x = b[0] - a[0], y = b[1] - a[1], z = b[2] - a[2];
    longest2 = std::max(longest2, x * x + y * y + z * z);
  }
  const PatchMesh::NormalCone& cone = mesh_.cone(triangle);
  const float height_m = 0.29f * cone.sin_half * std::sqrt(longest2);
  return cone.cos_half > 0.0f && height_m * view_.scale < kFlat * distance_m;
}

void FacetMaker::classify(std::size_t t) {
  const PatchMesh::NormalCone& cone = mesh_.cone(t);
  const float* place = mesh_.nodes()[static_cast<std::size_t>(mesh_.corners(t)[0])].position_m;
  float dot = 0.0f, square = 0.0f;
  for (int i = 0; i < 3; ++i) {
    const float back = pivot_[i] - place[i];
    dot += back * cone.axis[i];
    square += back * back;
  }
  const float distance = std::sqrt(square);
  const float c = dot / distance;
  const float s = std::sqrt(std::max(0.0f, 1.0f - c * c));
  const float widest = c * cone.cos_half - s * cone.sin_half;
  const float narrowest = c * cone.cos_half + s * cone.sin_half;
  // Within the half cone about the axis the narrowest angle is none at all.
  may_face_[t] = narrowest > cos_least_ || c > cone.cos_half ? 1 : 0;
  detail_[t] = kCoarse;
  if (limits_.one_sided && narrowest < -kOutline && cone.cos_half > 0.0f) {
    detail_[t] = kAway;
    return;
  }
  const bool bent = cone.sin_half > kBent || cone.cos_half < 0.0f;
  const bool outline = widest < kOutline && narrowest > -kOutline;
  if (mesh_.side() > 1 && (bent || outline) && !is_flat(t, distance)) detail_[t] = kFine;
}

uint64_t FacetMaker::fine_facets(std::size_t triangle) const {
  if (detail_[triangle] == kFine) return pattern_.all;
  uint64_t facets = 0;
  if (detail_[triangle] == kAway || mesh_.side() == 1) return facets;
  const auto& across = mesh_.across(triangle);
  for (std::size_t edge = 0; edge < 3; ++edge) {
    if (across[edge] < 0) continue;
    if (detail_[static_cast<std::size_t>(across[edge])] == kFine) facets |= pattern_.along[edge];
  }
  return facets;
}

std::size_t FacetMaker::plan() {
  project_coarse();
  may_face_.resize(mesh_.triangles());
  detail_.resize(mesh_.triangles());
  fine_.resize(mesh_.triangles());
  each_chunk([&](std::size_t chunk) {
    for (std::size_t t = begin(chunk); t < end(chunk); ++t) classify(t);
  });
  std::vector<std::size_t> most(chunks_, 0);
  each_chunk([&](std::size_t chunk) {
    std::size_t sum = 0;
    for (std::size_t t = begin(chunk); t < end(chunk); ++t) {
      fine_[t] = fine_facets(t);
      sum += static_cast<std::size_t>(__builtin_popcountll(fine_[t])) + 1;
    }
    most[chunk] = sum;
  });
  start_.assign(1, 0);
  for (const std::size_t m : most) start_.push_back(start_.back() + m);
  return start_.back();
}

void FacetMaker::add(const ViewCorner& a, const ViewCorner& b, const ViewCorner& c,
                     std::size_t triangle, FacetBatch& batch, Facet*& out) const {
  const int i = batch.count++;
  const ViewCorner* corners[3] = {&a, &b, &c};
  for (int k = 0; k < 3; ++k) {
    batch.x[k][i] = corners[k]->x;
    batch.y[k][i] = corners[k]->y;
    batch.near[k][i] = corners[k]->near;
  }
  batch.triangle[i] = static_cast<int>(triangle);
  batch.may_face[i] = may_face_[triangle];
  if (batch.count == kFacetBatch) out += kernel_.set_facets(limits_, batch, out);
}

void FacetMaker::add_patch(std::size_t triangle, FacetBatch& batch, Facet*& out) const {
  const auto nodes = static_cast<std::size_t>(patch_node_count(mesh_.side()));
  ViewCorner corner[(patch_node_count(8) + 3) / 4 * 4];
  kernel_.project_nodes(view_, mesh_.nodes()[0].position_m, &mesh_.patch_nodes()[triangle * nodes],
                        static_cast<long>(nodes), corner);
  for (uint64_t bits = fine_[triangle]; bits != 0; bits &= bits - 1) {
    const int f = __builtin_ctzll(bits);
    const int* corners = pattern_.corner[f];
    batch.u0[batch.count] = pattern_.u0[f];
    batch.v0[batch.count] = pattern_.v0[f];
    batch.turn[batch.count] = pattern_.turn[f];
    add(corner[corners[0]], corner[corners[1]], corner[corners[2]], triangle, batch, out);
  }
}

Facet* FacetMaker::make_chunk(std::size_t chunk, Facet* out) const {
  FacetBatch batch{};
  for (std::size_t t = begin(chunk); t < end(chunk); ++t) {
    if (fine_[t] != 0) add_patch(t, batch, out);
    if (detail_[t] != kCoarse) continue;
    batch.u0[batch.count] = batch.v0[batch.count] = 0.0f;
    batch.turn[batch.count] = 1.0f;
    const auto& c = mesh_.corners(t);
    add(corners_[static_cast<std::size_t>(c[0])], corners_[static_cast<std::size_t>(c[1])],
        corners_[static_cast<std::size_t>(c[2])], t, batch, out);
  }
  return out + kernel_.set_facets(limits_, batch, out);
}

void FacetMaker::make(Facet* facets) {
  stop_.resize(chunks_);
  place_.assign(chunks_ * tiles_.count(), 0);
  facing_.assign(chunks_ * tiles_.count(), 0);
  each_chunk([&](std::size_t chunk) {
    Facet* const first = facets + start_[chunk];
    Facet* const last = make_chunk(chunk, first);
    stop_[chunk] = static_cast<std::size_t>(last - facets);
    int* place = &place_[chunk * tiles_.count()];
    uint8_t* facing = &facing_[chunk * tiles_.count()];
    for (const Facet* f = first; f != last; ++f) {
      const auto faces = static_cast<uint8_t>(f->may_face);
      TileSpan(*f, tiles_).each(tiles_, [&](std::size_t tile) {
        ++place[tile];
        facing[tile] |= faces;
      });
    }
  });
}

std::unique_ptr<int[]> FacetMaker::list(const Facet* facets, std::vector<long>& first) {
  // Counted chunk by chunk, so that every chunk knows where in each tile's list its facets go: the
  // lists are ascending however many threads fill them.
  const std::size_t tiles = tiles_.count();
  first.assign(tiles + 1, 0);
  for (std::size_t i = 0; i < place_.size(); ++i) first[i % tiles + 1] += place_[i];
  for (std::size_t tile = 0; tile < tiles; ++tile) first[tile + 1] += first[tile];
  std::vector<int> next(first.begin(), first.end() - 1);
  for (std::size_t chunk = 0; chunk < chunks_; ++chunk) {
    for (std::size_t tile = 0; tile < tiles; ++tile) {
      const int here = place_[chunk * tiles + tile];
      place_[chunk * tiles + tile] = next[tile];
      next[tile] += here;
    }
  }
  // Filled below, every element once.
  std::unique_ptr<int[]> list(new int[static_cast<std::size_t>(first.back())]);
  each_chunk([&](std::size_t chunk) {
    int* place = &place_[chunk * tiles];
    for (std::size_t f = start_[chunk]; f < stop_[chunk]; ++f) {
      TileSpan(facets[f], tiles_).each(tiles_, [&](std::size_t tile) {
        list[static_cast<std::size_t>(place[tile]++)] = static_cast<int>(f);
      });
    }
  });
  return list;
}

std::vector<uint8_t> FacetMaker::tiles_that_may_face() const {
  const std::size_t tiles = tiles_.count();
  std::vector<uint8_t> any(tiles, 0);
  for (std::size_t chunk = 0; chunk < chunks_; ++chunk) {
    for (std::size_t tile = 0; tile < tiles; ++tile) any[tile] |= facing_[chunk * tiles + tile];
  }
  return any;
}

}  // namespace

PatchPattern::PatchPattern(int side) : facets(0), all(0), along{0, 0, 0} {
  const float step = 1.0f / static_cast<float>(side);
  const auto add = [&](int i, int j, int way) {
    const int f = facets++;
    corner[f][0] = patch_node(side, i, j);
    corner[f][1] = patch_node(side, i + way, j);
    corner[f][2] = patch_node(side, i, j + way);
    u0[f] = step * static_cast<float>(i);
    v0[f] = step * static_cast<float>(j);
    turn[f] = step * static_cast<float>(way);
    const uint64_t bit = uint64_t{1} << f;
    all |= bit;
    const int low_i = std::min(i, i + way), low_j = std::min(j, j + way);
    const int high = way > 0 ? i + j + 1 : i + j;
    if (low_j == 0) along[0] |= bit;
    if (high == side) along[1] |= bit;
    if (low_i == 0) along[2] |= bit;
  };
  for (int j = 0; j < side; ++j) {
    for (int i = 0; i + j < side; ++i) {
      add(i, j, 1);
      if (i + j + 1 < side) add(i + 1, j + 1, -1);
    }
  }
}

ViewFacets::ViewFacets(const PatchMesh& mesh, const RigidPose& world_from_body, double standoff_m,
                       const FootGrid& grid, const TileGrid& tiles, double cos_least, int threads) {
  FacetMaker maker(mesh, world_from_body, standoff_m, grid, tiles, cos_least, threads);
  facets_.reset(new Facet[maker.plan()]);
  maker.make(facets_.get());
  list_ = maker.list(facets_.get(), first_);
  tile_may_face_ = maker.tiles_that_may_face();
}

}  // namespace thz::sim::internal
