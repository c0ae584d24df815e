#include <array>
#include <cmath>
#include <functional>

#include "bench_tools.h"
#include "program.h"
#include "thz/data/capture.h"
#include "thz/sim/primitives.h"
#include "thz/sim/subdivision.h"

namespace thz::apps {
namespace {

constexpr int kRepeats = 5;

struct FrameScene {
  sim::Scene scene;
  data::StagedScene staged;
};

FrameScene frame_scene(bool dressed, const std::string& optics, int range_bins,
                       sim::SmoothingPlanCache& plans) {
  FrameScene frame;
  frame.scene = sim::parse_scene(
      ConfigTable::parse("schema = 'thzface-scene/1'\nimager = {optics = '" + optics +
                             "'}\n[subject]\nkind = 'head'\nidentity = 7\n" +
                             (dressed ? "[garment]\nfabric = 'acrylic'\n" : ""),
                         "benchmark scene"));
  sim::Imager& imager = frame.scene.imager;
  if (range_bins > 0) {
    imager.gate_m.x() = imager.gate_m.y() - (range_bins - 1) * imager.range_axis().spacing_m;
  }
  frame.staged = data::stage_scene(frame.scene, {}, &plans);
  return frame;
}

PrimitiveRates measure_primitives(int threads, const FrameScene& frame) {
  PrimitiveRates rates;
  const Vec3 pivot = frame.staged.poses[0].inverse() * frame.scene.imager.scan().pivot_m();
  const sim::RayPrimitive rays(frame.staged.person->mesh, pivot, 0.2, 1024);
  rates.rays =
      static_cast<double>(rays.rays()) / shortest_run(kRepeats, [&] { rays.run(threads); }).cpu_s;
  double work = 0.0;
  rates.multiply_accumulates =
      1.0 / shortest_run(3, [&] { work = multiply_accumulate(threads); }).cpu_s;
  rates.multiply_accumulates *= work;
  rates.bytes = 1.0 / shortest_run(kRepeats, [&] { work = triad(threads); }).cpu_s;
  rates.bytes *= work;
  sim::FftPrimitive transforms(1024, 4096);
  rates.flops = 1.0 / shortest_run(kRepeats, [&] { work = transforms.run(); }).cpu_s;
  rates.flops *= work;
  return rates;
}

sim::RangeAxis frame_axis(const sim::Scene& scene) {
  sim::RangeAxis axis = scene.imager.range_axis();
  axis.nodes_per_cell = scene.sampling.nodes_per_cell;
  return axis;
}

/// What the stages of one frame worked on.
struct FrameWork {
  double triangles = 0.0, coherent = 0.0, diffuse = 0.0, cloth = 0.0, pixels = 0.0, bins = 0.0;
  double all() const { return coherent + diffuse + cloth; }
};

/// One frame, stage by stage, then its picture. @param work  set to what they worked on.
void run_stages(const FrameScene& frame, int threads, sim::StageTimes& times, FrameWork& work) {
  const sim::Scene& scene = frame.scene;
  const data::StagedScene& staged = frame.staged;
  const sim::Imager& imager = scene.imager;
  const sim::ScatterParts parts = sim::find_scatterers(
      staged.target, staged.poses[0], imager, scene.sampling, sim::FieldWindow::whole(imager),
      sim::speckle_key(imager, staged.key.seed, staged.key.capture), threads, &times);
  sim::Scatterers all;
  {
    sim::StageClock clock(&times, "scatterers");
    all = parts.all();
  }
  sim::RangeFrame returns;
  {
    sim::StageClock clock(&times, "sum");
    sim::FrameSumOptions options;
    options.threads = threads;
    returns = sim::sum_frame(imager.beam, imager.scan(), all, frame_axis(scene), options);
  }
  ImageF power;
  {
    sim::StageClock clock(&times, "noise, detection");
    const sim::BinNoise noise = sim::frame_noise(imager, staged.key, 0);
    power = sim::detect({&returns}, imager.detector, threads, &noise);
  }
  {
    sim::StageClock clock(&times, "image");
    data::make_picture(power, data::imaging_options(scene, data::GreyMapping{}));
  }
  work = {static_cast<double>(staged.person->mesh.triangles.size()),
          static_cast<double>(parts.coherent.size()),
          static_cast<double>(parts.diffuse.size()),
          static_cast<double>(parts.cloth.size()),
          static_cast<double>(power.size()),
          static_cast<double>(returns.bins.size())};
}

/// Subject and garment, as a data set makes them for every capture: heads share their plans.
void run_staging(const FrameScene& frame, sim::SmoothingPlanCache& plans, sim::StageTimes& times) {
  const sim::Scene& scene = frame.scene;
  const sim::CaptureKey key = frame.staged.key;
  std::optional<sim::Person> person;
  {
    sim::StageClock clock(&times, "staging: head");
    sim::Subject subject;
    subject.identity = 7;
    person = sim::make_person(nullptr, subject, key.seed, key.capture);
  }
  std::optional<sim::Worn> worn;
  if (scene.garment.worn) {
    sim::StageClock clock(&times, "staging: shell");
    worn = sim::dress(*person, scene.garment, key.seed, key.capture);
  }
  sim::StageClock clock(&times, "staging: surfaces");
  sim::make_person_target(scene, *person, worn ? &*worn : nullptr, &plans);
}

/// What a stage is held against, and why it may take more than 1.5 times as long.
struct Floor {
  const char* stage;
  const char* primitive;
  std::function<double(const FrameWork&, const PrimitiveRates&)> seconds;
  const char* why;
};

std::vector<Floor> floors(bool dressed) {
  // Behind cloth a ray is traced against both surfaces.
  const double surfaces = dressed ? 2.0 : 1.0;
  return {
      {"view facets", "bandwidth",
       // Nodes, cones and corners read, facets written and read again, list entries.
       [](const FrameWork& w, const PrimitiveRates& r) { return 216.0 * w.triangles / r.bytes; },
       "arithmetic a triangle and fine facets at the outline, and tiles' lists, not memory"},
      {"ray map", "Embree rays",
       [=](const FrameWork& w, const PrimitiveRates& r) {
         return (surfaces * w.coherent + (dressed ? 0.5 * w.cloth : 0.0)) / r.rays;
       },
       "a ray's tree walk only finds the coarse triangle: Newton steps, slopes, sincs, edges and "
       "the cloth's thickness follow; cells that return nothing are rays too"},
      {"lattice", "Embree rays",
       [=](const FrameWork& w, const PrimitiveRates& r) {
         return (surfaces * w.diffuse + (dressed ? 0.5 * w.cloth : 0.0)) / r.rays;
       },
       "elements that face away or are hidden count for nothing here, but are placed; those near "
       "an outline are looked for among its fine facets"},
      {"scatterers", "bandwidth",
       [](const FrameWork& w, const PrimitiveRates& r) { return 96.0 * w.all() / r.bytes; },
       "first touch of fresh memory"},
      {"sum", "multiply-adds",
       // Seven lines, four nodes, four columns a scatterer at half a complex product; then columns
       // (17 taps on 50 nodes) and range (13 nodes a bin) of every position.
       [](const FrameWork& w, const PrimitiveRates& r) {
         return (56.0 * w.all() + w.pixels * (17.0 * 50.0 + 0.5 * 13.0 * w.bins)) /
                r.multiply_accumulates;
       },
       "exponentials of each scatterer, gathering by column, sums that are scattered"},
      {"noise, detection", "multiply-adds",
       // The correlation of neighbouring bins, half a complex product each, and the returns read.
       [](const FrameWork& w, const PrimitiveRates& r) {
         return 0.25 * w.pixels * w.bins * (w.bins + 1.0) / r.multiply_accumulates +
                8.0 * w.pixels * w.bins / r.bytes;
       },
       "random numbers: ten rounds of Philox, a logarithm, a root and a sine each, 8 ns a pair of "
       "complex ones"},
  };
}

nlohmann::json stage_rows(const FrameScene& frame, bool dressed, int threads,
                          const PrimitiveRates& rates, sim::SmoothingPlanCache& plans) {
  sim::StageTimes best;
  FrameWork work;
  for (int i = 0; i < kRepeats; ++i) {
    cancel_token().throw_if_requested();
    sim::StageTimes times;
    if (threads == 1 && i < 2) run_staging(frame, plans, times);
    run_stages(frame, threads, times, work);
    keep_shortest(times, best);
  }
  nlohmann::json rows = nlohmann::json::array();
  const auto row = [&](const std::string& stage) -> nlohmann::json {
    return {{"stage", stage}, {"wall_s", best.at(stage).wall_s}, {"cpu_s", best.at(stage).cpu_s}};
  };
  for (const char* stage : {"staging: head", "staging: shell", "staging: surfaces"}) {
    if (best.count(stage) != 0) rows.push_back(row(stage));
  }
  for (const Floor& floor : floors(dressed)) {
    nlohmann::json entry = row(floor.stage);
    const double least_s = floor.seconds(work, rates);
    const double ratio = best.at(floor.stage).cpu_s / least_s;
    entry["primitive"] = floor.primitive;
    entry["primitive_s"] = least_s;
    entry["ratio"] = ratio;
    if (ratio > 1.5) entry["why"] = floor.why;
    rows.push_back(entry);
  }
  rows.push_back(row("image"));
  return {{"head", dressed ? "dressed" : "bare"},
          {"threads", threads},
          {"triangles", work.triangles},
          {"scatterers", work.all()},
          {"stages", rows}};
}

/// One of the settings that frames are counted in.
struct Setting {
  const char* name;
  bool dressed, noiseless, moving;
  double target_per_s;  ///< on two cores with AVX-512; 0: none stated
};

constexpr Setting kSettings[] = {{"noiseless frame", false, true, false, 30.0},
                                 {"noiseless frame", true, true, false, 0.0},
                                 {"image, still subject", false, false, false, 15.0},
                                 {"image, still subject", true, false, false, 15.0},
                                 {"image, moving subject", false, false, true, 6.0},
                                 {"image, moving subject", true, false, true, 6.0}};

sim::StageTime time_setting(const FrameScene& frame, const Setting& setting, int threads,
                            int repeats) {
  sim::Imager imager = frame.scene.imager;
  imager.noise = !setting.noiseless;
  std::vector<RigidPose> poses = frame.staged.poses;
  if (setting.noiseless) poses.resize(1);
  if (!setting.moving) poses.assign(poses.size(), poses[0]);
  sim::CaptureOptions options;
  options.threads = threads;
  options.beam = frame.staged.beam.get();
  options.cancel = &cancel_token();
  const data::ImagingOptions imaging = data::imaging_options(frame.scene, data::GreyMapping{});
  return shortest_run(repeats, [&] {
    const sim::Capture capture = sim::simulate_capture(
        imager, frame.scene.sampling, frame.staged.target, poses, frame.staged.key, options);
    if (!setting.noiseless) data::make_picture(capture.power, imaging);
  });
}

/// A noiseless frame of a bare head with the reflectors' beam beside the Gaussian one, frames a
/// second over frames a second.
nlohmann::json level_rows(const FrameScene& gaussian, const FrameScene& aperture) {
  nlohmann::json rows = nlohmann::json::array();
  for (const int threads : {1, 2}) {
    sim::StageTime first{1e300, 1e300}, second = first;
    // In turns, so that what else runs on the machine falls on both.
    for (int i = 0; i < kRepeats; ++i) {
      first = shorter(first, time_setting(gaussian, kSettings[0], threads, 1));
      second = shorter(second, time_setting(aperture, kSettings[0], threads, 1));
    }
    rows.push_back({{"threads", threads},
                    {"gaussian_cpu_s", first.cpu_s},
                    {"aperture_cpu_s", second.cpu_s},
                    {"ratio", first.cpu_s / second.cpu_s},
                    {"ratio_by_wall", first.wall_s / second.wall_s}});
  }
  return rows;
}

nlohmann::json setting_rows(const FrameScene& bare, const FrameScene& dressed) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Setting& setting : kSettings) {
    for (const int threads : {1, 2}) {
      const sim::StageTime time =
          time_setting(setting.dressed ? dressed : bare, setting, threads, kRepeats);
      rows.push_back({{"setting", setting.name},
                      {"head", setting.dressed ? "dressed" : "bare"},
                      {"threads", threads},
                      {"wall_s", time.wall_s},
                      {"cpu_s", time.cpu_s},
                      {"per_s", 1.0 / time.wall_s},
                      {"per_s_of_processor_time", threads / time.cpu_s}});
      if (setting.target_per_s > 0.0) rows.back()["target_per_s"] = setting.target_per_s;
    }
  }
  return rows;
}

