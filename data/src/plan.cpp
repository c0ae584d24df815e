#include "thz/data/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <sstream>

#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/core/rng.h"
#include "thz/core/sha256.h"
#include "thz/data/plan_table.h"
#include "thz/io/dataset.h"
#include "thz/sim/fabrics.h"

namespace thz::data {
namespace {

namespace fs = std::filesystem;

constexpr char kSchema[] = "thzface-plan/1";
constexpr int64_t kMostIdentities = 1000000;
constexpr int64_t kMostCaptures = 10000;
constexpr uint64_t kMostRows = 100000000;
const std::vector<std::string> kConditionNames = {"bare", "concealed"};

/// Indices of the texts of `key` in `names`, without repeats, in the order of `names`.
std::vector<int> read_choices(ConfigTable& table, const std::string& key,
                              const std::vector<std::string>& names) {
  std::set<int> chosen;
  const auto texts = table.texts(key, names);
  for (const std::string& text : texts) {
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end()) {
      table.fail(key, fmt::format("may hold only: {}", fmt::join(names, ", ")));
    }
    chosen.insert(static_cast<int>(found - names.begin()));
  }
  if (chosen.empty() || chosen.size() != texts.size()) {
    table.fail(key, "must hold at least one name and none twice");
  }
  return {chosen.begin(), chosen.end()};
}

void check_fabrics(const ConfigTable& table, const std::vector<std::string>& fabrics) {
  if (fabrics.empty()) table.fail("fabrics", "must name at least one fabric");
  std::vector<std::string> known;
  for (const sim::Fabric& fabric : sim::fabric_catalogue()) known.push_back(fabric.id);
  for (const std::string& name : fabrics) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      table.fail("fabrics", fmt::format("may hold only: {}", fmt::join(known, ", ")));
    }
  }
}

PlanJitter read_jitter(ConfigTable table, bool parametric) {
  const PlanJitter usual;
  const Range angle = {0.0, 45.0};
  const Range offset = {0.0, 0.2};
  PlanJitter jitter;
  jitter.yaw_deg = table.number("yaw_deg", usual.yaw_deg, angle);
  jitter.pitch_deg = table.number("pitch_deg", usual.pitch_deg, angle);
  jitter.roll_deg = table.number("roll_deg", usual.roll_deg, angle);
  jitter.lateral_m = table.number("lateral_m", usual.lateral_m, offset);
  jitter.range_m = table.number("range_m", usual.range_m, offset);
  const Vec3& e = usual.expression;
  const auto expression = table.numbers("expression", {e.x(), e.y(), e.z()}, 3, {0.0, 0.5});
  jitter.expression = Vec3(expression[0], expression[1], expression[2]);
  if (!parametric && table.has("expression")) {
    table.fail("expression", "moves the faces of head \"parametric\" only");
  }
  return jitter;
}

std::string read_overrides(ConfigTable& table) {
  std::string text = table.text("scene_overrides", "");
  try {
    (void)toml::parse(std::string_view(text));
  } catch (const toml::parse_error& e) {
    table.fail("scene_overrides", fmt::format("must be TOML; line {} of the text: {}",
                                              e.source().begin.line, one_line(e.description())));
  }
  return text;
}

toml::array names_at(const std::vector<int>& indices, const std::vector<std::string>& names) {
  toml::array array;
  for (const int index : indices) array.push_back(names[static_cast<std::size_t>(index)]);
  return array;
}

/// Tables of the scene whose numbers may be drawn: neither what is looked at nor what freezes the
/// grey mapping and the size of the data.
const std::vector<std::string> kKnobTables = {"imager",  "raw",       "scanner",  "garment",
                                              "glasses", "materials", "roughness"};

PlanKnob read_knob(ConfigTable table) {
  constexpr double kMost = 1e15;
  PlanKnob knob;
  knob.key = table.required_text("key");
  const std::string head = knob.key.substr(0, knob.key.find('.'));
  if (std::count(kKnobTables.begin(), kKnobTables.end(), head) == 0 || head == knob.key) {
    table.fail("key", fmt::format("must be TABLE.KEY of a scene, with a table of {}",
                                  fmt::join(kKnobTables, ", ")));
  }
  knob.low = table.required_number("low", {-kMost, kMost});
  knob.high = table.required_number("high", {knob.low, kMost});
  knob.logarithmic = table.choice("law", "uniform", {"uniform", "log-uniform"}) == "log-uniform";
  if (knob.logarithmic && knob.low <= 0.0) table.fail("low", "must be above 0 for log-uniform");
  return knob;
}

