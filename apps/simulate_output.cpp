#include "simulate_output.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "thz/core/version.h"
#include "thz/data/photograph.h"
#include "thz/io/atomic_file.h"
#include "thz/io/picture.h"
#include "thz/io/png.h"
#include "thz/io/stage_dump.h"
#include "thz/report/charts.h"
#include "thz/sim/depth_map.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;

const char* kind_name(data::GreyKind kind) {
  return kind == data::GreyKind::kPowerLaw ? "power-law"
         : kind == data::GreyKind::kLog    ? "log"
                                           : "linear";
}

/// Power of one mechanism in one frame, detected alone, as seen with the instrument's losses.
void add_parts(const sim::Scene& scene, const sim::Capture& capture,
               std::vector<io::StageArray>& arrays) {
  for (std::size_t f = 0; f < capture.parts.size(); ++f) {
    const sim::FrameParts& parts = capture.parts[f];
    const std::pair<const char*, const sim::RangeFrame*> named[] = {{"coherent", &parts.coherent},
                                                                    {"diffuse", &parts.diffuse},
                                                                    {"cloth", &parts.cloth},
                                                                    {"noise", &parts.noise}};
    for (const auto& [name, part] : named) {
      if (part->bins.empty()) continue;
      ImageF power = sim::detect({part}, scene.imager.detector, 0);
      for (float& p : power.data) p *= static_cast<float>(sim::two_way_loss(scene.imager));
      arrays.push_back(io::stage_image(fmt::format("frame{}/{}/power", f, name), power, "1",
                                       "[line][sample]",
                                       "received over transmitted power of this mechanism alone"));
    }
  }
}

std::vector<io::StageArray> stage_arrays(const sim::Scene& scene, const data::StagedScene& staged,
                                         const sim::Capture& capture,
                                         const data::ThzPicture& picture,
                                         const data::ImagingOptions& imaging) {
  std::vector<io::StageArray> arrays;
  arrays.push_back(io::stage_image("power", capture.power, "1", "[line][sample]",
                                   "received over transmitted power, frames averaged"));
  arrays.push_back(io::stage_image("grey", picture.grey, "1", "[row][column]",
                                   "whole field after grey mapping"));
  arrays.push_back(io::stage_image("image", picture.image, "1", "[row][column]",
                                   "region of interest, what a network sees"));
  if (staged.target.body) {
    const data::Mask mask = data::true_mask(scene, staged, imaging.grid);
    ImageF truth(mask.rows, mask.cols);
    for (std::size_t i = 0; i < truth.size(); ++i) truth.data[i] = mask.data[i];
    arrays.push_back(io::stage_image("truth/silhouette", truth, "1", "[row][column]"));
  }
  add_parts(scene, capture, arrays);
  return arrays;
}

ImageF range_map(const sim::Scene& scene, const sim::Capture& capture) {
  return sim::peak_range_m(capture.range_power, scene.imager.range_axis(),
                           sim::noise_over_transmitted(scene.imager));
}

/// Heights of the pixels that show any, in ascending order.
std::vector<float> seen_heights(const ImageF& z_m) {
  std::vector<float> seen;
  for (const float z : z_m.data) {
    if (std::isfinite(z)) seen.push_back(z);
  }
  std::sort(seen.begin(), seen.end());
  return seen;
}

void add_range(const sim::Scene& scene, const sim::Capture& capture,
               std::vector<io::StageArray>& arrays) {
  const sim::RangeAxis axis = scene.imager.range_axis();
  const uint64_t bins = capture.range_power.size();
  std::vector<float> power;
  std::vector<double> bin_m;
  for (const ImageF& bin : capture.range_power) {
    power.insert(power.end(), bin.data.begin(), bin.data.end());
    bin_m.push_back(axis.bin_m(static_cast<int>(bin_m.size())));
  }
  arrays.push_back(
      {"range/power",
       {bins, static_cast<uint64_t>(capture.power.rows), static_cast<uint64_t>(capture.power.cols)},
       std::move(power),
       "1",
       "[bin][line][sample]",
       "received over transmitted power, frames averaged; largest over the bins it is "
       "the peak detector's for a single frame"});
  arrays.push_back({"range/bin", {bins}, std::move(bin_m), "m", "[bin]", "from the scan pivot"});
  const ImageF range_m = range_map(scene, capture);
  const std::string rule = fmt::format(
      "of the strongest bin, between the bins; NaN below {:g} dB over the noise of a bin",
      sim::kDepthThreshold_db);
  arrays.push_back(io::stage_image("range/peak_range", range_m, "m", "[line][sample]",
                                   "distance from the scan pivot " + rule));
  arrays.push_back(io::stage_image("range/depth", sim::depth_z_m(range_m, scene.imager.scan()), "m",
                                   "[line][sample]", "height z in the world " + rule));
}

