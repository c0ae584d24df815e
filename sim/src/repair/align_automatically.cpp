#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>

#include "icp.h"
#include "mesh_edges.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/sim/head_alignment.h"
#include "thz/sim/parametric_head.h"

namespace thz::sim {

using namespace internal;

namespace {

// Below this height of the head frame necks end where the scanner or a knife left them.
constexpr double kNeckEnd_m = -0.105;

/// The mean head as something to align to.
struct MeanHead {
  Mesh mesh;
  Samples fine;  ///< of its surface above the neck's end
  IcpTarget sparse, whole, face;
};

std::vector<Vec3> vertex_normals(const Mesh& mesh) {
  std::vector<Vec3> normals(mesh.vertices.size(), Vec3::Zero());
  for (const auto& t : mesh.triangles) {
    const Vec3 n = area_vector(mesh, t);
    for (const int32_t v : t) normals[static_cast<std::size_t>(v)] += n;
  }
  for (Vec3& n : normals) n.normalize();
  return normals;
}

/// What of the mean head others share: skin of the face and ears, no hair, no neck.
std::vector<uint8_t> face_vertices(const Mesh& mesh) {
  std::vector<uint8_t> is_face(mesh.vertices.size(), 1);
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
    const auto region = static_cast<HeadRegion>(mesh.triangle_region[t]);
    if (region != HeadRegion::kHair && region != HeadRegion::kNeck &&
        region != HeadRegion::kNeckCap) {
      continue;
    }
    for (const int32_t v : mesh.triangles[t]) is_face[static_cast<std::size_t>(v)] = 0;
  }
  return is_face;
}

Mesh without_neck(const Mesh& mesh) {
  Mesh kept;
  kept.vertices = mesh.vertices;
  for (const auto& t : mesh.triangles) {
    if (corner(mesh, t, 0).y() > kNeckEnd_m) kept.triangles.push_back(t);
  }
  return kept;
}

/// @param stride  every so many vertices.
IcpTarget make_target(const Mesh& mesh, std::vector<uint8_t> used, std::size_t stride) {
  const std::vector<Vec3> normals = vertex_normals(mesh);
  std::vector<Vec3> points, chosen_normals;
  std::vector<uint8_t> chosen;
  for (std::size_t v = 0; v < mesh.vertices.size(); v += stride) {
    points.push_back(mesh.vertices[v]);
    chosen_normals.push_back(normals[v]);
    chosen.push_back(used[v]);
  }
  return {PointTree(std::move(points)), std::move(chosen_normals), std::move(chosen)};
}

MeanHead make_mean_head() {
  const Mesh mesh = build_parametric_head(mean_head_identity());
  std::vector<uint8_t> above(mesh.vertices.size());
  for (std::size_t v = 0; v < above.size(); ++v) above[v] = mesh.vertices[v].y() > kNeckEnd_m;
  const Mesh head = without_neck(mesh);
  return {mesh, sample_surface(head, 800), make_target(mesh, above, 7), make_target(mesh, above, 1),
          make_target(mesh, face_vertices(mesh), 1)};
}

/// The 60 rotations of the icosahedron as quaternions: the icosians up to sign.
std::vector<Eigen::Quaterniond> icosahedral_rotations() {
  const double golden = 0.5 * (1.0 + std::sqrt(5.0));
  std::vector<Eigen::Vector4d> all;
  for (int i = 0; i < 4; ++i) all.push_back(Eigen::Vector4d::Unit(i));
  for (int signs = 0; signs < 8; ++signs) {
    all.emplace_back(0.5, signs & 1 ? -0.5 : 0.5, signs & 2 ? -0.5 : 0.5, signs & 4 ? -0.5 : 0.5);
  }
  const std::array<double, 4> size = {0.0, 0.5, 0.5 / golden, 0.5 * golden};
  std::array<std::size_t, 4> order = {0, 1, 2, 3};
  do {
    int inversions = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = i + 1; j < 4; ++j) inversions += order[i] > order[j] ? 1 : 0;
    }
    if (inversions % 2 != 0) continue;
    for (int signs = 0; signs < 4; ++signs) {  // the first entry that is not zero stays positive
      Eigen::Vector4d q;
      int seen = 0;
      for (std::size_t i = 0; i < 4; ++i) {
        const double value = size[order[i]];
        const bool negative = value > 0.0 && seen > 0 && (signs >> (seen - 1)) % 2 != 0;
        if (value > 0.0) ++seen;
        q[static_cast<Eigen::Index>(i)] = negative ? -value : value;
      }
      all.push_back(q);
    }
  } while (std::next_permutation(order.begin(), order.end()));
  std::vector<Eigen::Quaterniond> rotations;
  for (const Eigen::Vector4d& q : all) rotations.emplace_back(q[0], q[1], q[2], q[3]);
  return rotations;
}

struct Candidate {
  RigidPose head_from_scan;
  double score_m = 0.0;
};

