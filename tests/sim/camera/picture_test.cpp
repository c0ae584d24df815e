#include <Eigen/Geometry>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "shapes.h"
#include "thz/core/error.h"
#include "thz/sim/camera.h"

using namespace thz;
using namespace thz::sim;

TEST_CASE("the eye has a dark pupil, an iris and a white where it looks", "[sim][camera]") {
  VisibleAppearance look;
  look.iris = {0.1F, 0.1F, 0.1F};
  const auto materials = default_visible_materials({"eye"}, look);
  VisibleObject eye = sphere({0.0, 0.0, -0.012}, 0.012);
  VisibleCamera camera = test_camera();
  camera.field_m = {0.03, 0.03};
  const auto look_at = [&](const Vec3& gaze) {
    eye.gaze = gaze;
    VisibleLighting sky = furnace();
    return scene_of({eye}, materials).radiance(camera, sky, 1, 1)[1];
  };
  const ImageF ahead = look_at({0, 0, 1});
  const auto at = [&](const ImageF& image, double x_m) {
    return image(32, static_cast<int>((x_m / 0.03 + 0.5) * 64));
  };
  CHECK(at(ahead, 0.0) < 0.05);
  CHECK(at(ahead, 0.0035) == Approx(0.13).margin(0.03));
  CHECK(at(ahead, 0.0085) > 0.4);  // the sclera, 0.43
  const ImageF aside = look_at({1, 0, 1});
  CHECK(at(aside, 0.0) > 0.4);
  CHECK(at(aside, 0.0085) < 0.05);
  // A given centre overrides the fitted one: seen from 3 mm further left the pupil moves left.
  eye.eye_centres_m = {{-0.003, 0.0, -0.012}};
  const ImageF moved = look_at({0, 0, 1});
  CHECK(at(moved, -0.003) < 0.05);
  CHECK(at(moved, 0.0005) > 0.05);
}

TEST_CASE("a picture is the same for any number of threads and moves with its seed",
          "[sim][camera]") {
  const VisibleScene scene = scene_of({sphere({0, 0, -0.08}, 0.08), plate(-1, 1, -1, 1, -0.3)},
                                      default_visible_materials({"skin"}, {}));
  Rng rng(7, RngPurpose::kCamera, 3);
  const VisibleLighting lighting = draw_lighting(rng);
  const VisibleCamera camera;
  const auto one = take_visible_picture(scene, camera, lighting, 7, 3, 1);
  const auto three = take_visible_picture(scene, camera, lighting, 7, 3, 3);
  const auto other = take_visible_picture(scene, camera, lighting, 7, 4, 1);
  CHECK(one.grey.data == three.grey.data);
  CHECK(one.rgb[2].data == three.rgb[2].data);
  CHECK(one.grey.data != other.grey.data);
}

TEST_CASE("a white plate comes out at the metered level, with the stated noise", "[sim][camera]") {
  const VisibleScene scene = scene_of({plate(-1, 1, -1, 1, 0)}, {matte(1.0F)});
  VisibleCamera camera;
  camera.position_m = {0.0, 0.0, 6.0};
  camera.white_level = GENERATE(0.5, 0.05);
  camera.snr_db = 40.0;
  VisibleLighting lighting = one_lamp({0.3, 0.4, 1.0});
  lighting.lamps[0].irradiance = {9.0F, 9.0F, 9.0F};
  lighting.sky = lighting.ground = {0.2F, 0.2F, 0.2F};
  const VisiblePicture picture = take_visible_picture(scene, camera, lighting, 1, 1);
  REQUIRE(picture.grey.rows == 64);
  double mean = 0.0;
  double square = 0.0;
  for (const float g : picture.rgb[0].data) {
    const double linear = srgb_decode(g);
    mean += linear;
    square += linear * linear;
  }
  const double n = 64.0 * 64.0;
  mean /= n;
  // Variance 1e-4 (0.1 + 0.9 signal) a sensor pixel, a quarter of it after 2 x 2; 4096 samples give
  // the deviation within 1.1 % (one sigma).
  const double sigma = std::sqrt(1e-4 * (0.1 + 0.9 * camera.white_level) / 4.0);
  CHECK(mean == Approx(camera.white_level).margin(5.0 * sigma / 64.0));
  CHECK(std::sqrt(square / n - mean * mean) == Approx(sigma).epsilon(0.05));
}