/// Processor time on one thread of a frame's parts: surface, sum, noise and detection, all.
std::array<double, 4> part_seconds(const FrameScene& frame) {
  sim::StageTimes best;
  for (int i = 0; i < 3; ++i) {
    sim::StageTimes times;
    FrameWork work;
    run_stages(frame, 1, times, work);
    keep_shortest(times, best);
  }
  const auto sum = [&](std::initializer_list<const char*> stages) {
    double seconds = 0.0;
    for (const char* stage : stages) seconds += best.at(stage).cpu_s;
    return seconds;
  };
  const double surface = sum({"view facets", "ray map", "lattice", "scatterers"});
  const double returns = sum({"sum"}), rest = sum({"noise, detection"});
  return {surface, returns, rest, surface + returns + rest};
}

/// A bare head of four times as many triangles: one Loop step more in the mesh and one less behind
/// it, the same surface and tissues.
void quarter_triangles(FrameScene& frame) {
  sim::Person& person = *frame.staged.person;
  person.mesh = sim::subdivide(person.mesh, 1);
  std::vector<sim::Tissue> tissue;
  for (const sim::Tissue t : person.tissue) tissue.insert(tissue.end(), 4, t);
  person.tissue = tissue;
  frame.scene.sampling.subdivision -= 1;
  frame.staged.target = sim::make_person_target(frame.scene, person, nullptr);
}

