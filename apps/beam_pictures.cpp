#include "beam_pictures.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/sim/ruze.h"

namespace thz::apps {
namespace {

constexpr int kAperturePoints = 161;
constexpr int kFocalPoints = 161;
constexpr double kFocalPitch_m = 1e-3;
constexpr double kLeastFocal_db = -50.0;
/// Below this the phase of the focal field is left blank.
constexpr double kLeastPhase_db = -30.0;

ImageD irradiance(const ImageC& field) {
  ImageD image(field.rows, field.cols);
  for (std::size_t i = 0; i < image.size(); ++i) {
    image.data[i] = std::norm(std::complex<double>(field.data[i]));
  }
  return image;
}

double highest(const ImageD& image) {
  double top = 0.0;
  for (const double value : image.data) {
    if (value > top) top = value;  // not where it is NaN
  }
  return top;
}

/// 10 lg of the values over `top`, not below `least_db`; NaN stays.
ImageD relative_db(const ImageD& image, double top, double least_db) {
  ImageD db = image;
  for (double& value : db.data) {
    if (!std::isnan(value)) value = std::max(10.0 * std::log10(value / top), least_db);
  }
  return db;
}

sim::RuzeHalo halo_of(const sim::Gregorian& optics, const sim::ApertureField& field,
                      double wavelength_m) {
  return sim::RuzeHalo(sim::rough_mirrors(optics, field.chief, wavelength_m), wavelength_m,
                       (field.frame.origin - field.chief.main).norm());
}

report::MapChart chart_of(const std::string& title, const char* x, const char* y, ImageD values,
                          double half_mm, double low, double high) {
  report::MapChart chart;
  chart.title = title;
  chart.x_label = x;
  chart.y_label = y;
  chart.values = std::move(values);
  chart.left = chart.bottom = -half_mm;
  chart.right = chart.top = half_mm;
  chart.low = low;
  chart.high = high;
  return chart;
}

ImageD degrees_of(const ImageD& phase_rad) {
  ImageD degrees = phase_rad;
  for (double& value : degrees.data) value *= 180.0 / kPi;
  return degrees;
}

/// Phase in degrees where the field is strong enough to have one.
ImageD focal_phase(const ImageC& field) {
  const ImageD power = irradiance(field);
  const double least = highest(power) * std::pow(10.0, 0.1 * kLeastPhase_db);
  ImageD phase(field.rows, field.cols);
  for (std::size_t i = 0; i < phase.size(); ++i) {
    phase.data[i] =
        power.data[i] < least ? NAN : rad_to_deg(static_cast<double>(std::arg(field.data[i])));
  }
  return phase;
}

double focal_half_mm(const BeamPicture& beam) {
  return 500.0 * beam.pitch_m * (beam.focal.rows - 1);
}

void add_beam_charts(const BeamPicture& beam, std::vector<report::MapChart>& charts) {
  const std::string where =
      fmt::format(" ({:+.0f}, {:+.0f}) mm", 1e3 * beam.landing_m.x(), 1e3 * beam.landing_m.y());
  ImageD power = beam.aperture.amplitude;
  for (double& value : power.data) value *= value;
  const double half_mm = 1e3 * beam.aperture.half_m;
  const double top = highest(power);
  charts.push_back(chart_of("on the main reflector (dB), beam at" + where, "in plane (mm)",
                            "out of plane (mm)", relative_db(power, top, -15.0), half_mm, -15.0,
                            0.0));
  ImageD phase = degrees_of(beam.aperture.phase_rad);
  double most = 1.0;  // a degree at least, so that rounding is not drawn as aberration
  for (const double value : phase.data) {
    if (std::abs(value) > most) most = std::abs(value);
  }
  charts.push_back(chart_of("its phase error (degrees)", "in plane (mm)", "out of plane (mm)",
                            std::move(phase), half_mm, -most, most));
  const ImageD focal = irradiance(beam.focal);
  charts.push_back(chart_of("in z = 0 (dB), about" + where, "x (mm)", "y (mm)",
                            relative_db(focal, highest(focal), kLeastFocal_db), focal_half_mm(beam),
                            kLeastFocal_db, 0.0));
  charts.push_back(chart_of(fmt::format("its phase (degrees), above {:g} dB", kLeastPhase_db),
                            "x (mm)", "y (mm)", focal_phase(beam.focal), focal_half_mm(beam),
                            -180.0, 180.0));
}

}  // namespace

BeamPictures take_pictures(const sim::Gregorian& optics, double frequency_hz, const Vec2& field_m,
                           int threads) {
  const double wavelength_m = kSpeedOfLight / frequency_hz;
  BeamPictures pictures;
  const std::pair<const char*, Vec2> places[] = {
      {"centre", Vec2::Zero()}, {"corner", Vec2(-0.5 * field_m.x(), 0.5 * field_m.y())}};
  for (const auto& [name, landing_m] : places) {
    const sim::ScanAngles scan = optics.aim({-landing_m.x(), landing_m.y()});
    const sim::ApertureField field = sim::aperture_field(optics, frequency_hz, scan);
    const sim::RuzeHalo halo = halo_of(optics, field, wavelength_m);
    BeamPicture beam{name,
                     landing_m,
                     sim::aperture_map(optics, field, kAperturePoints),
                     kFocalPitch_m,
                     sim::focal_plane(field, 0.0, kFocalPoints, kFocalPitch_m, threads),
                     ImageD(kFocalPoints, kFocalPoints, 0.0)};
    const ImageD coherent = irradiance(beam.focal);
    const double top = highest(coherent);
    // Mirrors so rough that nothing coherent is left have no beam to fold the halo with.
    if (halo.halo_share() > 0.0 && top > 0.0) beam.halo = halo.image(coherent, kFocalPitch_m);
    if (pictures.beams.empty()) {
      pictures.halo = {halo.phase_rms_rad(), halo.halo_share(), halo.radius_holding_m(0.5),
                       top > 0.0 ? highest(beam.halo) / top : 0.0};
    }
    pictures.beams.push_back(std::move(beam));
  }
  return pictures;
}

nlohmann::json halo_json(const HaloFigures& halo) {
  nlohmann::json level_db = nullptr;  // of no halo
  if (halo.peak_irradiance_ratio > 0.0) level_db = 10.0 * std::log10(halo.peak_irradiance_ratio);
  return {{"phase_rms_rad", halo.phase_rms_rad},
          {"share", halo.share},
          {"half_power_radius_m", halo.half_power_radius_m},
          {"peak_level_db", level_db}};
}

std::vector<report::MapChart> picture_charts(const BeamPictures& pictures) {
  std::vector<report::MapChart> charts;
  for (const BeamPicture& beam : pictures.beams) add_beam_charts(beam, charts);
  const BeamPicture& centre = pictures.beams.front();
  if (highest(centre.halo) == 0.0) return charts;
  const ImageD coherent = irradiance(centre.focal);
  const double top = highest(coherent);
  ImageD mean = coherent;
  for (std::size_t i = 0; i < mean.size(); ++i) mean.data[i] += centre.halo.data[i];
  charts.push_back(chart_of("beam and mean halo of rough mirrors, centre (dB)", "x (mm)", "y (mm)",
                            relative_db(mean, top, kLeastFocal_db), focal_half_mm(centre),
                            kLeastFocal_db, 0.0));
  charts.push_back(chart_of("the halo alone (dB below the beam's peak)", "x (mm)", "y (mm)",
                            relative_db(centre.halo, top, -100.0), focal_half_mm(centre), 0.0,
                            0.0));
  return charts;
}

std::vector<io::StageArray> picture_arrays(const BeamPictures& pictures) {
  std::vector<io::StageArray> arrays;
  for (const BeamPicture& beam : pictures.beams) {
    const std::string group = "picture/" + beam.name + "/";
    const std::string on_main = fmt::format(
        "aperture level; over +-{:g} m of the feed's plane times the expansion, columns in plane, "
        "rows against out of plane; NaN without light",
        beam.aperture.half_m);
    arrays.push_back(io::stage_image(group + "aperture_amplitude", beam.aperture.amplitude,
                                     "sqrt(W)/m", "[row][column]", on_main));
    arrays.push_back(io::stage_image(group + "aperture_phase", beam.aperture.phase_rad, "rad",
                                     "[row][column]", on_main));
    const std::string in_focus = fmt::format(
        "aperture level; z = 0 about ({:g}, {:g}) m, pitch {:g} m, the chief ray in the middle, "
        "columns along x, rows against y",
        beam.landing_m.x(), beam.landing_m.y(), beam.pitch_m);
    arrays.push_back(
        io::stage_image(group + "focal_field", beam.focal, "sqrt(W)/m", "[row][column]", in_focus));
    arrays.push_back(
        io::stage_image(group + "halo", beam.halo, "1/m^2", "[row][column]",
                        "mean irradiance scattered by rough mirrors, per watt; " + in_focus));
  }
  return arrays;
}

}  // namespace thz::apps
