#include <catch2/catch.hpp>
#include <cmath>

#include "support/test_scene.h"
#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;
using Catch::Matchers::Contains;

namespace {

const std::string kHead =
    "[imager]\nnoise = false\n[subject]\nidentity = 7\njitter = false\n[sampling]\n"
    "subdivision = 1\n";

ScatterParts parts_of(const Scene& scene, const StandingHead& head) {
  return find_scatterers(head.target, head.poses[0], scene.imager, scene.sampling,
                         FieldWindow::whole(scene.imager), speckle_key(scene.imager, 1, 1), 1);
}

/// Diffuse power from within 10 mm of the line through the middle of the left lens.
double power_behind_lens(const Scene& scene, const ScatterParts& parts, const Vec3& middle_m) {
  const Vec3 pivot = scene.imager.scan().pivot_m();
  double sum = 0.0;
  for (std::size_t i = 0; i < parts.diffuse.size(); ++i) {
    const Vec3 p = pivot + parts.diffuse.range_m[i] * parts.diffuse.direction[i];
    if ((p - middle_m).head<2>().norm() < 0.010) sum += std::norm(parts.diffuse.gamma[i]);
  }
  return sum;
}

std::string refused(const std::string& toml) {
  try {
    scene_of(toml);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("lenses glint and weaken what lies behind them twice", "[sim][glasses]") {
  const Scene with = scene_of(kHead + "[glasses]\nframe = \"metal\"\n");
  const Scene without = scene_of(kHead);
  const StandingHead wearing = stand(with, nullptr, false), bare = stand(without, nullptr, false);
  REQUIRE(wearing.person.glasses);
  CHECK_FALSE(bare.person.glasses);
  CHECK_FALSE(bare.target.cloth);
  CHECK(wearing.poses[0].translation_m == bare.poses[0].translation_m);
  const ScatterParts a = parts_of(with, wearing), b = parts_of(without, bare);
  CHECK(a.cloth.size() > 0);
  CHECK(b.cloth.size() == 0);

  Vec3 middle = Vec3::Zero();
  int count = 0;
  for (const Vec3& p : wearing.person.glasses->lenses.vertices) {
    if (p.x() <= 0.0) continue;
    middle += p;
    ++count;
  }
  middle = wearing.poses[0] * Vec3(middle / count);
  const double ratio = power_behind_lens(with, a, middle) / power_behind_lens(without, b, middle);
  const double once = stack_response(lens_stack(with.glasses, 340e9), 1.0, 340e9).transmitted_s;
  // Incidence up to 15 degrees makes the way through the lens 2 % longer.
  CHECK(ratio == Approx(once * once).epsilon(0.1));
}

TEST_CASE("under a balaclava lenses are slabs of the body", "[sim][glasses]") {
  const Scene scene = scene_of(kHead + "[garment]\n[glasses]\nframe = \"plastic\"\n");
  const StandingHead head = stand(scene, nullptr, true);
  REQUIRE(head.target.cloth);
  CHECK(head.target.materials.size() == 8);
  CHECK(parts_of(scene, head).coherent.size() > 0);
}

TEST_CASE("mistakes in the table of glasses are refused", "[sim][glasses]") {
  CHECK_THAT(refused("[subject]\nkind = \"sphere\"\n[glasses]\n"),
             Contains("glasses need a subject of kind head"));
  CHECK_THAT(refused("[glasses]\nshare = 1.5\n"), Contains("share"));
  CHECK_THAT(refused("[glasses]\ncolour = 1\n"), Contains("colour"));
  CHECK(scene_of("[glasses]\nshare = 0.25\n").glasses.share == 0.25);
  CHECK(scene_of("").glasses.share == 0.0);
}
