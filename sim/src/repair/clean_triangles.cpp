#include "clean_triangles.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "thz/core/error.h"
#include "thz/core/rng.h"

namespace thz::sim::internal {
namespace {

/// Places already taken, found again within a tolerance.
class PlaceGrid {
 public:
  explicit PlaceGrid(double tolerance_m) : tolerance_m_(tolerance_m), cell_m_(4.0 * tolerance_m) {}

  int32_t find_or_add(const Vec3& p, std::vector<Vec3>& places) {
    std::array<std::array<int64_t, 2>, 3> range;
    for (int c = 0; c < 3; ++c) {
      range[static_cast<std::size_t>(c)] = {cell_of(p[c] - tolerance_m_),
                                            cell_of(p[c] + tolerance_m_)};
    }
    for (int64_t x = range[0][0]; x <= range[0][1]; ++x) {
      for (int64_t y = range[1][0]; y <= range[1][1]; ++y) {
        for (int64_t z = range[2][0]; z <= range[2][1]; ++z) {
          const auto [begin, end] = cells_.equal_range(key(x, y, z));
          for (auto it = begin; it != end; ++it) {
            const Vec3& q = places[static_cast<std::size_t>(it->second)];
            if ((p - q).norm() <= tolerance_m_) return it->second;
          }
        }
      }
    }
    const auto index = static_cast<int32_t>(places.size());
    places.push_back(p);
    cells_.emplace(key(cell_of(p.x()), cell_of(p.y()), cell_of(p.z())), index);
    return index;
  }

 private:
  int64_t cell_of(double x) const { return static_cast<int64_t>(std::floor(x / cell_m_)); }
  static uint64_t key(int64_t x, int64_t y, int64_t z) {
    return mix_keys(mix_keys(static_cast<uint64_t>(x), static_cast<uint64_t>(y)),
                    static_cast<uint64_t>(z));
  }
  double tolerance_m_, cell_m_;
  std::unordered_multimap<uint64_t, int32_t> cells_;
};

void keep_triangles(Mesh& mesh, const std::vector<uint8_t>& dropped) {
  std::size_t kept = 0;
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
    if (!dropped[t]) mesh.triangles[kept++] = mesh.triangles[t];
  }
  mesh.triangles.resize(kept);
}

/// Marks what must go so that fewer than three triangles meet at the edges that have more: of the
/// shells that meet there the smallest; where one shell meets itself, the triangles at the edge.
std::size_t mark_fins(const Mesh& mesh, const std::string& name, double largest_m2,
                      std::vector<uint8_t>& dropped) {
  const Shells shells = find_shells(mesh.triangles);
  std::vector<double> area(shells.count, 0.0);
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
    area[static_cast<std::size_t>(shells.of_triangle[t])] +=
        0.5 * area_vector(mesh, mesh.triangles[t]).norm();
  }
  std::set<int32_t> fins;
  for_each_edge(sorted_edges(mesh.triangles), [&](const EdgeUse* use, std::size_t count) {
    if (count < 3) return;
    std::vector<int32_t> meeting;
    for (std::size_t i = 0; i < count; ++i)
      meeting.push_back(shells.of_triangle[static_cast<std::size_t>(use[i].triangle)]);
    std::sort(meeting.begin(), meeting.end(), [&](int32_t a, int32_t b) {
      return std::pair(area[static_cast<std::size_t>(a)], a) <
             std::pair(area[static_cast<std::size_t>(b)], b);
    });
    if (meeting.front() != meeting.back()) {
      if (area[static_cast<std::size_t>(meeting.front())] > largest_m2) {
        const Vec3& p = mesh.vertices[static_cast<std::size_t>(use->low)];
        throw_input(
            "{}: {} sheets meet at an edge at ({:.4f}, {:.4f}, {:.4f}) m and the smallest has "
            "{:.1f} cm^2; up to {:.1f} cm^2 are cut off",
            name, count, p.x(), p.y(), p.z(), 1e4 * area[static_cast<std::size_t>(meeting.front())],
            1e4 * largest_m2);
      }
      fins.insert(meeting.front());
    } else {
      for (std::size_t i = 0; i < count; ++i)
        dropped[static_cast<std::size_t>(use[i].triangle)] = 1;
    }
  });
  for (std::size_t t = 0; t < dropped.size(); ++t) {
    if (fins.count(shells.of_triangle[t]) > 0) dropped[t] = 1;
  }
  return static_cast<std::size_t>(std::count(dropped.begin(), dropped.end(), uint8_t{1}));
}

}  // namespace

