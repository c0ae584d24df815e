#include <algorithm>
#include <cmath>

#include "clean_triangles.h"
#include "thz/core/error.h"
#include "thz/sim/head_import.h"

namespace thz::sim {

using namespace internal;

namespace {

constexpr double kSmallestHead_m = 0.18, kLargestHead_m = 0.48;      // longest extent
constexpr double kShortestHeight_m = 0.18, kTallestHeight_m = 0.27;  // chin to vertex

/// Longest extent over the 13 directions of a cube's faces, edges and corners.
double longest_extent(const Mesh& mesh, const std::vector<uint8_t>& wanted) {
  double longest = 0.0;
  for (int code = 14; code < 27; ++code) {
    const Vec3 direction = Vec3(code / 9 - 1, code / 3 % 3 - 1, code % 3 - 1).normalized();
    double low = 1e300, high = -1e300;
    for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
      if (!wanted[t]) continue;
      for (std::size_t i = 0; i < 3; ++i) {
        const double along = corner(mesh, mesh.triangles[t], i).dot(direction);
        low = std::min(low, along);
        high = std::max(high, along);
      }
    }
    longest = std::max(longest, high - low);
  }
  return longest;
}

/// 1 for the triangles of the shell with the largest area.
std::vector<uint8_t> largest_shell(const Mesh& mesh) {
  const Shells shells = find_shells(mesh.triangles);
  std::vector<double> area(shells.count, 0.0);
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
    area[static_cast<std::size_t>(shells.of_triangle[t])] +=
        area_vector(mesh, mesh.triangles[t]).norm();
  }
  const auto largest =
      static_cast<int32_t>(std::max_element(area.begin(), area.end()) - area.begin());
  std::vector<uint8_t> wanted;
  for (const int32_t shell : shells.of_triangle) wanted.push_back(shell == largest ? 1 : 0);
  return wanted;
}

/// Extent of the shell with the largest area, in the units of the file.
double largest_shell_extent(const Mesh& soup) {
  Eigen::AlignedBox3d box;
  for (const Vec3& p : soup.vertices) box.extend(p);
  constexpr double kWeldShare = 3e-5;  // 10 um of a head
  Mesh mesh = soup;
  weld_vertices(mesh, kWeldShare * box.diagonal().norm());
  return longest_extent(mesh, largest_shell(mesh));
}

/// The unit that was named, if the scan is a head in it, or the one that fits.
MeshUnit choose_unit(const Mesh& scan, const HeadImportOptions& options, const std::string& name) {
  const double extent = largest_shell_extent(scan);
  if (!options.unit) return guess_mesh_unit(extent, name);
  const double extent_m = extent * options.unit->metres;
  if (extent_m < kSmallestHead_m || extent_m > kLargestHead_m) {
    throw_input(
        "{}: is {:.4g} m long when its unit is taken as {}; heads are {:.2f} to {:.2f} m "
        "with neck and hair",
        name, extent_m, options.unit->name, kSmallestHead_m, kLargestHead_m);
  }
  return *options.unit;
}

NamedPoint nearest_landmark(const Vec3& p) {
  const std::vector<NamedPoint>& landmarks = mean_head_landmarks();
  return *std::min_element(landmarks.begin(), landmarks.end(),
                           [&](const NamedPoint& a, const NamedPoint& b) {
                             return (a.position_m - p).norm() < (b.position_m - p).norm();
                           });
}

std::string other_side(const std::string& name) {
  const auto swapped = [&](const std::string& from, const std::string& to) {
    const bool ends = name.size() > from.size() &&
                      name.compare(name.size() - from.size(), from.size(), from) == 0;
    return ends ? name.substr(0, name.size() - from.size()) + to : std::string();
  };
  const std::string right = swapped("_left", "_right"), left = swapped("_right", "_left");
  return !right.empty() ? right : !left.empty() ? left : name;
}