/// Heights over the field in colours from the 1st to the 99th percentile, with a scale.
void write_depth_png(const std::string& path, const sim::Scene& scene,
                     const sim::Capture& capture) {
  const ImageF z_m = sim::depth_z_m(range_map(scene, capture), scene.imager.scan());
  const std::vector<float> seen = seen_heights(z_m);
  report::MapChart chart;
  chart.title = "depth: z of the strongest return (mm)";
  chart.x_label = "x (mm)";
  chart.y_label = "y (mm)";
  chart.values = ImageD(z_m.rows, z_m.cols);
  for (std::size_t i = 0; i < z_m.size(); ++i) chart.values.data[i] = 1e3 * double{z_m.data[i]};
  const sim::ScanGeometry scan = scene.imager.scan();
  const Vec2 first = 1e3 * scan.foot_m(0, 0);
  chart.left = first.x();
  chart.right = -first.x();
  chart.bottom = -first.y();
  chart.top = first.y();
  if (!seen.empty()) {
    chart.low = 1e3 * double{seen[seen.size() / 100]};
    chart.high = 1e3 * double{seen[seen.size() - 1 - seen.size() / 100]};
  }
  if (chart.high - chart.low < 1.0) {
    chart.low -= 0.5;
    chart.high += 0.5;
  }
  report::write_charts_png(path, std::vector<report::MapChart>{chart}, 1);
}

}  // namespace

nlohmann::json depth_json(const sim::Scene& scene, const sim::Capture& capture) {
  const std::vector<float> seen =
      seen_heights(sim::depth_z_m(range_map(scene, capture), scene.imager.scan()));
  const auto height = [&](std::size_t rank) {
    return seen.empty() ? nlohmann::json() : nlohmann::json(seen[rank]);
  };
  return {{"threshold_db", sim::kDepthThreshold_db},
          {"threshold_dbm", capture.noise_floor_dbm + sim::kDepthThreshold_db},
          {"seen", static_cast<double>(seen.size()) / static_cast<double>(capture.power.size())},
          {"least_z_m", height(0)},
          {"median_z_m", height(seen.size() / 2)},
          {"largest_z_m", height(seen.empty() ? 0 : seen.size() - 1)}};
}

nlohmann::json frame_json(const sim::Capture& capture, const data::GreyMapping& mapping) {
  std::vector<float> sorted = capture.power.data;
  std::sort(sorted.begin(), sorted.end());
  return {{"minimum", sorted.front()},
          {"median", sorted[sorted.size() / 2]},
          {"maximum", sorted.back()},
          {"noise_floor_dbm", capture.noise_floor_dbm},
          {"mapping",
           {{"kind", kind_name(mapping.kind)},
            {"reference_power", mapping.reference_power},
            {"gamma", mapping.gamma},
            {"range_db", mapping.range_db}}}};
}

std::vector<std::string> write_capture(const std::string& folder, const sim::Scene& scene,
                                       const data::StagedScene& staged, const sim::Capture& capture,
                                       const data::ThzPicture& picture,
                                       const data::ImagingOptions& imaging, bool dump_stages) {
  io::make_folder(folder);
  std::vector<std::string> files;
  const auto path = [&](const char* name) {
    files.push_back((fs::path(folder) / name).string());
    return files.back();
  };
  io::write_png(path("image.png"), picture.image);
  io::write_png(path("field.png"), picture.grey);
  const float peak = *std::max_element(capture.power.data.begin(), capture.power.data.end());
  const ImageF decibels = io::decibel_grey(
      data::dewarp(capture.power,
                   data::ideal_raster_map(capture.power.rows, capture.power.cols, imaging.grid)),
      peak > 0.0f ? peak : 1.0f, -60.0f);
  const io::ImageRgb power = io::heat_map(decibels, 0.0f, 1.0f);
  io::write_png(path("power-60db.png"), power);
  std::vector<io::ImageRgb> panels = {
      io::enlarge(io::to_rgb(picture.image), std::max(1, power.rows / picture.image.rows)), power};
  if (staged.person) {
    const ImageF visible = data::photograph(scene, staged, 0).grey;
    io::write_png(path("visible.png"), visible);
    panels.push_back(io::enlarge(io::to_rgb(visible), std::max(1, power.rows / visible.rows)));
  }
  // Side by side: what a network sees, power over 60 dB below its peak, visible light.
  io::write_png(path("overview.png"), io::montage(panels, static_cast<int>(panels.size())));
  const std::string name = path(dump_stages ? "stages.h5" : "frame.h5");
  std::vector<io::StageArray> arrays;
  if (dump_stages) {
    arrays = stage_arrays(scene, staged, capture, picture, imaging);
  } else {
    arrays = {io::stage_image("power", capture.power, "1", "[line][sample]",
                              "received over transmitted power, frames averaged"),
              io::stage_image("image", picture.image, "1", "[row][column]")};
  }
  if (!capture.range_power.empty()) {
    write_depth_png(path("depth.png"), scene, capture);
    add_range(scene, capture, arrays);
  }
  io::write_stage_dump(name, arrays,
                       {{"scene_toml", scene.toml},
                        {"scene_sha256", scene.sha256},
                        {"thzface_version", version()},
                        {"instruction_set", instruction_set()}});
  return files;
}

}  // namespace thz::apps
