#include "ray_quadrature.h"

#include <algorithm>
#include <cmath>

#include "foot_grid.h"
#include "thz/core/constants.h"
#include "thz/core/parallel.h"

namespace thz::sim::internal {
namespace {

constexpr int kBlock = 4;  // cells a side of a block that one ray decides about
constexpr int kBand = 8;   // grid rows a task: enough rays for packets, enough tasks for threads

double sinc(double x) { return std::abs(x) < 1e-6 ? 1.0 : std::sin(x) / x; }

class CellMaker {
 public:
  CellMaker(const Surface& surface, const RigidPose& pose, const Imager& imager,
            const Sampling& sampling)
      : surface_(surface),
        pose_(pose),
        body_from_world_(pose.inverse()),
        sampling_(sampling),
        standoff_m_(imager.standoff_m),
        k_(imager.beam.wavenumber()),
        pivot_in_body_(body_from_world_ * imager.scan().pivot_m()),
        cos_end_(std::cos(deg_to_rad(sampling.taper_end_deg))),
        cos_near_(std::cos(deg_to_rad(std::min(90.0, sampling.taper_end_deg + 15.0)))) {}

  Vec3 direction(const Vec2& foot) const {
    return Vec3(foot.x(), foot.y(), -standoff_m_).normalized();
  }

  /// Traces world directions; normals come back in the world frame.
  void trace(const std::vector<Vec3>& directions, std::vector<SurfaceHit>& hits) const {
    std::vector<Vec3> in_body(directions.size());
    for (std::size_t i = 0; i < directions.size(); ++i) {
      in_body[i] = body_from_world_.rotation * directions[i];
    }
    surface_.trace(pivot_in_body_, in_body, hits, cos_near_);
    for (auto& hit : hits) hit.normal = pose_.rotation * hit.normal;
  }

  bool within_taper(const SurfaceHit& hit, const Vec3& direction) const {
    return hit.is_hit() && -hit.normal.dot(direction) > cos_end_;
  }

  /// within_taper with a margin of angle.
  bool near_taper(const SurfaceHit& hit, const Vec3& direction) const {
    return hit.is_hit() && -hit.normal.dot(direction) > cos_near_;
  }

  RayCell cell(const SurfaceHit& hit, const Vec2& foot, const Vec3& e, double pitch_m) const {
    // a(foot) on the tangent plane: da = -a (n . de) / (n . e); de for a step along x or y.
    const double length = std::hypot(foot.norm(), standoff_m_);
    const double n_e = hit.normal.dot(e);
    const Vec3 de_dx = (Vec3::UnitX() - e * e.x()) / length;
    const Vec3 de_dy = (Vec3::UnitY() - e * e.y()) / length;
    const double a_x = -hit.range_m * hit.normal.dot(de_dx) / n_e;
    const double a_y = -hit.range_m * hit.normal.dot(de_dy) / n_e;
    const double solid_angle = standoff_m_ * pitch_m * pitch_m / (length * length * length);
    return {e,
            hit.range_m,
            -n_e,
            hit.range_m * hit.range_m * solid_angle,
            sinc(k_ * a_x * pitch_m) * sinc(k_ * a_y * pitch_m),
            hit.material};
  }

  /// Two-way phase of the second difference, or infinity at an edge or where the material changes.
  double curvature_rad(const SurfaceHit& before, const SurfaceHit& here,
                       const SurfaceHit& after) const {
    if (!before.is_hit() || !after.is_hit() || before.material != after.material) {
      return std::numeric_limits<double>::infinity();
    }
    return 2.0 * k_ * std::abs(before.range_m - 2.0 * here.range_m + after.range_m);
  }