HeadAlignment align_marked(const std::vector<NamedPoint>& marked, const MeshUnit& unit,
                           const HeadImportOptions& options, const std::string& name) {
  const HeadAlignment alignment = align_by_landmarks(marked, name);
  std::vector<NamedPoint> exchanged = marked;
  for (NamedPoint& point : exchanged) point.name = other_side(point.name);
  const bool sides = align_by_landmarks(exchanged, name).residual_m < 0.5 * alignment.residual_m;
  constexpr double kLargestScale = 1.25;
  if (!sides && (alignment.scale > kLargestScale || alignment.scale < 1.0 / kLargestScale)) {
    throw_input(
        "{}: its landmarks are {:.2f} times as far apart as on the mean head when its unit is "
        "taken as {}; {:.2f} to {:.2f} times are allowed",
        name, alignment.scale, unit.name, 1.0 / kLargestScale, kLargestScale);
  }
  if (alignment.residual_m > options.largest_landmark_residual_m) {
    throw_input(
        "{}: the landmarks fit the head frame to {:.1f} mm RMS, '{}' to {:.1f} mm; up to {:.1f} mm "
        "RMS are allowed{}",
        name, 1e3 * alignment.residual_m, alignment.worst, 1e3 * alignment.worst_m,
        1e3 * options.largest_landmark_residual_m,
        sides ? " (they would fit with left and right exchanged: left is the subject's)" : "");
  }
  return alignment;
}

/// Where the chin ends: as marked, or else where the mean head's does. Head frame.
Vec3 menton_of(const std::vector<NamedPoint>& marked, const RigidPose& head_from_scan) {
  for (const NamedPoint& point : marked) {
    if (point.name == "menton") return head_from_scan * point.position_m;
  }
  for (const NamedPoint& point : mean_head_landmarks()) {
    if (point.name == "menton") return point.position_m;
  }
  return Vec3::Zero();
}

double chin_to_vertex_m(const Mesh& mesh, const Vec3& menton_m) {
  const auto chin = std::min_element(
      mesh.vertices.begin(), mesh.vertices.end(),
      [&](const Vec3& a, const Vec3& b) { return (a - menton_m).norm() < (b - menton_m).norm(); });
  double top = chin->y();
  for (const Vec3& p : mesh.vertices) top = std::max(top, p.y());
  return top - chin->y();
}

/// Where a neck is cut off: low and wide.
bool is_neck(const MeshHole& hole) { return hole.centre_m.y() < -0.085 && hole.diameter_m > 0.06; }

/// 1 for the vertices of the shell with the largest area; the rims of parts beside it stay open.
std::vector<uint8_t> main_vertices(const Mesh& mesh) {
  const std::vector<uint8_t> wanted = largest_shell(mesh);
  std::vector<uint8_t> is_main(mesh.vertices.size(), 0);
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
    if (!wanted[t]) continue;
    for (const int32_t v : mesh.triangles[t]) is_main[static_cast<std::size_t>(v)] = 1;
  }
  return is_main;
}

/// @param mesh  in the head frame.
void close_holes(Mesh& mesh, const HeadImportOptions& options, const std::string& name,
                 MeshRepairReport& report) {
  report.mended_seams += mend_seams(mesh);
  const std::vector<uint8_t> is_main = main_vertices(mesh);
  for (const MeshHole& hole : find_holes(mesh)) {
    if (!is_main[static_cast<std::size_t>(hole.loop.front())]) continue;
    if (is_neck(hole)) {
      report.open_edges += hole.loop.size();
      continue;
    }
    if (hole.diameter_m > options.largest_hole_m) {
      throw_input(
          "{}: has a hole of {:.0f} mm near '{}', at ({:.3f}, {:.3f}, {:.3f}) m of the head frame; "
          "up to {:.0f} mm are filled",
          name, 1e3 * hole.diameter_m, nearest_landmark(hole.centre_m).name, hole.centre_m.x(),
          hole.centre_m.y(), hole.centre_m.z(), 1e3 * options.largest_hole_m);
    }
    fill_hole(mesh, hole);
    ++report.filled_holes;
    report.largest_filled_hole_m = std::max(report.largest_filled_hole_m, hole.diameter_m);
  }
  const SelfIntersections crossings = find_self_intersections(mesh);
  report.self_intersections = crossings.pairs;
  report.first_self_intersection_m = crossings.first_m;
}

