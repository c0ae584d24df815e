// Scenes, plans, and the small files of other kinds.
#include <algorithm>
#include <optional>

#include "eval/synthetic_predictions.h"
#include "io/io_support.h"
#include "targets.h"
#include "thz/core/error.h"
#include "thz/data/import.h"
#include "thz/data/plan.h"
#include "thz/data/plan_table.h"
#include "thz/eval/evaluate.h"
#include "thz/io/npy.h"
#include "thz/io/picture.h"
#include "thz/io/png.h"
#include "thz/io/safetensors.h"
#include "thz/io/split_file.h"
#include "thz/sim/scene.h"

namespace thz::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr char kLabels[] =
    "file,identity,posture,condition,visible\r\n"
    "a/1.png,ann,front-left,bare,v/1.png\r\n"
    "\"a/2, too.png\",ann,front-left,concealed,\r\n"
    "a/3.png,\"bo \"\"b\"\"\",full-right,bare,v/3.png\r\n";

constexpr char kEveryTable[] = R"(schema = "thzface-scene/1"
title = "all tables"
[imager]
frequency_hz = 340e9
field_of_view_m = [0.4, 0.45]
lines = 8
samples_per_line = 16
frames = 2
radar = "raw"
gate_m = [-0.2, 0.04]
optics = "aperture"
effective_floor_dbm = -90
[raw]
mixer = false
chirp_quadratic = 0.01
filter_taps = 49
[optics]
sub_incidence_deg = -17.3
galvo_distance_m = 0.2
sub_shift_m = [0.001, 0, 0]
second_galvo_size_m = [0.1, 0.16]
[scanner]
mode = "interlaced"
fast_drive = "sine"
[subject]
kind = "head"
posture = "full-left"
identity = 3
jitter_deg = [4, 3, 2]
material = "coat"
[garment]
fabric = "wool"
layers = 2
gap_mean_m = [0.002, 0.004]
[sampling]
refine = 4
[image]
mapping = "log"
roi_center_m = [0.01, 0]
[materials.coat]
layers = [2.5, 0.1, 1e-3, 5.0, 1.0, 2e-3]
backing = "dielectric"
substrate = [5.0, 4.0]
[roughness.felt]
sigma_h_m = 1e-4
[random]
seed = 7
)";

std::vector<std::string> scene_seeds() {
  std::vector<std::string> seeds = {kEveryTable};
  for (const auto& entry : fs::directory_iterator(fs::path(THZ_SOURCE_DIR) / "scenes")) {
    if (entry.path().extension() == ".toml") seeds.push_back(test::slurp(entry.path()));
  }
  std::sort(seeds.begin(), seeds.end());
  return seeds;
}

std::vector<std::string> plan_seeds() {
  std::vector<std::string> seeds;
  for (const std::string& name : data::preset_plan_names()) {
    seeds.push_back(data::preset_plan_text(name));
  }
  seeds.push_back(data::plan_to_toml(data::preset_plan("smoke")));
  return seeds;
}

std::string split_bytes(const fs::path& scratch) {
  io::Split split;
  split.rule = "image-disjoint";
  split.seed = 3;
  split.train_fraction = 0.5;
  split.validation_fraction = split.test_fraction = 0.25;
  split.dataset_sha256 = std::string(64, 'a');
  split.dataset_rows = 8;
  split.train = {0, 1, 4, 7};
  split.validation = {2, 3};
  split.test = {5, 6};
  io::write_split(scratch / "s.json", split);
  return taken_bytes(scratch / "s.json");
}

std::string tensor_bytes(const fs::path& scratch) {
  io::Safetensors content;
  content.metadata["state"] = "{\"step\":3}";
  content.tensors["a.weight"] = {{2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}};
  content.tensors["b.count"] = {{}, std::vector<int64_t>{7}};
  content.tensors["c.mask"] = {{3}, std::vector<uint8_t>{0, 1, 1}};
  io::write_safetensors(scratch / "t.safetensors", content);
  return taken_bytes(scratch / "t.safetensors");
}

std::string evaluation_text() {
  eval::EvaluationOptions options;
  options.resamples = 100;
  options.template_matching = false;
  return eval::to_json(
      eval::evaluate_predictions(eval::testing::synthetic_predictions(3), options));
}

std::vector<std::string> npy_seeds(const fs::path& scratch) {
  const fs::path path = scratch / "a.npy";
  io::write_npy(path, {3, 2, 2}, std::vector<float>(12, 0.5F));
  std::vector<std::string> seeds = {taken_bytes(path)};
  io::write_npy(path, {5}, std::vector<int32_t>{1, 2, 3, 4, 5});
  seeds.push_back(taken_bytes(path));
  return seeds;
}

}  // namespace

void add_text_targets(std::vector<Target>& targets) {
  targets.push_back({"scene", ".toml", Material::kText, scene_seeds(), [](const fs::path& path) {
                       const sim::Scene scene =
                           sim::parse_scene(ConfigTable::parse_file(path.string()));
                       scene.imager.range_axis();
                       scene.imager.scan();
                       sim::Gregorian(scene.imager.design);
                     }});
  targets.push_back({"plan", ".toml", Material::kText, plan_seeds(),
                     [](const fs::path& path) { data::read_plan(path.string()); }});
}

void add_other_targets(const fs::path& scratch, std::vector<Target>& targets) {
  targets.push_back(
      {"split", ".json", Material::kText, {split_bytes(scratch)}, [](const fs::path& path) {
         io::read_split(path);
       }});
  targets.push_back({"safetensors",
                     ".safetensors",
                     Material::kBinary,
                     {tensor_bytes(scratch)},
                     [](const fs::path& path) { io::read_safetensors(path); }});
  const io::ImageRgb colour = io::to_rgb(test::noise_image(2, 2, 6, 5));
  targets.push_back({"png",
                     ".png",
                     Material::kBinary,
                     {io::encode_png(test::noise_image(1, 1, 9, 12)), io::encode_png(colour)},
                     [](const fs::path& path) {
                       io::read_png(path);
                       io::read_png_rgb(path);
                     }});
  targets.push_back(
      {"evaluation", ".json", Material::kText, {evaluation_text()}, [](const fs::path& path) {
         eval::evaluation_from_json(test::slurp(path), path.string());
       }});
}

void add_table_targets(const fs::path& scratch, std::vector<Target>& targets) {
  targets.push_back(
      {"npy", ".npy", Material::kBinary, npy_seeds(scratch), [](const fs::path& path) {
         const io::NpyFile file(path);
         file.read_rows(0, std::min<uint64_t>(file.rows(), 3));
       }});
  targets.push_back({"plan table",
                     ".csv",
                     Material::kText,
                     {data::plan_table_csv(data::preset_plan("smoke"))},
                     [](const fs::path& path) {
                       data::Plan plan = data::preset_plan("smoke");
                       data::read_plan_table(path.string(), plan);
                     }});
  targets.push_back({"labels", ".csv", Material::kText, {kLabels}, [](const fs::path& path) {
                       data::list_labelled(path.string(), "", std::nullopt);
                     }});
}

}  // namespace thz::fuzz
