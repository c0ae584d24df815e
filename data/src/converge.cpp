#include "thz/data/converge.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <optional>

#include "thz/core/error.h"
#include "thz/data/capture.h"

namespace thz::data {
namespace {

/// A setting of Sampling that can be made finer.
struct Knob {
  const char* name;
  double (*value)(const sim::Sampling& sampling);
  /// False where it cannot be refined further.
  bool (*refine)(sim::Sampling& sampling);
};

const std::vector<Knob>& knobs() {
  static const std::vector<Knob> all = {
      {"ray_pitch_m", [](const sim::Sampling& s) { return s.ray_pitch_m; },
       [](sim::Sampling& s) {
         s.ray_pitch_m *= 0.5;
         return s.ray_pitch_m >= 0.02e-3;
       }},
      {"refine", [](const sim::Sampling& s) { return double{1} * s.refine; },
       [](sim::Sampling& s) {
         s.refine *= 2;
         return s.refine <= 16;
       }},
      {"subdivision", [](const sim::Sampling& s) { return double{1} * s.subdivision; },
       [](sim::Sampling& s) {
         s.subdivision += 1;
         return s.subdivision <= 3;
       }},
      {"nodes_per_cell", [](const sim::Sampling& s) { return double{1} * s.nodes_per_cell; },
       [](sim::Sampling& s) {
         s.nodes_per_cell += (s.nodes_per_cell + 1) / 2;
         return s.nodes_per_cell <= 32;
       }}};
  return all;
}

/// Complex returns of frame 0 with all mechanisms, [bin][position].
using Field = std::vector<std::complex<float>>;

Field make_field(sim::Scene scene, const sim::Sampling& sampling, const SubjectFiles& files,
                 const ConvergeOptions& options) {
  scene.sampling = sampling;
  scene.imager.noise = false;
  scene.imager.frames = 1;
  const StagedScene staged = stage_scene(scene, files);
  sim::CaptureOptions capture_options;
  capture_options.keep_parts = true;
  capture_options.threads = options.threads;
  capture_options.cancel = options.cancel;
  capture_options.beam = staged.beam.get();
  const sim::Capture capture = sim::simulate_capture(scene.imager, sampling, staged.target,
                                                     staged.poses, staged.key, capture_options);
  const sim::FrameParts& parts = capture.parts.front();
  Field field;
  for (std::size_t b = 0; b < parts.coherent.bins.size(); ++b) {
    for (std::size_t i = 0; i < parts.coherent.bins[b].size(); ++i) {
      field.push_back(parts.coherent.bins[b].data[i] + parts.diffuse.bins[b].data[i] +
                      parts.cloth.bins[b].data[i]);
    }
  }
  return field;
}

double change_db(const Field& coarse, const Field& fine) {
  double error = 0.0, power = 0.0;
  for (std::size_t i = 0; i < fine.size(); ++i) {
    error += std::norm(std::complex<double>(coarse[i]) - std::complex<double>(fine[i]));
    power += std::norm(std::complex<double>(fine[i]));
  }
  // Nothing seen, or nothing changed: a stated floor instead of minus infinity.
  constexpr double kFloor_db = -200.0;
  if (error <= 0.0 || power <= 0.0) return kFloor_db;
  return std::max(kFloor_db, 10.0 * std::log10(error / power));
}

}  // namespace

ConvergeReport converge_sampling(const sim::Scene& scene, const SubjectFiles& files,
                                 const ConvergeOptions& options) {
  THZ_REQUIRE(options.most_steps > 0, "at least one refinement must be allowed");
  const std::size_t most_frames = 1 + knobs().size() * static_cast<std::size_t>(options.most_steps);
  std::size_t made = 0;
  const auto make = [&](const sim::Sampling& sampling) {
    if (options.cancel != nullptr) options.cancel->throw_if_requested();
    Field field = make_field(scene, sampling, files, options);
    ++made;
    if (options.progress) options.progress(made, most_frames);
    return field;
  };
  ConvergeReport report;
  report.sampling = scene.sampling;
  report.reached = true;
  Field current = make(report.sampling);
  for (const Knob& knob : knobs()) {
    bool still = false;
    for (int step = 0; step < options.most_steps && !still; ++step) {
      sim::Sampling finer = report.sampling;
      if (!knob.refine(finer)) break;
      Field field = make(finer);
      const double db = change_db(current, field);
      report.steps.push_back({knob.name, knob.value(report.sampling), knob.value(finer), db});
      still = db < options.target_db;
      if (!still) {
        report.sampling = finer;
        current = std::move(field);
      }
    }
    report.reached = report.reached && still;
  }
  if (options.progress) options.progress(most_frames, most_frames);
  return report;
}

}  // namespace thz::data