TEST_CASE("the meter reads a sky that is lighter than the ground", "[sim][camera][physics]") {
  // A white plate that faces a camera above the axis, so that it sees more sky than ground.
  VisibleCamera camera;
  camera.position_m = {0.0, 6.0, 6.0};
  camera.field_m = {0.1, 0.1};
  camera.white_level = 0.5;
  camera.snr_db = 0.0;
  VisibleObject object = plate(-1, 1, -1, 1, 0);
  const Mat3 tilt = Eigen::AngleAxisd(-kPi / 4.0, Vec3::UnitX()).toRotationMatrix();
  for (Vec3& v : object.mesh.vertices) v = tilt * v;
  VisibleLighting lighting;
  lighting.sky = {1.0F, 1.0F, 1.0F};
  lighting.ground = {0.2F, 0.2F, 0.2F};
  const auto picture =
      take_visible_picture(scene_of({object}, {matte(1.0F)}), camera, lighting, 1, 1);
  double mean = 0.0;
  for (const float g : picture.grey.data) mean += srgb_decode(g) / (64.0 * 64.0);
  // 2e5 directions of a radiance that spreads by 0.1: well within 0.1 %.
  CHECK(mean == Approx(0.5).epsilon(2e-3));
}

TEST_CASE("coarse facets throw no shadow on their own smooth surface", "[sim][camera]") {
  const VisibleScene scene = scene_of({sphere({0, 0, -0.08}, 0.08, 0, 8)}, {matte(1.0F)});
  const Vec3 light = Vec3(1.0, 0.0, 0.6).normalized();
  VisibleCamera camera = test_camera();
  camera.field_m = {0.16, 0.16};
  const RgbImage image = scene.radiance(camera, one_lamp(light), 1, 1);
  for (int r = 0; r < 64; ++r) {
    for (int c = 0; c < 64; ++c) {
      const double x = ((c + 0.5) / 64 - 0.5) * 2.0;
      const double y = (0.5 - (r + 0.5) / 64) * 2.0;
      if (x * x + y * y > 0.7) continue;  // the polyhedron's outline lies inside the sphere's
      const double n_l = light.dot(Vec3(x, y, std::sqrt(1.0 - x * x - y * y)));
      // The terminator lies in the ring of facets at 22 to 45 degrees, whose normals, at 34, face
      // away by 3: left to themselves they would be dark up to n.l = 0.15.
      if (n_l > 0.08) {
        CAPTURE(x, y, n_l);
        CHECK(image[0](r, c) > 0.5 * n_l);
      }
    }
  }
}

TEST_CASE("what cannot be rendered is refused by name", "[sim][camera]") {
  VisibleObject good = plate(-1, 1, -1, 1, 0);
  CHECK_THROWS_AS(scene_of({}, {matte(1)}), InputError);
  VisibleObject bad = good;
  bad.mesh.triangles[1] = {0, 2, 4};
  CHECK_THROWS_WITH(scene_of({bad}, {matte(1)}), Catch::Contains("vertex 4"));
  bad = good;
  bad.mesh.vertices[2].x() = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(scene_of({bad}, {matte(1)}), Catch::Contains("vertex 2"));
  bad = good;
  bad.triangle_material = {0};
  CHECK_THROWS_AS(scene_of({bad}, {matte(1)}), InputError);
  bad.triangle_material = {0, 3};
  CHECK_THROWS_WITH(scene_of({bad}, {matte(1)}), Catch::Contains("material 3"));
  CHECK_THROWS_WITH(scene_of({good}, {matte(1.5F)}), Catch::Contains("albedo"));
  CHECK_THROWS_WITH(default_visible_materials({"skin", "fur"}, {}), Catch::Contains("fur"));
  VisibleCamera camera;
  camera.samples_per_pixel = 5;
  CHECK_THROWS_WITH(camera.validate(), Catch::Contains("samples_per_pixel"));
  camera = VisibleCamera{};
  camera.output_size = 60;
  CHECK_THROWS_AS(camera.validate(), InputError);
  const VisibleScene scene = scene_of({good}, {matte(1)});
  CHECK_THROWS_WITH(take_visible_picture(scene, VisibleCamera{}, VisibleLighting{}, 1, 1),
                    Catch::Contains("no light"));
}
