#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "thz/core/mesh.h"
#include "thz/core/progress.h"
#include "thz/sim/parametric_head.h"

namespace thz::sim {

/// One measure of one sex in a sample of built heads, beside the published figures.
struct HeadPopulationRow {
  std::string name;
  std::string unit;
  bool female = false;
  std::size_t count = 0;
  double mean = 0.0;            ///< measured
  double sd = 0.0;              ///< measured, the spread of ages included
  double published_mean = 0.0;  ///< at the ages of the sample
  double published_sd = 0.0;    ///< at one age
  double score_mean = 0.0;      ///< of (measured - published mean at that age) / published SD
  double score_sd = 0.0;        ///< 1 if the spread is as published
  double misfit = 0.0;          ///< RMS of measured less drawn, in published SD
};

/// How the correlations of the measured values within one sex differ from the published ones.
struct HeadCorrelationRow {
  bool female = false;
  std::size_t pairs = 0;
  double rms = 0.0;
  double worst = 0.0;
  std::string worst_pair;
  double sampling_rms = 0.0;  ///< what the sample's size alone explains: RMS of (1 - r^2) / sqrt(n)
};

struct HeadPopulationReport {
  std::vector<HeadPopulationRow> rows;
  std::vector<HeadCorrelationRow> correlations;
};

/// Draws `count` people of a population, builds each bare, measures it, and compares.
/// @param count  at least 30 of each sex that is drawn, or the figures mean nothing.
HeadPopulationReport measure_population(uint64_t seed, std::size_t count,
                                        const HeadPopulation& population = {}, int threads = 0,
                                        const ProgressFn& progress = {},
                                        const CancelToken* cancel = nullptr);

/// Distances from each face to its nearest neighbour, and between all pairs, mm.
struct NeighbourStatistics {
  double nearest_min = 0.0, nearest_p5 = 0.0, nearest_median = 0.0, nearest_p95 = 0.0;
  double pairs_median = 0.0, pairs_p1 = 0.0;
};

/// RMS distance of corresponding points.
/// @param faces  [N][V] metres, N >= 2. @param normals  [V] of the mean face; empty: the full
/// distance, else its part along them. @param align  moves every face rigidly onto the mean first.
NeighbourStatistics face_neighbours(std::vector<std::vector<Vec3>> faces,
                                    const std::vector<Vec3>& normals, bool align);

/// Vertices of the front of the parametric face (no ears, neck, hair), every `stride`th.
std::vector<int32_t> parametric_face_vertices(int stride = 1);

}  // namespace thz::sim
