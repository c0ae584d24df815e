#include "head_sites.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>

#include "sculpt_tools.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim::internal {

Vec3 SitePlace::normal() const {
  const double a = deg_to_rad(azimuth_deg);
  const double e = deg_to_rad(elevation_deg);
  return {std::cos(e) * std::sin(a), std::sin(e), std::cos(e) * std::cos(a)};
}

Vec3 SitePlace::across() const {
  const double a = deg_to_rad(azimuth_deg);
  return {std::cos(a), 0.0, -std::sin(a)};
}

Vec3 SitePlace::up() const { return normal().cross(across()); }

const std::array<SitePlace, kSiteCount>& site_places() {
  static const std::array<SitePlace, kSiteCount> table = {{
      {{0, 4.1, 130.7}, 0, 11, 6, 6, Bend::kRound},
      {{0, 18.6, 121}, 0, 38, 10, 9, Bend::kAcross},
      {{0, 40.5, 106.5}, 0, 12, 10, 8, Bend::kUpDown},
      {{0, 57.3, 107.7}, 0, 1, 10, 10, Bend::kUpDown},
      {{0, 90.5, 98.5}, 0, 23, 10, 14, Bend::kUpDown},
      {{0, -16.5, 115}, 0, -1, 6, 5, Bend::kUpDown},
      {{0, -27.5, 117}, 0, -3, 6, 5, Bend::kUpDown},
      {{0, -38.4, 116}, 0, 13, 4.5, 5, Bend::kUpDown},
      {{0, -60.9, 110.5}, 0, 1, 10, 9, Bend::kUpDown},
      {{26.3, 57.9, 104.5}, 18, -4, 10, 9, Bend::kUpDown},
      {{35.7, 85.6, 90.8}, 34, 19, 10, 15, Bend::kRound},
      {{57.8, 74.8, 72.2}, 58, 12, 10, 15, Bend::kRound},
      {{46.3, 14.8, 90.5}, 28, 14, 10, 10, Bend::kRound},
      {{31.9, 5.2, 98.2}, 18, 13, 10, 9, Bend::kRound},
      {{63.7, 13.6, 73.3}, 61, 6, 10, 13, Bend::kRound},
      {{48.4, -48.4, 77.1}, 59, -20, 10, 14, Bend::kRound},
  }};
  return table;
}

namespace {

/// The frames of all sites, made once.
struct SiteFrame {
  Vec3 centre, normal, across, up;
  double width;
  Bend bend;
};

const std::array<SiteFrame, kSiteCount>& site_frames() {
  static const std::array<SiteFrame, kSiteCount> frames = [] {
    std::array<SiteFrame, kSiteCount> list;
    for (std::size_t i = 0; i < kSiteCount; ++i) {
      const SitePlace& s = site_places()[i];
      list[i] = {s.centre, s.normal(), s.across(), s.up(), s.width, s.bend};
    }
    return list;
  }();
  return frames;
}

}  // namespace

void apply_site_relief(const SiteRelief& relief, Vec3& p) {
  Vec3 shift = Vec3::Zero();
  for (std::size_t i = 0; i < kSiteCount; ++i) {
    const SiteFrame& s = site_frames()[i];
    const Vec3 d = p - s.centre;
    if (d.squaredNorm() > square(4.0 * s.width)) continue;
    const double u = d.dot(s.across);
    const double v = d.dot(s.up);
    const double bent = s.bend == Bend::kRound    ? u * u + v * v
                        : s.bend == Bend::kAcross ? u * u
                                                  : v * v;
    // Midline sites reach over to the other side without turning.
    const double h = -(relief.turn[i] * u + relief.lift[i] * v) -
                     0.5 * relief.bend[i] * (bent - square(s.width));
    shift += h * dab(u / s.width) * dab(v / s.width) * dab(d.dot(s.normal) / 14.0) * s.normal;
  }
  p += shift;
}

SiteShape fit_site(Site site, const Vec3& centre, const std::vector<Vec3>& points) {
  THZ_REQUIRE(points.size() >= 6, "a quadric needs six points");
  const SiteFrame& s = site_frames()[site];
  Eigen::Matrix<double, 6, 6> normal_matrix = Eigen::Matrix<double, 6, 6>::Zero();
  Eigen::Matrix<double, 6, 1> right = Eigen::Matrix<double, 6, 1>::Zero();
  for (const Vec3& p : points) {
    const Vec3 d = p - centre;
    const double u = d.dot(s.across);
    const double v = d.dot(s.up);
    Eigen::Matrix<double, 6, 1> row;
    row << 1.0, u, v, 0.5 * u * u, u * v, 0.5 * v * v;
    normal_matrix += row * row.transpose();
    right += d.dot(s.normal) * row;
  }
  const Eigen::Matrix<double, 6, 1> c = normal_matrix.ldlt().solve(right);
  const double a = c(1);
  const double b = c(2);
  const Vec3 n = (s.normal - a * s.across - b * s.up).normalized();
  // Weingarten map of a graph: I^-1 II with I = 1 + g g^T, II = -H / sqrt(1 + |g|^2).
  Eigen::Matrix2d first;
  first << 1.0 + a * a, a * b, a * b, 1.0 + b * b;
  Eigen::Matrix2d second;
  second << c(3), c(4), c(4), c(5);
  second *= -1.0 / std::sqrt(1.0 + a * a + b * b);
  const Eigen::Matrix2d map = first.inverse() * second;
  SiteShape shape;
  shape.azimuth_deg = rad_to_deg(std::atan2(n.x(), n.z()));
  shape.elevation_deg = rad_to_deg(std::asin(n.y()));
  shape.horizontal = second(0, 0) / first(0, 0);
  shape.vertical = second(1, 1) / first(1, 1);
  shape.mean = 0.5 * map.trace();
  shape.largest = shape.mean + std::sqrt(std::max(0.0, square(shape.mean) - map.determinant()));
  return shape;
}

}  // namespace thz::sim::internal
