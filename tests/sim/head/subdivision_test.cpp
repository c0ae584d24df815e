#include "thz/sim/subdivision.h"

#include <Eigen/Geometry>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "sim/head/mesh_checks.h"
#include "thz/core/constants.h"
#include "thz/core/rng.h"

using namespace thz;
using namespace thz::sim;

namespace {

// Sums of at most ten products of numbers near 1: rounding stays below this.
constexpr double kRoundoff = 1e-13;

Mesh icosahedron() {
  const double g = 0.5 * (1.0 + std::sqrt(5.0));
  Mesh mesh;
  mesh.vertices = {{-1, g, 0},  {1, g, 0},  {-1, -g, 0}, {1, -g, 0}, {0, -1, g},  {0, 1, g},
                   {0, -1, -g}, {0, 1, -g}, {g, 0, -1},  {g, 0, 1},  {-g, 0, -1}, {-g, 0, 1}};
  for (Vec3& v : mesh.vertices) v.normalize();
  mesh.triangles = {{0, 11, 5}, {0, 5, 1},  {0, 1, 7},   {0, 7, 10}, {0, 10, 11},
                    {1, 5, 9},  {5, 11, 4}, {11, 10, 2}, {10, 7, 6}, {7, 1, 8},
                    {3, 9, 4},  {3, 4, 2},  {3, 2, 6},   {3, 6, 8},  {3, 8, 9},
                    {4, 9, 5},  {2, 4, 11}, {6, 2, 10},  {8, 6, 7},  {9, 8, 1}};
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
    mesh.triangle_region.push_back(static_cast<uint8_t>(t));
  }
  return mesh;
}

/// A bent strip of quads: a surface with one boundary loop.
Mesh open_patch(double bend) {
  Mesh mesh;
  constexpr int n = 6;
  for (int j = 0; j <= n; ++j) {
    for (int i = 0; i <= n; ++i) {
      mesh.vertices.push_back({1.0 * i, 1.0 * j, bend * (i * i - 0.5 * i * j)});
    }
  }
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < n; ++i) {
      const int32_t a = j * (n + 1) + i;
      mesh.triangles.push_back({a, a + 1, a + n + 2});
      mesh.triangles.push_back({a, a + n + 2, a + n + 1});
    }
  }
  return mesh;
}

double largest_bend_rad(const Mesh& mesh) {
  double smallest_cosine = 1.0;
  for (const auto& [edge, normals] : test::edge_normals(mesh)) {
    if (normals.size() == 2)
      smallest_cosine = std::min(smallest_cosine, normals[0].dot(normals[1]));
  }
  return std::acos(smallest_cosine);
}

}  // namespace

TEST_CASE("every refined vertex is an affine mean of coarse ones", "[sim][head][subdivision]") {
  for (const Mesh& mesh : {icosahedron(), open_patch(0.1)}) {
    const LoopStencil stencil =
        make_loop_stencil(mesh.triangles, static_cast<int32_t>(mesh.vertices.size()));
    for (int32_t v = 0; v < stencil.refined_vertices(); ++v) {
      double sum = 0.0;
      for (int32_t k = stencil.row_begin[static_cast<std::size_t>(v)];
           k < stencil.row_begin[static_cast<std::size_t>(v) + 1]; ++k) {
        sum += stencil.weight[static_cast<std::size_t>(k)];
      }
      CHECK(sum == Approx(1.0).margin(kRoundoff));
    }
  }
}

TEST_CASE("refinement commutes with affine maps", "[sim][head][subdivision]") {
  const Mesh mesh = icosahedron();
  const LoopStencil stencil = make_loop_stencil(mesh.triangles, 12);
  Mat3 map;
  map << 1.0, 0.3, -0.2, 0.1, 0.7, 0.4, -0.5, 0.2, 1.3;
  const Vec3 shift(0.3, -1.0, 2.0);
  std::vector<Vec3> moved;
  for (const Vec3& v : mesh.vertices) moved.push_back(map * v + shift);
  const auto fine = refine(stencil, mesh.vertices);
  const auto fine_moved = refine(stencil, moved);
  for (std::size_t v = 0; v < fine.size(); ++v) {
    CHECK((map * fine[v] + shift - fine_moved[v]).norm() < kRoundoff);
  }
}