  void refine(const Vec2& foot, double pitch_m, std::vector<RayCell>& cells,
              std::vector<Vec3>& directions, std::vector<SurfaceHit>& hits) const {
    const int n = sampling_.refine;
    const double sub = pitch_m / n;
    directions.clear();
    for (int i = 0; i < n * n; ++i) directions.push_back(direction(sub_foot(foot, sub, i, n)));
    trace(directions, hits);
    for (int i = 0; i < n * n; ++i) {
      const auto s = static_cast<std::size_t>(i);
      if (within_taper(hits[s], directions[s])) {
        cells.push_back(cell(hits[s], sub_foot(foot, sub, i, n), directions[s], sub));
      }
    }
  }

 private:
  static Vec2 sub_foot(const Vec2& foot, double sub, int i, int n) {
    return foot + sub * Vec2(i % n - 0.5 * (n - 1), i / n - 0.5 * (n - 1));
  }

  const Surface& surface_;
  RigidPose pose_, body_from_world_;
  const Sampling& sampling_;
  double standoff_m_, k_;
  Vec3 pivot_in_body_;
  double cos_end_, cos_near_;
};

/// Blocks of kBlock x kBlock cells where a facet may face the beam: found by one ray a block, with
/// a margin of angle and one block all around, so that nothing wider than a block is missed. Most
/// of a head is steeper than the taper, and its cells need no rays at all.
class ActiveBlocks {
 public:
  ActiveBlocks(const CellMaker& maker, const FootGrid& grid, int threads)
      : columns_((grid.nx + kBlock - 1) / kBlock), rows_((grid.ny + kBlock - 1) / kBlock) {
    const auto count = static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_);
    std::vector<uint8_t> seen(count);
    parallel_for(static_cast<std::size_t>(rows_), threads, [&](std::size_t row) {
      std::vector<Vec3> directions;
      std::vector<SurfaceHit> hits;
      for (int column = 0; column < columns_; ++column) {
        const double middle = 0.5 * (kBlock - 1);
        directions.push_back(maker.direction(
            grid.foot(0, 0) + grid.pitch_m * Vec2(column * kBlock + middle,
                                                  static_cast<double>(row) * kBlock + middle)));
      }
      maker.trace(directions, hits);
      for (std::size_t c = 0; c < hits.size(); ++c) {
        seen[row * static_cast<std::size_t>(columns_) + c] =
            maker.near_taper(hits[c], directions[c]) ? 1 : 0;
      }
    });
    active_.resize(count);
    for (int row = 0; row < rows_; ++row) {
      for (int column = 0; column < columns_; ++column) dilate(seen, row, column);
    }
  }

  bool holds(int ix, int iy) const {
    if (ix < 0 || iy < 0 || ix / kBlock >= columns_ || iy / kBlock >= rows_) return false;
    return active_[static_cast<std::size_t>((iy / kBlock) * columns_ + ix / kBlock)] != 0;
  }

 private:
  void dilate(const std::vector<uint8_t>& seen, int row, int column) {
    for (int r = std::max(0, row - 1); r <= std::min(rows_ - 1, row + 1); ++r) {
      for (int c = std::max(0, column - 1); c <= std::min(columns_ - 1, column + 1); ++c) {
        if (seen[static_cast<std::size_t>(r * columns_ + c)] != 0) {
          active_[static_cast<std::size_t>(row * columns_ + column)] = 1;
        }
      }
    }
  }

