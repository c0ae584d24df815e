#pragma once

#include <optional>
#include <string>
#include <vector>

#include "thz/core/mesh.h"
#include "thz/sim/frame.h"
#include "thz/sim/glasses.h"
#include "thz/sim/head_model.h"
#include "thz/sim/parametric_head.h"
#include "thz/sim/posture.h"
#include "thz/sim/scene.h"
#include "thz/sim/target.h"

namespace thz::sim {

/// What a part of a person is made of, whatever head model it comes from.
enum class Tissue : uint8_t { kSkin, kLips, kEye, kBrow, kHair, kHidden };

/// One person in one capture: geometry with expression, body frame, and what is known of it.
struct Person {
  Mesh mesh;
  std::vector<Tissue> tissue;         ///< one a triangle
  std::array<Vec3, 2> eye_centres_m;  ///< subject's right and left
  std::optional<Vec3> mouth_m;        ///< where the lips meet, if the head model says
  bool eye_on_surface = false;        ///< they are points of the eyeball's front, not its centre
  std::vector<HeadPaint> paint;       ///< one a vertex, for the camera; empty: colour by tissue
  double grey_hair = 0.0;             ///< share of grey hairs
  std::vector<float> coefficients;    ///< of the head model
  std::vector<float> soft_biometrics;
  std::optional<Glasses> glasses;  ///< worn; no part of `mesh`
};

/// Names a capture's draws: identity, posture, condition and number in one 64-bit key.
uint64_t capture_entity(uint64_t identity, Posture posture, bool concealed, uint64_t capture);

/// The person that the subject names, with the face of that capture; the mean one if it says so.
/// @param model  null: the parametric head.
Person make_person(const MorphableHead* model, const Subject& subject, uint64_t seed,
                   uint64_t capture_key);
/// Puts on what `[glasses]` draws for the person, if anything. Whether one wears them is part of
/// one's looks: with Subject::mean_head it is drawn for the capture.
void put_on_glasses(Person& person, const GlassesOptions& options, const Subject& subject,
                    uint64_t seed, uint64_t capture_key);
/// Names of Person::coefficients and Person::soft_biometrics for that model.
std::vector<std::string> coefficient_names(const MorphableHead* model);
std::vector<std::string> soft_biometric_names(const MorphableHead* model);

/// The piece of cloth and its cut in one capture, and what was drawn for it.
struct Worn {
  FabricSample fabric;
  GarmentShell shell;
};
Worn dress(const Person& person, const Garment& garment, uint64_t seed, uint64_t capture_key);

/// Electrical surface of a person; `worn` null: bare.
/// @param plans  shared between persons of one head model to save time; may be null.
Target make_person_target(const Scene& scene, const Person& person, const Worn* worn,
                          SmoothingPlanCache* plans = nullptr);

/// Pose of every frame of a capture: standing place and jitter, then the small motion of each
/// frame.
struct PersonPose {
  PoseParameters parameters;
  std::vector<RigidPose> world_from_body;  ///< one a frame
};
PersonPose pose_person(const Person& person, const Scene& scene, Posture posture, uint64_t seed,
                       uint64_t capture_key);

}  // namespace thz::sim
