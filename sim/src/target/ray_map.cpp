#include "ray_map.h"

#include <algorithm>
#include <cmath>

#include "facing_lattice.h"
#include "thz/core/constants.h"
#include "thz/core/parallel.h"
#include "thz/core/rng.h"
#include "thz/core/version.h"
#include "tile_points.h"
#include "view_facets.h"

namespace thz::sim::internal {
namespace {

using ComplexF = std::complex<float>;

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

/// One frame of one target.
class RayMap {
 public:
  RayMap(const Target& target, const RigidPose& world_from_body, const Imager& imager,
         const Sampling& sampling, const FieldWindow& window, int threads)
      : pose_(world_from_body),
        imager_(imager),
        sampling_(sampling),
        window_(window),
        threads_(threads),
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

  RigidPose pose_;
  const Imager& imager_;
  const Sampling& sampling_;
  const FieldWindow& window_;
  int threads_;
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

Scatterers RayMap::diffuse(const MappedSurface& surface, const std::vector<LatticePoint>& lattice,
                           const std::vector<ScatterTable>& materials, const SpeckleKey& speckle,
                           uint32_t layer, const WornCloth* front, const WornCloth* own) const {
  if (grid_.nx == 0 || grid_.ny == 0) return {};
  const FacingLattice seen({lattice, materials, own, surface.mesh->closed()}, pose_, imager_,
                           window_, grid_, tiles_, threads_);
  return by_tile([&](std::size_t tile, TilePoints& points, Scatterers& part) {
    std::vector<const FacingLattice::Element*> visible, doubtful;
    for (const auto* e = seen.begin(tile); e < seen.begin(tile) + seen.count(tile); ++e) {
      (e->doubtful ? doubtful : visible).push_back(e);
    }
    const auto set_points = [&](const auto& elements) {
      points.clear();
      for (const FacingLattice::Element* e : elements) points.add(e->x, e->y, e->near);
    };
    if (!doubtful.empty()) {
      set_points(doubtful);
      points.hide(surface, tile);
      for (std::size_t i = 0; i < doubtful.size(); ++i) {
        if (!points.hidden(i)) visible.push_back(doubtful[i]);
      }
    }
    if (front != nullptr && !visible.empty()) {
      set_points(visible);
      points.pass_cloth(*front, *phase_, *cloth_, tile);
    }
    std::vector<uint64_t> names;
    for (const FacingLattice::Element* e : visible) names.push_back(e->name);
    std::vector<ComplexF> zeta(names.size());
    complex_normals_at(speckle.seed, RngPurpose::kSpeckle, speckle.capture, layer, names.data(),
                       names.size(), zeta.data());
    std::size_t at = part.size();
    part.resize(at + visible.size());
    for (std::size_t i = 0; i < visible.size(); ++i, ++at) {
      const FacingLattice::Element& e = *visible[i];
      const ComplexF gamma = e.amplitude * zeta[i];
      part.direction[at] = seen.direction(e);
      part.range_m[at] = e.range_m;
      part.gamma[at] = std::complex<double>(front != nullptr ? gamma * points.factor(i) : gamma);
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
