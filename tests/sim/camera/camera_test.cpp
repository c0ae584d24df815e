#include "thz/sim/camera.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "shapes.h"

using namespace thz;
using namespace thz::sim;

TEST_CASE("sRGB decodes the ColorChecker's light skin and encodes it back", "[sim][camera]") {
  // Case X04 (IEC 61966-2-1).
  CHECK(srgb_decode(194 / 255.0) == Approx(0.539479489).epsilon(1e-8));
  CHECK(srgb_decode(150 / 255.0) == Approx(0.3049873141).epsilon(1e-8));
  CHECK(srgb_decode(130 / 255.0) == Approx(0.2232279573).epsilon(1e-8));
  for (const double v : {0.0, 0.002, 0.0031, 0.0032, 0.2, 1.0}) {
    // The standard's two rounded thresholds leave a step of 1e-8 between the branches.
    CHECK(srgb_decode(srgb_encode(v)) == Approx(v).margin(1e-7));
  }
  const Rgb light = skin_albedo(1.0);
  CHECK(light[0] == Approx(0.5395).epsilon(1e-4));
  const Rgb dark = skin_albedo(0.0);
  CHECK(dark[0] == Approx(0.1714).epsilon(1e-3));
  CHECK(dark[1] == Approx(0.0844).epsilon(1e-3));
  CHECK(dark[2] == Approx(0.0578).epsilon(1e-3));
  CHECK(skin_albedo(0.5)[0] == Approx(std::sqrt(double{light[0]} * dark[0])).epsilon(1e-6));
}

TEST_CASE("Schlick's Fresnel reflectance of skin has the published value", "[sim][camera]") {
  // Case X05: n = 1.4 at 60 degrees.
  CHECK(normal_reflectance(1.4) == Approx(0.02777777778).epsilon(1e-9));
  CHECK(schlick_fresnel(normal_reflectance(1.4), 0.5) == Approx(0.05815972222).epsilon(1e-9));
  CHECK(schlick_fresnel(0.3, 0.0) == 1.0);
  CHECK(schlick_fresnel(0.3, 1.0) == 0.3);
}

TEST_CASE("a Lambert plate returns rho E cos / pi", "[sim][camera][physics]") {
  const double angle_deg = GENERATE(0.0, 40.0, 75.0);
  CAPTURE(angle_deg);
  const double a = deg_to_rad(angle_deg);
  const VisibleScene scene = scene_of({plate(-1, 1, -1, 1, 0)}, {matte(0.4F)});
  const RgbImage image =
      scene.radiance(test_camera(), one_lamp({std::sin(a), 0.0, std::cos(a)}), 1, 1);
  for (const float value : image[1].data) {
    CHECK(value == Approx(0.4 * kWhiteE * std::cos(a) / kPi).epsilon(1e-5));  // float arithmetic
  }
}

TEST_CASE("lamps add up and colours stay apart", "[sim][camera][physics]") {
  VisibleMaterial material = matte(0.0F);
  material.albedo = {0.8F, 0.4F, 0.2F};
  const VisibleScene scene = scene_of({plate(-1, 1, -1, 1, 0)}, {material});
  VisibleLighting lighting = one_lamp({0, 0, 1});
  lighting.lamps.push_back(lighting.lamps.front());
  lighting.lamps[1].irradiance = {0.0F, static_cast<float>(kPi), 0.0F};
  const RgbImage image = scene.radiance(test_camera(), lighting, 1, 1);
  CHECK(image[0](20, 20) == Approx(0.8).epsilon(1e-5));
  CHECK(image[1](20, 20) == Approx(0.8).epsilon(1e-5));
  CHECK(image[2](20, 20) == Approx(0.2).epsilon(1e-5));
}

TEST_CASE("a shadow lies where the lamp's direction puts it", "[sim][camera][physics]") {
  // A strip over x in [-0.02, 0.02] hangs 0.1 m above a wall; light from 45 degrees at +x moves its
  // shadow by 0.1 m towards -x. The camera sees wall points behind the strip's level undisplaced.
  const VisibleScene scene =
      scene_of({plate(-1, 1, -1, 1, 0), plate(-0.02, 0.02, -1, 1, 0.1)}, {matte(0.5F)});
  VisibleCamera camera = test_camera();
  camera.field_m = {0.4, 0.4};
  const RgbImage image = scene.radiance(camera, one_lamp({1, 0, 1}), 1, 1);
  const double lit = 0.5 * std::cos(deg_to_rad(45.0));
  for (int c = 0; c < 64; ++c) {
    const double x = ((c + 0.5) / 64 - 0.5) * 0.4;
    CAPTURE(x);
    const bool shaded = x > -0.12 + 0.004 && x < -0.08 - 0.004;
    const bool edge = !shaded && x > -0.12 - 0.004 && x < -0.08 + 0.004;
    if (edge) continue;  // within one pixel, 6 mm
    CHECK(image[0](32, c) == Approx(shaded ? 0.0 : lit).margin(1e-5));
  }
}

