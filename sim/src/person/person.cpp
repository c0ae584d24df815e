#include "thz/sim/person.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "thz/sim/materials.h"
#include "worn_glasses.h"

namespace thz::sim {
namespace {

/// Backscatter of dense hair: its fibres are near the Rayleigh-Mie edge and hide the skull's mirror
/// return; -15 dB of the estimated -20 ... -10 dB (physics sheet section 4.3, engineering
/// estimate).
constexpr double kHairSigma0 = 0.0316;

Tissue parametric_tissue(uint8_t region) {
  switch (static_cast<HeadRegion>(region)) {
    case HeadRegion::kLips:
      return Tissue::kLips;
    case HeadRegion::kEye:
      return Tissue::kEye;
    case HeadRegion::kBrow:
      return Tissue::kBrow;
    case HeadRegion::kHair:
    case HeadRegion::kBeard:
      return Tissue::kHair;
    case HeadRegion::kNeckCap:
      return Tissue::kHidden;
    default:
      return Tissue::kSkin;
  }
}

/// Linear head models carry no hair: what lies above a plane from the hairline (65 mm above the
/// eyes at the forehead) to the nape counts as hair, so that the scalp does not glint.
bool above_hairline(const Vec3& p) {
  const Vec3 hairline(0.0, 0.0361 + 0.065, 0.075);
  const Vec3 nape(0.0, -0.02, -0.05);
  const Vec3 along = hairline - nape;
  const Vec3 up(0.0, along.z(), -along.y());
  return (p - nape).dot(up) > 0.0;
}

Tissue morphable_tissue(const MorphableHead& model, uint8_t region, const Vec3& center) {
  const std::string name =
      region < model.region_names.size() ? model.region_names[region] : std::string("skin");
  if (name.find("eyeball") != std::string::npos) return Tissue::kEye;
  if (name.find("socket") != std::string::npos) return Tissue::kHidden;
  return above_hairline(center) ? Tissue::kHair : Tissue::kSkin;
}

Person person_from_model(const MorphableHead& model, const Subject& subject, uint64_t seed) {
  Person person;
  person.coefficients = subject.mean_head
                            ? std::vector<float>(model.identity.size(), 0.0f)
                            : sample_identity(model, seed, static_cast<uint64_t>(subject.identity));
  person.mesh = evaluate(model, person.coefficients, {});
  for (std::size_t t = 0; t < person.mesh.triangles.size(); ++t) {
    const auto& v = person.mesh.triangles[t];
    Vec3 center = Vec3::Zero();
    for (const int32_t i : v) center += person.mesh.vertices[static_cast<std::size_t>(i)] / 3.0;
    const uint8_t region = model.triangle_region.empty() ? 0 : model.triangle_region[t];
    person.tissue.push_back(morphable_tissue(model, region, center));
  }
  person.eye_centres_m = {Vec3(-0.031, 0.0361, 0.0799), Vec3(0.031, 0.0361, 0.0799)};
  return person;
}

Person parametric_person(const Subject& subject, uint64_t seed, uint64_t capture_key) {
  Person person;
  const HeadIdentity head =
      subject.mean_head ? mean_head_identity()
                        : sample_head_identity(seed, static_cast<uint64_t>(subject.identity));
  PaintedHead built =
      build_painted_head(head, sample_head_expression(seed, capture_key, subject.expression));
  person.mesh = std::move(built.mesh);
  person.paint = std::move(built.paint);
  person.grey_hair = static_cast<double>(head.hair.grey);
  for (const uint8_t region : person.mesh.triangle_region) {
    person.tissue.push_back(parametric_tissue(region));
  }
  const auto vertex = [&](const char* name) {
    return person.mesh.vertices[static_cast<std::size_t>(parametric_head_landmark(name))];
  };
  person.eye_centres_m = {vertex("eye_center_right"), vertex("eye_center_left")};
  person.mouth_m = vertex("stomion");
  person.eye_on_surface = true;
  person.coefficients = head.parameters;
  person.coefficients.insert(person.coefficients.end(), head.residual.begin(), head.residual.end());
  person.coefficients.insert(person.coefficients.end(), head.asymmetry.begin(),
                             head.asymmetry.end());
  person.coefficients.insert(person.coefficients.end(), head.meso.begin(), head.meso.end());
  person.soft_biometrics = soft_biometrics(head);
  return person;
}

}  // namespace

uint64_t capture_entity(uint64_t identity, Posture posture, bool concealed, uint64_t capture) {
  const uint64_t view = (static_cast<uint64_t>(posture) << 1) | (concealed ? 1 : 0);
  return mix_keys(mix_keys(identity, view), capture);
}

Person make_person(const MorphableHead* model, const Subject& subject, uint64_t seed,
                   uint64_t capture_key) {
  return model != nullptr ? person_from_model(*model, subject, seed)
                          : parametric_person(subject, seed, capture_key);
}

std::vector<std::string> coefficient_names(const MorphableHead* model) {
  if (model != nullptr) return model->identity.names;
  std::vector<std::string> names;
  for (const auto& info : parametric_head_parameters()) names.push_back(info.name);
  const HeadIdentity mean = mean_head_identity();
  for (std::size_t i = 0; i < mean.residual.size(); ++i)
    names.push_back(fmt::format("residual_{}", i));
  for (std::size_t i = 0; i < mean.asymmetry.size(); ++i) {
    names.push_back(fmt::format("asymmetry_{}", i));
  }
  for (std::size_t i = 0; i < mean.meso.size(); ++i) names.push_back(fmt::format("meso_{}", i));
  return names;
}

std::vector<std::string> soft_biometric_names(const MorphableHead* model) {
  return model != nullptr ? std::vector<std::string>{} : soft_biometric_names();
}

Worn dress(const Person& person, const Garment& garment, uint64_t seed, uint64_t capture_key) {
  const Fabric& fabric = find_fabric(garment.fabric);
  FabricSample sample = garment.nominal ? nominal_sample(fabric, garment.prior)
                                        : sample_fabric(fabric, seed, capture_key, garment.prior);
  sample.thickness_variation =
      std::hypot(garment.cut.stitch_thickness_rms, garment.cut.fold_thickness_rms);
  const HeadShape shape{&person.mesh, person.eye_centres_m, person.mouth_m};
  return {sample, BalaclavaForm(shape, garment.cut).dress(sample.thickness_m, seed, capture_key)};
}

Target make_person_target(const Scene& scene, const Person& person, const Worn* worn,
                          SmoothingPlanCache* plans) {
  const double f = scene.imager.beam.frequency_hz;
  Target target;
  // Index of a material is the value of its tissue; lips and brows are skin to the beam.
  const ScatterTable skin(find_material(scene, scene.subject.material),
                          find_roughness(scene, scene.subject.roughness), f);
  target.materials = {skin,
                      skin,
                      ScatterTable(named_material("cornea", f), roughness_model("off"), f),
                      skin,
                      ScatterTable::diffuse_only(kHairSigma0),
                      ScatterTable::absorber()};
  std::vector<int32_t> material;
  for (const Tissue tissue : person.tissue) material.push_back(static_cast<int32_t>(tissue));
  if (person.glasses) {
    const Mesh body = internal::add_glasses(scene, person, worn != nullptr, material, target);
    target.body = make_mesh_surface(body, material, {scene.sampling.subdivision, true, plans});
  } else {
    target.body =
        make_mesh_surface(person.mesh, material, {scene.sampling.subdivision, true, plans});
  }
  target.lattice = target.body->lattice(scene.sampling.lattice_area_m2);
  if (worn != nullptr) {
    target.cloth = make_worn_cloth(worn->shell, worn->fabric, scene.garment.cut.layers, f,
                                   scene.sampling.lattice_area_m2);
  }
  select_polarisation(scene.imager, target);
  return target;
}

PersonPose pose_person(const Person& person, const Scene& scene, Posture posture, uint64_t seed,
                       uint64_t capture_key) {
  PersonPose pose;
  if (scene.subject.jitter) {
    pose.parameters = sample_pose(posture, seed, capture_key, scene.subject.pose_jitter);
  } else {
    pose.parameters.yaw_deg = posture_yaw_deg(posture);
  }
  const RigidPose first = RigidPose{Mat3::Identity(), scene.subject.position_m}.after(
      place_head(person.mesh, pose.parameters));
  const Vec3 centre = first * StandingFrame{}.pivot_m;
  for (int frame = 0; frame < scene.imager.frames; ++frame) {
    const RigidPose motion = scene.subject.jitter
                                 ? motion_between_frames(seed, capture_key, frame, centre)
                                 : RigidPose{};
    pose.world_from_body.push_back(motion.after(first));
  }
  return pose;
}

}  // namespace thz::sim
