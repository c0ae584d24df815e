#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/sim/surface.h"

namespace thz::sim {
namespace {

class EllipsoidSurface : public Surface {
 public:
  EllipsoidSurface(const Vec3& semi_axes_m, int32_t material)
      : semi_axes_m_(semi_axes_m), material_(material) {
    THZ_REQUIRE((semi_axes_m.array() > 0.0).all(), "semi-axes must be positive");
  }

  void trace(const Vec3& origin_m, const std::vector<Vec3>& directions,
             std::vector<SurfaceHit>& hits, double /*least_cos*/) const override {
    hits.assign(directions.size(), SurfaceHit{});
    const Vec3 o = origin_m.cwiseQuotient(semi_axes_m_);
    for (std::size_t i = 0; i < directions.size(); ++i) {
      // Unit sphere in scaled coordinates: |o + t d|^2 = 1, nearer root.
      const Vec3 d = directions[i].cwiseQuotient(semi_axes_m_);
      const double a = d.squaredNorm();
      const double b = o.dot(d);
      // b^2 - a (|o|^2 - 1) written without the cancellation of two numbers near (R/r)^2.
      const double discriminant = a - o.cross(d).squaredNorm();
      if (discriminant < 0.0) continue;
      const double t = (-b - std::sqrt(discriminant)) / a;
      if (t < 0.0) continue;
      const Vec3 point = origin_m + t * directions[i];
      hits[i] = {t, normal_at(point), point, material_};
    }
  }

  std::vector<LatticePoint> lattice(double area_m2) const override {
    // Fibonacci points on the unit sphere, mapped; area by the mapping's Jacobian.
    const Vec3& s = semi_axes_m_;
    const double mean_area = 4.0 * kPi * std::pow(s.prod(), 2.0 / 3.0);
    const auto count = static_cast<int64_t>(std::ceil(mean_area / area_m2));
    const double golden = kPi * (3.0 - std::sqrt(5.0));
    std::vector<LatticePoint> points;
    points.reserve(static_cast<std::size_t>(count));
    for (int64_t i = 0; i < count; ++i) {
      const double z = 1.0 - (2.0 * static_cast<double>(i) + 1.0) / static_cast<double>(count);
      const double r = std::sqrt(1.0 - z * z);
      const double phi = golden * static_cast<double>(i);
      const Vec3 u(r * std::cos(phi), r * std::sin(phi), z);
      const double stretch = s.prod() * u.cwiseQuotient(s).norm();
      const Vec3 point = u.cwiseProduct(s);
      points.push_back({point, normal_at(point), 4.0 * kPi / static_cast<double>(count) * stretch,
                        material_, static_cast<uint64_t>(i)});
    }
    return points;
  }

  void bounding_sphere(Vec3& center_m, double& radius_m) const override {
    center_m = Vec3::Zero();
    radius_m = semi_axes_m_.maxCoeff();
  }

 private:
  Vec3 normal_at(const Vec3& point) const {
    return point.cwiseQuotient(semi_axes_m_.cwiseProduct(semi_axes_m_)).normalized();
  }

  Vec3 semi_axes_m_;
  int32_t material_;
};

class PlaneSurface : public Surface {
 public:
  PlaneSurface(const Vec2& size_m, int32_t material) : half_m_(0.5 * size_m), material_(material) {
    THZ_REQUIRE((size_m.array() > 0.0).all(), "plane size must be positive");
  }

  void trace(const Vec3& origin_m, const std::vector<Vec3>& directions,
             std::vector<SurfaceHit>& hits, double /*least_cos*/) const override {
    hits.assign(directions.size(), SurfaceHit{});
    for (std::size_t i = 0; i < directions.size(); ++i) {
      const double slope = directions[i].z();
      if (slope == 0.0) continue;
      const double t = -origin_m.z() / slope;
      const Vec3 point = origin_m + t * directions[i];
      if (t < 0.0 || std::abs(point.x()) > half_m_.x() || std::abs(point.y()) > half_m_.y())
        continue;
      // Both faces scatter; the normal looks back along the ray.
      hits[i] = {t, Vec3(0.0, 0.0, slope < 0.0 ? 1.0 : -1.0), point, material_};
    }
  }

  std::vector<LatticePoint> lattice(double area_m2) const override {
    const double step = std::sqrt(area_m2);
    const auto nx = static_cast<int64_t>(std::ceil(2.0 * half_m_.x() / step));
    const auto ny = static_cast<int64_t>(std::ceil(2.0 * half_m_.y() / step));
    const double dx = 2.0 * half_m_.x() / static_cast<double>(nx);
    const double dy = 2.0 * half_m_.y() / static_cast<double>(ny);
    std::vector<LatticePoint> points;
    points.reserve(static_cast<std::size_t>(nx * ny));
    for (int64_t iy = 0; iy < ny; ++iy) {
      for (int64_t ix = 0; ix < nx; ++ix) {
        const Vec3 point(-half_m_.x() + (static_cast<double>(ix) + 0.5) * dx,
                         -half_m_.y() + (static_cast<double>(iy) + 0.5) * dy, 0.0);
        points.push_back(
            {point, Vec3::UnitZ(), dx * dy, material_, static_cast<uint64_t>(iy * nx + ix)});
      }
    }
    return points;
  }

  void bounding_sphere(Vec3& center_m, double& radius_m) const override {
    center_m = Vec3::Zero();
    radius_m = half_m_.norm();
  }

 private:
  Vec2 half_m_;
  int32_t material_;
};

}  // namespace

std::unique_ptr<Surface> make_ellipsoid_surface(const Vec3& semi_axes_m, int32_t material) {
  return std::make_unique<EllipsoidSurface>(semi_axes_m, material);
}

std::unique_ptr<Surface> make_plane_surface(const Vec2& size_m, int32_t material) {
  return std::make_unique<PlaneSurface>(size_m, material);
}

}  // namespace thz::sim