std::vector<PlanKnob> read_knobs(ConfigTable& table) {
  std::vector<PlanKnob> knobs;
  std::set<std::string> keys;
  for (ConfigTable& item : table.tables("randomise")) {
    knobs.push_back(read_knob(item));
    if (!keys.insert(knobs.back().key).second) item.fail("key", "is drawn twice");
  }
  return knobs;
}

toml::array knobs_array(const std::vector<PlanKnob>& knobs) {
  toml::array array;
  for (const PlanKnob& knob : knobs) {
    array.push_back(toml::table{{"key", knob.key},
                                {"low", knob.low},
                                {"high", knob.high},
                                {"law", knob.logarithmic ? "log-uniform" : "uniform"}});
  }
  return array;
}

/// FNV-1a, so that a knob's stream is its own whatever others there are.
uint32_t stream_of(const std::string& key) {
  uint32_t hash = 2166136261U;
  for (const char c : key) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619U;
  return hash | 1U;  // stream 0 draws the fabric
}

uint64_t rows_a_identity(const Plan& plan) {
  return plan.postures.size() * plan.conditions.size() * static_cast<uint64_t>(plan.captures);
}

}  // namespace

uint64_t Plan::num_rows() const {
  if (!table.empty()) return table.size();
  return static_cast<uint64_t>(identities) * rows_a_identity(*this);
}

uint64_t Plan::num_visible() const {
  if (!table.empty()) return table_visible.size();
  return visible ? num_rows() / static_cast<uint64_t>(captures) : 0;
}

Plan parse_plan(ConfigTable& table) {
  Plan plan;
  table.choice("schema", kSchema, {kSchema});
  if (!table.has("schema")) {
    table.fail("schema", fmt::format("is missing; schema = \"{}\" is needed", kSchema));
  }
  plan.name = table.text("name", plan.name);
  plan.identities =
      static_cast<int>(table.integer("identities", plan.identities, 1, kMostIdentities));
  plan.first_identity =
      static_cast<int>(table.integer("first_identity", 0, 0, INT32_MAX - kMostIdentities));
  plan.captures = static_cast<int>(table.integer("captures", plan.captures, 1, kMostCaptures));
  plan.postures = read_choices(table, "postures", io::kPostureNames);
  plan.conditions = read_choices(table, "conditions", kConditionNames);
  plan.visible = table.boolean("visible", plan.visible);
  plan.power = table.boolean("power", plan.power);
  plan.seed = static_cast<uint64_t>(table.integer("seed", 1, 0, INT64_MAX));
  plan.mean_heads = table.boolean("mean_heads", plan.mean_heads);
  plan.head = table.text("head", plan.head);
  plan.fabrics = table.texts("fabrics", plan.fabrics);
  plan.scene = table.text("scene", "");
  plan.scene_overrides = read_overrides(table);
  plan.jitter = read_jitter(table.table("jitter"), plan.head == "parametric");
  plan.knobs = read_knobs(table);
  const std::string rows_file = table.text("rows", "");
  table.finish();
  check_fabrics(table, plan.fabrics);
  if (plan.head.empty()) table.fail("head", "must be \"parametric\" or a file");
  if (!rows_file.empty()) {
    for (const char* key :
         {"identities", "first_identity", "captures", "postures", "conditions", "visible"}) {
      if (table.has(key)) table.fail(key, "stands beside rows, which say it for each row");
    }
    const fs::path source = fs::path(table.source_name()).parent_path();
    read_plan_table((source / rows_file).string(), plan);
  }
  if (plan.num_rows() > kMostRows) {
    table.fail("identities",
               fmt::format("give {} rows, at most {} are allowed", plan.num_rows(), kMostRows));
  }
  return plan;
}

Plan read_plan(const std::string& path) {
  ConfigTable table = ConfigTable::parse_file(path);
  Plan plan = parse_plan(table);
  plan.folder = fs::path(path).parent_path().string();
  return plan;
}

