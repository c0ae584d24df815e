#include <fmt/core.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <sstream>

#include "commands.h"
#include "program.h"
#include "simulate_output.h"
#include "thz/core/error.h"
#include "thz/core/version.h"
#include "thz/data/beam_cache.h"
#include "thz/data/capture.h"
#include "thz/data/converge.h"
#include "thz/io/atomic_file.h"

namespace thz::apps {
namespace {

struct SimulateOptions {
  CommonOptions common;
  std::string scene;
  std::vector<std::string> probes;
  int realisations = 1;
  bool dump_stages = false;
  bool range = false;
  std::optional<double> converge_db;
};

Vec2 parse_probe(const std::string& text) {
  std::istringstream in(text);
  double x = 0.0, y = 0.0;
  char comma = 0;
  if (!(in >> x >> comma >> y) || comma != ',' || !(in >> std::ws).eof() || std::abs(x) > 2.0 ||
      std::abs(y) > 2.0) {
    throw_input("--probe is '{}', but must be X,Y in metres of the plane z = 0, each within +-2",
                text);
  }
  return {x, y};
}

/// Bare numbers are not JSON when they are infinite: a probe that sees nothing gives null.
nlohmann::json decibels(double ratio, double offset_db = 0.0) {
  if (ratio <= 0.0) return nullptr;
  return 10.0 * std::log10(ratio) + offset_db;
}

nlohmann::json probe_json(const sim::Scene& scene, const data::StagedScene& staged,
                          const SimulateOptions& options, const Vec2& foot) {
  const double loss = sim::two_way_loss(scene.imager);
  const double transmit_dbm = sim::dbm_from_watt(scene.imager.radar.transmit_power_w);
  double mean = 0.0, squares = 0.0, detected_w = 0.0;
  sim::Probe first;
  for (int n = 0; n < options.realisations; ++n) {
    cancel_token().throw_if_requested();
    const sim::Probe probe =
        sim::probe(scene.imager, scene.sampling, staged.target, staged.poses, staged.key, foot,
                   static_cast<uint64_t>(n), options.common.threads);
    if (n == 0) first = probe;
    const double power = std::norm(probe.coupling);
    mean += power / options.realisations;
    squares += power * power / options.realisations;
    detected_w += probe.detected_w / options.realisations;
  }
  const double power = options.realisations > 1 ? mean : std::norm(first.coupling);
  THZ_REQUIRE(std::isfinite(power), "a beam's coupling must be finite");
  nlohmann::json json = {{"x_m", foot.x()},
                         {"y_m", foot.y()},
                         {"coupling_db", decibels(power)},
                         {"coupling_re_im", {first.coupling.real(), first.coupling.imag()}},
                         {"received_over_transmitted_db", decibels(power * loss)},
                         {"received_dbm", decibels(power * loss, transmit_dbm)},
                         {"detected_dbm", decibels(detected_w, 30.0)}};
  if (options.realisations > 1) {
    json["realisations"] = options.realisations;
    json["coupling_mean"] = mean;
    json["coupling_variance"] =
        (squares - mean * mean) * options.realisations / (options.realisations - 1.0);
  }
  return json;
}

/// What the separable sums of aperture-level optics leave out.
nlohmann::json tiles_json(const sim::BeamTiles& beam) {
  return {{"optics", "aperture"},
          {"tiles", beam.tiles.size()},
          {"mean_rank", beam.mean_terms},
          {"greatest_rank", beam.most_terms},
          {"residual_db", beam.residual_db},
          {"worst_residual_db", beam.worst_residual_db}};
}

std::string summary(const nlohmann::json& result) {
  std::string text;
  for (const auto& p : result["probe"]) {
    const auto& coupling = p["coupling_db"];
    text +=
        fmt::format("probe ({:g}, {:g}) m: {}\n", p["x_m"].get<double>(), p["y_m"].get<double>(),
                    coupling.is_null() ? "nothing comes back"
                                       : fmt::format("coupling {:.3f} dB", coupling.get<double>()));
  }
  for (const auto& file : result["files"]) text += file.get<std::string>() + "\n";
  if (!text.empty()) text.pop_back();
  return text;
}

/// `--converge`: the sampling at which the frame stands still, instead of the frame.
void converge(const SimulateOptions& options, const sim::Scene& scene,
              const data::SubjectFiles& files) {
  ProgressLine progress("converging", "frames", options.common.quiet);
  data::ConvergeOptions converge_options;
  converge_options.target_db = *options.converge_db;
  converge_options.threads = options.common.threads;
  converge_options.cancel = &cancel_token();
  converge_options.progress = progress.function();
  const data::ConvergeReport report = data::converge_sampling(scene, files, converge_options);
  nlohmann::json result = {{"schema", "thzface-converge/1"},
                           {"version", version()},
                           {"scene_sha256", scene.sha256},
                           {"target_db", *options.converge_db},
                           {"reached", report.reached},
                           {"steps", nlohmann::json::array()},
                           {"sampling",
                            {{"ray_pitch_m", report.sampling.ray_pitch_m},
                             {"refine", report.sampling.refine},
                             {"subdivision", report.sampling.subdivision},
                             {"nodes_per_cell", report.sampling.nodes_per_cell}}}};
  std::string text = fmt::format("{:<16}{:>10}{:>10}{:>14}\n", "", "from", "to", "change");
  for (const data::ConvergeStep& step : report.steps) {
    result["steps"].push_back({{"knob", step.knob},
                               {"coarse", step.coarse},
                               {"fine", step.fine},
                               {"change_db", step.change_db}});
    text += fmt::format("{:<16}{:>10g}{:>10g}{:>11.1f} dB\n", step.knob, step.coarse, step.fine,
                        step.change_db);
  }
  text += fmt::format(
      "{}\n[sampling]\nray_pitch_m = {:g}\nrefine = {}\nsubdivision = {}\nnodes_per_cell = {}",
      report.reached ? fmt::format("stands still at {:g} dB with", *options.converge_db)
                     : fmt::format("does not stand still at {:g} dB; the finest tried is",
                                   *options.converge_db),
      report.sampling.ray_pitch_m, report.sampling.refine, report.sampling.subdivision,
      report.sampling.nodes_per_cell);
  print_result(options.common, result, text);
  if (!report.reached) throw CheckFailed{};
}

void simulate(const SimulateOptions& options) {
  use_openmp_threads(options.common.threads);
  ConfigTable table = ConfigTable::parse_file(options.scene);
  sim::Scene scene = sim::parse_scene(table);
  if (options.common.seed) scene.seed = *options.common.seed;
  std::vector<Vec2> probes;
  for (const auto& text : options.probes) probes.push_back(parse_probe(text));
  if (options.common.output.empty() && probes.empty() && !options.converge_db) {
    throw_input(
        "nothing to do: give --output DIR for a frame, --probe X,Y for a beam, or --converge");
  }
  const std::string folder = std::filesystem::path(options.scene).parent_path().string();
  const data::SubjectFiles files =
      data::load_subject_files(scene.subject, folder.empty() ? "." : folder);

  const auto beam = [&] {
    ProgressLine progress("beam", "steps", options.common.quiet);
    return data::aperture_beam(scene.imager, options.common.threads, progress.function(),
                               &cancel_token());
  }();
  if (options.converge_db) return converge(options, scene, files);
  const data::StagedScene staged = data::stage_scene(scene, files);
  // Before the work, so that an unwritable place is told at once.
  if (!options.common.output.empty()) io::make_folder(options.common.output);
  nlohmann::json result = {
      {"schema", "thzface-simulate/1"},   {"version", version()},
      {"scene_sha256", scene.sha256},     {"seed", scene.seed},
      {"probe", nlohmann::json::array()}, {"frame", nullptr},
      {"files", nlohmann::json::array()}, {"seconds", nlohmann::json::object()}};
  if (beam) result["beam"] = tiles_json(*beam);
  for (const Vec2& foot : probes)
    result["probe"].push_back(probe_json(scene, staged, options, foot));
  // The frame is part of the answer even when nothing is written.
  sim::CaptureOptions capture_options;
  capture_options.keep_parts = options.dump_stages;
  capture_options.keep_range = options.range;
  capture_options.threads = options.common.threads;
  capture_options.cancel = &cancel_token();
  capture_options.beam = staged.beam.get();
  const sim::Capture capture = sim::simulate_capture(scene.imager, scene.sampling, staged.target,
                                                     staged.poses, staged.key, capture_options);
  data::ImagingOptions imaging = data::imaging_options(scene, data::GreyMapping{});
  const ImageF field = data::dewarp(
      capture.power, data::ideal_raster_map(capture.power.rows, capture.power.cols, imaging.grid));
  const data::Mask truth = data::true_mask(scene, staged, imaging.grid);
  imaging.mapping = data::choose_mapping(scene, {{field, truth}});
  result["frame"] = frame_json(capture, imaging.mapping);
  result["seconds"] = capture.seconds;
  if (options.range) result["depth"] = depth_json(scene, capture);
  if (!options.common.output.empty()) {
    const data::ThzPicture picture = data::make_picture(capture.power, imaging, truth);
    result["files"] = write_capture(options.common.output, scene, staged, capture, picture, imaging,
                                    options.dump_stages);
  }
  print_result(options.common, result, summary(result));
}

}  // namespace

void add_simulate(CLI::App& app) {
  auto options = std::make_shared<SimulateOptions>();
  CLI::App* command = app.add_subcommand(
      "simulate", "Simulate one capture of a scene: pictures, HDF5, and beams on demand");
  command->add_option("scene", options->scene, "Scene, a TOML file (docs/formats/scene.md)")
      ->required();
  command
      ->add_option("--probe", options->probes,
                   "X,Y in metres of the plane z = 0: what one beam sees; may be repeated")
      ->take_all();
  command
      ->add_option("--realisations", options->realisations,
                   "Random targets a probe is averaged over [1]")
      ->check(CLI::Range(1, 1000000));
  command->add_flag("--dump-stages", options->dump_stages,
                    "Also write every mechanism and stage to stages.h5");
  command->add_flag("--range", options->range,
                    "Also write the power of every range bin, and a depth map as HDF5 and PNG");
  command
      ->add_option("--converge", options->converge_db,
                   "Refine the sampling until the noise-free frame changes by less than this (dB), "
                   "print it, and make no frame [-35]")
      ->expected(0, 1)
      ->default_str("-35")
      ->check(CLI::Range(-120.0, -3.0));
  add_common(*command, options->common, true, true);
  command->callback([options] { simulate(*options); });
}

}  // namespace thz::apps
