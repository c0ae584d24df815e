#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "thz/data/imaging.h"
#include "thz/data/subject_files.h"
#include "thz/sim/frame.h"
#include "thz/sim/person.h"
#include "thz/sim/scene.h"

namespace thz::data {

/// A scene made ready to be seen: who stands there, in what, in which poses.
struct StagedScene {
  std::optional<sim::Person> person;  ///< heads only
  std::optional<sim::Worn> worn;
  sim::PoseParameters pose;
  std::vector<RigidPose> poses;  ///< world_from_body, one a frame
  sim::Target target;
  sim::CaptureKey key;
  std::shared_ptr<const sim::BeamTiles> beam;  ///< aperture-level optics only; for CaptureOptions
};

/// Entity of the draws of a head's capture.
uint64_t capture_key_of(const sim::Scene& scene);

/// Builds subject, garment and poses of a scene. The draws are keyed by the scene's seed and, for a
/// head, by (identity, posture, concealed, capture).
/// With aperture-level optics the beam's tables are taken from aperture_beam(): call that before,
/// with progress, where it may take seconds.
/// @param plans  shared between scenes with heads of one model to save time; may be null.
StagedScene stage_scene(const sim::Scene& scene, const SubjectFiles& files,
                        sim::SmoothingPlanCache* plans = nullptr);

/// The same head without its electrical surface (StagedScene::target stays empty): for the camera.
StagedScene stage_person(const sim::Scene& scene, const SubjectFiles& files);

/// Where the head (above the chin, sockets left out) is on the field's grid in the first frame;
/// for any other subject where its surface is.
/// @param with_neck  everything of a head's mesh, below the chin too.
Mask true_mask(const sim::Scene& scene, const StagedScene& staged, const FieldGrid& grid,
               bool with_neck = false);

/// Imaging of a scene: grid over its field, its region of interest, its mapping; `mapping` replaces
/// the scene's own where the scene leaves reference or gamma to the data.
ImagingOptions imaging_options(const sim::Scene& scene, const GreyMapping& mapping);

/// The scene's mapping if it is complete; otherwise fitted to the given frames (power law), or with
/// the brightest pixel as reference (log, linear, and subjects that are not heads).
GreyMapping choose_mapping(const sim::Scene& scene, const std::vector<HeadPower>& frames);

}  // namespace thz::data
