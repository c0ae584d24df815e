#include "thz/data/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/core/rng.h"
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

PlanJitter read_jitter(ConfigTable table) {
  const PlanJitter usual;
  const Range angle = {0.0, 45.0};
  const Range offset = {0.0, 0.2};
  PlanJitter jitter;
  jitter.yaw_deg = table.number("yaw_deg", usual.yaw_deg, angle);
  jitter.pitch_deg = table.number("pitch_deg", usual.pitch_deg, angle);
  jitter.roll_deg = table.number("roll_deg", usual.roll_deg, angle);
  jitter.lateral_m = table.number("lateral_m", usual.lateral_m, offset);
  jitter.range_m = table.number("range_m", usual.range_m, offset);
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

uint64_t rows_a_identity(const Plan& plan) {
  return plan.postures.size() * plan.conditions.size() * static_cast<uint64_t>(plan.captures);
}

}  // namespace

uint64_t Plan::num_rows() const {
  return static_cast<uint64_t>(identities) * rows_a_identity(*this);
}

uint64_t Plan::num_visible() const {
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
  plan.head = table.text("head", plan.head);
  plan.fabrics = table.texts("fabrics", plan.fabrics);
  plan.scene = table.text("scene", "");
  plan.scene_overrides = read_overrides(table);
  plan.jitter = read_jitter(table.table("jitter"));
  table.finish();
  check_fabrics(table, plan.fabrics);
  if (plan.head.empty()) table.fail("head", "must be \"parametric\" or a file");
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

std::string plan_to_toml(const Plan& plan) {
  toml::array fabrics;
  for (const std::string& fabric : plan.fabrics) fabrics.push_back(fabric);
  const PlanJitter& jitter = plan.jitter;
  toml::table table{
      {"schema", kSchema},
      {"name", plan.name},
      {"identities", plan.identities},
      {"first_identity", plan.first_identity},
      {"captures", plan.captures},
      {"postures", names_at(plan.postures, io::kPostureNames)},
      {"conditions", names_at(plan.conditions, kConditionNames)},
      {"visible", plan.visible},
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
  std::ostringstream text;
  text << table << "\n";
  return text.str();
}

PlanRow plan_row(const Plan& plan, uint64_t row) {
  THZ_REQUIRE(row < plan.num_rows(), fmt::format("row {} of {}", row, plan.num_rows()));
  const auto captures = static_cast<uint64_t>(plan.captures);
  const uint64_t cell = row / captures;  // (identity, posture, condition)
  PlanRow result;
  result.row = row;
  result.capture = static_cast<int>(row % captures);
  result.concealed = plan.conditions[cell % plan.conditions.size()];
  result.posture = plan.postures[cell / plan.conditions.size() % plan.postures.size()];
  result.identity = plan.first_identity + static_cast<int>(row / rows_a_identity(plan));
  result.visible_index = plan.visible ? static_cast<int64_t>(cell) : -1;
  uint64_t key =
      mix_keys(static_cast<uint64_t>(result.identity), static_cast<uint64_t>(result.posture));
  key = mix_keys(key, static_cast<uint64_t>(result.concealed));
  result.capture_key = mix_keys(key, static_cast<uint64_t>(result.capture));
  if (result.concealed != 0) {
    Rng rng(plan.seed, RngPurpose::kPlan, result.capture_key);
    result.fabric = static_cast<int>(rng.index(plan.fabrics.size()));
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
  return plan_row(plan, visible_index * static_cast<uint64_t>(plan.captures));
}

}  // namespace thz::data
