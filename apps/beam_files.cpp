#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "beam_result.h"
#include "thz/core/version.h"
#include "thz/io/stage_dump.h"
#include "thz/report/charts.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;

constexpr double kLeastShown_db = -60.0;

/// Irradiance in dB below the cut's highest point; `two_way` doubles it.
report::Curve curve_db(const std::string& title, const sim::BeamCut& cut, double unit_m,
                       bool two_way) {
  report::Curve curve;
  curve.title = title;
  const double top = *std::max_element(cut.irradiance.begin(), cut.irradiance.end());
  for (std::size_t i = 0; i < cut.irradiance.size(); ++i) {
    const double db = 10.0 * std::log10(std::max(cut.irradiance[i] / top, 1e-12));
    curve.x.push_back(cut.position_m(i) / unit_m);
    curve.y.push_back(std::max(two_way ? 2.0 * db : db, kLeastShown_db));
  }
  return curve;
}

std::vector<report::CurveChart> cut_charts(const BeamResult& result) {
  const std::string label = "irradiance below its peak (dB)";
  const auto chart = [&](const char* title, const char* axis, const sim::BeamCut& cut,
                         double unit_m, double low_db) {
    return report::CurveChart{
        title, axis,
        label, low_db,
        0.0,   {curve_db("one-way", cut, unit_m, false), curve_db("two-way", cut, unit_m, true)}};
  };
  std::vector<report::CurveChart> charts = {
      chart("across, x", "x (mm)", result.cut_x, 1e-3, kLeastShown_db),
      chart("across, y", "y (mm)", result.cut_y, 1e-3, kLeastShown_db),
      chart("along the chief ray, away from the imager", "distance beyond z = 0 (m)", result.cut_z,
            1.0, -30.0)};
  if (result.aperture) {
    const sim::BeamCut* rays[] = {&result.aperture->cut_x, &result.aperture->cut_y,
                                  &result.aperture->cut_z};
    for (std::size_t i = 0; i < 3; ++i) {
      charts[i].curves.push_back(
          curve_db("one-way, aperture level", *rays[i], i == 2 ? 1.0 : 1e-3, false));
    }
  }
  return charts;
}

template <typename Value>
ImageD map_of(const sim::BeamSummary& summary, Value&& value) {
  ImageD map(summary.rows, summary.cols);
  for (std::size_t i = 0; i < map.size(); ++i) map.data[i] = value(summary.field[i]);
  return map;
}

struct NamedMap {
  const char* name;   ///< in the HDF5 file
  const char* title;  ///< of the picture
  const char* units;
  const char* format;
  double scale;  ///< picture's values over those of the file
  ImageD values;
};

std::vector<NamedMap> maps_of(const sim::BeamSummary& summary) {
  using F = sim::BeamFigures;
  const auto map = [&](auto value) { return map_of(summary, value); };
  std::vector<NamedMap> maps = {
      {"diameter_1e2_x", "1/e^2 diameter, x (mm)", "m", "%.1f", 1e3,
       map([](const F& f) { return f.x.diameter_1e2_one_way_m; })},
      {"diameter_1e2_y", "1/e^2 diameter, y (mm)", "m", "%.1f", 1e3,
       map([](const F& f) { return f.y.diameter_1e2_one_way_m; })},
      {"fwhm_two_way_x", "two-way width at half maximum, x (mm)", "m", "%.1f", 1e3,
       map([](const F& f) { return f.x.fwhm_two_way_m; })},
      {"fwhm_two_way_y", "two-way width at half maximum, y (mm)", "m", "%.1f", 1e3,
       map([](const F& f) { return f.y.fwhm_two_way_m; })},
      {"strehl_flat", "Strehl ratio in z = 0", "1", "%.2f", 1.0,
       map([](const F& f) { return f.aberration.strehl_flat; })},
      {"strehl_best", "Strehl ratio at best focus", "1", "%.3f", 1.0,
       map([](const F& f) { return f.aberration.strehl_best; })},
      {"path_rms", "rms path error to z = 0 (um)", "m", "%.0f", 1e6,
       map([](const F& f) { return f.aberration.path_rms_m; })},
      {"focal_shift", "highest irradiance beyond z = 0 (mm)", "m", "%.0f", 1e3,
       map([](const F& f) { return f.focal_shift_m; })},
      {"depth_two_way", "two-way depth of focus (mm)", "m", "%.0f", 1e3,
       map([](const F& f) { return f.depth_two_way_m; })},
      {"peak_irradiance", "peak irradiance a watt (1/m^2)", "1/m^2", "%.0f", 1.0,
       map([](const F& f) { return f.peak_irradiance_per_m2; })},
      {"beam_walk", "walk on the main reflector (mm)", "m", "%.0f", 1e3,
       map([](const F& f) { return f.beam_walk_m; })},
      {"throughput", "power that arrives (%)", "1", "%.1f", 100.0,
       map([](const F& f) { return f.budget.throughput; })}};
  if (!summary.centre.comparison.empty()) {
    maps.push_back({"lobe_error", "error of the aperture level in z = 0 (dB)", "dB", "%.1f", 1.0,
                    map([](const F& f) { return f.comparison[1].lobe_error_db; })});
  }
  return maps;
}

