#include "head_sheet.h"

#include <cmath>
#include <filesystem>

#include "thz/core/config.h"
#include "thz/data/capture.h"
#include "thz/data/photograph.h"
#include "thz/io/picture.h"

namespace thz::apps {
namespace {

io::ImageRgb to_bytes(const sim::RgbImage& planes) {
  io::ImageRgb picture(planes[0].rows, planes[0].cols);
  for (std::size_t i = 0; i < picture.size(); ++i) {
    for (std::size_t k = 0; k < 3; ++k) {
      picture.data[i][k] = static_cast<uint8_t>(std::lround(255.0F * planes[k].data[i]));
    }
  }
  return picture;
}

/// heads.png and "visible" make heads-visible.png.
std::string beside(const std::string& path, const std::string& what) {
  const std::filesystem::path given(path);
  return (given.parent_path() / (given.stem().string() + "-" + what + ".png")).string();
}

}  // namespace

std::vector<std::string> write_head_sheet(const HeadSheet& sheet, const std::string& path,
                                          const ProgressFn& progress, const CancelToken* cancel) {
  sim::Scene scene = sim::parse_scene(ConfigTable::parse_file(sheet.scene));
  if (sheet.seed) scene.seed = *sheet.seed;
  const std::string folder = std::filesystem::path(sheet.scene).parent_path().string();
  const data::SubjectFiles files =
      data::load_subject_files(scene.subject, folder.empty() ? "." : folder);
  std::vector<io::ImageRgb> visible;
  std::vector<sim::Capture> captures;
  std::vector<data::HeadPower> heads;
  data::ImagingOptions imaging = data::imaging_options(scene, data::GreyMapping{});
  for (std::size_t i = 0; i < sheet.count; ++i) {
    if (cancel != nullptr) cancel->throw_if_requested();
    scene.subject.identity = static_cast<int64_t>(i);
    const data::StagedScene staged = data::stage_scene(scene, files);
    visible.push_back(to_bytes(data::photograph(scene, staged, sheet.threads, sheet.pixels).rgb));
    sim::CaptureOptions options;
    options.threads = sheet.threads;
    captures.push_back(sim::simulate_capture(scene.imager, scene.sampling, staged.target,
                                             staged.poses, staged.key, options));
    const ImageF& power = captures.back().power;
    heads.push_back(
        {data::dewarp(power, data::ideal_raster_map(power.rows, power.cols, imaging.grid)),
         data::true_mask(scene, staged, imaging.grid)});
    if (progress) progress(i + 1, sheet.count);
  }
  imaging.mapping = data::choose_mapping(scene, heads);
  std::vector<io::ImageRgb> imaged;
  for (std::size_t i = 0; i < sheet.count; ++i) {
    const auto picture = data::make_picture(captures[i].power, imaging, heads[i].head);
    imaged.push_back(io::enlarge(io::to_rgb(picture.image), 2));
  }
  const std::string visible_path = beside(path, "visible");
  const std::string imaged_path =
      beside(path, fmt::format("{}ghz", std::lround(1e-9 * scene.imager.beam.frequency_hz)));
  io::write_png(visible_path, io::montage(visible, static_cast<int>(sheet.columns)));
  io::write_png(imaged_path, io::montage(imaged, static_cast<int>(sheet.columns)));
  return {visible_path, imaged_path};
}

}  // namespace thz::apps
