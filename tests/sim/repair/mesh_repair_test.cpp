#include "thz/sim/mesh_repair.h"

#include <catch2/catch.hpp>

#include "sim/repair/damage.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;
using Catch::Matchers::Contains;

namespace {

Mesh repaired(const Mesh& soup, MeshRepairReport& report, const MeshRepairOptions& options = {}) {
  return make_manifold(soup, "scan.ply", options, report);
}

std::string sentence_of(const Mesh& soup) {
  return refusal([&] {
    MeshRepairReport report;
    repaired(soup, report);
  });
}

/// A wall of triangles over the equator's edge (v, w), standing outwards.
void add_fin(Mesh& mesh, int32_t v, int32_t w, double height_m) {
  const auto at = [&](int32_t i) { return mesh.vertices[static_cast<std::size_t>(i)]; };
  const auto first = static_cast<int32_t>(mesh.vertices.size());
  const Vec3 up = height_m * (at(v) + at(w)).normalized();
  const Vec3 a = at(v) + up, b = at(w) + up;
  mesh.vertices.push_back(a);
  mesh.vertices.push_back(b);
  mesh.triangles.push_back({v, w, first});
  mesh.triangles.push_back({w, first + 1, first});
}

}  // namespace

TEST_CASE("loose, doubled and turned triangles become one closed surface", "[sim][repair]") {
  const Mesh whole = globe(0.1, {0.2, 0.1, -0.3}, 20);
  Mesh soup = turned(torn(whole), 3);
  const std::size_t own = soup.triangles.size();
  soup.triangles.push_back(soup.triangles[5]);
  soup.triangles.push_back({soup.triangles[7][1], soup.triangles[7][0], soup.triangles[7][2]});
  soup.triangles.push_back({4, 4, 9});
  MeshRepairReport report;
  const Mesh mesh = repaired(soup, report);
  CHECK(mesh.vertices.size() == whole.vertices.size());
  CHECK(mesh.triangles.size() == whole.triangles.size());
  CHECK(report.welded_vertices == soup.vertices.size() - whole.vertices.size());
  CHECK(report.duplicate_triangles == 2);
  CHECK(report.degenerate_triangles == 1);
  CHECK(report.flipped_triangles == (own + 2) / 3);
  CHECK(find_holes(mesh).empty());
  CHECK(volume_m3(mesh) == Approx(volume_m3(whole)).epsilon(1e-9));  // rounding only
}

TEST_CASE("a surface inside out is turned, open or closed", "[sim][repair]") {
  const Mesh whole = globe(0.1, {0, 0, 0}, 20);
  for (const double hole_m : {0.0, 0.05, 0.13}) {  // the last leaves less than half
    Mesh mesh = holed(whole, {0, -0.1, 0}, hole_m);
    MeshRepairReport report;
    const Mesh again = repaired(turned(mesh, 1), report);
    CHECK(report.flipped_triangles == mesh.triangles.size());
    CHECK(volume_m3(again) == Approx(volume_m3(mesh)).epsilon(1e-9));
  }
}

TEST_CASE("vertices 8 um apart are one, 12 um apart are two", "[sim][repair]") {
  Mesh soup = torn(globe(0.1, {0, 0, 0}, 12));
  for (std::size_t v = 0; v < soup.vertices.size(); ++v)
    soup.vertices[v].x() += v % 2 == 0 ? 0.0 : 8e-6;
  MeshRepairReport report;
  CHECK(find_holes(repaired(soup, report)).empty());
  for (std::size_t v = 0; v < soup.vertices.size(); v += 2) soup.vertices[v].x() -= 4e-6;
  report = {};
  MeshRepairOptions keep;
  keep.keep_parts = true;
  keep.second_shell_share = 1e9;
  CHECK_FALSE(find_holes(repaired(soup, report, keep)).empty());
}

TEST_CASE("of several shells the largest stays; two objects are refused", "[sim][repair]") {
  const Mesh head = globe(0.1, {0, 0, 0}, 20);
  Mesh hollow = head;
  append(hollow, globe(0.097, {0, 0, 0}, 20));  // an inner wall of nearly the same area
  MeshRepairReport report;
  CHECK(volume_m3(repaired(hollow, report)) == Approx(volume_m3(head)).epsilon(1e-9));
  CHECK(report.dropped_parts == 1);
  Mesh littered = head;
  append(littered, globe(0.01, {0.15, 0, 0}, 6));
  report = {};
  CHECK(repaired(littered, report).triangles.size() == head.triangles.size());
  CHECK(report.dropped_parts == 1);
  report = {};
  MeshRepairOptions keep;
  keep.keep_parts = true;
  CHECK(repaired(littered, report, keep).triangles.size() == littered.triangles.size());
  CHECK(report.kept_parts == 1);
  Mesh pair = head;
  append(pair, globe(0.08, {0.25, 0, 0}, 20));
  CHECK_THAT(sentence_of(pair),
             Contains("scan.ply: holds two shells side by side") && Contains("250 mm apart"));
}

TEST_CASE("a third sheet at an edge is cut off, a large one refused", "[sim][repair]") {
  const Mesh whole = globe(0.1, {0, 0, 0}, 20);
  const int32_t v = 1 + 9 * 40, w = v + 1;  // on the equator, 16 mm apart
  Mesh mesh = whole;
  add_fin(mesh, v, w, 0.02);
  MeshRepairReport report;
  CHECK(repaired(mesh, report).triangles.size() == whole.triangles.size());
  CHECK(report.non_manifold_triangles == 2);
  mesh = whole;
  add_fin(mesh, v, w, 0.06);  // 9.4 cm^2
  CHECK_THAT(sentence_of(mesh), Contains("3 sheets meet at an edge") && Contains("9.4 cm^2"));
}

