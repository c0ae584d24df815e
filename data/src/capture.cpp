#include "thz/data/capture.h"

#include <algorithm>
#include <cmath>

#include "thz/core/error.h"
#include "thz/data/beam_cache.h"

namespace thz::data {
namespace {

/// Body points below this height count as neck: the chin of the mean head is at -0.075 m, and the
/// neck's glint would otherwise set the grey scale of the face.
constexpr double kChinHeight_m = -0.08;

/// Tiny frames and heads out of the field offer too little to fit.
GreyMapping fit_heads(const std::vector<HeadPower>& frames) {
  try {
    return fit_power_law(frames);
  } catch (const InputError& e) {
    throw_input(
        "no grey mapping can be fitted to what the head shows ({}); give more "
        "imager.lines and samples_per_line, or image.reference_db and image.gamma",
        e.what());
  }
}

}  // namespace

uint64_t capture_key_of(const sim::Scene& scene) {
  const sim::Subject& subject = scene.subject;
  return sim::capture_entity(static_cast<uint64_t>(subject.identity), subject.posture,
                             scene.garment.worn, static_cast<uint64_t>(subject.capture));
}

StagedScene stage_person(const sim::Scene& scene, const SubjectFiles& files) {
  StagedScene staged;
  const sim::Subject& subject = scene.subject;
  staged.key = {scene.seed, capture_key_of(scene)};
  staged.person = sim::make_person(files.head.get(), subject, scene.seed, staged.key.capture);
  sim::put_on_glasses(*staged.person, scene.glasses, subject, scene.seed, staged.key.capture);
  if (scene.garment.worn) {
    staged.worn = sim::dress(*staged.person, scene.garment, scene.seed, staged.key.capture);
  }
  const sim::PersonPose pose =
      sim::pose_person(*staged.person, scene, subject.posture, scene.seed, staged.key.capture);
  staged.pose = pose.parameters;
  staged.poses = pose.world_from_body;
  return staged;
}

StagedScene stage_scene(const sim::Scene& scene, const SubjectFiles& files,
                        sim::SmoothingPlanCache* plans) {
  StagedScene staged;
  if (scene.subject.kind == sim::SubjectKind::kHead) {
    staged = stage_person(scene, files);
    staged.target = sim::make_person_target(scene, *staged.person,
                                            staged.worn ? &*staged.worn : nullptr, plans);
    staged.beam = aperture_beam(scene.imager);
    return staged;
  }
  staged.beam = aperture_beam(scene.imager);
  staged.key = {scene.seed, static_cast<uint64_t>(scene.subject.capture)};
  staged.poses.assign(static_cast<std::size_t>(scene.imager.frames),
                      sim::subject_pose(scene.subject));
  if (scene.subject.kind == sim::SubjectKind::kMesh) {
    THZ_REQUIRE(files.mesh != nullptr, "the scene's mesh was not loaded");
    staged.target = sim::make_mesh_target(scene, *files.mesh);
  } else {
    staged.target = sim::make_analytic_target(scene);
  }
  return staged;
}

Mask true_mask(const sim::Scene& scene, const StagedScene& staged, const FieldGrid& grid,
               bool with_neck) {
  Mask mask(grid.rows, grid.cols);
  if (!staged.target.body) return mask;
  const RigidPose body_from_world = staged.poses.front().inverse();
  const sim::ScanGeometry scan = scene.imager.scan();
  std::vector<Vec3> directions;
  for (int row = 0; row < grid.rows; ++row) {
    for (int col = 0; col < grid.cols; ++col) {
      directions.push_back(body_from_world.rotation *
                           scan.direction({grid.x_m(col), grid.y_m(row)}));
    }
  }
  std::vector<sim::SurfaceHit> hits;
  staged.target.body->trace(body_from_world * scan.pivot_m(), directions, hits);
  for (std::size_t i = 0; i < hits.size(); ++i) {
    const bool neck = !with_neck && staged.person && hits[i].rest_point_m.y() < kChinHeight_m;
    mask.data[i] = hits[i].is_hit() && !neck ? 1 : 0;
  }
  return mask;
}

ImagingOptions imaging_options(const sim::Scene& scene, const GreyMapping& mapping) {
  ImagingOptions options;
  const sim::ImageSettings& image = scene.image;
  options.grid.width_m = scene.imager.field_of_view_m.x();
  options.grid.height_m = scene.imager.field_of_view_m.y();
  options.mapping = mapping;
  options.size = image.size;
  options.roi.kind = image.roi == "fixed"      ? RoiKind::kFixed
                     : image.roi == "detected" ? RoiKind::kDetected
                                               : RoiKind::kTruth;
  const Vec2 half = 0.5 * image.roi_size_m;
  options.roi.fixed = {image.roi_center_m.x() - half.x(), image.roi_center_m.x() + half.x(),
                       image.roi_center_m.y() - half.y(), image.roi_center_m.y() + half.y()};
  options.validate();
  return options;
}

GreyMapping choose_mapping(const sim::Scene& scene, const std::vector<HeadPower>& frames) {
  const sim::ImageSettings& image = scene.image;
  GreyMapping mapping;
  mapping.kind = image.mapping == "log"      ? GreyKind::kLog
                 : image.mapping == "linear" ? GreyKind::kLinear
                                             : GreyKind::kPowerLaw;
  mapping.range_db = image.dynamic_range_db;
  if (image.gamma > 0.0) mapping.gamma = image.gamma;
  const bool head = scene.subject.kind == sim::SubjectKind::kHead;
  if (image.reference_db < 0.0) {
    mapping.reference_power = std::pow(10.0, 0.1 * image.reference_db);
    if (mapping.kind != GreyKind::kPowerLaw || image.gamma > 0.0) return mapping;
  }
  if (head && !frames.empty()) {
    const GreyMapping fitted = fit_heads(frames);
    if (image.reference_db >= 0.0) mapping.reference_power = fitted.reference_power;
    if (image.gamma <= 0.0) mapping.gamma = fitted.gamma;
    return mapping;
  }
  if (image.reference_db >= 0.0) {
    float brightest = 0.0f;
    for (const auto& frame : frames) {
      for (const float p : frame.power.data) brightest = std::max(brightest, p);
    }
    mapping.reference_power = brightest > 0.0f ? double{brightest} : 1.0;
  }
  return mapping;
}

}  // namespace thz::data