TEST_CASE("a wide lamp has a penumbra as wide as its disc", "[sim][camera][physics]") {
  // A half-plane x > 0 hangs h = 0.05 m above a wall, the lamp straight above as a disc of tangent
  // 0.4: a wall point at x sees the part of the disc with u < -x / h. In full light at x < -0.02,
  // dark at x > 0.02, and at x = -+0.01 m the disc's share left of -+half its radius.
  const VisibleScene scene =
      scene_of({plate(-1, 1, -1, 1, 0), plate(0.0, 1.0, -1, 1, 0.05)}, {matte(1.0F)});
  VisibleCamera camera = test_camera();
  camera.position_m = {-60.0, 0.0, 60.0};  // looks under the half-plane
  camera.field_m = {0.064, 0.064};
  camera.samples_per_pixel = 16;
  const RgbImage image = scene.radiance(camera, one_lamp({0, 0, 1}, std::atan(0.4)), 1, 1);
  const auto column_mean = [&](int column) {
    double sum = 0.0;
    for (int r = 0; r < 64; ++r) sum += 0.5 * (image[0](r, column - 1) + image[0](r, column));
    return sum / 64;
  };
  // Column 32 starts at x = 0, a column is 1 mm. Share of a disc beyond half its radius:
  // 1/3 - sqrt(3)/(4 pi) = 0.1955. The cosine of 22 degrees at the disc's rim weighs within 7 %;
  // 2048 samples add 1 %.
  CHECK(column_mean(32 - 24) == Approx(0.96).margin(0.04));
  CHECK(column_mean(32 - 10) == Approx(0.96 * 0.8045).margin(0.04));
  CHECK(column_mean(32) == Approx(0.96 * 0.5).margin(0.04));
  CHECK(column_mean(32 + 10) == Approx(0.96 * 0.1955).margin(0.04));
  CHECK(column_mean(32 + 24) == Approx(0.0).margin(1e-6));
}

TEST_CASE("a white convex body vanishes in a white furnace", "[sim][camera][physics]") {
  VisibleMaterial material = matte(1.0F);
  material.f0 = GENERATE(0.0, 0.0278, 0.5);
  material.kind = GENERATE(VisibleKind::kMatte, VisibleKind::kSkin, VisibleKind::kCloth);
  const VisibleScene scene = scene_of({sphere({0, 0, -0.08}, 0.08)}, {material});
  const RgbImage image = scene.radiance(test_camera(), furnace(), 1, 1);
  for (const float value : image[0].data) CHECK(value == Approx(1.0).epsilon(1e-5));
}

TEST_CASE("a grey sphere in a furnace returns its albedo", "[sim][camera][physics]") {
  const VisibleScene scene = scene_of({sphere({0, 0, -0.08}, 0.08)}, {matte(0.3F)});
  const RgbImage image = scene.radiance(test_camera(), furnace(), 1, 1);
  CHECK(image[0](32, 32) == Approx(0.3).epsilon(1e-5));
  CHECK(image[0](0, 0) == 1.0F);  // the wall
}

TEST_CASE("a lit sphere falls off softer in skin and flatter in a knit than by Lambert's law",
          "[sim][camera][physics]") {
  // Seen from the lamp. At the centre skin has (1 + w) / (1 + w)^2 = 1/1.3 of Lambert's radiance.
  const auto profile = [](VisibleKind kind) {
    VisibleMaterial material = matte(1.0F);
    material.kind = kind;
    const VisibleScene scene = scene_of({sphere({0, 0, -0.08}, 0.08)}, {material});
    const RgbImage image = scene.radiance(test_camera(), one_lamp({0, 0, 1}), 1, 1);
    // centre, and at 0.8 of the radius (cos = 0.6)
    return std::array<double, 2>{image[0](32, 32), image[0](32, 32 + 9)};
  };
  const auto lambert = profile(VisibleKind::kMatte);
  const auto skin = profile(VisibleKind::kSkin);
  const auto cloth = profile(VisibleKind::kCloth);
  CHECK(lambert[0] == Approx(1.0).epsilon(1e-2));
  CHECK(skin[0] == Approx(1.0 / 1.3).epsilon(1e-2));
  // Oren & Nayar at normal incidence: A = 1 - 0.5 s^2 / (s^2 + 0.33), s = 0.5.
  CHECK(cloth[0] == Approx(1.0 - 0.125 / 0.58).epsilon(1e-2));
  CHECK(cloth[1] / cloth[0] > lambert[1] / lambert[0]);
  CHECK(skin[1] / skin[0] > lambert[1] / lambert[0]);
}

