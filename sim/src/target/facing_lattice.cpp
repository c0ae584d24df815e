#include "facing_lattice.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/parallel.h"
#include "thz/core/version.h"

namespace thz::sim::internal {
namespace {

constexpr int kBlocks = 4;  // a side of a tile
constexpr std::size_t kLatticeChunk = 2048;

LatticeKernel lattice_kernel() {
  const std::string set = instruction_set();
  if (set == "avx512") return lattice_kernel_avx512;
  return set == "avx2" ? lattice_kernel_avx2 : lattice_kernel_sse2;
}

LatticeScene lattice_scene(const RigidPose& pose, const Imager& imager, const FieldWindow& window,
                           const FootGrid& grid, const TileGrid& tiles) {
  LatticeScene scene{};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) scene.rotation[3 * i + j] = pose.rotation(i, j);
    scene.translation_m[i] = pose.translation_m[i];
  }
  scene.standoff_m = imager.standoff_m;
  for (int axis = 0; axis < 2; ++axis) {
    scene.center_m[axis] = window.center_m[axis];
    scene.half_m[axis] = window.half_m[axis] + beam_reach_m(imager);
  }
  scene.x0_m = grid.x0_m;
  scene.y0_m = grid.y0_m;
  scene.pitch_m = grid.pitch_m;
  scene.blocks_per_cell = static_cast<double>(kBlocks) / TileGrid::kInner;
  scene.block_columns = kBlocks * tiles.columns;
  scene.block_rows = kBlocks * tiles.rows;
  return scene;
}

}  // namespace

FacingLattice::FacingLattice(const Source& source, const RigidPose& world_from_body,
                             const Imager& imager, const FieldWindow& window, const FootGrid& grid,
                             const TileGrid& tiles, int threads)
    : scene_(lattice_scene(world_from_body, imager, window, grid, tiles)) {
  std::vector<Chunk> chunks((source.points.size() + kLatticeChunk - 1) / kLatticeChunk);
  parallel_for(chunks.size(), threads, [&](std::size_t chunk) {
    chunks[chunk] = look(source, chunk * kLatticeChunk, imager.beam.wavelength_m());
  });
  sort_by_tile(chunks, source.closed, tiles);
}

FacingLattice::Chunk FacingLattice::look(const Source& source, std::size_t first,
                                         double wavelength_m) const {
  static_assert(sizeof(LatticePoint) % sizeof(double) == 0, "the kernel steps in doubles");
  const LatticePoint* points = source.points.data() + first;
  const std::size_t count = std::min(kLatticeChunk, source.points.size() - first);
  FacingElement facing[kLatticeChunk];
  AwayElement away[kLatticeChunk];
  FoundElements found{facing, away, 0, 0};
  lattice_kernel()(scene_, points->position_m.data(), points->normal.data(),
                   sizeof(LatticePoint) / sizeof(double), static_cast<long>(count), found);
  Chunk chunk;
  chunk.away.assign(away, away + found.away_count);
  chunk.facing.reserve(static_cast<std::size_t>(found.facing_count));
  for (FacingElement* e = facing; e < facing + found.facing_count; ++e) {
    const LatticePoint& point = points[e->element];
    const ScatterTable& material = source.materials[static_cast<std::size_t>(point.material)];
    if (!material.has_diffuse()) continue;
    double sigma0 = material.sigma0(double{e->amplitude});
    if (source.own != nullptr) {
      sigma0 *= source.own->face_gain(point.element);
      e->range_m += source.own->face_depth_m(point.element);
    }
    // Sheet 9.1, step 4: sqrt(sigma0 dA lambda^2 / 4 pi) zeta, E|zeta|^2 = 1.
    e->amplitude =
        static_cast<float>(wavelength_m * std::sqrt(sigma0 * point.area_m2 / (4.0 * kPi)));
    e->element = point.element;
    chunk.facing.push_back(*e);
  }
  return chunk;
}

std::vector<float> FacingLattice::away_nearness(const std::vector<Chunk>& chunks) const {
  const auto rows = static_cast<std::size_t>(scene_.block_rows);
  const auto columns = static_cast<std::size_t>(scene_.block_columns);
  // A ring of empty blocks around spares the neighbours' limits.
  const std::size_t width = columns + 2;
  std::vector<float> nearest(width * (rows + 2), kFar), along(nearest), around(rows * columns);
  for (const Chunk& chunk : chunks) {
    for (const AwayElement& e : chunk.away) {
      float& here = nearest[static_cast<std::size_t>(e.block_row + 1) * width +
                            static_cast<std::size_t>(e.block_column + 1)];
      here = std::max(here, e.near);
    }
  }
  for (std::size_t i = 1; i + 1 < nearest.size(); ++i) {
    along[i] = std::max({nearest[i - 1], nearest[i], nearest[i + 1]});
  }
  for (std::size_t row = 0; row < rows; ++row) {
    const float* from = along.data() + (row + 1) * width + 1;
    for (std::size_t c = 0; c < columns; ++c) {
      around[row * columns + c] = std::max({from[c - width], from[c], from[c + width]});
    }
  }
  return around;
}

void FacingLattice::sort_by_tile(const std::vector<Chunk>& chunks, bool closed,
                                 const TileGrid& tiles) {
  constexpr std::size_t kBins = kBlocks * kBlocks;
  // What hides an element turns away in front of it, in a triangle with an element of its own: so
  // near to that one, in depth too, as triangles are wide.
  const auto margin = static_cast<float>(5e-3 / scene_.standoff_m);
  const auto bin_of = [&](const FacingElement& e) {
    const int tile = e.block_row / kBlocks * tiles.columns + e.block_column / kBlocks;
    return static_cast<std::size_t>(tile) * kBins +
           static_cast<std::size_t>(e.block_row % kBlocks * kBlocks + e.block_column % kBlocks);
  };
  std::vector<std::size_t> next(tiles.count() * kBins + 1, 0);
  for (const Chunk& chunk : chunks) {
    for (const FacingElement& e : chunk.facing) ++next[bin_of(e) + 1];
  }
  for (std::size_t b = 1; b < next.size(); ++b) next[b] += next[b - 1];
  for (std::size_t tile = 0; tile <= tiles.count(); ++tile) first_.push_back(next[tile * kBins]);
  elements_.resize(next.back());
  const std::vector<float> away = away_nearness(chunks);
  for (const Chunk& chunk : chunks) {
    for (const FacingElement& e : chunk.facing) {
      const int block = e.block_row * scene_.block_columns + e.block_column;
      const bool doubtful = !closed || away[static_cast<std::size_t>(block)] > e.near - margin;
      elements_[next[bin_of(e)]++] = {e.range_m,   e.x,       e.y,     e.near,
                                      e.amplitude, e.element, doubtful};
    }
  }
}

Vec3 FacingLattice::direction(const Element& e) const {
  const double x = scene_.x0_m + scene_.pitch_m * double{e.x};
  const double y = scene_.y0_m + scene_.pitch_m * double{e.y};
  const double r = scene_.standoff_m;
  const double inverse = 1.0 / std::sqrt(x * x + y * y + r * r);
  return {x * inverse, y * inverse, -r * inverse};
}

}  // namespace thz::sim::internal
