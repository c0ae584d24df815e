#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "thz/core/image.h"
#include "thz/core/mesh.h"
#include "thz/core/rng.h"

/// An ordinary camera beside the imager: the dressed mesh in visible light (docs/theory/camera.md).
/// Light is linear RGB (primaries of IEC 61966-2-1); a radiance of 1 is what a white Lambert plate
/// returns under an irradiance of pi.
namespace thz::sim {

using Rgb = std::array<float, 3>;  // linear red, green, blue

// --- Kernels -----------------------------------------------------------------------------------

/// F = F0 + (1 - F0)(1 - cos)^5. Schlick, Computer Graphics Forum 13(3), 1994, eq. (15).
/// @param cos_incidence  in [0, 1].
double schlick_fresnel(double f0, double cos_incidence);
/// F0 = ((n - 1)/(n + 1))^2 of a dielectric with real refractive index n.
double normal_reflectance(double refractive_index);
/// Linear light to sRGB and back, IEC 61966-2-1; values in [0, 1].
double srgb_encode(double linear);
double srgb_decode(double encoded);
/// Relative luminance of linear light, ITU-R BT.709: 0.2126 R + 0.7152 G + 0.0722 B.
double luminance(const Rgb& linear);

// --- Surfaces ----------------------------------------------------------------------------------

enum class VisibleKind : uint8_t {
  kMatte,  ///< Lambert diffuse
  kSkin,   ///< wrapped diffuse, (n.l + 0.3) / 1.3^2: light bleeds past the terminator
  kCloth,  ///< Oren-Nayar diffuse, fibre slopes of 0.5 rad: flat to the limb
  kHair,   ///< Lambert diffuse with streaks fixed to the surface
  kEye,    ///< sclera, with iris and pupil drawn about the gaze
};

struct VisibleMaterial {
  Rgb albedo{0.5F, 0.5F, 0.5F};  ///< each in [0, 1]
  double roughness = 0.4;        ///< GGX alpha, in [0.02, 1]
  double f0 = 0.0278;            ///< reflectance at normal incidence, in [0, 1]; 0.0278 is n = 1.4
  VisibleKind kind = VisibleKind::kMatte;
  Rgb iris{0.05F, 0.03F, 0.02F};  ///< of kEye only
};

/// A mesh placed in the world. `triangle_material` holds one index into the scene's materials for
/// each triangle. `vertex_normals` may be empty: then the area-weighted mean of the triangles'.
struct VisibleObject {
  Mesh mesh;
  std::vector<uint8_t> triangle_material;
  std::vector<Vec3> vertex_normals;
  /// Empty, or one a vertex, each in [0, 1]: replaces the materials' albedo, except that of eyes.
  std::vector<Rgb> vertex_albedo;
  /// Empty, or how far a vertex is eye, 0 to 1: blends eyes into their lids where colours are
  /// given.
  std::vector<float> eye_share;
  /// What the albedo is multiplied by at a vertex, in [0, 1]; empty: 1 everywhere.
  std::vector<float> vertex_shade;
  Vec3 gaze{0.0, 0.0, 1.0};  ///< where eyes look, world axes; used by triangles of kind kEye
  /// Centres of the eyeballs, world axes (12 mm behind the front of the eye). Empty: spheres fitted
  /// to the connected parts of kEye, which needs a good part of each sphere.
  std::vector<Vec3> eye_centres_m;
};

/// What differs between people, for `default_visible_materials`.
struct VisibleAppearance {
  Rgb skin{0.539F, 0.305F, 0.223F};
  Rgb hair{0.06F, 0.04F, 0.03F};
  Rgb iris{0.05F, 0.03F, 0.02F};
  Rgb cloth{0.05F, 0.05F, 0.06F};
  Rgb lips{0.43F, 0.16F, 0.12F};
};

/// Turns the share `grey` of the hairs of a look to the grey of unpigmented hair.
/// @param grey  in [0, 1].
void turn_grey(double grey, VisibleAppearance& look);

/// Skin albedo from dark (tone 0) to light (tone 1): geometric between the ColorChecker patches
/// "dark skin", sRGB (115, 82, 68), and "light skin", sRGB (194, 150, 130).
/// @param tone  in [0, 1].
Rgb skin_albedo(double tone);
/// Draws tone, hair, iris and cloth of a person, skin times 0.8 to 1.2.
VisibleAppearance draw_appearance(Rng& rng);
/// One material a name, in order: "skin", "lips", "eye", "brow", "hair", "cloth".
/// @throws thz::InputError for any other name.
std::vector<VisibleMaterial> default_visible_materials(const std::vector<std::string>& names,
                                                       const VisibleAppearance& appearance);

// --- Light and camera --------------------------------------------------------------------------

/// A far disc of light.
struct Lamp {
  Vec3 direction{0.0, 0.0, 1.0};                 ///< unit vector from the subject towards the lamp
  Rgb irradiance{3.14159F, 3.14159F, 3.14159F};  ///< on a surface that faces it
  double angular_radius_rad = 0.08;              ///< in [0, 0.7]; softens shadows
};

struct VisibleLighting {
  std::vector<Lamp> lamps;           ///< at most 8; all light finite, not negative
  Rgb sky{0.0F, 0.0F, 0.0F};         ///< radiance from above (+y) ...
  Rgb ground{0.0F, 0.0F, 0.0F};      ///< ... and from below, linear in the y of the direction
  Rgb background{0.0F, 0.0F, 0.0F};  ///< radiance of the wall the camera sees behind the subject
};

/// One to three lamps (a key in front and above, perhaps a fill and a rim), soft room light and a
/// wall.
/// @param variation  in [0, 1]: 0 is one fixed studio, 1 changes sides, strengths, colours and
/// walls.
VisibleLighting draw_lighting(Rng& rng, double variation = 1.0);

/// A pinhole whose picture frames the rectangle `field_m` around `field_centre_m` in the plane z =
/// 0 exactly (a shifted lens, so that the picture registers with the radar's field wherever it
/// stands).
struct VisibleCamera {
  Vec3 position_m{0.25, 0.0, 6.0};
  Vec2 field_m{0.45, 0.45};
  Vec2 field_centre_m{0.0, 0.0};
  int render_size = 128;      ///< sensor pixels a side, a multiple of 4
  int output_size = 64;       ///< divides render_size
  int samples_per_pixel = 4;  ///< 1, 4 or 16: jittered squares, one shadow ray a lamp for each
  int ambient_rays = 3;       ///< a sample, in [0, 64]; cosine-weighted, one bounce
  /// Linear value of a white Lambert plate that faces the camera; the rest is metered from the
  /// lamps.
  double white_level = 1.0;
  /// Amplitude ratio of full scale to its noise, 20 log10(signal / sigma) (EMVA 1288); a tenth of
  /// the variance is read noise, the rest shot noise. 0 switches noise off.
  double snr_db = 40.0;

