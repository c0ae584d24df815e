// Four frames held against committed ones, so that nothing changes unseen. They say what was, not
// what is right; the closed forms do that. THZ_GOLDEN_UPDATE=1 renews them (docs/validation.md).
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <string>

#include "support/test_scene.h"
#include "thz/data/capture.h"
#include "thz/io/hdf5_file.h"
#include "thz/io/png.h"

using namespace thz;

namespace {

struct Shot {
  ImageF power;  ///< [line][sample], received over transmitted power
  ImageF image;  ///< mapped, what a network sees
};

Shot simulate(const std::string& name) {
  const std::string folder = std::string(THZ_SOURCE_DIR) + "/scenes/";
  const sim::Scene scene = sim::parse_scene(ConfigTable::parse_file(folder + name + ".toml"));
  const data::StagedScene staged =
      data::stage_scene(scene, data::load_subject_files(scene.subject, folder));
  const sim::Capture capture = sim::simulate_capture(scene.imager, scene.sampling, staged.target,
                                                     staged.poses, staged.key, {});
  data::ImagingOptions imaging = data::imaging_options(scene, data::GreyMapping{});
  const data::Mask truth = data::true_mask(scene, staged, imaging.grid);
  const ImageF field = data::dewarp(
      capture.power, data::ideal_raster_map(capture.power.rows, capture.power.cols, imaging.grid));
  imaging.mapping = data::choose_mapping(scene, {{field, truth}});
  return {capture.power, data::make_picture(capture.power, imaging, truth).image};
}

std::string golden_path(const std::string& name, const char* ending) {
  return std::string(THZ_SOURCE_DIR) + "/tests/data/golden/" + name + ending;
}

void renew(const std::string& name, const Shot& shot) {
  io::write_png(golden_path(name, ".png"), shot.image);
  io::Hdf5File file = io::Hdf5File::create(golden_path(name, ".h5"));
  file.write<float>(
      "/power", {static_cast<uint64_t>(shot.power.rows), static_cast<uint64_t>(shot.power.cols)},
      shot.power.data);
  file.set_text("/power", "description", "received over transmitted power, [line][sample]");
  file.close();
}

void compare(const std::string& name, const Shot& shot) {
  const ImageF image = io::read_png(golden_path(name, ".png"));
  REQUIRE(image.rows == shot.image.rows);
  REQUIRE(image.cols == shot.image.cols);
  float worst = 0.0f;
  for (std::size_t i = 0; i < image.size(); ++i) {
    worst = std::max(worst, std::abs(image.data[i] - std::clamp(shot.image.data[i], 0.0f, 1.0f)));
  }
  // 2/255 and half a step of the PNG's own rounding.
  CHECK(worst <= 2.5f / 255.0f);
  const io::Hdf5File file = io::Hdf5File::open(golden_path(name, ".h5"));
  REQUIRE(file.shape("/power") == io::Shape{static_cast<uint64_t>(shot.power.rows),
                                            static_cast<uint64_t>(shot.power.cols)});
  ImageF power(shot.power.rows, shot.power.cols);
  power.data = file.read<float>("/power");
  // Another compiler or instruction set rounds differently: far below 0.1 dB in the median, while
  // single pixels in a null of interference may move.
  const auto differences = test::differences_db(power, shot.power, 60.0);
  CHECK(test::quantile(differences, 0.5) <= 0.1);
  CHECK(
      std::abs(10.0 * std::log10(*std::max_element(shot.power.data.begin(), shot.power.data.end()) /
                                 *std::max_element(power.data.begin(), power.data.end()))) <= 0.1);
}

}  // namespace

TEST_CASE("frames are as they were", "[data][golden]") {
  const std::string name =
      GENERATE(as<std::string>{}, "sphere", "tilted-mirror", "bare-head", "first-light");
  CAPTURE(name);
  const Shot shot = simulate(name);
  if (std::getenv("THZ_GOLDEN_UPDATE") != nullptr) {
    renew(name, shot);
    WARN("renewed " << golden_path(name, ".png") << " and .h5");
  }
  compare(name, shot);
}
