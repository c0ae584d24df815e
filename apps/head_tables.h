#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "thz/sim/head_statistics.h"
#include "thz/sim/parametric_head.h"

namespace thz::apps {

std::string head_parameters_text();
nlohmann::json head_parameters_json();

/// A header row, then one row a person: identity, parameters, soft biometrics of the built head.
std::string head_sample_csv(uint64_t seed, std::size_t count,
                            const sim::HeadPopulation& population);

std::string head_measures_text(const sim::HeadIdentity& head);
nlohmann::json head_measures_json(const sim::HeadIdentity& head);

std::string population_text(const sim::HeadPopulationReport& report);
nlohmann::json population_json(const sim::HeadPopulationReport& report);

struct NeighbourRow {
  std::string model;
  std::string frame;  ///< "raw" or "rigid", "normal part" or "full"
  sim::NeighbourStatistics distance_mm;
};
/// @param model_path  a head-morphable file, or empty.
std::vector<NeighbourRow> neighbour_rows(uint64_t seed, std::size_t count,
                                         const std::string& model_path);
std::string neighbours_text(const std::vector<NeighbourRow>& rows);
nlohmann::json neighbours_json(const std::vector<NeighbourRow>& rows);

}  // namespace thz::apps