  /// @throws thz::InputError naming the field, its value and what is allowed.
  void validate() const;
};

// --- Rendering ---------------------------------------------------------------------------------

/// Linear radiance, planes red, green, blue.
using RgbImage = std::array<ImageF, 3>;

/// Meshes and materials behind a ray tracer of their own, built once, lit as often as wanted.
class VisibleScene {
 public:
  /// @throws thz::InputError for an index out of range, a value that is not finite, a material out
  /// of its range, or no triangles at all.
  VisibleScene(std::vector<VisibleObject> objects, std::vector<VisibleMaterial> materials);
  ~VisibleScene();
  VisibleScene(VisibleScene&&) noexcept;
  VisibleScene& operator=(VisibleScene&&) noexcept;

  /// Radiance that reaches the sensor, render_size squared, before exposure and noise:
  ///   L = sum over lamps of f (n.l) E V + rho times sky light over open directions
  ///       + one bounce where a direction is blocked.
  /// Bit-identical for any number of threads (0: all).
  RgbImage radiance(const VisibleCamera& camera, const VisibleLighting& lighting, uint64_t seed,
                    uint64_t entity, int threads = 0) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct VisiblePicture {
  ImageF grey;   ///< output_size squared, sRGB-encoded luminance, [0, 1]
  RgbImage rgb;  ///< output_size squared, sRGB-encoded, [0, 1]
};

/// Exposure -> sensor noise -> area reduction to output_size -> sRGB.
/// @param radiance  from VisibleScene::radiance with the same camera and lighting.
VisiblePicture develop_picture(const RgbImage& radiance, const VisibleCamera& camera,
                               const VisibleLighting& lighting, uint64_t seed, uint64_t entity);

/// Both steps. Streams are keyed by (seed, kCamera, entity) with sub-entities from 2^28 on, so
/// those below are free for the caller's own draws; `entity` names the capture.
VisiblePicture take_visible_picture(const VisibleScene& scene, const VisibleCamera& camera,
                                    const VisibleLighting& lighting, uint64_t seed, uint64_t entity,
                                    int threads = 0);

}  // namespace thz::sim
