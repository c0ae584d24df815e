#include "ray_map.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/parallel.h"
#include "thz/core/rng.h"
#include "thz/core/version.h"
#include "tile_points.h"
#include "view_facets.h"

namespace thz::sim::internal {
namespace {

using ComplexF = std::complex<float>;

/// A lattice element that faces the beam and lies in the field.
struct MapCandidate {
  const LatticePoint* point;
  Vec3 direction;  // world
  double range_m;
  float cos_incidence;
  float x, y, near;  // cells, nearness
  std::size_t bin;   // tile and block of the tile: neighbours in the list are neighbours in space
};

/// All parts in order.
Scatterers join_scatterers(const std::vector<Scatterers>& parts, int threads) {
  std::vector<std::size_t> start(1, 0);
  for (const auto& part : parts) start.push_back(start.back() + part.size());
  Scatterers all;
  all.resize(start.back());
  parallel_for(parts.size(), threads, [&](std::size_t p) {
    const auto at = static_cast<std::ptrdiff_t>(start[p]);
    const Scatterers& part = parts[p];
    std::copy(part.direction.begin(), part.direction.end(), all.direction.begin() + at);
    std::copy(part.range_m.begin(), part.range_m.end(), all.range_m.begin() + at);
    std::copy(part.gamma.begin(), part.gamma.end(), all.gamma.begin() + at);
  });
  return all;
}

/// Coherent points where the kernels left them: cells, range less the stand-off, amplitude.
struct PlainPoints {
  std::vector<float> x, y, zeta_m;
  std::vector<ComplexF> gamma;

  void resize(std::size_t count) {
    for (auto* list : {&x, &y, &zeta_m}) list->resize(count);
    gamma.resize(count);
  }
  /// Those of a tile that return something. @param reflection  of the materials.
  void append(const TilePoints& points, const std::vector<TaperedReflection>& reflection) {
    std::size_t at = gamma.size();
    resize(at + points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
      const TaperedReflection& table = reflection[static_cast<std::size_t>(points.material(i))];
      const ComplexF bare = points.weight(i) * table(points.facing(i));
      x[at] = points.x(i);
      y[at] = points.y(i);
      zeta_m[at] = points.zeta_m(i);
      gamma[at] = points.under_cloth() ? bare * points.factor(i) : bare;
      at += table.reflects() ? 1 : 0;
    }
    resize(at);
  }
};

constexpr int kBlocks = 4;  // a side of a tile
constexpr std::size_t kBins = kBlocks * kBlocks;

/// One frame of one target.
class RayMap {
 public:
  RayMap(const Target& target, const RigidPose& world_from_body, const Imager& imager,
         const Sampling& sampling, const FieldWindow& window, int threads)
      : pose_(world_from_body),
        pivot_in_body_(world_from_body.inverse() * imager.scan().pivot_m()),
        imager_(imager),
        sampling_(sampling),
        window_(window),
        threads_(threads),
        reach_m_(beam_reach_m(imager)),
        grid_(grid_of(target)),
        tiles_(grid_),
        kernel_(tile_kernel()),
        rays_(ray_frame(world_from_body, imager.standoff_m)),
        taper_(sampling),
        cos_end_(static_cast<float>(taper_.cos_end)) {
    if (target.body) body_ = view_of(*target.body);
    if (!target.cloth) return;
    cloth_ = view_of(*target.cloth->outer);
    phase_.emplace(*target.cloth);
  }

  const MappedSurface* body() const { return body_ ? &*body_ : nullptr; }
  const MappedSurface* cloth() const { return cloth_ ? &*cloth_ : nullptr; }

  /// @param front  cloth in front of the surface, or null. @param own  the cloth whose faces the
  ///   lattice stands for, or null.
  Scatterers coherent(const MappedSurface& surface, const std::vector<ScatterTable>& materials,
                      const WornCloth* front) const;
  Scatterers diffuse(const MappedSurface& surface, const std::vector<LatticePoint>& lattice,
                     const std::vector<ScatterTable>& materials, const SpeckleKey& speckle,
                     uint32_t layer, const WornCloth* front, const WornCloth* own) const;

