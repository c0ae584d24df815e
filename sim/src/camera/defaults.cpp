#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/sim/camera.h"
#include "thz/sim/head_paint.h"

namespace thz::sim {
namespace {

Rgb from_srgb8(int r, int g, int b) {
  return {static_cast<float>(srgb_decode(r / 255.0)), static_cast<float>(srgb_decode(g / 255.0)),
          static_cast<float>(srgb_decode(b / 255.0))};
}

Rgb times(const Rgb& c, double r, double g, double b) {
  return {static_cast<float>(std::min(1.0, c[0] * r)), static_cast<float>(std::min(1.0, c[1] * g)),
          static_cast<float>(std::min(1.0, c[2] * b))};
}

Rgb times(const Rgb& c, double factor) { return times(c, factor, factor, factor); }

Rgb blend(const Rgb& from, const Rgb& to, double share) {
  const auto s = static_cast<float>(std::min(1.0, std::max(0.0, share)));
  Rgb out;
  for (std::size_t k = 0; k < 3; ++k) out[k] = (1.0F - s) * from[k] + s * to[k];
  return out;
}

/// From the subject: azimuth from +z towards +x, elevation towards +y.
Vec3 direction_from(double azimuth_deg, double elevation_deg) {
  const double a = deg_to_rad(azimuth_deg);
  const double e = deg_to_rad(elevation_deg);
  return {std::cos(e) * std::sin(a), std::sin(e), std::cos(e) * std::cos(a)};
}

Lamp make_lamp(double azimuth_deg, double elevation_deg, double strength, double radius_rad,
               double warmth) {
  Lamp lamp;
  lamp.direction = direction_from(azimuth_deg, elevation_deg);
  lamp.irradiance = times(Rgb{1.0F, 1.0F, 1.0F}, 1.0);
  for (std::size_t k = 0; k < 3; ++k) {
    // warmth > 0 shifts light from blue to red at constant green
    lamp.irradiance[k] =
        static_cast<float>(kPi * strength * (1.0 + warmth * (1.0 - static_cast<double>(k))));
  }
  lamp.angular_radius_rad = radius_rad;
  return lamp;
}

VisibleMaterial make(const Rgb& albedo, double roughness, double f0, VisibleKind kind) {
  VisibleMaterial material;
  material.albedo = albedo;
  material.roughness = roughness;
  material.f0 = f0;
  material.kind = kind;
  return material;
}

VisibleMaterial material_named(const std::string& name, const VisibleAppearance& look) {
  const double skin_f0 = normal_reflectance(1.4);
  if (name == "skin") return make(look.skin, 0.45, skin_f0, VisibleKind::kSkin);
  if (name == "lips") return make(look.lips, 0.35, skin_f0, VisibleKind::kSkin);
  if (name == "eye") {
    // A clean sclera has 0.7; veins, tears and the shade of lashes, which no mesh here has, take
    // off.
    VisibleMaterial eye =
        make({0.45F, 0.43F, 0.41F}, 0.06, normal_reflectance(1.376), VisibleKind::kEye);
    eye.iris = look.iris;
    return eye;
  }
  if (name == "brow") {
    // Hairs cover the skin by about four fifths.
    Rgb mixed = times(look.hair, 0.8);
    for (std::size_t k = 0; k < 3; ++k) mixed[k] += 0.2F * look.skin[k];
    return make(mixed, 0.9, skin_f0, VisibleKind::kHair);
  }
  if (name == "hair") return make(look.hair, 0.85, skin_f0, VisibleKind::kHair);
  if (name == "cloth") return make(look.cloth, 0.9, 0.02, VisibleKind::kCloth);
  if (name == "metal-frame") return make({0.30F, 0.30F, 0.31F}, 0.35, 0.5, VisibleKind::kCloth);
  if (name == "plastic-frame") {
    return make({0.03F, 0.03F, 0.03F}, 0.25, normal_reflectance(1.5), VisibleKind::kCloth);
  }
  throw_input(
      "'{}' is not a visible material; allowed: skin, lips, eye, brow, hair, cloth, metal-frame, "
      "plastic-frame",
      name);
}

}  // namespace

Rgb skin_albedo(double tone) {
  THZ_REQUIRE(tone >= 0.0 && tone <= 1.0, "a skin tone is in [0, 1]");
  const Rgb dark = from_srgb8(115, 82, 68);
  const Rgb light = from_srgb8(194, 150, 130);
  Rgb out;
  for (std::size_t k = 0; k < 3; ++k) {
    out[k] = static_cast<float>(dark[k] * std::pow(static_cast<double>(light[k]) / dark[k], tone));
  }
  return out;
}

VisibleAppearance draw_appearance(Rng& rng) {
  VisibleAppearance look;
  const double tone = rng.uniform();
  look.skin = times(skin_albedo(tone), rng.uniform(0.8, 1.2));
  // Hair from black to blond, the light shades only with light skin; grey values 0.02 to 0.15.
  const double depth = rng.uniform();
  const double shade = 0.02 * std::pow(7.5, depth * rng.uniform(0.2, 0.2 + 0.8 * tone));
  look.hair = times(Rgb{1.25F, 0.95F, 0.7F}, shade);
  // Red hair, one in twenty of the lighter.
  if (rng.uniform() < 0.08 * tone) look.hair = times(Rgb{2.2F, 0.85F, 0.4F}, std::max(shade, 0.04));
  const double light_eye = rng.uniform() * tone;
  look.iris = {static_cast<float>(0.04 + 0.08 * light_eye),
               static_cast<float>(0.025 + 0.13 * light_eye),
               static_cast<float>(0.015 + 0.16 * light_eye)};
  // Lips: haemoglobin takes green and blue.
  const double red = rng.uniform(0.0, 1.0);
  look.lips = times(look.skin, 0.92 - 0.06 * red, 0.74 - 0.22 * red, 0.74 - 0.2 * red);
  const double cloth = 0.02 * std::pow(25.0, rng.uniform());
  look.cloth = times(Rgb{1.0F, 1.0F, 1.0F}, cloth);
  return look;
}

void turn_grey(double grey, VisibleAppearance& look) {
  THZ_REQUIRE(grey >= 0.0 && grey <= 1.0, "a share of grey hair is in [0, 1]");
  constexpr Rgb kUnpigmented{0.36F, 0.35F, 0.33F};
  look.hair = blend(look.hair, kUnpigmented, grey);
}

Rgb painted_albedo(const HeadPaint& paint, const VisibleAppearance& look) {
  Rgb c = look.skin;
  c = blend(c, times(c, 1.06, 0.80, 0.78), static_cast<double>(paint.flush) * 0.6);
  c = blend(c, look.lips, static_cast<double>(paint.lips));
  // A brow lets a fifth of the skin through; stubble more.
  c = blend(c, look.hair, 0.8 * static_cast<double>(paint.brow));
  c = blend(c, times(look.hair, 0.9), 0.85 * static_cast<double>(paint.beard));
  c = blend(c, look.hair, static_cast<double>(paint.hair));
  return blend(c, times(c, 0.12), 0.85 * static_cast<double>(paint.dark));
}

std::vector<VisibleMaterial> default_visible_materials(const std::vector<std::string>& names,
                                                       const VisibleAppearance& appearance) {
  std::vector<VisibleMaterial> materials;
  materials.reserve(names.size());
  for (const std::string& name : names) materials.push_back(material_named(name, appearance));
  return materials;
}

VisibleLighting draw_lighting(Rng& rng, double variation) {
  THZ_REQUIRE(variation >= 0.0 && variation <= 1.0, "the variation of light is in [0, 1]");
  // Each value is its middle plus a draw; all draws are made whatever the variation.
  const auto around = [&](double middle, double half_width) {
    return middle + variation * half_width * rng.uniform(-1.0, 1.0);
  };
  const double warmth = around(0.0, 0.06);
  VisibleLighting lighting;
  const double key_azimuth_deg =
      around(30.0, 25.0) * (rng.uniform() < 0.5 * variation ? -1.0 : 1.0);
  lighting.lamps.push_back(
      make_lamp(key_azimuth_deg, around(35.0, 12.0), 1.0, around(0.10, 0.05), warmth));
  const double side = key_azimuth_deg > 0.0 ? -1.0 : 1.0;
  const Lamp fill = make_lamp(side * around(45.0, 15.0), around(12.0, 10.0), around(0.35, 0.2),
                              around(0.2, 0.1), -0.5 * warmth);
  if (rng.uniform() < 1.0 - 0.3 * variation) lighting.lamps.push_back(fill);
  const Lamp rim = make_lamp(side * around(135.0, 15.0), around(35.0, 15.0), around(0.7, 0.3),
                             around(0.1, 0.05), 0.0);
  if (rng.uniform() < 0.4 * variation) lighting.lamps.push_back(rim);
  const double room = around(0.28, 0.13);
  lighting.sky = times(Rgb{0.97F, 1.0F, 1.03F}, room);
  lighting.ground = times(Rgb{1.0F, 0.97F, 0.92F}, 0.45 * room);
  lighting.background = times(Rgb{1.0F, 1.0F, 1.0F}, std::pow(10.0, around(-0.75, 0.4)));
  return lighting;
}

}  // namespace thz::sim