std::vector<report::MapChart> map_charts(const sim::BeamSummary& summary, const Vec2& field_m) {
  std::vector<report::MapChart> charts;
  for (NamedMap& map : maps_of(summary)) {
    for (double& v : map.values.data) v *= map.scale;
    report::MapChart chart;
    chart.title = map.title;
    chart.x_label = "x (mm)";
    chart.y_label = "y (mm)";
    chart.values = std::move(map.values);
    chart.left = -500.0 * field_m.x();
    chart.right = 500.0 * field_m.x();
    chart.bottom = -500.0 * field_m.y();
    chart.top = 500.0 * field_m.y();
    chart.number_format = map.format;
    charts.push_back(std::move(chart));
  }
  return charts;
}

void add_cut(std::vector<io::StageArray>& arrays, const std::string& name, const sim::BeamCut& cut,
             const std::string& along) {
  const uint64_t count = cut.irradiance.size();
  std::vector<double> position;
  for (std::size_t i = 0; i < count; ++i) position.push_back(cut.position_m(i));
  arrays.push_back({name + "/position", {count}, position, "m", "[point]", along});
  arrays.push_back({name + "/irradiance",
                    {count},
                    cut.irradiance,
                    "1/m^2",
                    "[point]",
                    "one-way, per watt; its square is the two-way response"});
}

void add_cuts(std::vector<io::StageArray>& arrays, const std::string& group, const sim::BeamCut& x,
              const sim::BeamCut& y, const sim::BeamCut& z) {
  add_cut(arrays, group + "/x", x, "across the chief ray, in the plane z = 0, along x");
  add_cut(arrays, group + "/y", y, "across the chief ray, in the plane z = 0, along y");
  add_cut(arrays, group + "/z", z, "along the chief ray beyond z = 0, away from the imager");
}

std::vector<io::StageArray> beam_arrays(const sim::Scene& scene, const BeamResult& result) {
  std::vector<io::StageArray> arrays;
  add_cuts(arrays, "centre", result.cut_x, result.cut_y, result.cut_z);
  if (result.aperture) {
    add_cuts(arrays, "centre_aperture", result.aperture->cut_x, result.aperture->cut_y,
             result.aperture->cut_z);
  }
  if (!result.summary) return arrays;
  const Vec2& field_m = scene.imager.field_of_view_m;
  for (const NamedMap& map : maps_of(*result.summary)) {
    arrays.push_back(io::stage_image(std::string("map/") + map.name, map.values, map.units,
                                     "[row][column]",
                                     fmt::format("over {:g} x {:g} m in z = 0, outermost on its "
                                                 "edge, row 0 at +y, column 0 at -x",
                                                 field_m.x(), field_m.y())));
  }
  return arrays;
}

}  // namespace

std::vector<std::string> write_beam(const std::string& folder, const sim::Scene& scene,
                                    const BeamResult& result, const nlohmann::json& json) {
  std::vector<std::string> files;
  const auto path = [&](const char* name) {
    files.push_back((fs::path(folder) / name).string());
    return files.back();
  };
  report::write_charts_png(path("cuts.png"), cut_charts(result), 3);
  if (result.summary) {
    report::write_charts_png(path("maps.png"),
                             map_charts(*result.summary, scene.imager.field_of_view_m), 4);
  }
  std::vector<io::StageArray> arrays = beam_arrays(scene, result);
  if (result.pictures) {
    report::write_charts_png(path("pictures.png"), picture_charts(*result.pictures), 4);
    for (auto& array : picture_arrays(*result.pictures)) arrays.push_back(std::move(array));
  }
  io::write_stage_dump(path("beam.h5"), arrays,
                       {{"made_by", "thzface beam --level " + result.level},
                        {"figures_json", json.dump()},
                        {"scene_toml", scene.toml},
                        {"scene_sha256", scene.sha256},
                        {"thzface_version", version()},
                        {"instruction_set", instruction_set()}});
  return files;
}

}  // namespace thz::apps
