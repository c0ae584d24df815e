// The frame's way from mesh to scatterers (facets seen by the pivot, tiles, single precision)
// against the slow one (every ray by itself against the finest triangles, double).
#include <catch2/catch.hpp>
#include <cstdlib>

#include "support/test_scene.h"
#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

StandingHead head_at(const Scene& scene) { return stand(scene, nullptr, scene.garment.worn); }

Scene head_facing(const std::string& posture, bool dressed) {
  return scene_of(
      "[imager]\nnoise = false\nframes = 1\nsamples_per_line = 64\n[subject]\nkind = 'head'\n"
      "identity = 7\nposture = '" +
      posture + "'\n" + (dressed ? "[garment]\nfabric = 'acrylic'\n" : ""));
}

/// The same target with surfaces that trace every ray.
Target per_ray(const Scene& scene, const StandingHead& head) {
  Target target = head.target;
  MeshSurfaceOptions options{scene.sampling.subdivision, true, nullptr, true};
  std::vector<int32_t> material;
  for (const Tissue t : head.person.tissue) material.push_back(static_cast<int32_t>(t));
  target.body = make_mesh_surface(head.person.mesh, material, options);
  target.lattice = target.body->lattice(scene.sampling.lattice_area_m2);
  if (!scene.garment.worn) return target;
  const Mesh shell = dress(head.person, scene.garment, scene.seed, head.key.capture).shell.outer;
  options.subdivision_levels = 0;
  target.cloth->outer =
      make_mesh_surface(shell, std::vector<int32_t>(shell.triangles.size(), 0), options);
  target.cloth->lattice = target.cloth->outer->lattice(scene.sampling.lattice_area_m2);
  return target;
}

ScatterParts scatterers_of(const Scene& scene, const Target& target, const StandingHead& head,
                           int threads = 0) {
  return find_scatterers(target, head.poses[0], scene.imager, scene.sampling,
                         FieldWindow::whole(scene.imager), {head.key.seed, head.key.capture},
                         threads);
}

RangeFrame frame_of(const Scene& scene, const Scatterers& scatterers) {
  return sum_frame(scene.imager.beam, scene.imager.scan(), scatterers, scene.imager.range_axis(),
                   {});
}

void check_against_per_ray(const std::string& posture, bool dressed) {
  const Scene scene = head_facing(posture, dressed);
  const StandingHead head = head_at(scene);
  const ScatterParts fast = scatterers_of(scene, head.target, head);
  const ScatterParts slow = scatterers_of(scene, per_ray(scene, head), head);
  const double whole_db = nmse_db(frame_of(scene, slow.all()), frame_of(scene, fast.all()));
  const double coherent_db =
      nmse_db(frame_of(scene, slow.coherent), frame_of(scene, fast.coherent));
  // What the design asks of a whole frame. A single lattice element that one hides and the other
  // shows is 1 in 40,000, -46 dB of the diffuse part.
  CHECK(whole_db < -45.0);
  CHECK(coherent_db < -50.0);
  WARN(posture << (dressed ? " dressed" : " bare") << ": coherent " << coherent_db << " dB, whole "
               << whole_db << " dB");
}

bool same_bits(const Scatterers& a, const Scatterers& b) {
  return a.direction == b.direction && a.range_m == b.range_m && a.gamma == b.gamma;
}

}  // namespace

TEST_CASE("facets and patches give the frame that single rays give", "[sim][target][physics]") {
  check_against_per_ray("front-center", false);
  check_against_per_ray("front-right", true);
  check_against_per_ray("full-left", false);
}

TEST_CASE("scatterers of a head do not depend on the number of threads", "[sim][target]") {
  const Scene scene = head_facing("front-right", true);
  const StandingHead head = head_at(scene);
  const ScatterParts one = scatterers_of(scene, head.target, head, 1);
  const ScatterParts three = scatterers_of(scene, head.target, head, 3);
  REQUIRE(one.coherent.size() > 10000);
  CHECK(same_bits(one.coherent, three.coherent));
  CHECK(same_bits(one.diffuse, three.diffuse));
  CHECK(same_bits(one.cloth, three.cloth));
}

TEST_CASE("every instruction set maps a head alike", "[sim][target]") {
  const Scene scene = head_facing("front-center", false);
  const StandingHead head = head_at(scene);
  setenv("THZ_SIMD", "sse2", 1);
  const RangeFrame base = frame_of(scene, scatterers_of(scene, head.target, head).all());
  for (const char* set : {"avx2", "avx512"}) {
    setenv("THZ_SIMD", set, 1);
    RangeFrame other;
    try {
      other = frame_of(scene, scatterers_of(scene, head.target, head).all());
    } catch (const InputError&) {
      WARN("skipped: this processor has no " << set);
      continue;
    }
    // Fused multiply-adds round otherwise; a cell at a limit may be cut in one and not in the
    // other.
    CHECK(nmse_db(base, other) < -50.0);
  }
  unsetenv("THZ_SIMD");
}
