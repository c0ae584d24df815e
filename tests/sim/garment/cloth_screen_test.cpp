// Local thickness and water of worn cloth: hem, seam, stretch and the damp patch.
#include "thz/sim/cloth_screen.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "support/flat_cloth.h"
#include "test_head.h"
#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;
using thz::test::TestHead;

namespace {

constexpr double kThickness_m = 2e-3;

/// Nothing but what the options say: no noise, no hem, no seam, no stretch, no water.
GarmentOptions plain() {
  GarmentOptions options;
  options.stitch_thickness_rms = options.fold_thickness_rms = 0.0;
  options.hem_width_m = 0.0;
  options.seam = GarmentSeam::kNone;
  options.stretch = 0.0;
  options.damp_kg_m2 = 0.0;
  return options;
}

GarmentShell dressed(const GarmentOptions& options, uint64_t capture = 0) {
  static const Mesh mesh = TestHead::mesh();
  HeadShape head;
  head.mesh = &mesh;
  return BalaclavaForm(head, options).dress(kThickness_m, 3, capture);
}

/// The cloth at the middles of the shell's triangles.
struct Places {
  std::vector<Vec3> point_m;
  std::vector<ClothScreen::State> state;

  explicit Places(const GarmentShell& shell) {
    for (std::size_t t = 0; t < shell.outer.triangles.size(); ++t) {
      Vec3 middle = Vec3::Zero();
      for (const int32_t v : shell.outer.triangles[t]) {
        middle += shell.outer.vertices[static_cast<std::size_t>(v)] / 3.0;
      }
      point_m.push_back(middle);
      state.push_back(shell.screen.at(static_cast<int32_t>(t), 1.0 / 3.0, 1.0 / 3.0, middle));
    }
  }
};

/// Points a third of a millimetre apart along all edges of one triangle only.
std::vector<Vec3> rim_points(const Mesh& mesh) {
  std::map<std::pair<int32_t, int32_t>, int> count;
  for (const auto& t : mesh.triangles) {
    for (std::size_t i = 0; i < 3; ++i) ++count[std::minmax(t[i], t[(i + 1) % 3])];
  }
  std::vector<Vec3> points;
  for (const auto& [edge, triangles] : count) {
    if (triangles != 1) continue;
    const Vec3& a = mesh.vertices[static_cast<std::size_t>(edge.first)];
    const Vec3& b = mesh.vertices[static_cast<std::size_t>(edge.second)];
    for (int i = 0; i <= 16; ++i) points.push_back(a + i / 16.0 * (b - a));
  }
  return points;
}

double distance_to(const std::vector<Vec3>& points, const Vec3& p) {
  double nearest = 1.0;
  for (const Vec3& q : points) nearest = std::min(nearest, (p - q).norm());
  return nearest;
}

}  // namespace

TEST_CASE("cloth without features is as thick as its fabric and dry", "[sim][garment]") {
  const Places places(dressed(plain()));
  for (const ClothScreen::State& s : places.state) {
    REQUIRE(s.factor == Approx(1.0).margin(1e-6));
    REQUIRE(s.water_kg_m2 == 0.0);
  }
}

TEST_CASE("hems are doubled within their width of every rim and nowhere else", "[sim][garment]") {
  GarmentOptions options = plain();
  options.hem_width_m = 12e-3;
  const GarmentShell shell = dressed(options);
  const Places places(shell);
  const std::vector<Vec3> rims = rim_points(shell.outer);
  std::size_t on_hem = 0, opening = 0;
  for (std::size_t i = 0; i < places.state.size(); ++i) {
    const double rim_m = distance_to(rims, places.point_m[i]);
    CAPTURE(places.point_m[i].transpose(), rim_m);
    // The step is smoothed by 1 mm either way; distances are linear over edges of 5 mm, which a
    // rim's curve of 20 mm radius bends by 0.3 mm.
    if (rim_m < 10.5e-3) {
      REQUIRE(places.state[i].factor == Approx(2.0).margin(1e-3));
      ++on_hem;
      opening += places.point_m[i].y() > 0.0 ? 1 : 0;
    } else if (rim_m > 13.5e-3) {
      REQUIRE(places.state[i].factor == Approx(1.0).margin(1e-3));
    }
  }
  CHECK(opening > 100);
  CHECK(on_hem > opening + 100);  // the collar has one too
}

