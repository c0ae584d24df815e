#include "thz/sim/head_import.h"

#include <Eigen/Geometry>
#include <catch2/catch.hpp>

#include "sim/head/mesh_checks.h"
#include "sim/repair/damage.h"
#include "thz/sim/parametric_head.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;
using Catch::Matchers::Contains;

namespace {

const RigidPose& odd_pose() {
  static const RigidPose pose{
      Eigen::AngleAxisd(2.4, Vec3(0.3, -0.8, 0.5).normalized()).toRotationMatrix(),
      {0.4, -1.1, 0.25}};
  return pose;
}

Mesh moved(Mesh mesh, const RigidPose& pose, double scale) {
  for (Vec3& p : mesh.vertices) p = scale * (pose * p);
  mesh.triangle_region.clear();
  return mesh;
}

std::vector<NamedPoint> landmarks_of(const Mesh& head, const RigidPose& pose, double scale) {
  std::vector<NamedPoint> points;
  for (const char* name : {"pronasale", "sellion", "menton", "tragion_left", "tragion_right",
                           "exocanthion_left", "exocanthion_right", "vertex"}) {
    const auto v = static_cast<std::size_t>(parametric_head_landmark(name));
    points.push_back({name, scale * (pose * head.vertices[v])});
  }
  return points;
}

const Mesh& mean_head() {
  static const Mesh mesh = build_parametric_head(mean_head_identity());
  return mesh;
}

/// Chin to the top of the hair.
double height_m(const Mesh& head) {
  const Vec3& menton = head.vertices[static_cast<std::size_t>(parametric_head_landmark("menton"))];
  double top = menton.y();
  for (const Vec3& p : head.vertices) top = std::max(top, p.y());
  return top - menton.y();
}

/// A scan as they come: in millimetres, anywhere, torn, half of it inside out, a hole behind the
/// ear and one in the cheek, no underside of the neck, a speck beside it.
Mesh bad_scan(const Mesh& head) {
  Mesh mesh = holed(head, {0.0, -0.135, 0.0}, 0.05);
  mesh = holed(mesh, {0.045, -0.01, 0.085}, 0.008);
  mesh = holed(mesh, {-0.07, 0.05, -0.05}, 0.008);
  append(mesh, globe(0.004, {0.2, 0.1, 0.1}, 6));
  return moved(turned(torn(mesh), 2), odd_pose(), 1000.0);
}

/// RMS over the vertices of `head` of what is left of `pose` after the import took it back.
double frame_error_m(const Mesh& head, const RigidPose& pose, const HeadAlignment& alignment) {
  const RigidPose left = alignment.head_from_scan.after(pose);
  double sum = 0.0;
  for (const Vec3& p : head.vertices) sum += (left * p - p).squaredNorm();
  return std::sqrt(sum / static_cast<double>(head.vertices.size()));
}

std::string refused(const Mesh& scan, const std::vector<NamedPoint>& landmarks = {},
                    const HeadImportOptions& options = {}) {
  return refusal([&] { import_head(scan, landmarks, options, "scan.ply"); });
}

}  // namespace

TEST_CASE("a damaged scan of the mean head comes back to where it was", "[sim][repair]") {
  const ImportedHead head = import_head(bad_scan(mean_head()), {}, {}, "scan.ply");
  CHECK(head.unit.name == "mm");
  // Aligned without landmarks to the mean head itself; what is left are sampling and holes.
  CHECK(frame_error_m(mean_head(), odd_pose(), head.alignment) < 0.5e-3);
  CHECK(head.alignment.residual_m < 0.5e-3);
  CHECK(head.height_m == Approx(height_m(mean_head())).margin(0.002));
  CHECK(head.repair.filled_holes == 2);
  CHECK(head.repair.open_edges > 20);  // the neck
  CHECK(head.repair.dropped_parts == 1);
  CHECK(head.repair.flipped_triangles > head.mesh.triangles.size() / 3);
  CHECK(head.repair.welded_vertices > head.mesh.triangles.size());
  const std::vector<MeshHole> open = find_holes(head.mesh);
  REQUIRE(open.size() == 1);
  CHECK(open[0].centre_m.y() < -0.12);
  // Seen from the middle of the neck's cut the open disc adds nothing: 14 cm^2 of skin are filled
  // and a slice of the neck is gone.
  Mesh about_neck = head.mesh;
  for (Vec3& p : about_neck.vertices) p -= open[0].centre_m;
  CHECK(volume_m3(about_neck) == Approx(volume_m3(mean_head())).epsilon(0.02));
}

TEST_CASE("landmarks bring a scan to where it was", "[sim][repair]") {
  const auto marked = landmarks_of(mean_head(), odd_pose(), 1000.0);
  const ImportedHead head = import_head(bad_scan(mean_head()), marked, {}, "scan.ply");
  CHECK(frame_error_m(mean_head(), odd_pose(), head.alignment) < 1e-9);  // closed form
  CHECK(head.alignment.scale == Approx(1.0).epsilon(1e-9));
  CHECK(head.repair.filled_holes == 2);
}

