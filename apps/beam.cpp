#include <fmt/core.h>

#include <cmath>
#include <memory>
#include <sstream>

#include "beam_result.h"
#include "commands.h"
#include "program.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"

namespace thz::apps {
namespace {

struct BeamCommandOptions {
  CommonOptions common;
  std::string scene, level;
  std::vector<std::string> scans, mirrors;
  std::vector<double> distances_m;
  int map = 0;  ///< 0: by level
};

/// "A,B" of an option, both within ±most.
Vec2 parse_pair(const std::string& option, const std::string& text, double most,
                const std::string& meaning) {
  std::istringstream in(text);
  double a = 0.0, b = 0.0;
  char comma = 0;
  if (!(in >> a >> comma >> b) || comma != ',' || !(in >> std::ws).eof() || std::abs(a) > most ||
      std::abs(b) > most) {
    throw_input("{} is '{}', but must be {}, each within +-{:g}", option, text, meaning, most);
  }
  return {a, b};
}

nlohmann::json at_json(const sim::GaussianBeam& beam, double zeta_m) {
  const double curvature = beam.wavefront_curvature_per_m(zeta_m);
  return {{"zeta_m", zeta_m},
          {"radius_m", beam.radius_m(zeta_m)},
          // A flat wavefront has no radius that JSON could hold.
          {"wavefront_radius_m",
           curvature == 0.0 ? nlohmann::json(nullptr) : nlohmann::json(1.0 / curvature)},
          {"gouy_rad", beam.gouy_phase_rad(zeta_m)}};
}

nlohmann::json mirror_json(const sim::GaussianBeam& beam, const std::string& text) {
  const Vec2 mirror = parse_pair("--mirror", text, 1e3, "DISTANCE,FOCAL in metres");
  if (mirror.y() == 0.0) throw_input("--mirror is '{}', but its focal length must not be 0", text);
  // The waist lies `distance` before the mirror.
  const sim::PlacedBeam out =
      sim::through(sim::thin_lens(mirror.y()), sim::PlacedBeam{beam, -mirror.x()});
  return {{"distance_m", mirror.x()},
          {"focal_m", mirror.y()},
          {"waist_m", out.beam.waist_m()},
          {"waist_position_m", out.waist_position_m}};
}

nlohmann::json scan_json(const sim::Gregorian& optics, double frequency_hz,
                         const std::string& text) {
  const Vec2 degrees = parse_pair("--scan", text, 40.0, "IN,OUT in optical degrees");
  const sim::ScanAngles scan{deg_to_rad(degrees.x()), deg_to_rad(degrees.y())};
  if (!optics.trace(scan, Vec2::Zero())) {
    throw_input("--scan is '{}', but the chief ray of these angles misses a reflector", text);
  }
  const sim::ApertureField field = sim::aperture_field(optics, frequency_hz, scan);
  const sim::Aberration a = sim::aberration(optics, field);
  const Vec2 landing = optics.landing_m(field.chief);
  return {{"scan_deg", {degrees.x(), degrees.y()}},
          {"landing_m", {landing.x(), landing.y()}},
          {"world_m", {-landing.x(), landing.y()}},
          {"path_m", field.chief.path_m + (field.frame.origin - field.chief.main).norm()},
          {"strehl_flat", a.strehl_flat},
          {"strehl_best", a.strehl_best},
          {"best_focus_m", a.best_shift_m},
          {"blur_rms_m", a.blur_rms_m},
          {"path_rms_m", a.path_rms_m},
          {"beam_walk_m", (field.chief.main - optics.main_chief_point()).norm()},
          {"budget", budget_json(field.budget)}};
}

/// What the scene asks for, as far as the level can know it. @throws thz::InputError with the
/// scene's name for a design that does not fit, e.g. the default one at another stand-off distance.
sim::Gregorian make_optics(const sim::Scene& scene, const BeamCommandOptions& options,
                           const std::string& level) {
  sim::GregorianDesign design = scene.imager.design;
  if (level == "po") design = sim::ideal_gaussian_fed(design);
  try {
    return sim::Gregorian(design);
  } catch (const InputError& e) {
    throw_input("{}: {}", options.scene, e.what());
  }
}

nlohmann::json run_gaussian(const sim::Scene& scene, const BeamCommandOptions& options,
                            BeamResult& result) {
  if (!options.scans.empty()) {
    throw_input("--scan asks for rays through the reflectors: --level aperture or po");
  }
  const sim::BeamOptions& beam = scene.imager.beam;
  result.gaussian = sim::GaussianBeam(beam.waist_m, beam.wavelength_m());
  cut_gaussian(result);
  nlohmann::json out = beam_json(scene, result);
  out["at"] = nlohmann::json::array();
  std::vector<double> distances_m = options.distances_m;
  if (distances_m.empty()) {
    distances_m = {0.0, result.gaussian->rayleigh_range_m(), scene.imager.standoff_m};
  }
  for (const double zeta_m : distances_m) out["at"].push_back(at_json(*result.gaussian, zeta_m));
  out["mirror"] = nlohmann::json::array();
  for (const auto& text : options.mirrors) {
    out["mirror"].push_back(mirror_json(*result.gaussian, text));
  }
  return out;
}

nlohmann::json run_reflectors(const sim::Scene& scene, const BeamCommandOptions& options,
                              BeamResult& result) {
  if (!options.distances_m.empty() || !options.mirrors.empty()) {
    throw_input("--at and --mirror ask for closed forms: --level gaussian");
  }
  const bool physical = result.level == "po";
  const double frequency_hz = scene.imager.beam.frequency_hz;
  const sim::Gregorian optics = make_optics(scene, options, result.level);
  if (physical) {
    say(options.common,
        "po: a Gaussian feed without stop, mirrors without errors and losses; so is the aperture "
        "level it is compared with");
  }
  nlohmann::json scans = nlohmann::json::array();
  for (const auto& text : options.scans) scans.push_back(scan_json(optics, frequency_hz, text));
  const int threads = options.common.threads;
  const int map = options.map > 0 ? options.map : physical ? 3 : 5;
  ProgressLine progress("field", "beams", options.common.quiet);
  result.design = optics.design();
  result.summary = sim::summarise_beam(
      optics, frequency_hz, scene.imager.field_of_view_m, map, map, threads, progress.function(),
      cancel_token(), physical ? sim::BeamLevel::kPhysicalOptics : sim::BeamLevel::kAperture);
  if (physical) {
    result.aperture = sim::beam_figures(optics, frequency_hz, Vec2::Zero(), threads);
  }
  result.pictures = take_pictures(optics, frequency_hz, scene.imager.field_of_view_m, threads);
  result.cut_x = result.summary->centre.cut_x;
  result.cut_y = result.summary->centre.cut_y;
  result.cut_z = result.summary->centre.cut_z;
  nlohmann::json out = beam_json(scene, result);
  out["scan"] = scans;
  return out;
}

void beam(const BeamCommandOptions& options) {
  use_openmp_threads(options.common.threads);
  ConfigTable table = ConfigTable::parse_file(options.scene);
  const sim::Scene scene = sim::parse_scene(table);
  BeamResult result;
  result.level = !options.level.empty()                              ? options.level
                 : scene.imager.optics == sim::OpticsKind::kAperture ? "aperture"
                                                                     : "gaussian";
  // Before the work, so that an unwritable place is told at once.
  if (!options.common.output.empty()) io::make_folder(options.common.output);
  nlohmann::json out = result.level == "gaussian" ? run_gaussian(scene, options, result)
                                                  : run_reflectors(scene, options, result);
  out["files"] = nlohmann::json::array();
  if (!options.common.output.empty()) {
    out["files"] = write_beam(options.common.output, scene, result, out);
  }
  print_result(options.common, out, beam_table(out));
}

}  // namespace

void add_beam(CLI::App& app) {
  auto options = std::make_shared<BeamCommandOptions>();
  CLI::App* command = app.add_subcommand(
      "beam", "The beam of a scene's optics: spot, sidelobes, depth of focus, map over the field");
  command->add_option("scene", options->scene, "Scene, a TOML file (docs/formats/scene.md)")
      ->required();
  command
      ->add_option("--level", options->level,
                   "gaussian (closed forms), aperture (rays and diffraction) or po (physical "
                   "optics); as the scene says if left out")
      ->check(CLI::IsMember({"gaussian", "aperture", "po"}));
  command
      ->add_option("--scan", options->scans,
                   "IN,OUT in optical degrees: where the chief ray lands, and how well it is "
                   "focused; may be repeated")
      ->take_all();
  command
      ->add_option("--at", options->distances_m,
                   "gaussian: distance from the waist in metres; may be repeated")
      ->check(CLI::Range(-1e3, 1e3))
      ->take_all();
  command
      ->add_option("--mirror", options->mirrors,
                   "gaussian: DISTANCE,FOCAL in metres of a mirror behind the waist: the new "
                   "waist; may be repeated")
      ->take_all();
  command
      ->add_option("--map", options->map, "Rows and columns of the map over the field [5; po: 3]")
      ->check(CLI::Range(2, 33));
  add_common(*command, options->common, false, true);
  command->callback([options] { beam(*options); });
}

}  // namespace thz::apps
