#include "protocol_units.h"

#include <fmt/format.h>

#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/core/sha256.h"
#include "thz/io/atomic_file.h"

namespace thz::model::internal {
namespace {

namespace fs = std::filesystem;
using UnitJson = nlohmann::json;

/// How the tests look at a network: part of the key.
UnitJson test_keys(const Protocol& protocol) {
  UnitJson keys = UnitJson::array();
  for (const ProtocolTest& test : protocol.tests) {
    keys.push_back(fmt::format("{} {} {} {}", test.name,
                               test.concealed_input ? "concealed" : "unconcealed",
                               test.independent_target ? "independent" : "self", test.source));
  }
  return keys;
}

/// The first entry in which two keys differ, as a sentence's part.
std::string difference(const UnitJson& was, const UnitJson& is) {
  for (const auto& [name, value] : is.items()) {
    const UnitJson before = was.contains(name) ? was.at(name) : UnitJson();
    if (before != value)
      return fmt::format("{} was {} and is {}", name, before.dump(), value.dump());
  }
  return "it was made with other settings";
}

void require_key(const fs::path& path, const UnitJson& json, const UnitJson& key) {
  const UnitJson was = json.value("key", UnitJson::object());
  if (was == key) return;
  throw_input("{}: is of other data or settings: {}; name another output folder", path.string(),
              difference(was, key));
}

}  // namespace

std::string unit_name(const std::string& group, const std::string& split,
                      const std::string& variant, uint64_t seed) {
  if (variant == kBaselines) return fmt::format("{}/{}/{}", group, split, kBaselines);
  return fmt::format("{}/{}/{}/seed-{}", group, split, variant, seed);
}

TrainConfig variant_config(const ProtocolVariant& variant, const std::string& budget,
                           int64_t exposures, uint64_t seed) {
  TrainConfig config = variant.experiment.empty() ? load_train_config(budget)
                                                  : load_train_config(variant.experiment, budget);
  config.name = variant.name;
  config.seed = seed;
  if (exposures > 0) config.budget.image_exposures = exposures;
  return config;
}

std::vector<ProtocolUnit> list_units(const ProtocolRequest& request,
                                     const std::vector<uint64_t>& seeds,
                                     const std::string& data_sha256,
                                     const std::string& lpips_sha256) {
  const Protocol& protocol = request.protocol;
  const std::string budget = request.budget.empty() ? protocol.budget : request.budget;
  const UnitJson tests = test_keys(protocol);
  const auto common = [&](const ProtocolSplit& split) {
    return UnitJson{{"protocol", protocol.name},
                    {"dataset_sha256", data_sha256},
                    {"split_sha256", io::split_sha256(split.split)},
                    {"tests", tests}};
  };
  std::vector<ProtocolUnit> units;
  for (std::size_t k = 0; k < request.splits.size(); ++k) {
    const ProtocolSplit& split = request.splits[k];
    ProtocolUnit baselines;
    baselines.split = &split;
    baselines.turn = k;
    baselines.name = unit_name(split.group, split.name, kBaselines, 0);
    baselines.key = common(split);
    baselines.key["template_shift_px"] = request.template_shift_px;
    baselines.key["posture_unknown"] = protocol.has_column("verification_any");
    units.push_back(std::move(baselines));
  }
  for (std::size_t s = 0; s < seeds.size(); ++s) {
    for (std::size_t v = 0; v < protocol.variants.size(); ++v) {
      for (std::size_t k = 0; k < request.splits.size(); ++k) {
        const uint64_t seed = seeds[s];
        const ProtocolVariant& variant = protocol.variants[v];
        const ProtocolSplit& split = request.splits[k];
        ProtocolUnit unit;
        unit.turn = s + v + k;
        unit.split = &split;
        unit.variant = &variant;
        unit.seed = seed;
        unit.config = variant_config(variant, budget, request.exposures, seed);
        unit.name = unit_name(split.group, split.name, variant.name, seed);
        unit.key = common(split);
        unit.key["config_sha256"] = sha256_hex(to_toml(unit.config));
        unit.key["lpips_sha256"] = uses_lpips(unit.config.loss) ? lpips_sha256 : "";
        units.push_back(std::move(unit));
      }
    }
  }
  return units;
}

UnitJson read_json(const fs::path& path, const std::string& schema) {
  try {
    UnitJson json = UnitJson::parse(io::read_file(path));
    const std::string found = json.is_object() ? json.value("schema", "") : "";
    if (found != schema) {
      throw_input("{}: has the schema '{}', but '{}' is needed", path.string(), one_line(found, 60),
                  schema);
    }
    return json;
  } catch (const UnitJson::exception& e) {
    throw_input("{}: not readable: {}", path.string(), one_line(e.what()));
  }
}

bool is_finished(const fs::path& folder, const ProtocolUnit& unit) {
  const fs::path state = folder / "state.json";
  if (fs::exists(state)) require_key(state, read_json(state, kStateSchema), unit.key);
  const fs::path result = folder / "result.json";
  if (!fs::exists(result)) return false;
  require_key(result, read_json(result, kUnitSchema), unit.key);
  return true;
}

}  // namespace thz::model::internal
