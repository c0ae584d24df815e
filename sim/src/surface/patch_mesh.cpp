#include "thz/sim/patch_mesh.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "curved_patch.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

Vec3 as_vec3(const float xyz[3]) { return {double{xyz[0]}, double{xyz[1]}, double{xyz[2]}}; }

}  // namespace

PatchMesh::PatchMesh(const Mesh& mesh, const std::vector<int32_t>& triangle_material,
                     std::shared_ptr<const SmoothingPlan> plan)
    : plan_(std::move(plan)),
      material_(triangle_material),
      coarse_vertices_(mesh.vertices.size()),
      side_(1 << plan_->steps.size()) {
  THZ_REQUIRE(material_.size() == mesh.triangles.size(), "one material a triangle");
  std::vector<Vec3> vertices = mesh.vertices;
  for (const LoopStencil& step : plan_->steps) vertices = refine(step, vertices);
  const LimitSurface limit = limit_surface(plan_->limit, vertices);
  nodes_.resize(vertices.size());
  Vec3 low = Vec3::Constant(std::numeric_limits<double>::infinity());
  Vec3 high = -low;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (int c = 0; c < 3; ++c) {
      nodes_[i].position_m[c] = static_cast<float>(limit.positions_m[i][c]);
      nodes_[i].normal[c] = static_cast<float>(limit.normals[i][c]);
    }
    nodes_[i].unused_a = nodes_[i].unused_b = 0.0f;
    low = low.cwiseMin(limit.positions_m[i]);
    high = high.cwiseMax(limit.positions_m[i]);
  }
  center_m_ = 0.5 * (low + high);
  radius_m_ = 0.5 * (high - low).norm();
  cones_.resize(triangles());
  for (std::size_t t = 0; t < triangles(); ++t) cones_[t] = make_cone(t);
  closed_ = find_closed();
}

bool PatchMesh::find_closed() const {
  double volume_m3 = 0.0;
  for (std::size_t t = 0; t < triangles(); ++t) {
    for (const int32_t next : plan_->across[t]) {
      if (next < 0) return false;
    }
    volume_m3 += corner_m(t, 0).cross(corner_m(t, 1)).dot(corner_m(t, 2)) / 6.0;
  }
  return volume_m3 > 0.0;
}

PatchMesh::NormalCone PatchMesh::make_cone(std::size_t triangle) const {
  const auto count = static_cast<std::size_t>(patch_node_count(side_));
  const int32_t* patch = &plan_->patch_nodes[triangle * count];
  float sum[3] = {0.0f, 0.0f, 0.0f};
  for (std::size_t i = 0; i < count; ++i) {
    const float* n = nodes_[static_cast<std::size_t>(patch[i])].normal;
    for (int c = 0; c < 3; ++c) sum[c] += n[c];
  }
  const float length = std::sqrt(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]);
  // Normals that cancel point anywhere.
  if (length < 1e-3f) return {{0.0f, 0.0f, 1.0f}, -1.0f, 0.0f};
  NormalCone cone{{sum[0] / length, sum[1] / length, sum[2] / length}, 1.0f, 0.0f};
  for (std::size_t i = 0; i < count; ++i) {
    const float* n = nodes_[static_cast<std::size_t>(patch[i])].normal;
    cone.cos_half =
        std::min(cone.cos_half, n[0] * cone.axis[0] + n[1] * cone.axis[1] + n[2] * cone.axis[2]);
  }
  cone.sin_half = std::sqrt(std::max(0.0f, 1.0f - cone.cos_half * cone.cos_half));
  return cone;
}

const PatchMesh::Node& PatchMesh::node(std::size_t triangle, int i, int j) const {
  const auto place = triangle * static_cast<std::size_t>(patch_node_count(side_)) +
                     static_cast<std::size_t>(patch_node(side_, i, j));
  return nodes_[static_cast<std::size_t>(plan_->patch_nodes[place])];
}

Vec3 PatchMesh::corner_m(std::size_t triangle, std::size_t corner) const {
  return as_vec3(nodes_[static_cast<std::size_t>(corners(triangle)[corner])].position_m);
}

Vec3 PatchMesh::corner_normal(std::size_t triangle, std::size_t corner) const {
  return as_vec3(nodes_[static_cast<std::size_t>(corners(triangle)[corner])].normal);
}

PatchMesh::Point PatchMesh::at(std::size_t triangle, double u, double v) const {
  // The cell of the grid, chosen inside the triangle; the parameters in it may lie outside.
  const double x = u * side_, y = v * side_;
  const int j = std::clamp(static_cast<int>(std::floor(y)), 0, side_ - 1);
  const int i = std::clamp(static_cast<int>(std::floor(x)), 0, side_ - 1 - j);
  const bool upper = (x - i) + (y - j) > 1.0 && i + j < side_ - 1;
  const Node* corner[3] = {&node(triangle, i, j), &node(triangle, i + 1, j),
                           &node(triangle, i, j + 1)};
  double fine_u = x - i, fine_v = y - j;
  if (upper) {
    corner[0] = &node(triangle, i + 1, j + 1);
    std::swap(corner[1], corner[2]);
    fine_u = 1.0 - fine_u;
    fine_v = 1.0 - fine_v;
  }
  Vec3 p[3], n[3];
  for (int c = 0; c < 3; ++c) {
    p[c] = as_vec3(corner[c]->position_m);
    n[c] = as_vec3(corner[c]->normal);
  }
  Point point;
  internal::evaluate_patch(p, n, fine_u, fine_v, point.position_m, point.normal);
  const double turn = upper ? -side_ : side_;
  point.along_u_m = turn * (p[1] - p[0]);
  point.along_v_m = turn * (p[2] - p[0]);
  return point;
}

double PatchMesh::area_m2(std::size_t triangle) const {
  double area = 0.0;
  constexpr int kMostNodes = patch_node_count(8);
  THZ_REQUIRE(side_ <= 8, "three levels of subdivision at most");
  const auto count = static_cast<std::size_t>(patch_node_count(side_));
  const int32_t* patch = &plan_->patch_nodes[triangle * count];
  Vec3 places[kMostNodes];
  for (std::size_t i = 0; i < count; ++i) {
    places[i] = as_vec3(nodes_[static_cast<std::size_t>(patch[i])].position_m);
  }
  const auto place = [&](int i, int j) -> const Vec3& { return places[patch_node(side_, i, j)]; };
  for (int j = 0; j < side_; ++j) {
    for (int i = 0; i + j < side_; ++i) {
      const Vec3 a = place(i, j), b = place(i + 1, j), c = place(i, j + 1);
      area += 0.5 * (b - a).cross(c - a).norm();
      if (i + j + 1 == side_) continue;
      const Vec3 d = place(i + 1, j + 1);
      area += 0.5 * (b - d).cross(c - d).norm();
    }
  }
  return area;
}

}  // namespace thz::sim