 private:
  FootGrid grid_of(const Target& target) const {
    FootGrid grid{0.0, 0.0, sampling_.ray_pitch_m, 0, 0};
    for (const Surface* surface :
         {target.body.get(), target.cloth ? target.cloth->outer.get() : nullptr}) {
      if (surface == nullptr) continue;
      grid = join(grid, make_grid(*surface, pose_, imager_, window_, sampling_.ray_pitch_m));
    }
    return grid;
  }

  MappedSurface view_of(const Surface& surface) const {
    const PatchMesh& mesh = *surface.patches();
    return {&mesh,
            ViewFacets(mesh, pose_, imager_.standoff_m, grid_, tiles_, double{cos_end_}, threads_),
            {mesh.nodes()[0].position_m, mesh.patch_nodes().data(), mesh.side(),
             patch_node_count(mesh.side())}};
  }

  /// Runs `work(tile, points, part)` tile by tile and joins the parts in order.
  template <typename Work>
  Scatterers by_tile(Work&& work) const {
    const auto rows = static_cast<std::size_t>(tiles_.rows);
    const auto columns = static_cast<std::size_t>(tiles_.columns);
    std::vector<Scatterers> parts(rows);
    parallel_for(rows, threads_, [&](std::size_t row) {
      TilePoints points(kernel_, rays_, grid_, sampling_, imager_);
      for (std::size_t column = 0; column < columns; ++column) {
        work(row * columns + column, points, parts[row]);
      }
    });
    return join_scatterers(parts, threads_);
  }

  /// All rows' points in order, as scatterers.
  Scatterers placed(const std::vector<PlainPoints>& rows) const;
  std::vector<MapCandidate> facing(const std::vector<LatticePoint>& lattice,
                                   const std::vector<ScatterTable>& materials,
                                   std::vector<std::size_t>& first_of_bin) const;
  bool place(const LatticePoint& point, MapCandidate& candidate) const;

