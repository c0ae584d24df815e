#include <algorithm>
#include <cmath>

#include "ray_map.h"
#include "ray_quadrature.h"
#include "thz/core/constants.h"
#include "thz/core/parallel.h"
#include "thz/core/rng.h"
#include "thz/sim/target.h"

namespace thz::sim {
namespace {

using internal::RayCell;
using Complex = std::complex<double>;
constexpr std::size_t kPointsPerTask = 4096;

/// What is the same for every scatterer of a call.
struct View {
  const Target& target;
  RigidPose world_from_body;
  RigidPose body_from_world;
  Vec3 pivot_in_body;
  const Imager& imager;
  const Sampling& sampling;
  const FieldWindow& window;
  int threads;
};

/// Two-way transmission of the cloth for rays to body points at the given ranges; 1 where no cloth
/// is in front. The ray passes the same place twice, so the factor is a square.
std::vector<Complex> cloth_factors(const View& view, const std::vector<Vec3>& directions_in_body,
                                   const std::vector<double>& ranges_m) {
  std::vector<Complex> factors(ranges_m.size(), 1.0);
  if (!view.target.cloth) return factors;
  const WornCloth& cloth = *view.target.cloth;
  std::vector<SurfaceHit> hits;
  cloth.outer->trace(view.pivot_in_body, directions_in_body, hits);
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (!hits[i].is_hit() || hits[i].range_m >= ranges_m[i]) continue;
    const double cos_incidence = std::abs(hits[i].normal.dot(directions_in_body[i]));
    const Complex nominal(cloth.table->transmission(static_cast<float>(cos_incidence)).mean);
    const ClothScreen::State state =
        cloth.screen->at(hits[i].triangle, hits[i].u, hits[i].v, hits[i].rest_point_m);
    const double more_m = (state.factor - 1.0) * cloth.thickness_m;
    const Complex once = nominal * std::exp(more_m * cloth.excess_per_m +
                                            state.water_kg_m2 * cloth.excess_per_kg_m2);
    factors[i] = once * once;
  }
  return factors;
}

/// Runs `work(first, last, part)` over blocks and joins the parts in order.
template <typename Work>
Scatterers in_blocks(std::size_t count, int threads, Work&& work) {
  const std::size_t blocks = (count + kPointsPerTask - 1) / kPointsPerTask;
  std::vector<Scatterers> parts(blocks);
  parallel_for(blocks, threads, [&](std::size_t b) {
    work(b * kPointsPerTask, std::min(count, (b + 1) * kPointsPerTask), parts[b]);
  });
  Scatterers all;
  for (const auto& part : parts) all.append(part);
  return all;
}

Scatterers coherent_part(const View& view, const Surface& surface,
                         const std::vector<ScatterTable>& materials, bool behind_cloth) {
  const bool any = std::any_of(materials.begin(), materials.end(),
                               [](const ScatterTable& m) { return m.has_coherent(); });
  if (!any) return {};
  const auto cells = internal::ray_cells(
      surface, behind_cloth && view.target.cloth ? view.target.cloth->outer.get() : nullptr,
      view.world_from_body, view.imager, view.sampling, view.window, view.threads);
  return in_blocks(
      cells.size(), view.threads, [&](std::size_t first, std::size_t last, Scatterers& part) {
        std::vector<Vec3> directions;
        std::vector<double> ranges;
        for (std::size_t i = first; i < last; ++i) {
          directions.push_back(view.body_from_world.rotation * cells[i].direction);
          ranges.push_back(cells[i].range_m);
        }
        std::vector<Complex> cloth(last - first, 1.0);
        if (behind_cloth) cloth = cloth_factors(view, directions, ranges);
        for (std::size_t i = first; i < last; ++i) {
          const RayCell& cell = cells[i];
          const ScatterTable& material = materials[static_cast<std::size_t>(cell.material)];
          if (!material.has_coherent()) continue;
          const double weight = internal::coherent_taper(view.sampling, cell.cos_incidence) *
                                cell.projected_m2 * cell.linear_phase;
          part.add(cell.direction, cell.range_m,
                   material.coherent(cell.cos_incidence) * weight * cloth[i - first]);
        }
      });
}

/// A lattice element that faces the beam and lies in the field.
struct Candidate {
  const LatticePoint* point;
  Vec3 direction;  // world
  double range_m;
  double cos_incidence;
};

std::vector<Candidate> facing(const View& view, const std::vector<LatticePoint>& lattice,
                              const std::vector<ScatterTable>& materials) {
  const Vec3 pivot = view.imager.scan().pivot_m();
  const Vec2 half = view.window.half_m + Vec2::Constant(beam_reach_m(view.imager));
  std::vector<Candidate> candidates;
  for (const LatticePoint& point : lattice) {
    if (!materials[static_cast<std::size_t>(point.material)].has_diffuse()) continue;
    const Vec3 from_pivot = view.world_from_body * point.position_m - pivot;
    const double range = from_pivot.norm();
    const Vec3 direction = from_pivot / range;
    const double cos_incidence = -(view.world_from_body.rotation * point.normal).dot(direction);
    if (cos_incidence <= 0.0 || direction.z() >= 0.0) continue;
    const Vec2 foot =
        direction.head<2>() * (view.imager.standoff_m / -direction.z()) - view.window.center_m;
    if (std::abs(foot.x()) > half.x() || std::abs(foot.y()) > half.y()) continue;
    candidates.push_back({&point, direction, range, cos_incidence});
  }
  return candidates;
}

/// @param own  the cloth whose faces the lattice stands for, or null.
Scatterers diffuse_part(const View& view, const Surface& surface,
                        const std::vector<LatticePoint>& lattice,
                        const std::vector<ScatterTable>& materials, const SpeckleKey& speckle,
                        uint32_t layer, bool behind_cloth, const WornCloth* own) {
  const auto candidates = facing(view, lattice, materials);
  const double wavelength = view.imager.beam.wavelength_m();
  // An element is hidden if the surface lies this much in front of it: more than the distance
  // between the curved patch and its facets, less than any feature.
  constexpr double kHiddenBy_m = 1.5e-3;
  return in_blocks(
      candidates.size(), view.threads, [&](std::size_t first, std::size_t last, Scatterers& part) {
        std::vector<Vec3> directions;
        std::vector<double> ranges;
        for (std::size_t i = first; i < last; ++i) {
          directions.push_back(view.body_from_world.rotation * candidates[i].direction);
          ranges.push_back(candidates[i].range_m);
        }
        std::vector<SurfaceHit> hits;
        surface.trace(view.pivot_in_body, directions, hits);
        std::vector<Complex> cloth(last - first, 1.0);
        if (behind_cloth) cloth = cloth_factors(view, directions, ranges);
        for (std::size_t i = first; i < last; ++i) {
          const Candidate& c = candidates[i];
          const SurfaceHit& hit = hits[i - first];
          if (hit.is_hit() && hit.range_m < c.range_m - kHiddenBy_m) continue;
          double sigma0 =
              materials[static_cast<std::size_t>(c.point->material)].sigma0(c.cos_incidence);
          double range_m = c.range_m;
          if (own != nullptr) {
            sigma0 *= own->face_gain(c.point->element);
            range_m += own->face_depth_m(c.point->element);
          }
          // Sheet 9.1, step 4: sqrt(sigma0 dA lambda^2 / 4 pi) zeta, E|zeta|^2 = 1.
          const double amplitude = wavelength * std::sqrt(sigma0 * c.point->area_m2 / (4.0 * kPi));
          const Complex zeta(complex_normal_at(speckle.seed, RngPurpose::kSpeckle, speckle.capture,
                                               layer, c.point->element));
          part.add(c.direction, range_m, amplitude * zeta * cloth[i - first]);
        }
      });
}

Scatterers point_part(const View& view) {
  Scatterers points;
  const Vec3 pivot = view.imager.scan().pivot_m();
  for (const Target::Point& point : view.target.points) {
    const Vec3 from_pivot = view.world_from_body * point.position_m - pivot;
    // |a|^2 = lambda^2 sigma |u|^4 / 4 pi, the radar equation with the mode's gain.
    const double amplitude =
        view.imager.beam.wavelength_m() * std::sqrt(point.rcs_m2 / (4.0 * kPi));
    points.add(from_pivot.normalized(), from_pivot.norm(), amplitude);
  }
  return points;
}

}  // namespace

