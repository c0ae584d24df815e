#include "head_grid.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <functional>

#include "head_base.h"
#include "thz/core/constants.h"

namespace thz::sim::internal {
namespace {

// Even counts keep a line of vertices on the mid-line.
constexpr int kColumns = 52;
constexpr int kRows = 78;
constexpr int kDepths = 42;
constexpr double kFrontAngle = deg_to_rad(32.0);  ///< front face of the box: |azimuth| below this
constexpr double kBackAngle = deg_to_rad(130.0);  ///< back face: |azimuth| above this
constexpr double kCrownElevation = deg_to_rad(27.0);  ///< the top face starts here

double bump(double x, double centre, double width) {
  const double u = (x - centre) / width;
  return std::exp(-0.5 * u * u);
}

/// Cuts [low, high] into `cells` parts whose sizes are proportional to `spacing`.
std::vector<double> graded_cuts(double low, double high, int cells,
                                const std::function<double(double)>& spacing) {
  constexpr int kSteps = 4000;
  std::vector<double> cells_to(kSteps + 1, 0.0);
  const double step = (high - low) / kSteps;
  for (int i = 0; i < kSteps; ++i) {
    cells_to[static_cast<std::size_t>(i) + 1] =
        cells_to[static_cast<std::size_t>(i)] + step / spacing(low + (i + 0.5) * step);
  }
  std::vector<double> cuts{low};
  std::size_t at = 0;
  for (int c = 1; c < cells; ++c) {
    const double target = cells_to.back() * c / cells;
    while (cells_to[at + 1] < target) ++at;
    const double part = (target - cells_to[at]) / (cells_to[at + 1] - cells_to[at]);
    cuts.push_back(low + (static_cast<double>(at) + part) * step);
  }
  cuts.push_back(high);
  return cuts;
}

/// Heights of the rows; above kDomeHeight the value is kDomeHeight + kDomeScale * elevation.
constexpr double kDomeScaleMm = 100.0;

double row_spacing(double y) {
  const double face = 1.0 - 0.30 * bump(y, -34.0, 9.0) - 0.15 * bump(y, -4.0, 10.0) -
                      0.28 * bump(y, 36.0, 9.0) - 0.30 * bump(y, -82.0, 7.0);
  const double far =
      1.6 / (1.0 + std::exp((y + 97.0) / 5.0)) + 0.5 / (1.0 + std::exp((75.0 - y) / 8.0));
  return face + far;
}

double front_spacing(double x) { return 1.0 - 0.35 * bump(x, 0.0, 17.0); }

double side_spacing(double azimuth) {
  const double deg = rad_to_deg(azimuth);
  return 1.0 - 0.45 * bump(deg, 86.0, 13.0) + 0.6 / (1.0 + std::exp((108.0 - deg) / 5.0));
}

class GridBuilder {
 public:
  GridBuilder() {
    const double front_half = kFaceDistanceMm * std::tan(kFrontAngle);
    for (double x : graded_cuts(-front_half, front_half, kColumns, front_spacing)) {
      front_.push_back(std::atan(x / kFaceDistanceMm));
    }
    side_ = graded_cuts(kFrontAngle, kBackAngle, kDepths, side_spacing);
    back_ =
        graded_cuts(-(kPi - kBackAngle), kPi - kBackAngle, kColumns, [](double) { return 1.0; });
    const double top = kDomeHeightMm + kDomeScaleMm * kCrownElevation;
    rows_ = graded_cuts(kNeckCutMm, top, kRows, row_spacing);
  }

  HeadGrid build() {
    HeadGrid grid;
    index_.assign(static_cast<std::size_t>((kColumns + 1) * (kRows + 1) * (kDepths + 1)), -1);
    for (int k = 0; k <= kDepths; ++k) {
      for (int j = 0; j <= kRows; ++j) {
        for (int i = 0; i <= kColumns; ++i) {
          const bool inside = i > 0 && i < kColumns && j > 0 && j < kRows && k > 0 && k < kDepths;
          if (inside) continue;
          slot(i, j, k) = static_cast<int32_t>(grid.base_mm.size());
          grid.base_mm.push_back(place(i, j, k));
          grid.on_cap.push_back(j == 0 && i > 0 && i < kColumns && k > 0 && k < kDepths);
        }
      }
    }
    link_mirrors(grid);
    add_faces(grid);
    return grid;
  }

 private:
  int32_t& slot(int i, int j, int k) {
    return index_[static_cast<std::size_t>((k * (kRows + 1) + j) * (kColumns + 1) + i)];
  }

  /// Azimuth on the ring of a row. i runs from -x to +x, k from the front to the back.
  double ring_azimuth(int i, int k) const {
    if (k == 0) return front_[static_cast<std::size_t>(i)];
    if (k == kDepths) {
      const double a = back_[static_cast<std::size_t>(i)];
      return a <= 0.0 ? -kPi - a : kPi - a;
    }
    const double a = side_[static_cast<std::size_t>(k)];
    return i == 0 ? -a : a;
  }

  /// Azimuth where the ray from the middle of the top (or bottom) face through (p, q) leaves it.
  double edge_azimuth(double p, double q) const {
    const double reach = std::max(std::abs(p), std::abs(q));
    const auto sample = [](const std::vector<double>& cuts, double u) {
      const double at = 0.5 * (u + 1.0) * static_cast<double>(cuts.size() - 1);
      const auto cell = std::min(static_cast<std::size_t>(at), cuts.size() - 2);
      const double part = at - static_cast<double>(cell);
      return cuts[cell] * (1.0 - part) + cuts[cell + 1] * part;
    };
    if (std::abs(p) >= std::abs(q)) {
      const double a = sample(side_, q / reach);
      return p < 0.0 ? -a : a;
    }
    if (q < 0.0) return sample(front_, p / reach);
    const double a = sample(back_, p / reach);
    return a <= 0.0 ? -kPi - a : kPi - a;
  }