  RigidPose pose_;
  Vec3 pivot_in_body_;
  const Imager& imager_;
  const Sampling& sampling_;
  const FieldWindow& window_;
  int threads_;
  double reach_m_;
  FootGrid grid_;
  TileGrid tiles_;
  const TileKernel& kernel_;
  RayFrame rays_;
  TaperNodes taper_;
  float cos_end_;
  std::optional<MappedSurface> body_, cloth_;
  std::optional<ClothPhase> phase_;
};

Scatterers RayMap::coherent(const MappedSurface& surface,
                            const std::vector<ScatterTable>& materials,
                            const WornCloth* front) const {
  if (std::none_of(materials.begin(), materials.end(),
                   [](const ScatterTable& m) { return m.has_coherent(); })) {
    return {};
  }
  std::vector<TaperedReflection> reflection;
  for (const ScatterTable& m : materials) reflection.emplace_back(m, taper_);
  const auto columns = static_cast<std::size_t>(tiles_.columns);
  std::vector<PlainPoints> rows(static_cast<std::size_t>(tiles_.rows));
  parallel_for(rows.size(), threads_, [&](std::size_t row) {
    TilePoints points(kernel_, rays_, grid_, sampling_, imager_);
    for (std::size_t tile = row * columns; tile < (row + 1) * columns; ++tile) {
      if (!surface.facets.may_face(tile)) continue;
      points.clear();
      points.add_cells(surface, front != nullptr ? cloth() : nullptr, tile, tiles_, cos_end_);
      if (points.size() == 0) continue;
      if (front != nullptr) points.pass_cloth(*front, *phase_, *cloth_, tile);
      rows[row].append(points, reflection);
    }
  });
  return placed(rows);
}

Scatterers RayMap::placed(const std::vector<PlainPoints>& rows) const {
  std::vector<std::size_t> start(1, 0);
  for (const PlainPoints& row : rows) start.push_back(start.back() + row.gamma.size());
  Scatterers all;
  all.resize(start.back());
  parallel_for(rows.size(), threads_, [&](std::size_t r) {
    const PlainPoints& row = rows[r];
    if (row.gamma.empty()) return;
    const double origin_m[2] = {grid_.x0_m, grid_.y0_m};
    kernel_.place_points(origin_m, grid_.pitch_m, double{rays_.standoff_m},
                         static_cast<long>(row.gamma.size()), row.x.data(), row.y.data(),
                         row.zeta_m.data(), all.direction[start[r]].data(), &all.range_m[start[r]]);
    std::copy(row.gamma.begin(), row.gamma.end(),
              all.gamma.begin() + static_cast<std::ptrdiff_t>(start[r]));
  });
  return all;
}

bool RayMap::place(const LatticePoint& point, MapCandidate& c) const {
  // Half of the lattice faces away, and the body frame says so at once. Rounding may decide only
  // within this much of grazing, and below it does as ever.
  constexpr double kSurelyAway = 1e-9;
  if (point.normal.dot(point.position_m - pivot_in_body_) > kSurelyAway) return false;
  const Vec3 world = pose_ * point.position_m;
  const Vec3 from_pivot(world.x(), world.y(), world.z() - imager_.standoff_m);
  if (from_pivot.z() >= 0.0) return false;
  c.range_m = from_pivot.norm();
  c.direction = from_pivot / c.range_m;
  const double cos_incidence = -(pose_.rotation * point.normal).dot(c.direction);
  if (cos_incidence <= 0.0) return false;
  const Vec2 foot = from_pivot.head<2>() * (imager_.standoff_m / -from_pivot.z());
  const Vec2 half = window_.half_m + Vec2::Constant(reach_m_);
  const Vec2 off = (foot - window_.center_m).cwiseAbs();
  if (off.x() > half.x() || off.y() > half.y()) return false;
  c.point = &point;
  c.cos_incidence = static_cast<float>(cos_incidence);
  const Vec2 cell = (foot - Vec2(grid_.x0_m, grid_.y0_m)) / grid_.pitch_m;
  c.x = static_cast<float>(cell.x());
  c.y = static_cast<float>(cell.y());
  c.near = static_cast<float>(world.z() / -from_pivot.z());
  const auto split = [](double position, int tiles, int& tile, int& block) {
    tile = std::clamp(static_cast<int>((position + 0.5) / TileGrid::kInner), 0, tiles - 1);
    block = std::clamp(
        static_cast<int>((position + 0.5 - tile * TileGrid::kInner) * kBlocks / TileGrid::kInner),
        0, kBlocks - 1);
  };
  int row, column, block_row, block_column;
  split(cell.y(), tiles_.rows, row, block_row);
  split(cell.x(), tiles_.columns, column, block_column);
  c.bin = static_cast<std::size_t>(row * tiles_.columns + column) * kBins +
          static_cast<std::size_t>(block_row * kBlocks + block_column);
  return true;
}

std::vector<MapCandidate> RayMap::facing(const std::vector<LatticePoint>& lattice,
                                         const std::vector<ScatterTable>& materials,
                                         std::vector<std::size_t>& first_of_bin) const {
  constexpr std::size_t kChunk = 4096;
  std::vector<std::vector<MapCandidate>> parts((lattice.size() + kChunk - 1) / kChunk);
  parallel_for(parts.size(), threads_, [&](std::size_t chunk) {
    parts[chunk].reserve(kChunk);
    MapCandidate candidate;
    const std::size_t last = std::min(lattice.size(), (chunk + 1) * kChunk);
    for (std::size_t i = chunk * kChunk; i < last; ++i) {
      if (!materials[static_cast<std::size_t>(lattice[i].material)].has_diffuse()) continue;
      if (place(lattice[i], candidate)) parts[chunk].push_back(candidate);
    }
  });
  first_of_bin.assign(tiles_.count() * kBins + 1, 0);
  for (const auto& part : parts) {
    for (const auto& c : part) ++first_of_bin[c.bin + 1];
  }
  for (std::size_t b = 1; b < first_of_bin.size(); ++b) first_of_bin[b] += first_of_bin[b - 1];
  std::vector<MapCandidate> sorted(first_of_bin.back());
  std::vector<std::size_t> next(first_of_bin.begin(), first_of_bin.end() - 1);
  for (const auto& part : parts) {
    for (const auto& c : part) sorted[next[c.bin]++] = c;
  }
  return sorted;
}

Scatterers RayMap::diffuse(const MappedSurface& surface, const std::vector<LatticePoint>& lattice,
                           const std::vector<ScatterTable>& materials, const SpeckleKey& speckle,
                           uint32_t layer, const WornCloth* front, const WornCloth* own) const {
  if (grid_.nx == 0 || grid_.ny == 0) return {};
  std::vector<std::size_t> first;
  const std::vector<MapCandidate> candidates = facing(lattice, materials, first);
  const double wavelength = imager_.beam.wavelength_m();
  return by_tile([&](std::size_t tile, TilePoints& points, Scatterers& part) {
    points.clear();
    const std::size_t begin = first[tile * kBins], end = first[(tile + 1) * kBins];
    for (std::size_t i = begin; i < end; ++i) {
      points.add(candidates[i].x, candidates[i].y, candidates[i].near);
    }
    if (points.size() == 0) return;
    points.hide(surface, tile);
    if (front != nullptr) points.pass_cloth(*front, *phase_, *cloth_, tile);
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (points.hidden(i)) continue;
      const MapCandidate& c = candidates[begin + i];
      const auto material = static_cast<std::size_t>(c.point->material);
      double sigma0 = materials[material].sigma0(double{c.cos_incidence});
      double range_m = c.range_m;
      if (own != nullptr) {
        sigma0 *= own->face_gain(c.point->element);
        range_m += own->face_depth_m(c.point->element);
      }
      // Sheet 9.1, step 4: sqrt(sigma0 dA lambda^2 / 4 pi) zeta, E|zeta|^2 = 1.
      const double amplitude = wavelength * std::sqrt(sigma0 * c.point->area_m2 / (4.0 * kPi));
      const ComplexF zeta = complex_normal_at(speckle.seed, RngPurpose::kSpeckle, speckle.capture,
                                              layer, c.point->element);
      part.add(c.direction, range_m, amplitude * std::complex<double>(zeta * points.factor(i)));
    }
  });
}

}  // namespace

