#include "beam_result.h"

#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/version.h"
#include "thz/sim/radar_budget.h"

namespace thz::apps {
namespace {

nlohmann::json spot_json(const sim::SpotFigures& spot) {
  return {{"peak_at_m", spot.peak_at_m},
          {"fwhm_one_way_m", spot.fwhm_one_way_m},
          {"diameter_1e2_one_way_m", spot.diameter_1e2_one_way_m},
          {"fwhm_two_way_m", spot.fwhm_two_way_m},
          {"diameter_1e2_two_way_m", spot.diameter_1e2_two_way_m},
          {"sidelobe_one_way_db", spot.sidelobe_one_way_db},
          {"sidelobe_two_way_db", 2.0 * spot.sidelobe_one_way_db}};
}

nlohmann::json comparison_json(const std::vector<sim::LevelComparison>& planes) {
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& plane : planes) {
    rows.push_back({{"zeta_m", plane.zeta_m},
                    {"lobe_error_db", plane.lobe_error_db},
                    {"fwhm_ratio", plane.fwhm_ratio},
                    {"cross_polar_db", plane.cross_polar_db}});
  }
  return rows;
}

nlohmann::json losses_json(const sim::OneWayLosses& losses) {
  return {{"coupler_db", losses.coupler_db},     {"waveguide_db", losses.waveguide_db},
          {"horn_db", losses.horn_db},           {"spill_over_db", losses.spill_over_db},
          {"mirrors_db", losses.mirrors_db},     {"atmosphere_db", losses.atmosphere_db},
          {"remaining_db", losses.remaining_db}, {"total_db", losses.total_db()}};
}

}  // namespace

double beam_power_w(const sim::Imager& imager, const std::string& level) {
  const sim::OneWayLosses& losses = imager.radar.losses;
  // Reflectors: spill-over, mirrors and aberration are computed, the rest of the way is not.
  const double loss_db = level == "gaussian" ? losses.total_db()
                                             : losses.coupler_db + losses.waveguide_db +
                                                   losses.horn_db + losses.atmosphere_db;
  return imager.radar.transmit_power_w * sim::ratio_from_db(-loss_db);
}

void cut_gaussian(BeamResult& result) {
  const sim::GaussianBeam& beam = *result.gaussian;
  const auto across = [&](double reach_m, int steps, auto&& at) {
    sim::BeamCut cut{-reach_m, reach_m / steps, {}};
    for (int i = 0; i <= 2 * steps; ++i) {
      cut.irradiance.push_back(std::norm(at(cut.position_m(static_cast<std::size_t>(i)))));
    }
    return cut;
  };
  result.cut_x = across(8.0 * beam.waist_m(), 240, [&](double x) { return beam.field(x, 0.0); });
  result.cut_y = result.cut_x;
  result.cut_z = across(5.0 * beam.rayleigh_range_m(), 250,
                        [&](double zeta) { return beam.field(0.0, zeta); });
}

nlohmann::json gaussian_json(const sim::Imager& imager, const sim::GaussianBeam& beam) {
  const double z_r = beam.rayleigh_range_m(), w0 = beam.waist_m();
  const double power_w = beam_power_w(imager, "gaussian");
  const nlohmann::json spot = {{"peak_at_m", 0.0},
                               {"fwhm_one_way_m", beam.fwhm_one_way_m()},
                               {"diameter_1e2_one_way_m", 2.0 * w0},
                               {"fwhm_two_way_m", beam.fwhm_two_way_m()},
                               {"diameter_1e2_two_way_m", std::sqrt(2.0) * w0},
                               {"sidelobe_one_way_db", nullptr},
                               {"sidelobe_two_way_db", nullptr}};
  return {{"waist_m", w0},
          {"rayleigh_range_m", z_r},
          {"confocal_parameter_m", 2.0 * z_r},
          {"divergence_rad", beam.divergence_rad()},
          {"x", spot},
          {"y", spot},
          // I = I0 / (1 + (z/zR)^2), one-way to a half, two-way to the square root of a half.
          {"depth_one_way_m", 2.0 * z_r},
          {"depth_two_way_m", 2.0 * z_r * std::sqrt(std::sqrt(2.0) - 1.0)},
          {"focal_shift_m", 0.0},
          {"peak_irradiance_per_m2", beam.peak_irradiance_w_m2(1.0)},
          {"power_w", power_w},
          {"peak_irradiance_w_m2", beam.peak_irradiance_w_m2(power_w)}};
}

nlohmann::json budget_json(const sim::PowerBudget& budget) {
  return {{"cut_by_stop", budget.cut_by_stop}, {"past_second_galvo", budget.past_second_galvo},
          {"past_sub", budget.past_sub},       {"past_main", budget.past_main},
          {"blocked", budget.blocked},         {"surface_efficiency", budget.surface_efficiency},
          {"throughput", budget.throughput}};
}