TEST_CASE("a corner is darker than a plain under the sky, and a bounce lightens it",
          "[sim][camera][physics]") {
  // A vertical wall of albedo rho beside a floor point hides half of the cosine-weighted sky there.
  VisibleObject wall;
  wall.mesh.vertices = {{0, -5, 0}, {0, 5, 0}, {0, 5, 5}, {0, -5, 5}};
  wall.mesh.triangles = {{0, 2, 1}, {0, 3, 2}};
  wall.triangle_material = {1, 1};
  VisibleCamera camera = test_camera();
  camera.position_m = {1.0, 0.0, 6.0};
  camera.field_centre_m = {0.05, 0.0};
  camera.field_m = {0.02, 0.02};
  camera.ambient_rays = 64;
  const auto floor_under = [&](float wall_albedo) {
    const VisibleScene scene =
        scene_of({plate(-5, 5, -5, 5, 0), wall}, {matte(1.0F), matte(wall_albedo)});
    const RgbImage image = scene.radiance(camera, furnace(), 1, 1);
    double sum = 0.0;
    for (const float v : image[0].data) sum += v;
    return sum / static_cast<double>(image[0].size());
  };
  // The wall is 100 times as high as the point is far: a half within 1 %; the sums of 1e6
  // stratified directions add less.
  CHECK(floor_under(0.0F) == Approx(0.5).margin(0.006));
  CHECK(floor_under(0.8F) == Approx(0.5 + 0.5 * 0.8 * 0.5).margin(0.01));
}

TEST_CASE("the picture has +y at the top and +x at the right, from any place of the camera",
          "[sim][camera]") {
  const double offset_m = GENERATE(-0.4, 0.0, 0.25);
  const VisibleScene scene = scene_of({plate(0.10, 0.12, 0.15, 0.17, 0.0)}, {matte(1.0F)});
  VisibleCamera camera = test_camera();
  camera.position_m = {offset_m, 0.1, 6.0};
  const RgbImage image = scene.radiance(camera, one_lamp({0, 0, 1}), 1, 1);
  double sum = 0.0;
  double row = 0.0;
  double col = 0.0;
  for (int r = 0; r < 64; ++r) {
    for (int c = 0; c < 64; ++c) {
      sum += image[0](r, c);
      row += image[0](r, c) * (r + 0.5);
      col += image[0](r, c) * (c + 0.5);
    }
  }
  REQUIRE(sum > 0.0);
  // Centre (0.11, 0.16) of a field of 0.45 m; jittered samples move it by a fraction of a pixel.
  CHECK(col / sum == Approx((0.11 / 0.45 + 0.5) * 64).margin(0.15));
  CHECK(row / sum == Approx((0.5 - 0.16 / 0.45) * 64).margin(0.15));
  CHECK(sum * 0.45 * 0.45 / (64 * 64) == Approx(0.02 * 0.02).epsilon(0.1));  // its area
}

TEST_CASE("a glossy sphere shows the lamp where it mirrors it", "[sim][camera][physics]") {
  VisibleMaterial material = matte(0.0F);
  material.f0 = 0.04;
  material.roughness = 0.1;
  const VisibleScene scene = scene_of({sphere({0, 0, -0.08}, 0.08, 0, 96)}, {material});
  VisibleCamera camera = test_camera();
  const double a = deg_to_rad(60.0);
  const RgbImage image = scene.radiance(camera, one_lamp({std::sin(a), 0.0, std::cos(a)}), 1, 1);
  const auto brightest = std::max_element(image[0].data.begin(), image[0].data.end());
  const auto index = static_cast<int>(brightest - image[0].data.begin());
  // The half vector at 30 degrees: x = 0.08 sin 30 = 0.04 m.
  CHECK((index % 64 + 0.5) / 64 * 0.45 - 0.225 == Approx(0.04).margin(0.007));
  CHECK(0.225 - (index / 64 + 0.5) / 64 * 0.45 == Approx(0.0).margin(0.007));
}