TEST_CASE("the sagittal seam runs from the crown to the nape", "[sim][garment]") {
  GarmentOptions options = plain();
  options.seam = GarmentSeam::kSagittal;
  options.slip_m = 0.0;
  const GarmentShell shell = dressed(options);
  const auto at = [&](const Vec3& p) { return shell.screen.ridges().factor(1.0, p); };
  const double centre_z = shell.screen.ridges().seam.behind_offset_m;
  for (const double y : {-0.10, 0.0, 0.10}) {
    CHECK(at({0.0, y, -0.11}) == Approx(options.seam_factor));
    CHECK(at({0.5 * options.seam_width_m, y, -0.11}) ==
          Approx(0.5 * (1.0 + options.seam_factor)));  // half-way down the step
    CHECK(at({4e-3, y, -0.11}) == 1.0);
  }
  CHECK(at({0.0, 0.135, centre_z - 1e-3}) == Approx(options.seam_factor));
  CHECK(at({0.0, 0.135, centre_z + 5e-3}) == 1.0);  // no seam down the forehead
  CHECK(at({0.0, 0.0, 0.11}) == 1.0);
  options.seam = GarmentSeam::kSides;
  const GarmentShell other = dressed(options);
  const double side_z = other.screen.ridges().seam.offset_m;
  CHECK(other.screen.ridges().factor(1.0, {0.08, 0.0, side_z}) == Approx(options.seam_factor));
  CHECK(other.screen.ridges().factor(1.0, {-0.08, 0.05, side_z}) == Approx(options.seam_factor));
  CHECK(other.screen.ridges().factor(1.0, {0.08, 0.0, side_z + 4e-3}) == 1.0);
}

TEST_CASE("breath wets a Gaussian patch before the mouth", "[sim][garment]") {
  GarmentOptions options = plain();
  options.damp_kg_m2 = 0.060;
  double least = 1.0, most = 0.0;
  for (uint64_t capture = 0; capture < 8; ++capture) {
    const GarmentShell shell = dressed(options, capture);
    const double peak = shell.draw.water_kg_m2;
    least = std::min(least, peak);
    most = std::max(most, peak);
    const Vec3 mouth(0.0, 0.0361 - options.mouth_drop_m, 0.0);
    for (std::size_t i = 0; i < shell.outer.vertices.size(); ++i) {
      const Vec3& p = shell.outer.vertices[i];
      const double water = double{shell.screen.vertices()[i].water_kg_m2};
      // The patch is a ball in space; over the cloth's bulge the frontal distance is the least.
      const double flat_m = (p - mouth).head<2>().norm();
      REQUIRE(water <= peak * std::exp(-std::pow(flat_m / options.damp_radius_m, 2)) + 1e-6);
      if (p.z() > 0.0 && flat_m < 3e-3) REQUIRE(water > 0.9 * peak);
      if (p.y() > 0.08 || p.z() < 0.0) REQUIRE(water < 1e-4 * peak + 1e-9);
    }
  }
  CHECK(least >= 0.010);
  CHECK(most <= 0.060);
  CHECK(most > least + 0.01);
}

TEST_CASE("the patch follows the mouth that the head names", "[sim][garment]") {
  const Mesh mesh = TestHead::mesh();
  HeadShape head;
  head.mesh = &mesh;
  head.mouth_m = Vec3(0.0, -0.055, 0.08);
  const GarmentShell shell = BalaclavaForm(head, GarmentOptions{}).dress(kThickness_m, 3, 0);
  Vec3 centre = Vec3::Zero();
  double sum = 0.0;
  for (std::size_t i = 0; i < shell.outer.vertices.size(); ++i) {
    const double water = double{shell.screen.vertices()[i].water_kg_m2};
    centre += water * shell.outer.vertices[i];
    sum += water;
  }
  // Vertices 5 mm apart and the curve of the cloth.
  CHECK((centre / sum).y() == Approx(-0.055).margin(4e-3));
  CHECK((centre / sum).x() == Approx(0.0).margin(1e-3));
}