void check_height(const ImportedHead& head, const std::string& name) {
  if (head.height_m >= kShortestHeight_m && head.height_m <= kTallestHeight_m) return;
  throw_input(
      "{}: measures {:.0f} mm from chin to vertex when its unit is taken as {}; heads measure "
      "{:.0f} "
      "to {:.0f} mm",
      name, 1e3 * head.height_m, head.unit.name, 1e3 * kShortestHeight_m, 1e3 * kTallestHeight_m);
}

}  // namespace

const std::vector<MeshUnit>& mesh_units() {
  static const std::vector<MeshUnit> units = {
      {"m", 1.0}, {"cm", 0.01}, {"mm", 0.001}, {"inch", 0.0254}};
  return units;
}

MeshUnit find_mesh_unit(const std::string& name) {
  for (const MeshUnit& unit : mesh_units()) {
    if (unit.name == name) return unit;
  }
  throw_input("'{}' is no unit of a mesh; allowed are m, cm, mm, inch", name);
}

MeshUnit guess_mesh_unit(double extent_in_units, const std::string& name) {
  std::vector<MeshUnit> fitting;
  for (const MeshUnit& unit : mesh_units()) {
    const double extent_m = extent_in_units * unit.metres;
    if (extent_m >= kSmallestHead_m && extent_m <= kLargestHead_m) fitting.push_back(unit);
  }
  if (fitting.empty()) {
    throw_input(
        "{}: is {:.4g} units long, which is no head in m, cm, mm or inch ({:.2f} to {:.2f} m with "
        "neck and hair); cut it, scale it, or name the unit",
        name, extent_in_units, kSmallestHead_m, kLargestHead_m);
  }
  if (fitting.size() > 1) {
    throw_input("{}: is {:.4g} units long, a head both in {} and in {}; name the unit", name,
                extent_in_units, fitting[0].name, fitting[1].name);
  }
  return fitting.front();
}

ImportedHead import_head(const Mesh& scan, const std::vector<NamedPoint>& landmarks,
                         const HeadImportOptions& options, const std::string& name) {
  ImportedHead head;
  for (const Vec3& p : scan.vertices) {
    if (!p.allFinite())
      throw_input("{}: a vertex is ({}, {}, {}), but must be finite", name, p.x(), p.y(), p.z());
  }
  if (scan.triangles.empty()) throw_input("{}: holds no triangles", name);
  head.unit = choose_unit(scan, options, name);
  Mesh scaled = scan;
  for (Vec3& p : scaled.vertices) p *= head.unit.metres;
  head.mesh = make_manifold(scaled, name, options.repair, head.repair);
  std::vector<NamedPoint> marked = landmarks;
  for (NamedPoint& point : marked) point.position_m *= head.unit.metres;
  if (marked.empty()) {
    head.alignment = align_automatically(head.mesh, name);
    if (head.alignment.residual_m > options.largest_residual_m) {
      throw_input(
          "{}: its face is {:.1f} mm RMS from the mean face at best; up to {:.1f} mm are taken for "
          "a "
          "head (give landmarks if it is one)",
          name, 1e3 * head.alignment.residual_m, 1e3 * options.largest_residual_m);
    }
  } else {
    head.alignment = align_marked(marked, head.unit, options, name);
  }
  for (Vec3& p : head.mesh.vertices) p = head.alignment.head_from_scan * p;
  head.height_m = chin_to_vertex_m(head.mesh, menton_of(marked, head.alignment.head_from_scan));
  check_height(head, name);
  close_holes(head.mesh, options, name, head.repair);
  return head;
}

}  // namespace thz::sim