/// How the time of a bare frame's parts grows, relative to the usual sampling.
nlohmann::json growth_rows(const FrameScene& frame) {
  const auto usual = part_seconds(frame);
  nlohmann::json rows = nlohmann::json::array();
  const auto add = [&](const char* what, double factor,
                       const std::function<void(FrameScene&)>& change) {
    cancel_token().throw_if_requested();
    FrameScene other = frame;
    change(other);
    const auto seconds = part_seconds(other);
    rows.push_back({{"what", what},
                    {"factor", factor},
                    {"surface", seconds[0] / usual[0]},
                    {"sum", seconds[1] / usual[1]},
                    {"noise_and_detection", seconds[2] / usual[2]},
                    {"frame", seconds[3] / usual[3]}});
  };
  add("triangles", 4.0, quarter_triangles);
  for (const double factor : {0.25, 4.0}) {
    add("rays", factor, [=](FrameScene& f) { f.scene.sampling.ray_pitch_m /= std::sqrt(factor); });
  }
  const auto bins = [](int count) {
    return [=](FrameScene& f) {
      sim::Imager& imager = f.scene.imager;
      imager.gate_m.x() = imager.gate_m.y() - (count - 1) * imager.range_axis().spacing_m;
    };
  };
  const int now = frame.scene.imager.range_axis().bins;
  add("range bins", 2.0, bins(2 * now));
  add("range bins", 4.0, bins(4 * now));
  add("positions", 4.0, [](FrameScene& f) {
    f.scene.imager.lines *= 2;
    f.scene.imager.samples_per_line *= 2;
  });
  add("field's area at one pitch", 0.25, [](FrameScene& f) {
    f.scene.imager.field_of_view_m *= 0.5;
    f.scene.imager.lines /= 2;
    f.scene.imager.samples_per_line /= 2;
  });
  return rows;
}

}  // namespace

