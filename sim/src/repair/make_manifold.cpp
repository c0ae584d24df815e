#include <algorithm>
#include <cmath>

#include "clean_triangles.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim {

using namespace internal;

namespace {

/// A shell with all its triangles turned alike; outside not yet known.
struct Shell {
  std::vector<std::size_t> triangles;
  double area_m2 = 0.0;
  double volume_m3 = 0.0;  ///< signed, closed by a cone from every boundary edge to `apex_m`
  Vec3 apex_m = Vec3::Zero();
  std::vector<std::array<Vec3, 2>> open_edges;  ///< directed as the closing triangles run
};

Vec3 middle(const Mesh& mesh, const std::array<int32_t, 3>& t) {
  return (corner(mesh, t, 0) + corner(mesh, t, 1) + corner(mesh, t, 2)) / 3.0;
}

/// Turns triangles so that neighbours run along their common edge in opposite directions, each
/// shell like its first triangle.
void turn_alike(Mesh& mesh, const std::string& name, std::vector<uint8_t>& turned) {
  struct Link {
    int32_t triangle;
    bool same_way;
  };
  std::vector<std::array<Link, 3>> links(mesh.triangles.size(),
                                         {Link{-1, false}, Link{-1, false}, Link{-1, false}});
  const auto link = [&](int32_t from, int32_t to, bool same_way) {
    for (Link& free : links[static_cast<std::size_t>(from)]) {
      if (free.triangle >= 0) continue;
      free = {to, same_way};
      return;
    }
  };
  for_each_edge(sorted_edges(mesh.triangles), [&](const EdgeUse* use, std::size_t count) {
    if (count != 2) return;
    const bool same_way = use[0].forward == use[1].forward;
    link(use[0].triangle, use[1].triangle, same_way);
    link(use[1].triangle, use[0].triangle, same_way);
  });
  std::vector<int8_t> turn(mesh.triangles.size(), -1);
  for (std::size_t seed = 0; seed < mesh.triangles.size(); ++seed) {
    if (turn[seed] >= 0) continue;
    turn[seed] = 0;
    std::vector<std::size_t> front = {seed};
    while (!front.empty()) {
      const std::size_t t = front.back();
      front.pop_back();
      for (const Link& next : links[t]) {
        if (next.triangle < 0) continue;
        const auto n = static_cast<std::size_t>(next.triangle);
        const auto wanted = static_cast<int8_t>(next.same_way ? 1 - turn[t] : turn[t]);
        if (turn[n] < 0) {
          turn[n] = wanted;
          front.push_back(n);
        } else if (turn[n] != wanted) {
          const Vec3 p = middle(mesh, mesh.triangles[n]);
          throw_input(
              "{}: the surface at ({:.4f}, {:.4f}, {:.4f}) m has one side only (a Moebius band), "
              "so that no outside can be told",
              name, p.x(), p.y(), p.z());
        }
      }
    }
  }
  for (std::size_t t = 0; t < turn.size(); ++t) {
    turned[t] = static_cast<uint8_t>(turn[t]);
    if (turn[t]) std::swap(mesh.triangles[t][1], mesh.triangles[t][2]);
  }
}

std::vector<Shell> collect_shells(const Mesh& mesh) {
  const Shells shells = find_shells(mesh.triangles);
  std::vector<Shell> all(shells.count);
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
    all[static_cast<std::size_t>(shells.of_triangle[t])].triangles.push_back(t);
  }
  for_each_edge(sorted_edges(mesh.triangles), [&](const EdgeUse* use, std::size_t count) {
    if (count != 1) return;
    const Vec3& low = mesh.vertices[static_cast<std::size_t>(use->low)];
    const Vec3& high = mesh.vertices[static_cast<std::size_t>(use->high)];
    Shell& shell =
        all[static_cast<std::size_t>(shells.of_triangle[static_cast<std::size_t>(use->triangle)])];
    shell.open_edges.push_back(use->forward ? std::array<Vec3, 2>{high, low}
                                            : std::array<Vec3, 2>{low, high});
  });
  for (Shell& shell : all) {
    for (const auto& edge : shell.open_edges)
      shell.apex_m += (edge[0] + edge[1]) / (2.0 * static_cast<double>(shell.open_edges.size()));
    if (shell.open_edges.empty()) shell.apex_m = middle(mesh, mesh.triangles[shell.triangles[0]]);
    // With the apex as origin the cone's own triangles have no volume.
    for (const std::size_t t : shell.triangles) {
      const auto& triangle = mesh.triangles[t];
      shell.area_m2 += 0.5 * area_vector(mesh, triangle).norm();
      shell.volume_m3 += (corner(mesh, triangle, 0) - shell.apex_m)
                             .dot((corner(mesh, triangle, 1) - shell.apex_m)
                                      .cross(corner(mesh, triangle, 2) - shell.apex_m)) /
                         6.0;
    }
  }
  return all;
}