TEST_CASE("cloth round the neck is thicker than round the skull", "[sim][garment]") {
  GarmentOptions options = plain();
  options.stretch = 1.0;
  const Places places(dressed(options));
  double neck = 0.0, necks = 0.0, skull = 0.0, skulls = 0.0, mean = 0.0;
  for (std::size_t i = 0; i < places.state.size(); ++i) {
    const double f = places.state[i].factor;
    mean += f / static_cast<double>(places.state.size());
    if (places.point_m[i].y() < -0.11) {
      neck += f;
      necks += 1.0;
    } else if (places.point_m[i].y() > 0.06) {
      skull += f;
      skulls += 1.0;
    }
  }
  CHECK(mean == Approx(1.0).margin(0.12));
  // Girths of the model: ring means of 55 mm at the neck and 86 mm at the widest.
  CHECK((neck / necks) / (skull / skulls) == Approx(0.086 / 0.058).epsilon(0.15));
}

TEST_CASE("many places at once are as each by itself", "[sim][garment]") {
  GarmentOptions options;
  options.opening = GarmentOpening::kThreeHoles;
  options.seam = GarmentSeam::kSides;
  const GarmentShell shell = dressed(options);
  constexpr std::size_t n = 500;
  std::vector<int> triangle(n);
  std::vector<float> u(n), v(n), x(n), y(n), z(n), factor(n), water(n);
  Rng rng(1, RngPurpose::kTest, 5);
  for (std::size_t i = 0; i < n; ++i) {
    triangle[i] = static_cast<int>(rng.uniform() * double(shell.outer.triangles.size()));
    u[i] = static_cast<float>(rng.uniform(-0.02, 0.5));
    v[i] = static_cast<float>(rng.uniform(-0.02, 0.5));
    const auto& t = shell.outer.triangles[static_cast<std::size_t>(triangle[i])];
    const Vec3 p = shell.outer.vertices[static_cast<std::size_t>(t[0])];
    x[i] = static_cast<float>(p.x());
    y[i] = static_cast<float>(p.y());
    z[i] = static_cast<float>(p.z());
  }
  shell.screen.evaluate(triangle.data(), u.data(), v.data(), x.data(), y.data(), z.data(), n,
                        factor.data(), water.data());
  for (std::size_t i = 0; i < n; ++i) {
    const ClothScreen::State one = shell.screen.at(triangle[i], double{u[i]}, double{v[i]},
                                                   {double{x[i]}, double{y[i]}, double{z[i]}});
    // Single precision: 1e-7 of 0.1 m over a step of 2 mm is 1e-5 of the factor.
    REQUIRE(double{factor[i]} == Approx(one.factor).margin(5e-5));
    REQUIRE(double{water[i]} == Approx(one.water_kg_m2).margin(1e-8));
    REQUIRE(one.factor >= ClothScreen::kLeastFactor);
    REQUIRE(one.factor <= ClothScreen::kMostFactor);
  }
}

TEST_CASE("a hem, a seam and water out of range are refused by name", "[sim][garment]") {
  const auto refused = [](auto&& change, const char* key) {
    GarmentOptions options;
    change(options);
    CHECK_THROWS_WITH(options.validate(), Catch::Contains(key) && Catch::Contains("allowed"));
  };
  refused([](GarmentOptions& o) { o.hem_width_m = 0.05; }, "garment.hem_width_m");
  refused([](GarmentOptions& o) { o.hem_factor = 3.0; }, "garment.hem_factor");
  refused([](GarmentOptions& o) { o.seam_width_m = -1e-3; }, "garment.seam_width_m");
  refused([](GarmentOptions& o) { o.seam_factor = 0.5; }, "garment.seam_factor");
  refused([](GarmentOptions& o) { o.damp_kg_m2 = 1.0; }, "garment.damp_kg_m2");
  refused([](GarmentOptions& o) { o.damp_radius_m = 0.0; }, "garment.damp_radius_m");
  refused([](GarmentOptions& o) { o.stretch = 2.0; }, "garment.stretch");
}
