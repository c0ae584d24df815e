#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "thz/model/protocol_run.h"

/// A protocol's folder: which units there are and what each one's folder holds.
namespace thz::model::internal {

inline constexpr char kBaselines[] = "baselines";

/// One network to train and judge, or the baselines of one split.
struct ProtocolUnit {
  const ProtocolSplit* split = nullptr;
  const ProtocolVariant* variant = nullptr;  ///< null: baselines
  uint64_t seed = 0;
  /// Whose it is when parts share the work: part turn % parts. Neighbours in split, variant and
  /// seed differ, so that every part gets of all kinds.
  std::size_t turn = 0;
  TrainConfig config;
  std::string name;  ///< path below the protocol's folder
  /// What its result depends on; a result with another key is refused.
  nlohmann::json key;
};

/// group/split/variant/seed-N or group/split/baselines.
std::string unit_name(const std::string& group, const std::string& split,
                      const std::string& variant, uint64_t seed);

/// The configuration of a variant at a budget: the budget's file below the variant's, its own seed
/// and name, `exposures` in place of the budget's if not 0.
TrainConfig variant_config(const ProtocolVariant& variant, const std::string& budget,
                           int64_t exposures, uint64_t seed);

/// All units in the order in which they are made: the baselines of all splits, then seed by seed
/// and variant by variant, so that a protocol stopped early has whole rows of one seed.
std::vector<ProtocolUnit> list_units(const ProtocolRequest& request,
                                     const std::vector<uint64_t>& seeds,
                                     const std::string& data_sha256,
                                     const std::string& lpips_sha256);

/// Whether a result lies in the unit's folder. @throws InputError if it, or what was begun there,
/// has another key.
bool is_finished(const std::filesystem::path& folder, const ProtocolUnit& unit);

/// A JSON file of a known schema. @throws InputError naming the path.
nlohmann::json read_json(const std::filesystem::path& path, const std::string& schema);

inline constexpr char kUnitSchema[] = "thzface-protocol-unit/1";
inline constexpr char kStateSchema[] = "thzface-protocol-state/1";
inline constexpr char kRunsSchema[] = "thzface-protocol-run/1";

/// What a unit's network made of its tests, and what it took: the "tests" and "training" of
/// result.json.
nlohmann::json judge_network(const ProtocolRequest& request, const ProtocolUnit& unit,
                             const LearningData& data, eval::Predictions& arrays,
                             const std::string& run);
nlohmann::json judge_baselines(const ProtocolRequest& request, const ProtocolUnit& unit,
                               const LearningData& data, eval::Predictions& arrays,
                               const ProgressFn& progress);

}  // namespace thz::model::internal
