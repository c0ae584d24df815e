// The keys of [garment]: defaults, what they set, and what is said of typos and bad values.
#include <catch2/catch.hpp>
#include <string>

#include "support/test_scene.h"
#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;
using thz::test::scene_of;

namespace {

Garment garment_of(const std::string& keys) { return scene_of("[garment]\n" + keys).garment; }

/// One sentence that holds all the words.
void refused(const std::string& keys, const std::vector<std::string>& words) {
  CAPTURE(keys);
  std::string said;
  try {
    (void)garment_of(keys);
  } catch (const InputError& e) {
    said = e.what();
  }
  REQUIRE_FALSE(said.empty());
  CHECK(said.find('\n') == std::string::npos);
  for (const std::string& word : words) CHECK_THAT(said, Catch::Contains(word));
}

}  // namespace

TEST_CASE("an empty garment is a hemmed, damp acrylic balaclava", "[sim][scene]") {
  const Garment g = garment_of("");
  CHECK(g.worn);
  CHECK_FALSE(scene_of("").garment.worn);
  CHECK(g.fabric == "acrylic");
  CHECK(g.cut.layers == 1);
  CHECK(g.cut.opening == GarmentOpening::kEyes);
  CHECK(g.cut.seam == GarmentSeam::kSagittal);
  CHECK(g.cut.hem_width_m == 12e-3);
  CHECK(g.cut.hem_factor == 2.0);
  CHECK(g.cut.seam_width_m == 5e-3);
  CHECK(g.cut.seam_factor == 1.8);
  CHECK(g.cut.damp_kg_m2 == 0.060);
  CHECK(g.cut.damp_radius_m == 25e-3);
  CHECK(g.cut.stretch == 1.0);
  CHECK(g.prior.loss_spread == 0.40);
  CHECK(g.prior.diffuse_sigma0_db == -20.0);
}

TEST_CASE("every key of a garment sets what it names", "[sim][scene]") {
  const Garment g = garment_of(
      "fabric = 'wool'\nnominal = true\nlayers = 2\nopening = 'three-holes'\n"
      "gap_mean_m = [0.003, 0.005]\ngap_rms_m = 1e-3\n"
      "thickness_spread = 0.1\nloss_spread = 0.2\nface_sigma_h_m = [2e-4, 4e-4]\n"
      "diffuse_sigma0_db = -18.0\ndiffuse_spread_db = 2.0\n"
      "stitch_correlation_m = [2e-3, 4e-3]\nfold_correlation_m = [0.03, 0.05]\n"
      "stitch_thickness_rms = 0.1\nfold_thickness_rms = 0.02\nstretch = 0.5\n"
      "hem_width_m = 0.02\nhem_factor = 2.2\nseam = 'sides'\nseam_width_m = 8e-3\n"
      "seam_factor = 1.6\ndamp_kg_m2 = 0.03\ndamp_radius_m = 0.04\n");
  CHECK(g.fabric == "wool");
  CHECK(g.nominal);
  CHECK(g.cut.layers == 2);
  CHECK(g.cut.opening == GarmentOpening::kThreeHoles);
  CHECK(g.cut.gap_mean_low_m == 0.003);
  CHECK(g.cut.gap_mean_high_m == 0.005);
  CHECK(g.cut.gap_rms_m == 1e-3);
  CHECK(g.prior.thickness_spread == 0.1);
  CHECK(g.prior.loss_spread == 0.2);
  CHECK(g.prior.face_sigma_h_low_m == 2e-4);
  CHECK(g.prior.face_sigma_h_high_m == 4e-4);
  CHECK(g.prior.diffuse_sigma0_db == -18.0);
  CHECK(g.prior.diffuse_spread_db == 2.0);
  CHECK(g.cut.stitch_correlation_low_m == 2e-3);
  CHECK(g.cut.stitch_correlation_high_m == 4e-3);
  CHECK(g.cut.fold_correlation_low_m == 0.03);
  CHECK(g.cut.fold_correlation_high_m == 0.05);
  CHECK(g.cut.stitch_thickness_rms == 0.1);
  CHECK(g.cut.fold_thickness_rms == 0.02);
  CHECK(g.cut.stretch == 0.5);
  CHECK(g.cut.hem_width_m == 0.02);
  CHECK(g.cut.hem_factor == 2.2);
  CHECK(g.cut.seam == GarmentSeam::kSides);
  CHECK(g.cut.seam_width_m == 8e-3);
  CHECK(g.cut.seam_factor == 1.6);
  CHECK(g.cut.damp_kg_m2 == 0.03);
  CHECK(g.cut.damp_radius_m == 0.04);
}