  int columns_, rows_;
  std::vector<uint8_t> active_;
};

/// Rays of rows [first - 1, last] and columns [-1, nx] of the grid, in active blocks only; the rest
/// stay misses.
void trace_band(const CellMaker& maker, const FootGrid& grid, const ActiveBlocks& active, int first,
                int last, std::vector<Vec3>& directions, std::vector<SurfaceHit>& hits) {
  const int stride = grid.nx + 2;
  const auto count = static_cast<std::size_t>(stride * (last - first + 2));
  directions.assign(count, -Vec3::UnitZ());
  hits.assign(count, SurfaceHit{});
  std::vector<std::size_t> place;
  std::vector<Vec3> needed;
  for (int iy = first - 1; iy <= last; ++iy) {
    for (int ix = 0; ix < grid.nx; ++ix) {
      if (!active.holds(ix, iy)) continue;
      place.push_back(static_cast<std::size_t>((iy - first + 1) * stride + ix + 1));
      needed.push_back(maker.direction(grid.foot(ix, iy)));
    }
  }
  std::vector<SurfaceHit> found;
  maker.trace(needed, found);
  for (std::size_t i = 0; i < place.size(); ++i) {
    directions[place[i]] = needed[i];
    hits[place[i]] = found[i];
  }
}

/// Cells of rows [first, last); a row and a column of neighbours on each side decide refinement.
void band_cells(const CellMaker& maker, const FootGrid& grid, const ActiveBlocks& active,
                const Sampling& sampling, int first, int last, std::vector<RayCell>& cells) {
  const int stride = grid.nx + 2;
  std::vector<Vec3> directions;
  std::vector<SurfaceHit> hits;
  trace_band(maker, grid, active, first, last, directions, hits);
  std::vector<Vec3> sub_directions;
  std::vector<SurfaceHit> sub_hits;
  for (int iy = first; iy < last; ++iy) {
    for (int ix = 0; ix < grid.nx; ++ix) {
      const auto i = static_cast<std::size_t>((iy - first + 1) * stride + ix + 1);
      const auto s = static_cast<std::size_t>(stride);
      const bool inside = maker.within_taper(hits[i], directions[i]);
      bool neighbour = false;
      for (const std::size_t n : {i - 1, i + 1, i - s, i + s}) {
        neighbour = neighbour || maker.within_taper(hits[n], directions[n]);
      }
      if (!inside && !neighbour) continue;  // untraced neighbours are misses
      const bool curved =
          !inside ||
          maker.curvature_rad(hits[i - 1], hits[i], hits[i + 1]) > sampling.refine_phase_rad ||
          maker.curvature_rad(hits[i - s], hits[i], hits[i + s]) > sampling.refine_phase_rad;
      if (curved && sampling.refine > 1) {
        maker.refine(grid.foot(ix, iy), grid.pitch_m, cells, sub_directions, sub_hits);
      } else if (inside) {
        cells.push_back(maker.cell(hits[i], grid.foot(ix, iy), directions[i], grid.pitch_m));
      }
    }
  }
}

}  // namespace

double coherent_taper(const Sampling& sampling, double cos_incidence) {
  const double angle_deg = rad_to_deg(std::acos(std::clamp(cos_incidence, 0.0, 1.0)));
  if (angle_deg <= sampling.taper_begin_deg) return 1.0;
  if (angle_deg >= sampling.taper_end_deg) return 0.0;
  const double t =
      (angle_deg - sampling.taper_begin_deg) / (sampling.taper_end_deg - sampling.taper_begin_deg);
  const double c = std::cos(0.5 * kPi * t);
  return c * c;
}

std::vector<RayCell> ray_cells(const Surface& surface, const RigidPose& world_from_body,
                               const Imager& imager, const Sampling& sampling,
                               const FieldWindow& window, int threads) {
  const FootGrid grid = make_grid(surface, world_from_body, imager, window, sampling.ray_pitch_m);
  const CellMaker maker(surface, world_from_body, imager, sampling);
  const ActiveBlocks active(maker, grid, threads);
  const auto bands = static_cast<std::size_t>((grid.ny + kBand - 1) / kBand);
  std::vector<std::vector<RayCell>> parts(bands);
  parallel_for(bands, threads, [&](std::size_t b) {
    const int first = static_cast<int>(b) * kBand;
    band_cells(maker, grid, active, sampling, first, std::min(grid.ny, first + kBand), parts[b]);
  });
  std::vector<RayCell> cells;
  for (const auto& part : parts) cells.insert(cells.end(), part.begin(), part.end());
  return cells;
}

}  // namespace thz::sim::internal