  Vec3 place(int i, int j, int k) const {
    const double p = 2.0 * i / kColumns - 1.0;
    const double q = 2.0 * k / kDepths - 1.0;
    const double reach = std::max(std::abs(p), std::abs(q));
    const bool rim = reach > 1.0 - 1e-9;
    const double azimuth = rim ? ring_azimuth(i, k) : (reach > 0.0 ? edge_azimuth(p, q) : 0.0);
    if (j == 0) {
      const double radius = reach * head_base_radius_mm(azimuth, kNeckCutMm);
      return {radius * std::sin(azimuth), kNeckCutMm, radius * std::cos(azimuth)};
    }
    if (j == kRows) {
      return dome_point(azimuth, 0.5 * kPi - reach * (0.5 * kPi - kCrownElevation));
    }
    const double row = rows_[static_cast<std::size_t>(j)];
    if (row > kDomeHeightMm) return dome_point(azimuth, (row - kDomeHeightMm) / kDomeScaleMm);
    const double radius = head_base_radius_mm(azimuth, row);
    return {radius * std::sin(azimuth), row, radius * std::cos(azimuth)};
  }

  /// Where the ray from (0, kDomeHeightMm, 0) meets the head.
  static Vec3 dome_point(double azimuth, double elevation) {
    double inside = 20.0;
    double outside = 140.0;
    for (int step = 0; step < 48; ++step) {
      const double s = 0.5 * (inside + outside);
      const double y = kDomeHeightMm + s * std::sin(elevation);
      const bool within = s * std::cos(elevation) < head_base_radius_mm(azimuth, y);
      (within ? inside : outside) = s;
    }
    const double s = 0.5 * (inside + outside);
    return {s * std::cos(elevation) * std::sin(azimuth), kDomeHeightMm + s * std::sin(elevation),
            s * std::cos(elevation) * std::cos(azimuth)};
  }

  void link_mirrors(HeadGrid& grid) {
    grid.mirror.resize(grid.base_mm.size());
    for (int k = 0; k <= kDepths; ++k) {
      for (int j = 0; j <= kRows; ++j) {
        for (int i = 0; i <= kColumns; ++i) {
          const int32_t v = slot(i, j, k);
          if (v < 0) continue;
          const int32_t m = slot(kColumns - i, j, k);
          grid.mirror[static_cast<std::size_t>(v)] = m;
          // Exact symmetry: the right half is the mirror image of the left.
          Vec3& x = grid.base_mm[static_cast<std::size_t>(v)];
          if (v == m) x.x() = 0.0;
          if (i > kColumns / 2)
            x = grid.base_mm[static_cast<std::size_t>(m)].cwiseProduct(Vec3(-1, 1, 1));
        }
      }
    }
  }

  static void add_quad(HeadGrid& grid, int32_t a, int32_t b, int32_t c, int32_t d) {
    grid.quads.push_back({a, b, c, d});
  }

  void add_faces(HeadGrid& grid) {
    for (int i = 0; i < kColumns; ++i) {
      for (int j = 0; j < kRows; ++j) {
        add_quad(grid, slot(i, j, 0), slot(i + 1, j, 0), slot(i + 1, j + 1, 0), slot(i, j + 1, 0));
        add_quad(grid, slot(i + 1, j, kDepths), slot(i, j, kDepths), slot(i, j + 1, kDepths),
                 slot(i + 1, j + 1, kDepths));
      }
      for (int k = 0; k < kDepths; ++k) {
        add_quad(grid, slot(i, kRows, k), slot(i + 1, kRows, k), slot(i + 1, kRows, k + 1),
                 slot(i, kRows, k + 1));
        add_quad(grid, slot(i, 0, k + 1), slot(i + 1, 0, k + 1), slot(i + 1, 0, k), slot(i, 0, k));
      }
    }
    for (int k = 0; k < kDepths; ++k) {
      for (int j = 0; j < kRows; ++j) {
        add_quad(grid, slot(kColumns, j, k), slot(kColumns, j, k + 1), slot(kColumns, j + 1, k + 1),
                 slot(kColumns, j + 1, k));
        add_quad(grid, slot(0, j, k + 1), slot(0, j, k), slot(0, j + 1, k), slot(0, j + 1, k + 1));
      }
    }
  }

  std::vector<double> front_;
  std::vector<double> side_;
  std::vector<double> back_;
  std::vector<double> rows_;
  std::vector<int32_t> index_;
};

HeadGrid make_grid() {
  HeadGrid grid = GridBuilder().build();
  grid.normals.assign(grid.base_mm.size(), Vec3::Zero());
  for (const auto& q : grid.quads) {
    const auto corner = [&](std::size_t i) { return grid.base_mm[static_cast<std::size_t>(q[i])]; };
    const Vec3 area = (corner(2) - corner(0)).cross(corner(3) - corner(1));
    for (int32_t v : q) grid.normals[static_cast<std::size_t>(v)] += area;
  }
  for (Vec3& n : grid.normals) n.normalize();
  return grid;
}

}  // namespace

const HeadGrid& head_grid() {
  static const HeadGrid grid = make_grid();
  return grid;
}

}  // namespace thz::sim::internal
