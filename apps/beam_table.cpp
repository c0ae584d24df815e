#include <fmt/core.h>

#include <cmath>

#include "beam_result.h"

namespace thz::apps {
namespace {

std::string row(const std::string& name, const std::string& value) {
  return fmt::format("  {:<37}{}\n", name, value);
}

std::string mm(const nlohmann::json& value) {
  return fmt::format("{:.2f}", 1e3 * value.get<double>());
}

/// "x x y mm" of one figure of both axes.
std::string both_mm(const nlohmann::json& beam, const char* key) {
  return mm(beam["x"][key]) + " x " + mm(beam["y"][key]) + " mm";
}

std::string spot_rows(const nlohmann::json& beam) {
  std::string text;
  text += row("width at half maximum one-way, x, y", both_mm(beam, "fwhm_one_way_m"));
  text += row("1/e^2 diameter one-way", both_mm(beam, "diameter_1e2_one_way_m"));
  text += row("width at half maximum two-way", both_mm(beam, "fwhm_two_way_m"));
  text += row("1/e^2 diameter two-way", both_mm(beam, "diameter_1e2_two_way_m"));
  if (!beam["x"]["sidelobe_one_way_db"].is_null()) {
    text += row("highest sidelobe one-way, x, y",
                fmt::format("{:.1f}, {:.1f} dB (two-way: twice)",
                            beam["x"]["sidelobe_one_way_db"].get<double>(),
                            beam["y"]["sidelobe_one_way_db"].get<double>()));
  }
  text += row("depth of focus one-way, two-way",
              fmt::format("{:.0f} mm, {:.0f} mm", 1e3 * beam["depth_one_way_m"].get<double>(),
                          1e3 * beam["depth_two_way_m"].get<double>()));
  text += row("focal shift, beyond z = 0",
              fmt::format("{:+.0f} mm", 1e3 * beam["focal_shift_m"].get<double>()));
  text += row("peak irradiance", fmt::format("{:.0f} /m^2 a watt, {:.2f} W/m^2 of {:.3g} mW",
                                             beam["peak_irradiance_per_m2"].get<double>(),
                                             beam["peak_irradiance_w_m2"].get<double>(),
                                             1e3 * beam["power_w"].get<double>()));
  return text;
}

std::string gaussian_rows(const nlohmann::json& result) {
  const nlohmann::json& beam = result["beam"];
  std::string text =
      row("waist, Rayleigh range",
          mm(beam["waist_m"]) + " mm, " + mm(beam["rayleigh_range_m"]) + " mm") +
      row("divergence, half angle",
          fmt::format("{:.3f} degrees", beam["divergence_rad"].get<double>() * 57.29577951308232));
  for (const nlohmann::json& at : result["at"]) {
    const nlohmann::json& curvature = at["wavefront_radius_m"];
    text += row(fmt::format("{:g} m from the waist", at["zeta_m"].get<double>()),
                fmt::format("radius {} mm, wavefront {}, Gouy {:.4f} rad", mm(at["radius_m"]),
                            curvature.is_null() ? std::string("flat")
                                                : fmt::format("{:.4g} m", curvature.get<double>()),
                            at["gouy_rad"].get<double>()));
  }
  for (const nlohmann::json& lens : result["mirror"]) {
    text += row(fmt::format("mirror at {:g} m, f {:g} m", lens["distance_m"].get<double>(),
                            lens["focal_m"].get<double>()),
                fmt::format("new waist {} mm, {:.4g} m behind it", mm(lens["waist_m"]),
                            lens["waist_position_m"].get<double>()));
  }
  return text;
}

std::string budget_rows(const nlohmann::json& budget) {
  std::string text = "power budget at the centre, of what the feed radiates\n";
  const std::pair<const char*, const char*> shares[] = {
      {"cut_by_stop", "cut by the first scan mirror"},
      {"past_second_galvo", "past the second"},
      {"past_sub", "past the sub-reflector"},
      {"past_main", "past the main reflector"},
      {"blocked", "blocked on the way"}};
  for (const auto& [key, name] : shares) {
    text += row(name, fmt::format("{:.2f} %", 100.0 * budget[key].get<double>()));
  }
  text += row("kept by the four surfaces",
              fmt::format("{:.2f} %", 100.0 * budget["surface_efficiency"].get<double>()));
  return text + row("arrives", fmt::format("{:.2f} %", 100.0 * budget["throughput"].get<double>()));
}

std::string halo_rows(const nlohmann::json& halo) {
  if (halo["peak_level_db"].is_null()) return "";
  return row("scattered by rough mirrors, their halo",
             fmt::format("{:.2f} %, half within {:.0f} mm, highest {:.1f} dB below the beam",
                         100.0 * halo["share"].get<double>(),
                         1e3 * halo["half_power_radius_m"].get<double>(),
                         -halo["peak_level_db"].get<double>()));
}

std::string map_rows(const nlohmann::json& map) {
  std::string text = fmt::format(
      "over the field\n  {:>8}{:>8}{:>16}{:>16}{:>9}{:>9}{:>9}{:>8}{:>8}{:>8}\n", "x mm", "y mm",
      "1/e^2 mm", "two-way fwhm", "focus mm", "S flat", "S best", "lobe dB", "walk mm", "power %");
  for (const nlohmann::json& p : map["points"]) {
    const auto pair = [&](const char* key) { return mm(p["x"][key]) + " x " + mm(p["y"][key]); };
    text += fmt::format(
        "  {:>8.0f}{:>8.0f}{:>16}{:>16}{:>+9.0f}{:>9.3f}{:>9.3f}{:>8.1f}{:>8.0f}"
        "{:>8.1f}\n",
        1e3 * p["world_m"][0].get<double>(), 1e3 * p["world_m"][1].get<double>(),
        pair("diameter_1e2_one_way_m"), pair("fwhm_two_way_m"),
        1e3 * p["focal_shift_m"].get<double>(), p["strehl_flat"].get<double>(),
        p["strehl_best"].get<double>(),
        std::max(p["x"]["sidelobe_one_way_db"].get<double>(),
                 p["y"]["sidelobe_one_way_db"].get<double>()),
        1e3 * p["beam_walk_m"].get<double>(), 100.0 * p["budget"]["throughput"].get<double>());
  }
  return text;
}

std::string comparison_rows(const nlohmann::json& result) {
  std::string text =
      "physical optics against the aperture level, main lobe (error at -0.2, 0, +0.2 m)\n";
  const auto line = [&](const nlohmann::json& point) {
    std::string errors;
    for (const nlohmann::json& plane : point["against_aperture"]) {
      errors += fmt::format("{:8.1f} dB", plane["lobe_error_db"].get<double>());
    }
    const nlohmann::json& plane = point["against_aperture"][1];
    text += row(fmt::format("at ({:+.0f}, {:+.0f}) mm", 1e3 * point["world_m"][0].get<double>(),
                            1e3 * point["world_m"][1].get<double>()),
                fmt::format("{}, width {:+.2f} %, cross-polar {:.1f} dB", errors,
                            100.0 * (plane["fwhm_ratio"].get<double>() - 1.0),
                            plane["cross_polar_db"].get<double>()));
  };
  line(result["beam"]);
  for (const nlohmann::json& point : result["map"]["points"]) line(point);
  return text;
}

std::string scan_rows(const nlohmann::json& scans) {
  std::string text = fmt::format(
      "scan angles, optical degrees in and out of plane\n"
      "  {:>8}{:>8}{:>12}{:>12}{:>12}{:>12}{:>11}{:>9}{:>9}{:>9}\n",
      "in", "out", "x mm", "y mm", "world x", "world y", "path m", "S flat", "S best", "focus mm");
  for (const nlohmann::json& s : scans) {
    text += fmt::format(
        "  {:>8g}{:>8g}{:>12.3f}{:>12.3f}{:>12.3f}{:>12.3f}{:>11.5f}{:>9.3f}{:>9.3f}{:>+9.0f}\n",
        s["scan_deg"][0].get<double>(), s["scan_deg"][1].get<double>(),
        1e3 * s["landing_m"][0].get<double>(), 1e3 * s["landing_m"][1].get<double>(),
        1e3 * s["world_m"][0].get<double>(), 1e3 * s["world_m"][1].get<double>(),
        s["path_m"].get<double>(), s["strehl_flat"].get<double>(), s["strehl_best"].get<double>(),
        1e3 * s["best_focus_m"].get<double>());
  }
  return text;
}

}  // namespace

std::string beam_table(const nlohmann::json& result) {
  const auto level = result["level"].get<std::string>();
  std::string text = fmt::format("beam at {:g} GHz, level {}\n",
                                 1e-9 * result["frequency_hz"].get<double>(), level);
  text += spot_rows(result["beam"]);
  if (level == "gaussian") {
    text += gaussian_rows(result);
  } else {
    text += budget_rows(result["beam"]["budget"]);
    text += halo_rows(result["halo"]);
    text += map_rows(result["map"]);
    if (level == "po") text += comparison_rows(result);
    if (!result["scan"].empty()) text += scan_rows(result["scan"]);
  }
  for (const auto& file : result["files"]) text += file.get<std::string>() + "\n";
  text.pop_back();
  return text;
}

}  // namespace thz::apps