TEST_CASE("a band with one side is refused", "[sim][repair]") {
  Mesh band;
  const int steps = 30;
  for (int i = 0; i < steps; ++i) {
    const double a = 2.0 * kPi * i / steps, twist = 0.5 * a;
    const Vec3 out(std::cos(a), 0, std::sin(a));
    const Vec3 across = 0.03 * (std::cos(twist) * out + std::sin(twist) * Vec3(0, 1, 0));
    band.vertices.push_back(0.1 * out + across);
    band.vertices.push_back(0.1 * out - across);
  }
  for (int i = 0; i < steps; ++i) {
    int32_t a = 2 * i, b = a + 1, c = (a + 2) % (2 * steps), d = (a + 3) % (2 * steps);
    if (i == steps - 1) std::swap(c, d);
    band.triangles.push_back({a, b, c});
    band.triangles.push_back({c, b, d});
  }
  CHECK_THAT(sentence_of(band), Contains("one side only"));
}

TEST_CASE("two sheets that touch in a point are parted", "[sim][repair]") {
  Mesh mesh = globe(0.1, {0, 0, 0}, 20);
  Mesh second = globe(0.02, {0, 0.12, 0}, 20);
  second.vertices.back() = mesh.vertices.front();
  append(mesh, second);
  MeshRepairReport report;
  CHECK(find_holes(repaired(mesh, report)).empty());
  CHECK(report.split_vertices == 1);
  CHECK(report.dropped_parts == 1);
}

TEST_CASE("a filled hole continues the surface around it", "[sim][repair]") {
  // A patch held by its rim alone would be flat: (12.5 mm)^2 / (2 * 90 mm) = 0.9 mm off.
  const double radius = 0.09;
  const Mesh whole = globe(radius, {0, 0, 0}, 90);
  Mesh mesh = holed(whole, radius * Vec3(0.6, 0.0, 0.8), 0.0092);
  const std::vector<MeshHole> holes = find_holes(mesh);
  REQUIRE(holes.size() == 1);
  CHECK(holes[0].diameter_m == Approx(0.025).margin(0.003));
  const std::size_t before = mesh.vertices.size();
  fill_hole(mesh, holes[0]);
  CHECK(find_holes(mesh).empty());
  REQUIRE(mesh.vertices.size() > before + 20);  // as fine as its surroundings
  double worst = 0.0;
  for (std::size_t v = before; v < mesh.vertices.size(); ++v)
    worst = std::max(worst, std::abs(mesh.vertices[v].norm() - radius));
  CHECK(worst < 0.15e-3);
  CHECK(volume_m3(mesh) == Approx(volume_m3(whole)).epsilon(1e-4));
  CHECK(find_self_intersections(mesh).pairs == 0);
}

TEST_CASE("holes of few edges and with bridges across are filled", "[sim][repair]") {
  Mesh mesh = globe(0.09, {0, 0, 0}, 20);
  mesh.triangles.erase(mesh.triangles.begin() + 200);  // three edges
  const std::vector<MeshHole> holes = find_holes(mesh);
  REQUIRE(holes.size() == 1);
  fill_hole(mesh, holes[0]);
  CHECK(find_holes(mesh).empty());
  MeshRepairReport report;
  CHECK(repaired(mesh, report).triangles.size() == mesh.triangles.size());
  CHECK(report.flipped_triangles == 0);
  CHECK(report.duplicate_triangles == 0);
}

TEST_CASE("a vertex on its neighbour's edge is joined to it", "[sim][repair]") {
  Mesh mesh = globe(0.09, {0, 0, 0}, 20);
  // Cut one triangle in two at the middle of an edge; the neighbour across keeps the whole edge.
  const std::size_t whole = mesh.triangles.size();
  const auto t = mesh.triangles[300];
  const auto m = static_cast<int32_t>(mesh.vertices.size());
  mesh.vertices.push_back(0.5 * (mesh.vertices[static_cast<std::size_t>(t[0])] +
                                 mesh.vertices[static_cast<std::size_t>(t[1])]));
  mesh.triangles[300] = {t[0], m, t[2]};
  mesh.triangles.push_back({m, t[1], t[2]});
  CHECK(find_holes(mesh).size() == 1);
  CHECK(mend_seams(mesh) == 1);
  CHECK(find_holes(mesh).empty());
  CHECK(mesh.triangles.size() == whole + 2);
}

TEST_CASE("triangles that pass through each other are counted", "[sim][repair]") {
  Mesh mesh;
  mesh.vertices = {{0, 0, 0},     {1, 0, 0},   {0, 1, 0},   {0.2, 0.2, -1}, {0.3, 0.2, 1},
                   {0.2, 0.4, 1}, {2, 2, 0.1}, {3, 2, 0.1}, {2, 3, 0.1}};
  mesh.triangles = {{0, 1, 2}, {3, 4, 5}, {6, 7, 8}};
  const SelfIntersections found = find_self_intersections(mesh);
  CHECK(found.pairs == 1);
  CHECK(found.first_m.z() == Approx(0.0).margin(1e-12));
  Mesh globes = globe(0.1, {0, 0, 0}, 20);
  CHECK(find_self_intersections(globes).pairs == 0);
  append(globes, globe(0.1, {0.1, 0, 0}, 20));
  CHECK(find_self_intersections(globes).pairs > 40);  // a ring of at least the 40 meridians
}
