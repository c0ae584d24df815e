#include <Eigen/Sparse>
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "hole_patch.h"
#include "thz/core/error.h"
#include "thz/sim/mesh_repair.h"

namespace thz::sim {

using namespace internal;

namespace {

/// Neighbours of the vertices of a patch and its rim, in the whole mesh.
std::map<int32_t, std::set<int32_t>> neighbours_of(const Mesh& mesh,
                                                   const std::set<int32_t>& wanted) {
  std::map<int32_t, std::set<int32_t>> neighbours;
  for (const auto& triangle : mesh.triangles) {
    for (std::size_t i = 0; i < 3; ++i) {
      if (wanted.count(triangle[i]) == 0) continue;
      neighbours[triangle[i]].insert(triangle[(i + 1) % 3]);
      neighbours[triangle[i]].insert(triangle[(i + 2) % 3]);
    }
  }
  return neighbours;
}

/// Moves the vertices from `first` on to where the sum of |mean of neighbours - vertex|^2 over them
/// and the rim is least: the rim's terms make the patch leave it in the direction of the surface.
void bend_patch(Mesh& mesh, const MeshHole& hole, std::size_t first) {
  const std::size_t unknowns = mesh.vertices.size() - first;
  if (unknowns == 0) return;
  std::set<int32_t> rows(hole.loop.begin(), hole.loop.end());
  for (std::size_t v = first; v < mesh.vertices.size(); ++v) rows.insert(static_cast<int32_t>(v));
  std::vector<Eigen::Triplet<double>> entries;
  Eigen::MatrixXd known = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(rows.size()), 3);
  int row = 0;
  const auto add = [&](int32_t vertex, double weight) {
    if (static_cast<std::size_t>(vertex) >= first) {
      entries.emplace_back(row, vertex - static_cast<int32_t>(first), weight);
    } else {
      known.row(row) -= weight * mesh.vertices[static_cast<std::size_t>(vertex)].transpose();
    }
  };
  for (const auto& [vertex, ring] : neighbours_of(mesh, rows)) {
    add(vertex, -1.0);
    for (const int32_t neighbour : ring) add(neighbour, 1.0 / static_cast<double>(ring.size()));
    ++row;
  }
  Eigen::SparseMatrix<double> matrix(static_cast<Eigen::Index>(rows.size()),
                                     static_cast<Eigen::Index>(unknowns));
  matrix.setFromTriplets(entries.begin(), entries.end());
  const Eigen::SparseMatrix<double> normal = matrix.transpose() * matrix;
  const Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> solver(normal);
  if (solver.info() != Eigen::Success) return;  // the flat patch stays
  const Eigen::MatrixXd places = solver.solve(matrix.transpose() * known);
  for (std::size_t i = 0; i < unknowns; ++i)
    mesh.vertices[first + i] = places.row(static_cast<Eigen::Index>(i)).transpose();
}

/// Edges of the mesh between vertices of the loop that are no neighbours on it.
TakenChords taken_chords(const Mesh& mesh, const std::vector<int32_t>& loop) {
  std::unordered_map<int32_t, int32_t> place;
  for (std::size_t i = 0; i < loop.size(); ++i) place[loop[i]] = static_cast<int32_t>(i);
  TakenChords taken;
  for (const auto& triangle : mesh.triangles) {
    for (std::size_t i = 0; i < 3; ++i) {
      const auto a = place.find(triangle[i]), b = place.find(triangle[(i + 1) % 3]);
      if (a == place.end() || b == place.end()) continue;
      const int32_t low = std::min(a->second, b->second), high = std::max(a->second, b->second);
      const bool on_rim = high - low == 1 || high - low + 1 == static_cast<int32_t>(loop.size());
      if (!on_rim) taken.insert({low, high});
    }
  }
  return taken;
}

/// Triangles from every edge of the rim to a point in the middle.
TriangleList fan(std::vector<Vec3>& points) {
  const auto rim = static_cast<int32_t>(points.size());
  Vec3 middle = Vec3::Zero();
  for (const Vec3& p : points) middle += p / static_cast<double>(rim);
  points.push_back(middle);
  TriangleList triangles;
  for (int32_t i = 0; i < rim; ++i) triangles.push_back({i, (i + 1) % rim, rim});
  return triangles;
}

}  // namespace

void fill_hole(Mesh& manifold, const MeshHole& hole) {
  THZ_REQUIRE(hole.loop.size() >= 3, "a hole has at least three edges");
  const std::size_t rim = hole.loop.size(), first = manifold.vertices.size();
  std::vector<Vec3> points;
  for (const int32_t v : hole.loop)
    points.push_back(manifold.vertices[static_cast<std::size_t>(v)]);
  const TakenChords taken = taken_chords(manifold, hole.loop);
  TriangleList triangles = least_area_triangles(points, taken);
  if (triangles.empty()) triangles = fan(points);
  refine_patch(points, triangles, rim, taken);
  manifold.vertices.insert(manifold.vertices.end(),
                           points.begin() + static_cast<std::ptrdiff_t>(rim), points.end());
  for (auto triangle : triangles) {
    for (int32_t& v : triangle) {
      const auto i = static_cast<std::size_t>(v);
      v = i < rim ? hole.loop[i] : static_cast<int32_t>(first + i - rim);
    }
    manifold.triangles.push_back(triangle);
  }
  bend_patch(manifold, hole, first);
}

}  // namespace thz::sim