/// Mean distance from samples to a tree, each counted up to 20 mm.
double mean_distance_m(const Samples& samples, const RigidPose& pose, const PointTree& tree,
                       const std::vector<uint8_t>* used) {
  constexpr double kFar_m = 0.02;
  double sum = 0.0;
  std::size_t count = 0;
  for (const Vec3& sample : samples.points_m) {
    const Vec3 p = pose * sample;
    const int32_t q = tree.nearest(p);
    if (used != nullptr && !(*used)[static_cast<std::size_t>(q)]) continue;
    sum += std::min(kFar_m, (p - tree.point(q)).norm());
    ++count;
  }
  return count == 0 ? kFar_m : sum / static_cast<double>(count);
}

/// Both ways, so that a part that fits somewhere is not enough.
double score_m(const MeanHead& mean, const Samples& scan, const PointTree& scan_tree,
               const RigidPose& pose) {
  return 0.5 * (mean_distance_m(scan, pose, mean.whole.tree, &mean.whole.used) +
                mean_distance_m(mean.fine, pose.inverse(), scan_tree, nullptr));
}

double angle_between(const RigidPose& a, const RigidPose& b) {
  return Eigen::AngleAxisd(a.rotation.transpose() * b.rotation).angle();
}

Vec3 mean_point(const Samples& samples) {
  Vec3 sum = Vec3::Zero();
  for (const Vec3& p : samples.points_m) sum += p;
  return sum / static_cast<double>(samples.points_m.size());
}

bool better(const Candidate& a, const Candidate& b) { return a.score_m < b.score_m; }

/// The first `count` that differ by more than `angle_deg` from all before them.
std::vector<Candidate> distinct(std::vector<Candidate> all, std::size_t count, double angle_deg) {
  std::stable_sort(all.begin(), all.end(), better);
  std::vector<Candidate> chosen;
  for (const Candidate& one : all) {
    const bool known = std::any_of(chosen.begin(), chosen.end(), [&](const Candidate& other) {
      return angle_between(one.head_from_scan, other.head_from_scan) < deg_to_rad(angle_deg);
    });
    if (!known && chosen.size() < count) chosen.push_back(one);
  }
  return chosen;
}

/// The best few poses that differ by more than 25 degrees, best first.
std::vector<Candidate> search_directions(const MeanHead& mean, const Mesh& scan,
                                         const PointTree& scan_tree) {
  const Samples few = sample_surface(scan, 200), many = sample_surface(scan, 1000);
  const Vec3 scan_centre = mean_point(many), head_centre = mean_point(mean.fine);
  const std::vector<Eigen::Quaterniond> rotations = icosahedral_rotations();
  std::vector<Candidate> starts(rotations.size());
  parallel_for(rotations.size(), 0, [&](std::size_t i) {
    RigidPose pose{rotations[i].toRotationMatrix(), Vec3::Zero()};
    pose.translation_m = head_centre - pose.rotation * scan_centre;
    pose = run_icp(few, mean.sparse, pose, {12, 0.85, -1.0});
    starts[i] = {pose, score_m(mean, few, scan_tree, pose)};
  });
  std::vector<Candidate> refined = distinct(starts, 8, 12.0);
  parallel_for(refined.size(), 0, [&](std::size_t i) {
    const RigidPose pose = run_icp(many, mean.whole, refined[i].head_from_scan, {20, 0.8, 0.3});
    refined[i] = {pose, score_m(mean, many, scan_tree, pose)};
  });
  return distinct(refined, 4, 25.0);
}

}  // namespace

HeadAlignment align_automatically(const Mesh& scan, const std::string& name) {
  THZ_REQUIRE(!scan.triangles.empty(), "a scan has triangles");
  static const MeanHead mean = make_mean_head();
  const PointTree scan_tree(scan.vertices);
  const std::vector<Candidate> found = search_directions(mean, scan, scan_tree);
  constexpr double kNoHead_m = 0.010;
  if (found[0].score_m > kNoHead_m) {
    throw_input(
        "{}: lies {:.1f} mm from the mean head on average in the best of all directions; up to "
        "{:.0f} mm are taken for a head",
        name, 1e3 * found[0].score_m, 1e3 * kNoHead_m);
  }
  constexpr double kClearly = 1.15;
  if (found.size() > 1 && found[1].score_m < kClearly * found[0].score_m) {
    throw_input(
        "{}: it is not clear which way the head faces: two directions {:.0f} degrees apart fit to "
        "{:.1f} and {:.1f} mm; give landmarks",
        name, rad_to_deg(angle_between(found[0].head_from_scan, found[1].head_from_scan)),
        1e3 * found[0].score_m, 1e3 * found[1].score_m);
  }
  const Samples samples = sample_surface(scan, 6000);
  const IcpOptions last{30, 0.8, 0.5};
  const RigidPose face = run_icp(samples, mean.face, found[0].head_from_scan, last);
  HeadAlignment alignment;
  alignment.head_from_scan = run_morphing_icp(samples, mean.face, face, last);
  alignment.residual_m = icp_residual_m(samples, mean.face, alignment.head_from_scan, last);
  return alignment;
}

}  // namespace thz::sim
