#include "thz/data/dataset_rows.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "staged_people.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "thz/data/beam_cache.h"
#include "thz/data/photograph.h"
#include "thz/io/atomic_file.h"
#include "thz/io/dataset_columns.h"

namespace thz::data {
namespace {

/// Calibration heads: identities from here on, far above any plan's.
constexpr int64_t kCalibrationIdentity = int64_t{1} << 39;
constexpr int kCalibrationHeads = 6;

/// Gain of the receiver drifts from capture to capture, never from person to person.
double draw_gain_db(uint64_t seed, uint64_t capture_key) {
  Rng rng(seed, RngPurpose::kNuisance, capture_key);
  return rng.truncated_normal(0.0, 0.5, 2.5);
}

const std::vector<std::string> kNuisanceNames = {"gain_db",
                                                 "cloth_thickness_m",
                                                 "cloth_loss_factor",
                                                 "cloth_face_sigma_h_m",
                                                 "cloth_diffuse_sigma0",
                                                 "cloth_mean_gap_m",
                                                 "cloth_water_kg_m2"};

std::string in_folder(const std::string& path, const std::string& folder) {
  const std::filesystem::path given(path);
  return given.is_absolute() ? path : (std::filesystem::path(folder) / given).string();
}

std::string scene_name(const Plan& plan) {
  return plan.scene.empty() ? "built-in scene" : in_folder(plan.scene, plan.folder);
}

sim::Scene load_scene(const Plan& plan) {
  const std::string name = scene_name(plan);
  const std::string text = plan.scene.empty() ? default_scene_text() : io::read_file(name);
  if (!plan.scene_overrides.empty()) {
    // Lines are those of the merged text, which nobody wrote as it stands.
    return sim::parse_scene(
        ConfigTable::parse(lay_over(text, name, plan.scene_overrides, "scene_overrides"),
                           name + " with the plan's scene_overrides"));
  }
  return sim::parse_scene(ConfigTable::parse(text, name));
}

/// What the plan says of every scene it makes.
void lay_plan_over(const Plan& plan, sim::Scene& scene) {
  const PlanJitter& j = plan.jitter;
  scene.seed = plan.seed;
  scene.subject.model = plan.head;
  scene.subject.mean_head = plan.mean_heads;
  scene.subject.expression.sd = j.expression;
  scene.subject.pose_jitter = {j.yaw_deg,   j.pitch_deg, j.roll_deg,
                               j.lateral_m, j.lateral_m, j.range_m};
}

/// The scene with numbers drawn for a capture. @throws InputError if one is no such key of a scene
/// or beyond its range.
sim::Scene with_knobs(const Plan& plan, const sim::Scene& scene,
                      const std::vector<double>& values) {
  std::string text;
  for (std::size_t k = 0; k < values.size(); ++k) {
    // {:#} keeps the point: a whole number would be an integer to TOML.
    text += fmt::format("{} = {:#.17g}\n", plan.knobs[k].key, values[k]);
  }
  sim::Scene drawn =
      sim::parse_scene(ConfigTable::parse(lay_over(scene.toml, scene_name(plan), text, "randomise"),
                                          scene_name(plan) + " with the plan's [[randomise]]"));
  lay_plan_over(plan, drawn);
  return drawn;
}

/// Both ends of each knob's values, so that a mistake is told before any work.
void check_knobs(const Plan& plan, const sim::Scene& scene) {
  std::vector<double> low, high;
  for (std::size_t k = 0; k < plan.knobs.size(); ++k) {
    low.push_back(plan.knobs[k].low);
    high.push_back(plan.knobs[k].high);
    for (const PlanRow& row : plan.table) {
      low[k] = std::min(low[k], row.knobs[k]);
      high[k] = std::max(high[k], row.knobs[k]);
    }
  }
  if (plan.knobs.empty()) return;
  (void)with_knobs(plan, scene, low);
  (void)with_knobs(plan, scene, high);
}

std::vector<std::string> nuisance_names(const Plan& plan) {
  std::vector<std::string> names = kNuisanceNames;
  for (const PlanKnob& knob : plan.knobs) names.push_back("scene." + knob.key);
  return names;
}

const char* kind_name(GreyKind kind) {
  return kind == GreyKind::kPowerLaw ? "power-law" : kind == GreyKind::kLog ? "log" : "linear";
}

}  // namespace

const std::string& default_scene_text() {
  static const std::string text =
      "# Everything at its default: the published 340 GHz imager and a head at 6 m.\n"
      "schema = \"thzface-scene/1\"\n"
      "[subject]\nkind = \"head\"\n";
  return text;
}

PlanScene load_plan_scene(const Plan& plan) {
  PlanScene result;
  sim::Scene& scene = result.scene;
  scene = load_scene(plan);
  if (scene.subject.kind != sim::SubjectKind::kHead) {
    throw_input("{}: subject.kind is another, but must be \"head\" for a data set of people",
                scene_name(plan));
  }
  if (scene.image.size != io::kDatasetImageSize) {
    throw_input("{}: image.size is {}, but must be {} for a data set", scene_name(plan),
                scene.image.size, io::kDatasetImageSize);
  }
  check_knobs(plan, scene);
  lay_plan_over(plan, scene);
  result.files = load_subject_files(scene.subject, plan.folder.empty() ? "." : plan.folder);
  return result;
}

RowMaker::RowMaker(const Plan& plan, PlanScene scene, int threads, const CancelToken* cancel)
    : plan_(plan),
      scene_(std::move(scene.scene)),
      files_(std::move(scene.files)),
      people_(std::make_unique<internal::StagedPeople>()) {
  // Here it can be interrupted, and no row has to wait for another that makes it.
  (void)aperture_beam(scene_.imager, threads, {}, cancel);
  freeze_mapping(threads, cancel);
}

RowMaker::~RowMaker() = default;

sim::Scene RowMaker::scene_of(const PlanRow& plan_row) const {
  sim::Scene scene = plan_row.knobs.empty() ? scene_ : with_knobs(plan_, scene_, plan_row.knobs);
  scene.subject.identity = plan_row.identity;
  scene.subject.posture = static_cast<sim::Posture>(plan_row.posture);
  scene.subject.capture = plan_row.capture;
  scene.garment.worn = plan_row.concealed != 0;
  if (scene.garment.worn)
    scene.garment.fabric = plan_.fabrics[static_cast<std::size_t>(plan_row.fabric)];
  return scene;
}

void RowMaker::freeze_mapping(int threads, const CancelToken* cancel) {
  const sim::ImageSettings& image = scene_.image;
  if (image.reference_db < 0.0 && (image.mapping != "power-law" || image.gamma > 0.0)) {
    mapping_ = choose_mapping(scene_, {});  // the scene says it all
    return;
  }
  sim::CaptureOptions options;
  options.threads = threads;
  options.cancel = cancel;
  std::vector<HeadPower> frames;
  const FieldGrid grid = imaging_options(scene_, GreyMapping{}).grid;
  const RasterMap map = ideal_raster_map(scene_.imager.lines, scene_.imager.samples_per_line, grid);
  for (int i = 0; i < kCalibrationHeads; ++i) {
    PlanRow row;
    row.identity = 0;
    row.posture = i % 5;
    sim::Scene scene = scene_of(row);
    scene.subject.identity = kCalibrationIdentity + i;
    scene.subject.mean_head = false;  // the mapping is that of the set with everybody's own head
    const StagedScene staged = stage_scene(scene, files_, plans_.get());
    options.beam = staged.beam.get();
    const sim::Capture capture = sim::simulate_capture(scene.imager, scene.sampling, staged.target,
                                                       staged.poses, staged.key, options);
    frames.push_back({dewarp(capture.power, map), true_mask(scene, staged, grid)});
  }
  mapping_ = choose_mapping(scene_, frames);
}

io::DatasetHeader RowMaker::header() const {
  io::DatasetHeader header = plan_header(plan_);
  header.scene_toml = scene_.toml;
  header.scene_sha256 = scene_.sha256;
  header.power_lines = plan_.power ? scene_.imager.lines : 0;
  header.power_samples = plan_.power ? scene_.imager.samples_per_line : 0;
  header.mapping_json = nlohmann::json{
      {"kind", kind_name(mapping_.kind)},
      {"reference_power", mapping_.reference_power},
      {"gamma", mapping_.gamma},
      {"range_db",
       mapping_.range_db}}.dump();
  header.soft_biometric_names = sim::soft_biometric_names(files_.head.get());
  header.head_coefficient_names = sim::coefficient_names(files_.head.get());
  header.nuisance_names = nuisance_names(plan_);
  return header;
}

io::DatasetRow RowMaker::row(const PlanRow& plan_row) const {
  const sim::Scene scene = scene_of(plan_row);
  StagedScene staged = stage_scene(scene, files_, plans_.get());
  sim::CaptureOptions options;
  options.threads = 1;
  options.beam = staged.beam.get();
  sim::Capture capture = sim::simulate_capture(scene.imager, scene.sampling, staged.target,
                                               staged.poses, staged.key, options);
  const double gain_db = draw_gain_db(scene.seed, staged.key.capture);
  const auto gain = static_cast<float>(sim::ratio_from_db(gain_db));
  for (float& p : capture.power.data) p *= gain;

  io::DatasetRow row;
  const ImagingOptions imaging = imaging_options(scene, mapping_);
  std::optional<Mask> truth;
  if (imaging.roi.kind == RoiKind::kTruth) truth = true_mask(scene, staged, imaging.grid);
  row.image = make_picture(capture.power, imaging, truth).image;
  if (plan_.power) row.power = capture.power;
  row.identity = plan_row.identity;
  row.posture = plan_row.posture;
  row.concealed = static_cast<uint8_t>(plan_row.concealed);
  row.capture = plan_row.capture;
  row.visible_index = static_cast<int32_t>(plan_row.visible_index);
  row.fabric = plan_row.fabric;
  row.seed = plan_.seed;
  row.soft_biometrics = staged.person->soft_biometrics;
  row.head_coefficients = staged.person->coefficients;
  const sim::PoseParameters& pose = staged.pose;
  for (const double value : {pose.yaw_deg, pose.pitch_deg, pose.roll_deg, pose.offset_m.x(),
                             pose.offset_m.y(), pose.offset_m.z()}) {
    row.pose.push_back(static_cast<float>(value));
  }
  row.nuisance.assign(kNuisanceNames.size(), 0.0f);
  row.nuisance[0] = static_cast<float>(gain_db);
  if (staged.worn) {
    const sim::FabricSample& cloth = staged.worn->fabric;
    const sim::GarmentDraw& draw = staged.worn->shell.draw;
    const double drawn[] = {cloth.thickness_m,    cloth.loss_factor, cloth.face_sigma_h_m,
                            cloth.diffuse_sigma0, draw.mean_gap_m,   draw.water_kg_m2};
    for (std::size_t i = 0; i < 6; ++i) row.nuisance[i + 1] = static_cast<float>(drawn[i]);
  }
  row.nuisance.insert(row.nuisance.end(), plan_row.knobs.begin(), plan_row.knobs.end());
  const auto picture = static_cast<uint64_t>(plan_row.visible_index);
  if (plan_row.visible_index >= 0 && plan_visible_row(plan_, picture).row == plan_row.row) {
    people_->keep(std::move(staged));
  }
  return row;
}

StagedScene RowMaker::stage(const PlanRow& plan_row) const {
  return stage_scene(scene_of(plan_row), files_, plans_.get());
}

io::VisibleRow RowMaker::visible(const PlanRow& plan_row) const {
  const sim::Scene scene = scene_of(plan_row);
  std::optional<StagedScene> staged = people_->take(capture_key_of(scene));
  if (!staged) staged = stage_person(scene, files_);
  io::VisibleRow row;
  row.image = photograph(scene, *staged, 1).grey;
  row.identity = plan_row.identity;
  row.posture = plan_row.posture;
  row.concealed = static_cast<uint8_t>(plan_row.concealed);
  return row;
}

}  // namespace thz::data
