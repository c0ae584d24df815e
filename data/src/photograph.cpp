#include "thz/data/photograph.h"

#include "thz/core/error.h"
#include "thz/core/rng.h"

namespace thz::data {
namespace {

const std::vector<std::string> kMaterials = {"skin", "lips",  "eye",         "brow",
                                             "hair", "cloth", "metal-frame", "plastic-frame"};
constexpr uint8_t kEyeMaterial = 2;
constexpr uint8_t kClothMaterial = 5, kMetalMaterial = 6, kPlasticMaterial = 7;

uint8_t visible_material(sim::Tissue tissue) {
  switch (tissue) {
    case sim::Tissue::kLips:
      return 1;
    case sim::Tissue::kEye:
      return 2;
    case sim::Tissue::kBrow:
      return 3;
    case sim::Tissue::kHair:
      return 4;
    default:
      return 0;
  }
}

/// Every triangle that touches an open eye becomes one: the shares of its corners draw the lid.
void widen_eyes(const std::vector<sim::HeadPaint>& paint, sim::VisibleObject& head) {
  if (paint.empty()) return;
  for (std::size_t t = 0; t < head.mesh.triangles.size(); ++t) {
    for (const int32_t v : head.mesh.triangles[t]) {
      if (paint[static_cast<std::size_t>(v)].eye > 0.02F) head.triangle_material[t] = kEyeMaterial;
    }
  }
}

/// Damp cloth is darker, by up to a third, and hems and seams show as a slightly darker line: their
/// relief is finer than the shell's mesh.
std::vector<float> cloth_shade(const sim::GarmentShell& shell) {
  constexpr double kDampShade = 0.35, kDampMass_kg_m2 = 0.02, kRidgeShade = 0.25;
  std::vector<float> shade;
  for (std::size_t i = 0; i < shell.outer.vertices.size(); ++i) {
    const sim::ClothVertex& v = shell.screen.vertices()[i];
    const double damp = double{v.water_kg_m2} / (double{v.water_kg_m2} + kDampMass_kg_m2);
    const double ridge =
        shell.screen.ridges().factor(double{v.rim_m}, shell.outer.vertices[i]) - 1.0;
    shade.push_back(static_cast<float>((1.0 - kDampShade * damp) / (1.0 + kRidgeShade * ridge)));
  }
  return shade;
}

Mesh placed(const Mesh& mesh, const RigidPose& pose) {
  Mesh world = mesh;
  for (Vec3& v : world.vertices) v = pose * v;
  return world;
}

}  // namespace

sim::VisiblePicture photograph(const sim::Scene& scene, const StagedScene& staged, int threads,
                               int pixels) {
  THZ_REQUIRE(staged.person.has_value(), "only a head is photographed");
  const RigidPose& pose = staged.poses.front();
  std::vector<sim::VisibleObject> objects(1);
  objects[0].mesh = placed(staged.person->mesh, pose);
  for (const sim::Tissue tissue : staged.person->tissue) {
    objects[0].triangle_material.push_back(visible_material(tissue));
  }
  objects[0].gaze = pose.rotation * Vec3::UnitZ();
  if (staged.person->eye_on_surface) {
    // The parametric head names the eyeball's front; its centre lies one radius behind.
    constexpr double kEyeballRadius_m = 0.012;
    for (const Vec3& eye : staged.person->eye_centres_m) {
      objects[0].eye_centres_m.push_back(pose * (eye - kEyeballRadius_m * Vec3::UnitZ()));
    }
  }
  if (staged.worn) {
    sim::VisibleObject cloth;
    cloth.mesh = placed(staged.worn->shell.outer, pose);
    cloth.vertex_shade = cloth_shade(staged.worn->shell);
    cloth.triangle_material.assign(cloth.mesh.triangles.size(), kClothMaterial);
    objects.push_back(std::move(cloth));
  }
  if (staged.person->glasses) {
    // Clear lenses reflect some 8 % and are left out.
    sim::VisibleObject frame;
    frame.mesh = placed(staged.person->glasses->frame, pose);
    const bool metal = staged.person->glasses->frame_kind == sim::GlassesFrame::kMetal;
    frame.triangle_material.assign(frame.mesh.triangles.size(),
                                   metal ? kMetalMaterial : kPlasticMaterial);
    objects.push_back(std::move(frame));
  }
  // Sub-entities below 2^28 are the caller's (camera.h).
  const auto look = static_cast<uint64_t>(scene.subject.mean_head ? 0 : scene.subject.identity);
  Rng person_rng(scene.seed, RngPurpose::kCamera, look, 1);
  sim::VisibleAppearance appearance = sim::draw_appearance(person_rng);
  sim::turn_grey(staged.person->grey_hair, appearance);
  for (const sim::HeadPaint& paint : staged.person->paint) {
    objects[0].vertex_albedo.push_back(sim::painted_albedo(paint, appearance));
    objects[0].eye_share.push_back(paint.eye);
  }
  widen_eyes(staged.person->paint, objects[0]);
  Rng capture_rng(scene.seed, RngPurpose::kCamera, staged.key.capture, 2);
  appearance.cloth = sim::draw_appearance(capture_rng).cloth;
  const sim::VisibleLighting lighting = sim::draw_lighting(capture_rng);

  sim::VisibleCamera camera;
  camera.output_size = pixels;
  camera.render_size = 2 * pixels;
  camera.position_m.z() = scene.imager.standoff_m;
  camera.field_m = scene.image.roi_size_m;
  camera.field_centre_m = scene.image.roi_center_m;
  const sim::VisibleScene visible(std::move(objects),
                                  sim::default_visible_materials(kMaterials, appearance));
  return sim::take_visible_picture(visible, camera, lighting, scene.seed, staged.key.capture,
                                   threads);
}

}  // namespace thz::data