ScatterParts find_scatterers(const Target& target, const RigidPose& world_from_body,
                             const Imager& imager, const Sampling& sampling,
                             const FieldWindow& window, const SpeckleKey& speckle, int threads,
                             StageTimes* times) {
  const RigidPose body_from_world = world_from_body.inverse();
  const View view{
      target, world_from_body, body_from_world, body_from_world * imager.scan().pivot_m(),
      imager, sampling,        window,          threads};
  ScatterParts parts;
  if (internal::can_map(target)) {
    parts = internal::map_scatterers(target, world_from_body, imager, sampling, window, speckle,
                                     threads, times);
    parts.coherent.append(point_part(view));
    return parts;
  }
  parts.coherent = point_part(view);
  if (target.body) {
    parts.coherent.append(coherent_part(view, *target.body, target.materials, true));
    parts.diffuse = diffuse_part(view, *target.body, target.lattice, target.materials, speckle, 0,
                                 true, nullptr);
  }
  if (target.cloth) {
    const std::vector<ScatterTable> face = {target.cloth->face};
    parts.cloth = coherent_part(view, *target.cloth->outer, face, false);
    parts.cloth.append(diffuse_part(view, *target.cloth->outer, target.cloth->lattice, face,
                                    speckle, 1, false, &*target.cloth));
  }
  return parts;
}

}  // namespace thz::sim