bool can_map(const Target& target) {
  return (!target.body || target.body->patches() != nullptr) &&
         (!target.cloth || target.cloth->outer->patches() != nullptr);
}

ScatterParts map_scatterers(const Target& target, const RigidPose& world_from_body,
                            const Imager& imager, const Sampling& sampling,
                            const FieldWindow& window, const SpeckleKey& speckle, int threads,
                            StageTimes* times) {
  std::optional<RayMap> seen;
  {
    StageClock clock(times, "view facets");
    seen.emplace(target, world_from_body, imager, sampling, window, threads);
  }
  const RayMap& map = *seen;
  ScatterParts parts;
  const WornCloth* front = target.cloth ? &*target.cloth : nullptr;
  const auto coherent = [&](const MappedSurface& surface, const auto& materials,
                            const WornCloth* before) {
    StageClock clock(times, "ray map");
    return map.coherent(surface, materials, before);
  };
  const auto diffuse = [&](const MappedSurface& surface, const auto& lattice, const auto& materials,
                           uint32_t layer, const WornCloth* before, const WornCloth* own) {
    StageClock clock(times, "lattice");
    return map.diffuse(surface, lattice, materials, speckle, layer, before, own);
  };
  if (map.body() != nullptr) {
    parts.coherent = coherent(*map.body(), target.materials, front);
    parts.diffuse = diffuse(*map.body(), target.lattice, target.materials, 0, front, nullptr);
  }
  if (map.cloth() != nullptr) {
    const std::vector<ScatterTable> face = {front->face};
    parts.cloth = coherent(*map.cloth(), face, nullptr);
    parts.cloth.append(diffuse(*map.cloth(), front->lattice, face, 1, nullptr, front));
  }
  return parts;
}

}  // namespace thz::sim::internal