TEST_CASE("where a scan lay and how it was damaged does not change its place", "[sim][repair]") {
  const Mesh person = build_parametric_head(sample_head_identity(3, 5));
  const HeadAlignment still = import_head(person, {}, {}, "scan.ply").alignment;
  const ImportedHead again = import_head(bad_scan(person), {}, {}, "scan.ply");
  const RigidPose both = still.head_from_scan.inverse().after(again.alignment.head_from_scan);
  HeadAlignment against_still;
  against_still.head_from_scan = both;
  CHECK(frame_error_m(person, odd_pose(), against_still) < 1e-3);
  // Another person's face is not the mean face, so the frame is found to some millimetres.
  CHECK(frame_error_m(person, RigidPose{}, still) < 10e-3);
}

TEST_CASE("landmarks of another person fix the frame to some millimetres", "[sim][repair]") {
  const Mesh person = build_parametric_head(sample_head_identity(3, 5));
  const HeadAlignment found =
      align_by_landmarks(landmarks_of(person, odd_pose(), 1.0), "points.csv");
  CHECK(frame_error_m(person, odd_pose(), found) < 10e-3);
  CHECK(found.residual_m > 1e-3);
  CHECK(found.worst_m >= found.residual_m);
}

TEST_CASE("the unit follows from the size, or is asked for", "[sim][repair]") {
  CHECK(guess_mesh_unit(0.28, "a").name == "m");
  CHECK(guess_mesh_unit(28.0, "a").name == "cm");
  CHECK(guess_mesh_unit(280.0, "a").name == "mm");
  CHECK(guess_mesh_unit(11.0, "a").name == "inch");
  CHECK_THAT(refusal([] { guess_mesh_unit(18.5, "a.ply"); }),
             Contains("a.ply: is 18.5 units long, a head both in cm and in inch; name the unit"));
  CHECK_THAT(refusal([] { guess_mesh_unit(1.8, "a.ply"); }), Contains("no head in m, cm, mm"));
  CHECK_THAT(refusal([] { find_mesh_unit("km"); }),
             Contains("'km'") && Contains("m, cm, mm, inch"));
}

TEST_CASE("what is no head, or too little of one, is refused with the reason", "[sim][repair]") {
  CHECK_THAT(refused(globe(0.11, {0, 0, 0}, 40)),
             Contains("scan.ply: lies 1") && Contains("up to 10 mm are taken for a head"));
  Mesh pair = mean_head();
  append(pair, moved(mean_head(), {Mat3::Identity(), {0.4, 0, 0}}, 1.0));
  CHECK_THAT(refused(pair), Contains("two shells side by side") && Contains("400 mm apart"));
  const Mesh wound = holed(mean_head(), {0.045, -0.01, 0.085}, 0.022);
  CHECK_THAT(refused(wound, landmarks_of(mean_head(), {}, 1.0)),
             Contains("has a hole of") && Contains("up to 25 mm are filled"));
  HeadImportOptions centimetres;
  centimetres.unit = find_mesh_unit("cm");
  CHECK_THAT(refused(moved(mean_head(), {}, 3.0), {}, centimetres),
             Contains("m long when its unit is taken as cm"));
  std::vector<NamedPoint> wide = landmarks_of(mean_head(), {}, 130.0);
  CHECK_THAT(refused(moved(mean_head(), {}, 100.0), wide, centimetres),
             Contains("landmarks are 1.30 times as far apart") && Contains("taken as cm"));
  centimetres.largest_landmark_residual_m = 0.05;
  const double tall = 100.0 * 0.272 / height_m(mean_head());
  CHECK_THAT(
      refused(moved(mean_head(), {}, tall), landmarks_of(mean_head(), {}, tall), centimetres),
      Contains("measures 27") && Contains("mm from chin to vertex"));
  Mesh broken = mean_head();
  broken.vertices[7].y() = std::nan("");
  CHECK_THAT(refused(broken), Contains("must be finite"));
  CHECK_THAT(refused(Mesh{}), Contains("holds no triangles"));
}

TEST_CASE("parts that are kept keep their rims open", "[sim][repair]") {
  Mesh mesh = mean_head();
  append(mesh, holed(globe(0.014, {0.2, 0, 0}, 12), {0.19, 0, 0}, 0.012));
  HeadImportOptions keep;
  keep.repair.keep_parts = true;
  keep.largest_hole_m = 0.001;
  const ImportedHead head = import_head(mesh, landmarks_of(mean_head(), {}, 1.0), keep, "scan.ply");
  CHECK(head.repair.kept_parts == 1);
  CHECK(head.mesh.triangles.size() == mesh.triangles.size());
}

TEST_CASE("landmarks that cannot be right are refused", "[sim][repair]") {
  auto marked = landmarks_of(mean_head(), {}, 1.0);
  const auto with = [&](std::vector<NamedPoint> points) { return refused(mean_head(), points); };
  CHECK_THAT(with({marked[0], marked[1]}), Contains("2 landmarks are too few"));
  CHECK_THAT(with({marked[0], marked[0], marked[1]}), Contains("'pronasale' is given twice"));
  CHECK_THAT(with({{"nose", Vec3::Zero()}, marked[0], marked[1]}),
             Contains("'nose' is no landmark"));
  auto line = marked;
  line.resize(3);
  for (std::size_t i = 0; i < 3; ++i)
    line[i].position_m = Vec3(0, 0.05 * static_cast<double>(i), 0);
  CHECK_THAT(with(line), Contains("nearly on a line"));
  std::swap(marked[3].name, marked[4].name);
  std::swap(marked[5].name, marked[6].name);
  CHECK_THAT(with(marked), Contains("left and right exchanged"));
}