/// Solid angle of a triangle (Van Oosterom & Strackee, IEEE Trans. Biomed. Eng. 30(2), 1983).
double solid_angle(const Vec3& a, const Vec3& b, const Vec3& c) {
  const double la = a.norm(), lb = b.norm(), lc = c.norm();
  return 2.0 * std::atan2(a.dot(b.cross(c)),
                          la * lb * lc + a.dot(b) * lc + b.dot(c) * la + c.dot(a) * lb);
}

bool is_inside(const Mesh& mesh, const Shell& shell, const Vec3& p) {
  double angle = 0.0;
  for (const std::size_t t : shell.triangles) {
    const auto& triangle = mesh.triangles[t];
    angle += solid_angle(corner(mesh, triangle, 0) - p, corner(mesh, triangle, 1) - p,
                         corner(mesh, triangle, 2) - p);
  }
  for (const auto& edge : shell.open_edges)
    angle += solid_angle(edge[0] - p, edge[1] - p, shell.apex_m - p);
  return std::abs(angle) > 2.0 * kPi;
}

/// Nine tenths of a sample of its triangles lie within the other.
bool lies_within(const Mesh& mesh, const Shell& inner, const Shell& outer) {
  const std::size_t samples = std::min<std::size_t>(40, inner.triangles.size());
  std::size_t inside = 0;
  for (std::size_t i = 0; i < samples; ++i) {
    const std::size_t t = inner.triangles[i * inner.triangles.size() / samples];
    inside += is_inside(mesh, outer, middle(mesh, mesh.triangles[t])) ? 1 : 0;
  }
  return 10 * inside >= 9 * samples;
}

[[noreturn]] void refuse_second(const Mesh& mesh, const std::string& name, const Shell& main,
                                const Shell& second) {
  const auto centre = [&](const Shell& shell) {
    Vec3 sum = Vec3::Zero();
    for (const std::size_t t : shell.triangles) sum += middle(mesh, mesh.triangles[t]);
    return Vec3(sum / static_cast<double>(shell.triangles.size()));
  };
  throw_input(
      "{}: holds two shells side by side, of {:.0f} and {:.0f} cm^2 with their centres {:.0f} mm "
      "apart; leave one head in the file",
      name, 1e4 * main.area_m2, 1e4 * second.area_m2, 1e3 * (centre(main) - centre(second)).norm());
}

/// Which shells stay: the largest, and the others if they are wanted and not inside it.
std::vector<uint8_t> choose_shells(const Mesh& mesh, const std::string& name,
                                   const std::vector<Shell>& shells,
                                   const MeshRepairOptions& options, MeshRepairReport& report) {
  // By volume: the inner wall of a hollow head has nearly the area of the outer one.
  const auto main = static_cast<std::size_t>(std::max_element(shells.begin(), shells.end(),
                                                              [](const Shell& a, const Shell& b) {
                                                                return std::abs(a.volume_m3) <
                                                                       std::abs(b.volume_m3);
                                                              }) -
                                             shells.begin());
  std::vector<uint8_t> stays(shells.size(), 0);
  for (std::size_t s = 0; s < shells.size(); ++s) {
    const bool large = shells[s].area_m2 > options.second_shell_share * shells[main].area_m2;
    if (s == main) {
      stays[s] = 1;
    } else if (options.keep_parts || large) {
      const bool hidden = lies_within(mesh, shells[s], shells[main]);
      if (large && !hidden) refuse_second(mesh, name, shells[main], shells[s]);
      stays[s] = options.keep_parts && !hidden ? 1 : 0;
    }
    if (stays[s] && s != main) ++report.kept_parts;
    if (!stays[s]) {
      ++report.dropped_parts;
      report.dropped_part_triangles += shells[s].triangles.size();
    }
  }
  return stays;
}

}  // namespace

Mesh make_manifold(const Mesh& soup, const std::string& name, const MeshRepairOptions& options,
                   MeshRepairReport& report) {
  Mesh mesh;
  mesh.vertices = soup.vertices;
  mesh.triangles = soup.triangles;
  report.welded_vertices += weld_vertices(mesh, options.weld_m);
  drop_useless_triangles(mesh, report);
  if (mesh.triangles.empty()) throw_input("{}: holds no triangles with an area", name);
  cut_fins(mesh, name, options, report);
  report.split_vertices += split_touching_fans(mesh);
  std::vector<uint8_t> turned(mesh.triangles.size(), 0);
  turn_alike(mesh, name, turned);
  const std::vector<Shell> shells = collect_shells(mesh);
  const std::vector<uint8_t> stays = choose_shells(mesh, name, shells, options, report);
  Mesh kept;
  kept.vertices = std::move(mesh.vertices);
  for (std::size_t s = 0; s < shells.size(); ++s) {
    if (!stays[s]) continue;
    const bool inside_out = shells[s].volume_m3 < 0.0;
    for (const std::size_t t : shells[s].triangles) {
      auto triangle = mesh.triangles[t];
      if (inside_out) std::swap(triangle[1], triangle[2]);
      if (inside_out != (turned[t] != 0)) ++report.flipped_triangles;
      kept.triangles.push_back(triangle);
    }
  }
  drop_unused_vertices(kept);
  return kept;
}

}  // namespace thz::sim