nlohmann::json figures_json(const sim::BeamFigures& figures, double power_w) {
  const sim::Aberration& a = figures.aberration;
  nlohmann::json out = {
      {"world_m", {figures.landing_m.x(), figures.landing_m.y()}},
      {"scan_deg",
       {rad_to_deg(figures.scan.in_plane_rad), rad_to_deg(figures.scan.out_of_plane_rad)}},
      {"x", spot_json(figures.x)},
      {"y", spot_json(figures.y)},
      {"depth_one_way_m", figures.depth_one_way_m},
      {"depth_two_way_m", figures.depth_two_way_m},
      {"focal_shift_m", figures.focal_shift_m},
      {"peak_irradiance_per_m2", figures.peak_irradiance_per_m2},
      {"power_w", power_w},
      {"peak_irradiance_w_m2", figures.peak_irradiance_per_m2 * power_w},
      {"strehl_flat", a.strehl_flat},
      {"strehl_best", a.strehl_best},
      {"best_focus_m", a.best_shift_m},
      {"blur_rms_m", a.blur_rms_m},
      {"path_rms_m", a.path_rms_m},
      {"beam_walk_m", figures.beam_walk_m},
      {"budget", budget_json(figures.budget)}};
  if (!figures.comparison.empty()) {
    out["against_aperture"] = comparison_json(figures.comparison);
  }
  return out;
}

nlohmann::json design_json(const sim::Gregorian& optics) {
  const sim::GregorianDesign& d = optics.design();
  return {{"main_to_first_focus_m", d.main_to_first_focus_m},
          {"main_to_target_m", d.main_to_target_m},
          {"main_incidence_deg", rad_to_deg(d.main_incidence_rad)},
          {"sub_focal_m", d.sub_focal_m},
          {"sub_incidence_deg", rad_to_deg(optics.sub_incidence_rad())},
          {"galvo_distance_m", optics.galvo_distance_m()},
          {"galvo_separation_m", d.galvo_separation_m},
          {"aperture_m", d.aperture_m},
          {"edge_taper_db", d.edge_taper_db},
          {"stop_at_first_galvo", d.stop_at_first_galvo},
          {"expansion", optics.expansion()},
          {"feed_waist_m", optics.feed_waist_m()},
          {"semi_major_m", optics.semi_major_m()},
          {"semi_minor_m", optics.semi_minor_m()},
          {"focal_distance_m", optics.focal_distance_m()},
          {"eccentricity", optics.eccentricity()},
          {"main_focal_length_m", optics.main_focal_length_m()}};
}

nlohmann::json ideal_json(const sim::BeamSummary& summary, const sim::GregorianDesign& design,
                          double wavelength_m) {
  const sim::SpotShape& s = summary.ideal_spot;
  const sim::AxialShape& a = summary.ideal_axis;
  const double unit_m = wavelength_m * design.main_to_target_m / design.aperture_m;
  return {{"lambda_r_over_d_m", unit_m},
          {"fwhm_one_way", s.fwhm_one_way},
          {"diameter_1e2_one_way", s.diameter_1e2_one_way},
          {"fwhm_two_way", s.fwhm_two_way},
          {"first_minimum_radius", s.first_minimum_radius},
          {"fwhm_one_way_m", s.fwhm_one_way * unit_m},
          {"diameter_1e2_one_way_m", s.diameter_1e2_one_way * unit_m},
          {"fwhm_two_way_m", s.fwhm_two_way * unit_m},
          {"first_minimum_radius_m", s.first_minimum_radius * unit_m},
          {"first_sidelobe_db", s.first_sidelobe_db},
          {"taper_efficiency", s.taper_efficiency},
          {"captured", s.captured},
          {"peak_at_m", a.peak_m},
          {"focal_shift_m", a.peak_m - design.main_to_target_m},
          {"depth_one_way_m", a.depth_one_way_m},
          {"depth_two_way_m", a.depth_two_way_m},
          {"irradiance_per_m2", a.irradiance_per_w_m2}};
}

nlohmann::json beam_json(const sim::Scene& scene, const BeamResult& result) {
  const sim::Imager& imager = scene.imager;
  const double wavelength_m = imager.beam.wavelength_m();
  nlohmann::json out = {{"schema", "thzface-beam/1"},
                        {"version", version()},
                        {"scene_sha256", scene.sha256},
                        {"level", result.level},
                        {"frequency_hz", imager.beam.frequency_hz},
                        {"wavelength_m", wavelength_m},
                        {"transmit_power_w", imager.radar.transmit_power_w},
                        {"losses", losses_json(imager.radar.losses)}};
  if (result.gaussian) {
    out["beam"] = gaussian_json(imager, *result.gaussian);
    return out;
  }
  const double power_w = beam_power_w(imager, result.level);
  const sim::BeamSummary& summary = *result.summary;
  out["design"] = design_json(sim::Gregorian(*result.design));
  out["beam"] = figures_json(summary.centre, power_w);
  out["ideal"] = ideal_json(summary, *result.design, wavelength_m);
  if (result.pictures) out["halo"] = halo_json(result.pictures->halo);
  nlohmann::json points = nlohmann::json::array();
  for (const auto& point : summary.field) points.push_back(figures_json(point, power_w));
  out["map"] = {{"rows", summary.rows}, {"cols", summary.cols}, {"points", points}};
  if (result.aperture) out["aperture"] = figures_json(*result.aperture, power_w);
  return out;
}

}  // namespace thz::apps