TEST_CASE("a span may be one number, which a plan can draw", "[sim][scene]") {
  const Garment g = garment_of(
      "gap_mean_m = 0.003\nface_sigma_h_m = 1e-4\nstitch_correlation_m = 0.002\n"
      "fold_correlation_m = 0.04\n");
  CHECK(g.cut.gap_mean_low_m == 0.003);
  CHECK(g.cut.gap_mean_high_m == 0.003);
  CHECK(g.prior.face_sigma_h_low_m == 1e-4);
  CHECK(g.prior.face_sigma_h_high_m == 1e-4);
  CHECK(g.cut.stitch_correlation_high_m == 0.002);
  CHECK(g.cut.fold_correlation_low_m == 0.04);
}

TEST_CASE("typos and bad values of a garment get one sentence with their line", "[sim][scene]") {
  // The schema is line 1, [garment] line 2.
  refused("hem_with_m = 0.01\n", {":3", "unknown key 'hem_with_m'", "hem_width_m"});
  refused("hem_width_m = 0.05\n", {":3", "garment.hem_width_m is 0.05", "0 and 0.03"});
  refused("hem_width_m = 'wide'\n", {":3", "hem_width_m", "number"});
  refused("hem_factor = 3.0\n", {":3", "hem_factor is 3", "1 and 2.5"});
  refused("seam = 'front'\n", {":3", "'front'", "none, sagittal, sides"});
  refused("seam_width_m = -1e-3\n", {":3", "seam_width_m", "0 and 0.02"});
  refused("seam_factor = 0.5\n", {":3", "seam_factor is 0.5"});
  refused("damp_kg_m2 = 60.0\n", {":3", "damp_kg_m2 is 60", "0 and 0.2"});
  refused("damp_radius_m = 0.0\n", {":3", "damp_radius_m is 0"});
  refused("stitch_thickness_rms = 0.3\n", {":3", "stitch_thickness_rms is 0.3", "0.2"});
  refused("fold_thickness_rms = nan\n", {":3", "fold_thickness_rms is nan"});
  refused("loss_spread = 1.0\n", {":3", "loss_spread is 1", "0.9"});
  refused("thickness_spread = 0.6\n", {":3", "thickness_spread is 0.6", "0.5"});
  refused("diffuse_sigma0_db = 3.0\n", {":3", "diffuse_sigma0_db is 3"});
  refused("stretch = 1.5\n", {":3", "stretch is 1.5"});
  refused("gap_rms_m = 0.1\n", {":3", "gap_rms_m is 0.1"});
  refused("gap_mean_m = [0.005, 0.002]\n", {":3", "gap_mean_m", "must not exceed"});
  refused("gap_mean_m = 0.0001\n", {":3", "gap_mean_m is 0.0001", "0.00055"});
  refused("gap_mean_m = [0.003]\n", {":3", "gap_mean_m", "2 numbers"});
  refused("fold_correlation_m = 1.0\n", {":3", "fold_correlation_m is 1"});
  refused("layers = 3\n", {":3", "layers is 3", "1 and 2"});
  refused("opening = 'mouth'\n", {":3", "'mouth'", "eyes, three-holes"});
}