namespace {

toml::table common_table(const Plan& plan) {
  toml::array fabrics;
  for (const std::string& fabric : plan.fabrics) fabrics.push_back(fabric);
  const PlanJitter& jitter = plan.jitter;
  toml::table table{
      {"schema", kSchema},
      {"name", plan.name},
      {"power", plan.power},
      {"seed", static_cast<int64_t>(plan.seed)},
      {"head", plan.head},
      {"fabrics", fabrics},
      {"scene", plan.scene},
      {"scene_overrides", plan.scene_overrides},
      {"jitter", toml::table{{"yaw_deg", jitter.yaw_deg},
                             {"pitch_deg", jitter.pitch_deg},
                             {"roll_deg", jitter.roll_deg},
                             {"lateral_m", jitter.lateral_m},
                             {"range_m", jitter.range_m}}},
  };
  // Left out where they are as ever: the plans of older data sets keep their hash.
  if (!plan.knobs.empty()) table.insert("randomise", knobs_array(plan.knobs));
  if (plan.mean_heads) table.insert("mean_heads", true);
  if (const Vec3& e = jitter.expression; e != PlanJitter{}.expression) {
    table["jitter"].as_table()->insert("expression", toml::array{e.x(), e.y(), e.z()});
  }
  return table;
}

std::string toml_text(const toml::table& table) {
  std::ostringstream text;
  text << table << "\n";
  return text.str();
}

}  // namespace

std::string plan_to_toml(const Plan& plan) {
  toml::table table = common_table(plan);
  if (!plan.table.empty()) {
    table.insert("rows_sha256", sha256_hex(plan_table_csv(plan)));
    return toml_text(table);
  }
  table.insert("identities", plan.identities);
  table.insert("first_identity", plan.first_identity);
  table.insert("captures", plan.captures);
  table.insert("postures", names_at(plan.postures, io::kPostureNames));
  table.insert("conditions", names_at(plan.conditions, kConditionNames));
  table.insert("visible", plan.visible);
  return toml_text(table);
}

std::string plan_with_rows_toml(const Plan& plan, const std::string& rows_file) {
  toml::table table = common_table(plan);
  table.insert("rows", rows_file);
  return toml_text(table);
}

bool plans_mean_heads(const std::string& plan_toml, const std::string& source) {
  // The other keys are not this function's: a table of rows is named by its hash here.
  return ConfigTable::parse(plan_toml, source + " (plan)").boolean("mean_heads", false);
}

double draw_knob(const Plan& plan, const PlanKnob& knob, uint64_t capture_key) {
  Rng rng(plan.seed, RngPurpose::kPlan, capture_key, stream_of(knob.key));
  const double value = knob.logarithmic
                           ? std::exp(rng.uniform(std::log(knob.low), std::log(knob.high)))
                           : rng.uniform(knob.low, knob.high);
  // Six digits, as tables print them: a plan and its table give the same rows.
  return std::clamp(std::stod(fmt::format("{:.6g}", value)), knob.low, knob.high);
}

uint64_t plan_capture_key(const PlanRow& row) {
  uint64_t key = mix_keys(static_cast<uint64_t>(row.identity), static_cast<uint64_t>(row.posture));
  key = mix_keys(key, static_cast<uint64_t>(row.concealed));
  return mix_keys(key, static_cast<uint64_t>(row.capture));
}

PlanRow plan_row(const Plan& plan, uint64_t row) {
  THZ_REQUIRE(row < plan.num_rows(), fmt::format("row {} of {}", row, plan.num_rows()));
  if (!plan.table.empty()) return plan.table[row];
  const auto captures = static_cast<uint64_t>(plan.captures);
  const uint64_t cell = row / captures;  // (identity, posture, condition)
  PlanRow result;
  result.row = row;
  result.capture = static_cast<int>(row % captures);
  result.concealed = plan.conditions[cell % plan.conditions.size()];
  result.posture = plan.postures[cell / plan.conditions.size() % plan.postures.size()];
  result.identity = plan.first_identity + static_cast<int>(row / rows_a_identity(plan));
  result.visible_index = plan.visible ? static_cast<int64_t>(cell) : -1;
  result.capture_key = plan_capture_key(result);
  if (result.concealed != 0) {
    Rng rng(plan.seed, RngPurpose::kPlan, result.capture_key);
    result.fabric = static_cast<int>(rng.index(plan.fabrics.size()));
  }
  for (const PlanKnob& knob : plan.knobs) {
    result.knobs.push_back(draw_knob(plan, knob, result.capture_key));
  }
  return result;
}

std::vector<PlanRow> plan_rows(const Plan& plan) {
  std::vector<PlanRow> rows;
  rows.reserve(plan.num_rows());
  for (uint64_t row = 0; row < plan.num_rows(); ++row) rows.push_back(plan_row(plan, row));
  return rows;
}

PlanRow plan_visible_row(const Plan& plan, uint64_t visible_index) {
  THZ_REQUIRE(visible_index < plan.num_visible(), "no such visible picture in the plan");
  if (!plan.table.empty()) return plan.table[plan.table_visible[visible_index]];
  return plan_row(plan, visible_index * static_cast<uint64_t>(plan.captures));
}

}  // namespace thz::data