nlohmann::json bench_frames() {
  // The range bins that speeds are stated for.
  constexpr int kBins = 16;
  sim::SmoothingPlanCache plans;
  const FrameScene bare = frame_scene(false, "gaussian", kBins, plans);
  const FrameScene dressed = frame_scene(true, "gaussian", kBins, plans);
  const FrameScene aperture = frame_scene(false, "aperture", kBins, plans);
  nlohmann::json result = {
      {"triangles", bare.staged.person->mesh.triangles.size()},
      {"positions", {bare.scene.imager.lines, bare.scene.imager.samples_per_line}},
      {"range_bins", bare.scene.imager.range_axis().bins}};
  result["settings"] = setting_rows(bare, dressed);
  result["aperture"] = level_rows(bare, aperture);
  // Before the primitives' own arrays and the growth's larger frames.
  result["peak_memory_bytes"] = peak_memory_bytes();
  result["primitives"] = nlohmann::json::array();
  result["captures"] = nlohmann::json::array();
  for (const int threads : {1, 2}) {
    use_openmp_threads(threads);
    const PrimitiveRates rates = measure_primitives(threads, bare);
    result["primitives"].push_back({{"threads", threads},
                                    {"embree_rays_per_cpu_s", rates.rays},
                                    {"multiply_accumulates_per_cpu_s", rates.multiply_accumulates},
                                    {"triad_bytes_per_cpu_s", rates.bytes},
                                    {"fft_flops_per_cpu_s", rates.flops}});
    for (const FrameScene* frame : {&bare, &dressed}) {
      result["captures"].push_back(stage_rows(*frame, frame == &dressed, threads, rates, plans));
    }
  }
  use_openmp_threads(1);
  result["growth"] = growth_rows(bare);
  use_openmp_threads(0);
  return result;
}

}  // namespace thz::apps
