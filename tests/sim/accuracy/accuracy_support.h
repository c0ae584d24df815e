#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/test_scene.h"

/// What is compared end to end: a subject as scenes sample it, and the same subject sampled so
/// finely that the difference is the sampling's error.
namespace thz::test {

/// How the reference is refined.
enum class Reference {
  kMapped,  ///< half the ray pitch, one more subdivision, cells cut at half the phase
  kPerRay,  ///< the same, and every ray by itself against the finest triangles, in double
};

/// Where the subject stands: its apex at the middle of the field or near the upper right corner.
inline const Vec2 kCentre(0.0, 0.0);
inline const Vec2 kCorner(0.15, 0.12);

struct Subject {
  std::string name;
  sim::Scene scene;
  sim::Target target;
  sim::Target reference;
  RigidPose pose;
  sim::SpeckleKey key;
};

inline sim::Sampling refined(const sim::Sampling& sampling) {
  sim::Sampling fine = sampling;
  fine.ray_pitch_m *= 0.5;
  fine.refine_phase_rad *= 0.5;
  fine.subdivision += 1;
  fine.nodes_per_cell *= 2;
  return fine;
}

/// Skin of its own roughness: a mirror-like and a diffuse part.
inline Subject analytic_subject(const std::string& name, const std::string& toml) {
  Subject subject;
  subject.name = name;
  subject.scene = scene_of(
      "[imager]\nnoise = false\nframes = 1\nsamples_per_line = 64\n[subject]\nmaterial = 'skin'\n"
      "roughness = 'skin'\n" +
      toml);
  subject.target = sim::make_analytic_target(subject.scene);
  subject.reference = subject.target;
  subject.pose = sim::subject_pose(subject.scene.subject);
  subject.key = {subject.scene.seed, 1};
  return subject;
}

/// A sphere whose apex towards the beam's pivot lies at a place of the plane z = 0.
inline Subject sphere_at(const std::string& place, const Vec2& apex) {
  const Vec3 towards = (Vec3(0.0, 0.0, 6.0) - Vec3(apex.x(), apex.y(), 0.0)).normalized();
  const Vec3 centre = Vec3(apex.x(), apex.y(), 0.0) - 0.08 * towards;
  return analytic_subject("sphere 80 mm, " + place,
                          fmt::format("kind = 'sphere'\nradius_m = 0.08\nposition_m = [{}, {}, {}]",
                                      centre.x(), centre.y(), centre.z()));
}

/// A plate whose normal at a place is turned from the beam there by an angle about +x.
inline Subject plate_at(const std::string& place, const Vec2& where, double tilt_deg) {
  const Vec3 towards = (Vec3(0.0, 0.0, 6.0) - Vec3(where.x(), where.y(), 0.0)).normalized();
  const double about_x = -rad_to_deg(std::asin(towards.y())) + tilt_deg;
  const double about_y = rad_to_deg(std::atan2(towards.x(), towards.z()));
  return analytic_subject(
      fmt::format("plate {} deg, {}", tilt_deg, place),
      fmt::format(
          "kind = 'plane'\nsize_m = [0.12, 0.12]\ntilt_deg = [{}, {}]\nposition_m = [{}, {}, 0.0]",
          about_x, about_y, where.x(), where.y()));
}

inline sim::Target per_ray(const sim::Scene& scene, const StandingHead& head) {
  sim::Target target = head.target;
  sim::MeshSurfaceOptions options{scene.sampling.subdivision, true, nullptr, true};
  std::vector<int32_t> material;
  for (const sim::Tissue t : head.person.tissue) material.push_back(static_cast<int32_t>(t));
  target.body = make_mesh_surface(head.person.mesh, material, options);
  target.lattice = target.body->lattice(scene.sampling.lattice_area_m2);
  if (!scene.garment.worn) return target;
  const Mesh shell =
      sim::dress(head.person, scene.garment, scene.seed, head.key.capture).shell.outer;
  options.subdivision_levels = 0;
  target.cloth->outer =
      make_mesh_surface(shell, std::vector<int32_t>(shell.triangles.size(), 0), options);
  target.cloth->lattice = target.cloth->outer->lattice(scene.sampling.lattice_area_m2);
  return target;
}

inline Subject head_at(const std::string& posture, bool dressed, const std::string& place,
                       const Vec2& where, Reference reference) {
  Subject subject;
  subject.name = fmt::format("head {}, {}, {}", dressed ? "dressed" : "bare", posture, place);
  subject.scene = scene_of(
      "[imager]\nnoise = false\nframes = 1\nsamples_per_line = 64\n[subject]\nkind = 'head'\n"
      "identity = 7\nposture = '" +
      posture + "'\n" + (dressed ? "[garment]\nfabric = 'acrylic'\n" : ""));
  const StandingHead head = stand(subject.scene, nullptr, dressed);
  sim::Scene fine = subject.scene;
  fine.sampling = refined(subject.scene.sampling);
  const StandingHead fine_head = stand(fine, nullptr, dressed);
  subject.target = head.target;
  subject.reference = reference == Reference::kMapped ? fine_head.target : per_ray(fine, fine_head);
  subject.pose = head.poses[0];
  subject.pose.translation_m += Vec3(where.x(), where.y(), 0.0);
  subject.key = {head.key.seed, head.key.capture};
  return subject;
}

/// Error of one mechanism of a frame.
struct MechanismError {
  std::string mechanism;
  double nmse_db = 0.0;      ///< complex, all range bins
  double median_db = 0.0;    ///< of the pixels within 50 dB of the mechanism's own peak
  double quantile_db = 0.0;  ///< 99th percentile of them
  std::size_t pixels = 0;
};

inline MechanismError compare(const std::string& mechanism, const sim::RangeFrame& truth,
                              const sim::RangeFrame& frame) {
  const auto differences = differences_db(sim::detect({&truth}, sim::Detector::kPeak, 0),
                                          sim::detect({&frame}, sim::Detector::kPeak, 0), 50.0);
  return {mechanism, nmse_db(truth, frame), quantile(differences, 0.5), quantile(differences, 0.99),
          differences.size()};
}

inline void accumulate(const sim::RangeFrame& part, sim::RangeFrame& sum) {
  if (sum.bins.empty())
    sum.bins.assign(part.bins.size(), ImageC(part.bins[0].rows, part.bins[0].cols));
  for (std::size_t b = 0; b < sum.bins.size(); ++b) {
    for (std::size_t i = 0; i < sum.bins[b].size(); ++i) {
      sum.bins[b].data[i] += part.bins[b].data[i];
    }
  }
}

/// The subject's frame as `simulate` makes it against the direct sum of the refined reference.
inline std::vector<MechanismError> errors_of(const Subject& subject) {
  const sim::Scene& scene = subject.scene;
  const auto window = sim::FieldWindow::whole(scene.imager);
  const auto found = sim::find_scatterers(subject.target, subject.pose, scene.imager,
                                          scene.sampling, window, subject.key, 0);
  const sim::Sampling fine = refined(scene.sampling);
  const auto truth = sim::find_scatterers(subject.reference, subject.pose, scene.imager, fine,
                                          window, subject.key, 0);
  sim::RangeAxis axis = scene.imager.range_axis();
  axis.nodes_per_cell = scene.sampling.nodes_per_cell;
  sim::RangeAxis fine_axis = axis;
  fine_axis.nodes_per_cell = fine.nodes_per_cell;
  sim::FrameSumOptions direct;
  direct.method = sim::SumMethod::kDirect;
  direct.cutoff = 1e-6;
  const auto scan = scene.imager.scan();
  std::vector<MechanismError> errors;
  sim::RangeFrame true_sum, sum;
  const auto add = [&](const char* mechanism, const sim::Scatterers& fine_ones,
                       const sim::Scatterers& ones) {
    if (fine_ones.size() == 0) return;
    const auto true_part = sum_frame(scene.imager.beam, scan, fine_ones, fine_axis, direct);
    const auto part = sum_frame(scene.imager.beam, scan, ones, axis, {});
    errors.push_back(compare(mechanism, true_part, part));
    accumulate(true_part, true_sum);
    accumulate(part, sum);
  };
  add("coherent skin", truth.coherent, found.coherent);
  add("diffuse field", truth.diffuse, found.diffuse);
  add("cloth", truth.cloth, found.cloth);
  errors.push_back(compare("all together", true_sum, sum));
  return errors;
}

}  // namespace thz::test
