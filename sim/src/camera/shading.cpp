#include "shading.h"

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim {

double schlick_fresnel(double f0, double cos_incidence) {
  THZ_REQUIRE(cos_incidence >= 0.0 && cos_incidence <= 1.0, "cos_incidence is in [0, 1]");
  return f0 + (1.0 - f0) * std::pow(1.0 - cos_incidence, 5.0);
}

double normal_reflectance(double refractive_index) {
  const double r = (refractive_index - 1.0) / (refractive_index + 1.0);
  return r * r;
}

double srgb_encode(double linear) {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1.0 / 2.4) - 0.055;
}

double srgb_decode(double encoded) {
  return encoded <= 0.04045 ? encoded / 12.92 : std::pow((encoded + 0.055) / 1.055, 2.4);
}

double luminance(const Rgb& linear) {
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

namespace internal {
namespace {

constexpr float kPiF = static_cast<float>(kPi);
// Subsurface light past the terminator. The cosine (n.l + w)/(1 + w) integrates over directions to
// pi (1 + w), more than came in; one more 1 / (1 + w) restores the balance.
constexpr float kWrap = 0.3F;
// Spread of fibre slopes of a knit, rad (Oren & Nayar, SIGGRAPH '94, qualitative model).
constexpr float kClothSlope = 0.5F;

float fifth_power(float x) { return x * x * x * x * x; }

float oren_nayar(const Vec3f& n, const Vec3f& v, const Vec3f& l, float n_v, float n_l) {
  constexpr float kS2 = kClothSlope * kClothSlope;
  constexpr float kA = 1.0F - 0.5F * kS2 / (kS2 + 0.33F);
  constexpr float kB = 0.45F * kS2 / (kS2 + 0.09F);
  const Vec3f v_flat = v - n_v * n;
  const Vec3f l_flat = l - n_l * n;
  // cos(dphi) sin(alpha) tan(beta) = (v_flat . l_flat) / max(n_v, n_l)
  const float s = v_flat.dot(l_flat);
  return kA + (s > 0.0F ? kB * s / std::max({n_v, n_l, 1e-3F}) : 0.0F);
}

}  // namespace

float specular_lobe(float alpha, float f0, float n_h, float n_l, float n_v, float v_h) {
  const float a2 = alpha * alpha;
  const float d = n_h * n_h * (a2 - 1.0F) + 1.0F;
  const float distribution = a2 / (kPiF * d * d);
  const float fresnel = f0 + (1.0F - f0) * fifth_power(1.0F - v_h);
  const float k = 0.5F * alpha;
  // G / (4 (n.l)(n.v)) with the cosines cancelled
  const float visibility = 0.25F / ((n_l * (1.0F - k) + k) * (n_v * (1.0F - k) + k));
  return distribution * fresnel * visibility;
}

float specular_share(const Surface& surface, float n_v) {
  if (surface.f0 <= 0.0F) return 0.0F;
  const float grazing = std::max(1.0F - surface.roughness, surface.f0);
  return surface.f0 + (grazing - surface.f0) * fifth_power(1.0F - n_v);
}

Vec3f reflected(const Surface& surface, const Vec3f& to_viewer, const Vec3f& to_light) {
  const Vec3f& n = surface.normal;
  const float n_l = n.dot(to_light);
  const float n_v = std::clamp(n.dot(to_viewer), 1e-3F, 1.0F);
  float diffuse = std::max(0.0F, n_l);
  if (surface.kind == VisibleKind::kSkin) {
    diffuse = std::max(0.0F, n_l + kWrap) / ((1.0F + kWrap) * (1.0F + kWrap));
  } else if (surface.kind == VisibleKind::kCloth && n_l > 0.0F) {
    diffuse *= oren_nayar(n, to_viewer, to_light, n_v, n_l);
  }
  const float kept = (1.0F - specular_share(surface, n_v)) * diffuse / kPiF;
  Vec3f out = kept * surface.albedo;
  if (surface.f0 > 0.0F && n_l > 0.0F) {
    const Vec3f h = (to_viewer + to_light).normalized();
    const float n_h = std::clamp(n.dot(h), 0.0F, 1.0F);
    const float v_h = std::clamp(to_viewer.dot(h), 0.0F, 1.0F);
    out.array() += n_l * specular_lobe(surface.roughness, surface.f0, n_h, n_l, n_v, v_h);
  }
  return out;
}

}  // namespace internal
}  // namespace thz::sim