TEST_CASE("a closed surface stays closed, and regions follow the base triangle",
          "[sim][head][subdivision]") {
  const Mesh fine = subdivide(icosahedron(), 3);
  REQUIRE(fine.triangles.size() == 20 * 64);
  CHECK(test::is_closed_and_oriented(fine));
  CHECK(test::euler_characteristic(fine) == 2);
  for (std::size_t t = 0; t < fine.triangles.size(); ++t) {
    REQUIRE(fine.triangle_region[t] == t / 64);
  }
}

TEST_CASE("subdividing an icosahedron converges to a smooth surface", "[sim][head][subdivision]") {
  // On a surface with bounded curvature the bend across an edge halves with the edge.
  double bend = largest_bend_rad(subdivide(icosahedron(), 2));
  for (int level = 3; level <= 5; ++level) {
    const double next = largest_bend_rad(subdivide(icosahedron(), level));
    CHECK(next < 0.6 * bend);
    bend = next;
  }
}

TEST_CASE("the limit surface does not move under refinement", "[sim][head][subdivision]") {
  // Refinement and the limit share the surface: exact up to rounding, inside and on the boundary.
  for (const Mesh& mesh : {icosahedron(), open_patch(0.05)}) {
    const LimitSurface coarse = limit_surface(mesh);
    const LimitSurface fine = limit_surface(subdivide(mesh, 1));
    const LoopStencil stencil =
        make_loop_stencil(mesh.triangles, static_cast<int32_t>(mesh.vertices.size()));
    for (std::size_t v = 0; v < mesh.vertices.size(); ++v) {
      const bool corner = stencil.row_begin[v + 1] - stencil.row_begin[v] == 1;
      if (corner) continue;
      CHECK((coarse.positions_m[v] - fine.positions_m[v]).norm() < 1e-12);
    }
  }
}

TEST_CASE("limit normals agree with a mesh refined three times", "[sim][head][subdivision]") {
  Mesh mesh = subdivide(icosahedron(), 1);
  Rng rng(7, RngPurpose::kTest);
  for (Vec3& v : mesh.vertices) v *= 1.0 + 0.1 * rng.normal();  // bumps, so that no symmetry helps
  const LimitSurface limit = limit_surface(mesh);
  const Mesh fine = subdivide(mesh, 3);
  const auto normals = test::area_weighted_normals(fine);
  for (std::size_t v = 0; v < mesh.vertices.size(); ++v) {
    // The facet mean is of second order in the edge length, a tenth of the radius here.
    CHECK(rad_to_deg(std::acos(std::min(1.0, limit.normals[v].dot(normals[v])))) < 2.0);
    CHECK(limit.normals[v].dot(mesh.vertices[v]) > 0.0);  // outwards
  }
  // Finite differences converge to the mask: finer is closer.
  const auto finer = test::area_weighted_normals(subdivide(mesh, 5));
  double coarse_error = 0.0;
  double fine_error = 0.0;
  for (std::size_t v = 0; v < mesh.vertices.size(); ++v) {
    coarse_error += (limit.normals[v] - normals[v]).norm();
    fine_error += (limit.normals[v] - finer[v]).norm();
  }
  CHECK(fine_error < 0.35 * coarse_error);
}

TEST_CASE("a flat patch stays flat with straight borders", "[sim][head][subdivision]") {
  const Mesh fine = subdivide(open_patch(0.0), 2);
  for (const Vec3& v : fine.vertices) {
    CHECK(std::abs(v.z()) < kRoundoff);
    CHECK(v.x() >= -kRoundoff);
    CHECK(v.x() <= 6.0 + kRoundoff);
  }
  for (const Vec3& n : limit_surface(fine).normals) CHECK(n.z() == Approx(1.0));
}

TEST_CASE("an edge with three triangles is a crease, not a crash", "[sim][head][subdivision]") {
  Mesh mesh;
  mesh.vertices = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, -1, 0}};
  mesh.triangles = {{0, 1, 2}, {0, 1, 3}, {0, 1, 4}};
  const Mesh fine = subdivide(mesh, 1);
  CHECK(fine.triangles.size() == 12);
  bool has_midpoint = false;
  for (const Vec3& v : fine.vertices)
    has_midpoint = has_midpoint || (v - Vec3(0.5, 0, 0)).norm() < 1e-15;
  CHECK(has_midpoint);
  for (const Vec3& p : limit_surface(mesh).positions_m) CHECK(p.allFinite());
}
