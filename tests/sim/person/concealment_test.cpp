// What concealment does to pictures: the same people, poses, speckle and noise with and without
// their cloth, so that nothing but the cloth differs. The table of docs/theory/garment.md:
//   thz_sim_person_tests "[concealment-table]"
#include <catch2/catch.hpp>
#include <cmath>

#include "heads.h"
#include "thz/data/capture.h"
#include "thz/eval/face_regions.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

/// A person in one pose and speckle, bare and in each garment: power over transmitted power.
struct ConcealedPerson {
  Scene scene;
  ImageF bare;
  data::HeadPower bare_head;  // for the grey mapping
  std::vector<ImageF> worn;
};

ImageF shot(const Scene& scene, const data::StagedScene& staged) {
  return simulate_capture(scene.imager, scene.sampling, staged.target, staged.poses, staged.key,
                          CaptureOptions{})
      .power;
}

ConcealedPerson conceal(int identity, const std::vector<std::string>& garments) {
  ConcealedPerson person;
  SmoothingPlanCache plans;
  for (const std::string& garment : garments) {
    const Scene scene = scene_of("[imager]\nframes = 1\n[subject]\nkind = 'head'\nidentity = " +
                                 std::to_string(identity) + "\n[garment]\n" + garment);
    data::StagedScene staged = data::stage_scene(scene, {}, &plans);
    person.worn.push_back(shot(scene, staged));
    if (person.worn.size() > 1) continue;
    person.scene = scene;
    staged.target.cloth.reset();
    person.bare = shot(scene, staged);
    const data::FieldGrid grid = data::imaging_options(scene, {}).grid;
    const data::RasterMap map = data::ideal_raster_map(person.bare.rows, person.bare.cols, grid);
    person.bare_head = {data::dewarp(person.bare, map), data::true_mask(scene, staged, grid)};
  }
  return person;
}

/// Mean and standard deviation over the pixels of a region.
Moments region_moments(const ImageF& image, const eval::RegionMask& mask) {
  const auto within = [](const std::vector<eval::Region>& regions, int row, int col) {
    return std::any_of(regions.begin(), regions.end(), [&](const eval::Region& r) {
      return row >= r.row && row < r.row + r.rows && col >= r.col && col < r.col + r.cols;
    });
  };
  std::vector<float> values;
  for (int row = 0; row < image.rows; ++row) {
    for (int col = 0; col < image.cols; ++col) {
      if (within(mask.inside, row, col) && !within(mask.outside, row, col)) {
        values.push_back(image(row, col));
      }
    }
  }
  return moments(values);
}

/// Means over people of what a garment changes in a region.
struct Effect {
  double loss_db = 0.0;   ///< of mean power
  double contrast = 0.0;  ///< standard deviation of grey, concealed over bare
  double ssim = 0.0, psnr_db = 0.0;
};

/// The whole picture, then the regions of the face.
std::vector<eval::RegionMask> whole_and_regions() {
  std::vector<eval::RegionMask> masks = {{"whole", {{"image", 0, 0, 64, 64}}, {}}};
  for (const auto& region : eval::face_regions()) masks.push_back(region);
  return masks;
}

/// [garment][region]
std::vector<std::vector<Effect>> effects(int people, const std::vector<std::string>& garments) {
  std::vector<ConcealedPerson> all;
  std::vector<data::HeadPower> bare;
  for (int identity = 0; identity < people; ++identity) {
    all.push_back(conceal(identity, garments));
    bare.push_back(all.back().bare_head);
  }
  const data::GreyMapping grey = data::fit_power_law(bare);
  data::GreyMapping linear;
  linear.kind = data::GreyKind::kLinear;
  linear.reference_power = 100.0 * grey.reference_power;  // nothing is clipped
  const auto masks = whole_and_regions();
  std::vector<std::vector<Effect>> result(garments.size(), std::vector<Effect>(masks.size()));
  for (const ConcealedPerson& person : all) {
    const auto picture = [&](const ImageF& power, const data::GreyMapping& mapping) {
      return data::make_picture(power, data::imaging_options(person.scene, mapping)).image;
    };
    const ImageF bare_grey = picture(person.bare, grey), bare_power = picture(person.bare, linear);
    for (std::size_t g = 0; g < garments.size(); ++g) {
      const ImageF worn_grey = picture(person.worn[g], grey);
      const ImageF worn_power = picture(person.worn[g], linear);
      const auto scores = eval::regional_scores(worn_grey, bare_grey, masks);
      for (std::size_t m = 0; m < masks.size(); ++m) {
        Effect& e = result[g][m];
        e.loss_db += 10.0 / people *
                     std::log10(region_moments(bare_power, masks[m]).mean /
                                region_moments(worn_power, masks[m]).mean);
        e.contrast += region_moments(worn_grey, masks[m]).std /
                      region_moments(bare_grey, masks[m]).std / people;
        e.ssim += scores[m].ssim / people;
        e.psnr_db += scores[m].psnr_db / people;
      }
    }
  }
  return result;
}

const std::string kPlain = "hem_width_m = 0.0\nseam = 'none'\ndamp_kg_m2 = 0.0\nstretch = 0.0\n";

}  // namespace

TEST_CASE("cloth weakens what it covers, most at the damp mouth", "[sim][person]") {
  const auto found = effects(3, {kPlain, ""});
  enum { kWhole, kRightEye, kLeftEye, kNose, kMouth };
  const std::vector<Effect>& plain = found[0];
  const std::vector<Effect>& hemmed = found[1];
  // One layer takes 0.8 dB each way, less what the cloth itself returns; water and a hem come on
  // top where they are, 1.6 dB on average over people.
  CHECK(plain[kMouth].loss_db > 0.3);
  CHECK(hemmed[kMouth].loss_db > plain[kMouth].loss_db + 0.3);
  for (const std::size_t eye : {kRightEye, kLeftEye}) {
    CHECK(hemmed[eye].loss_db < hemmed[kMouth].loss_db);
  }
  CHECK(hemmed[kWhole].ssim < 1.0);
  CHECK(hemmed[kWhole].ssim > 0.3);
}

TEST_CASE("table of what concealment does", "[.][concealment-table]") {
  const std::vector<std::pair<std::string, std::string>> garments = {
      {"plain", kPlain},
      {"default", ""},
      {"two layers", "layers = 2\n"},
      {"three holes", "opening = 'three-holes'\n"}};
  std::vector<std::string> texts;
  for (const auto& [name, text] : garments) texts.push_back(text);
  const auto found = effects(10, texts);
  const auto masks = whole_and_regions();
  std::string table;
  for (std::size_t g = 0; g < garments.size(); ++g) {
    for (std::size_t m = 0; m < masks.size(); ++m) {
      const Effect& e = found[g][m];
      table += fmt::format("| {} | {} | {:.1f} | {:.2f} | {:.2f} | {:.1f} |\n", garments[g].first,
                           masks[m].name, e.loss_db, e.contrast, e.ssim, e.psnr_db);
    }
  }
  WARN("| garment | region | power, dB down | contrast | SSIM | PSNR, dB |\n" << table);
}