std::size_t weld_vertices(Mesh& mesh, double tolerance_m) {
  PlaceGrid grid(tolerance_m);
  std::vector<Vec3> places;
  std::vector<int32_t> renamed;
  renamed.reserve(mesh.vertices.size());
  for (const Vec3& p : mesh.vertices) renamed.push_back(grid.find_or_add(p, places));
  for (auto& triangle : mesh.triangles) {
    for (int32_t& v : triangle) v = renamed[static_cast<std::size_t>(v)];
  }
  const std::size_t gone = mesh.vertices.size() - places.size();
  mesh.vertices = std::move(places);
  return gone;
}

void drop_useless_triangles(Mesh& mesh, MeshRepairReport& report) {
  std::vector<uint8_t> dropped(mesh.triangles.size(), 0);
  std::set<std::array<int32_t, 3>> seen;
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
    std::array<int32_t, 3> key = mesh.triangles[t];
    std::sort(key.begin(), key.end());
    if (key[0] == key[1] || key[1] == key[2]) {
      ++report.degenerate_triangles;
      dropped[t] = 1;
    } else if (!seen.insert(key).second) {
      ++report.duplicate_triangles;
      dropped[t] = 1;
    }
  }
  keep_triangles(mesh, dropped);
}

void cut_fins(Mesh& mesh, const std::string& name, const MeshRepairOptions& options,
              MeshRepairReport& report) {
  for (;;) {
    std::vector<uint8_t> dropped(mesh.triangles.size(), 0);
    const std::size_t count = mark_fins(mesh, name, options.largest_fin_m2, dropped);
    if (count == 0) return;
    report.non_manifold_triangles += count;
    keep_triangles(mesh, dropped);
  }
}

std::size_t split_touching_fans(Mesh& mesh) {
  // Corner 3 t + i of triangle t; corners at one vertex belong together if an edge at that vertex
  // joins their triangles.
  DisjointSets fans(3 * mesh.triangles.size());
  const auto corner_at = [&](int32_t triangle, int32_t vertex) {
    const auto& t = mesh.triangles[static_cast<std::size_t>(triangle)];
    return 3 * triangle + static_cast<int32_t>(std::find(t.begin(), t.end(), vertex) - t.begin());
  };
  for_each_edge(sorted_edges(mesh.triangles), [&](const EdgeUse* use, std::size_t count) {
    if (count != 2) return;
    for (const int32_t vertex : {use->low, use->high}) {
      fans.join(corner_at(use[0].triangle, vertex), corner_at(use[1].triangle, vertex));
    }
  });
  std::vector<int32_t> first_fan(mesh.vertices.size(), -1);
  std::map<int32_t, int32_t> vertex_of_fan;
  const TriangleList before = mesh.triangles;
  for (std::size_t c = 0; c < 3 * before.size(); ++c) {
    const int32_t fan = fans.find(static_cast<int32_t>(c));
    const int32_t vertex = before[c / 3][c % 3];
    int32_t& first = first_fan[static_cast<std::size_t>(vertex)];
    if (first < 0) first = fan;
    if (first == fan) continue;
    const auto [found, is_new] =
        vertex_of_fan.try_emplace(fan, static_cast<int32_t>(mesh.vertices.size()));
    if (is_new) mesh.vertices.push_back(mesh.vertices[static_cast<std::size_t>(vertex)]);
    mesh.triangles[c / 3][c % 3] = found->second;
  }
  return vertex_of_fan.size();
}

}  // namespace thz::sim::internal
