#include "worn_glasses.h"

#include <memory>

#include "thz/core/error.h"

namespace thz::sim {
namespace internal {
namespace {

void add_part(Mesh& body, const Mesh& part, std::vector<int32_t>& material, std::size_t index) {
  const auto first = static_cast<int32_t>(body.vertices.size());
  body.vertices.insert(body.vertices.end(), part.vertices.begin(), part.vertices.end());
  for (const auto& t : part.triangles)
    body.triangles.push_back({t[0] + first, t[1] + first, t[2] + first});
  material.resize(body.triangles.size(), static_cast<int32_t>(index));
}

/// A sheet of one thickness all over, without relief.
WornCloth make_lens_sheet(const Glasses& glasses, const GlassesOptions& options,
                          double frequency_hz) {
  const Mesh& lenses = glasses.lenses;
  const Stack stack = lens_stack(options, frequency_hz);
  WornCloth sheet;
  sheet.outer =
      make_mesh_surface(lenses, std::vector<int32_t>(lenses.triangles.size(), 0), {0, true});
  sheet.face = ScatterTable(stack, roughness_model("off"), frequency_hz);
  sheet.table = std::make_shared<ReflectionTable>(stack, frequency_hz);
  sheet.thickness_m = options.lens_thickness_m;
  // Fields of no strength: their draws do not matter.
  const ThicknessField even(0.0, LatticeNoise(1e-2, 0, RngPurpose::kGlasses, 0), 0.0,
                            SpectralNoise(1e-2, 0, RngPurpose::kGlasses, 0, 0, 1));
  sheet.screen = std::make_shared<ClothScreen>(
      even, ClothRidges{}, std::vector<ClothVertex>(lenses.vertices.size()), lenses.triangles);
  return sheet;
}

}  // namespace

Mesh add_glasses(const Scene& scene, const Person& person, bool has_cloth,
                 std::vector<int32_t>& material, Target& target) {
  THZ_REQUIRE(person.glasses.has_value(), "no glasses to add");
  const double f = scene.imager.beam.frequency_hz;
  Mesh body;
  body.vertices = person.mesh.vertices;
  body.triangles = person.mesh.triangles;
  add_part(body, person.glasses->frame, material, target.materials.size());
  target.materials.emplace_back(frame_stack(person.glasses->frame_kind, f), roughness_model("off"),
                                f);
  if (has_cloth) {
    add_part(body, person.glasses->lenses, material, target.materials.size());
    target.materials.emplace_back(lens_stack(scene.glasses, f), roughness_model("off"), f);
  } else {
    target.cloth = make_lens_sheet(*person.glasses, scene.glasses, f);
  }
  return body;
}

}  // namespace internal

void put_on_glasses(Person& person, const GlassesOptions& options, const Subject& subject,
                    uint64_t seed, uint64_t capture_key) {
  const GlassesDraw draw = draw_glasses(
      options, seed, subject.mean_head ? capture_key : static_cast<uint64_t>(subject.identity));
  if (!draw.worn) return;
  constexpr double kEyeballRadius_m = 0.012;
  std::array<Vec3, 2> corneas_m = person.eye_centres_m;
  if (!person.eye_on_surface) {
    for (Vec3& cornea : corneas_m) cornea.z() += kEyeballRadius_m;
  }
  person.glasses = fit_glasses(person.mesh, corneas_m, options, draw.frame);
}

}  // namespace thz::sim
