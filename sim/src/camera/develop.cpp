#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/sim/camera.h"

namespace thz::sim {
namespace {

constexpr uint32_t kSensorStream = 0x20000000;

void require(const char* name, double value, double low, double high) {
  if (!(value >= low && value <= high)) {
    throw_input("visible camera: {} is {}; allowed: {} to {}", name, value, low, high);
  }
}

/// Radiance of a white Lambert plate at the origin that faces the camera:
/// sum of E (n.l) / pi, and the sky's cosine-weighted mean m + (2/3) n_y s.
double white_plate_luminance(const VisibleCamera& camera, const VisibleLighting& lighting) {
  const Vec3 n = camera.position_m.normalized();
  double sum = 0.0;
  for (const Lamp& lamp : lighting.lamps) {
    const double cosine = std::max(0.0, n.dot(lamp.direction.normalized()));
    sum += luminance(lamp.irradiance) * cosine / kPi;
  }
  const double sky = luminance(lighting.sky);
  const double ground = luminance(lighting.ground);
  return sum + 0.5 * (sky + ground) + 0.5 * (sky - ground) * (2.0 / 3.0) * n.y();
}

/// Full-scale noise sigma = 10^(-snr/20), 9/10 of its variance shot noise (proportional to light).
void add_noise(RgbImage& linear, double snr_db, Rng& rng) {
  const double variance = std::pow(10.0, -snr_db / 10.0);
  for (ImageF& plane : linear) {
    for (float& value : plane.data) {
      const double light = std::max(0.0F, value);
      const double sigma = std::sqrt(variance * (0.1 + 0.9 * light));
      value = static_cast<float>(value + sigma * rng.normal());
    }
  }
}

ImageF reduce_by_area(const ImageF& image, int size) {
  const int factor = image.rows / size;
  ImageF out(size, size);
  for (int r = 0; r < size; ++r) {
    for (int c = 0; c < size; ++c) {
      double sum = 0.0;
      for (int y = 0; y < factor; ++y) {
        for (int x = 0; x < factor; ++x) sum += image(r * factor + y, c * factor + x);
      }
      out(r, c) = static_cast<float>(sum / (factor * factor));
    }
  }
  return out;
}

float encode(double linear) {
  return static_cast<float>(srgb_encode(std::clamp(linear, 0.0, 1.0)));
}

}  // namespace

void VisibleCamera::validate() const {
  if (!position_m.allFinite() || !(position_m.z() > 0.0)) {
    throw_input("visible camera: position_m has z = {} m; allowed: finite, above 0",
                position_m.z());
  }
  require("field_m along x", field_m.x(), 0.01, 10.0);
  require("field_m along y", field_m.y(), 0.01, 10.0);
  require("field_centre_m along x", field_centre_m.x(), -10.0, 10.0);
  require("field_centre_m along y", field_centre_m.y(), -10.0, 10.0);
  require("render_size", render_size, 4, 4096);
  if (render_size % 4 != 0) {
    throw_input("visible camera: render_size is {}; allowed: a multiple of 4", render_size);
  }
  if (output_size < 1 || render_size % output_size != 0) {
    throw_input("visible camera: output_size is {}; allowed: a divisor of render_size, {}",
                output_size, render_size);
  }
  if (samples_per_pixel != 1 && samples_per_pixel != 4 && samples_per_pixel != 16) {
    throw_input("visible camera: samples_per_pixel is {}; allowed: 1, 4 or 16", samples_per_pixel);
  }
  require("ambient_rays", ambient_rays, 0, 64);
  require("white_level", white_level, 0.01, 10.0);
  require("snr_db", snr_db, 0.0, 120.0);
}

VisiblePicture develop_picture(const RgbImage& radiance, const VisibleCamera& camera,
                               const VisibleLighting& lighting, uint64_t seed, uint64_t entity) {
  camera.validate();
  for (const ImageF& plane : radiance) {
    THZ_REQUIRE(plane.rows == camera.render_size && plane.cols == camera.render_size,
                "the radiance was rendered for another camera");
  }
  const double metered = white_plate_luminance(camera, lighting);
  if (!(metered > 0.0)) {
    throw_input("no light falls on the subject from the camera's side; a lamp or sky is needed");
  }
  RgbImage linear = radiance;
  const auto exposure = static_cast<float>(camera.white_level / metered);
  for (ImageF& plane : linear) {
    for (float& value : plane.data) value *= exposure;
  }
  if (camera.snr_db > 0.0) {
    Rng rng(seed, RngPurpose::kCamera, entity, kSensorStream);
    add_noise(linear, camera.snr_db, rng);
  }
  VisiblePicture picture;
  const int size = camera.output_size;
  for (std::size_t k = 0; k < 3; ++k) picture.rgb[k] = reduce_by_area(linear[k], size);
  picture.grey = ImageF(size, size);
  for (std::size_t i = 0; i < picture.grey.size(); ++i) {
    const Rgb colour{picture.rgb[0].data[i], picture.rgb[1].data[i], picture.rgb[2].data[i]};
    picture.grey.data[i] = encode(luminance(colour));
    for (std::size_t k = 0; k < 3; ++k) picture.rgb[k].data[i] = encode(colour[k]);
  }
  return picture;
}

VisiblePicture take_visible_picture(const VisibleScene& scene, const VisibleCamera& camera,
                                    const VisibleLighting& lighting, uint64_t seed, uint64_t entity,
                                    int threads) {
  return develop_picture(scene.radiance(camera, lighting, seed, entity, threads), camera, lighting,
                         seed, entity);
}

}  // namespace thz::sim
