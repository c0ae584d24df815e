#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "thz/core/rng.h"
#include "thz/model/config.h"
#include "thz/model/run.h"

namespace thz::model {

/// The rows of one step. Every image is encoded once; `target[i]` is the row that input i is to be
/// reconstructed to, -1 where there is none.
struct Batch {
  std::vector<int64_t> rows;
  std::vector<int64_t> target;
  std::vector<int64_t> label;  ///< whom the contrastive term takes for one person
};

/// Endless balanced batches: P identities x Q postures x both conditions x K captures. Identities,
/// and the captures inside a cell (identity, posture, condition), come in shuffled rounds without
/// replacement, so that coverage is even. The sequence is a function of (seed, rows, options)
/// alone; skipping to a step replays it, which costs microseconds a step. Of kind "triplets": every
/// concealed row is an anchor once a round, with a positive of its identity and posture and a
/// negative of its posture drawn at random; rows are all anchors, then all positives, then all
/// negatives, and an anchor's target is its positive.
class Sampler {
 public:
  /// `reconstruct` as in LossOptions. Throws InputError if there are fewer than two identities.
  Sampler(const TrainingData& data, const std::vector<int64_t>& rows, const BatchOptions& options,
          const std::string& reconstruct, uint64_t seed);

  Batch next();
  /// Batches handed out so far.
  int64_t step() const { return step_; }
  /// Leaves the sampler as after `step` batches from the start.
  void seek(int64_t step);
  /// Images in a batch if no cell is empty.
  int64_t nominal_batch() const;

 private:
  using Cell = std::tuple<int, int, int>;  // identity, posture, concealed
  struct Round {                           // one shuffled pass over some rows
    std::vector<int64_t> rows;
    std::size_t used = 0;
    uint32_t number = 0;
  };

  void restart();
  std::vector<int> draw_identities();
  int64_t draw_row(const Cell& cell, Round& round);
  int64_t draw_target(int64_t row, Rng& rng) const;
  std::vector<int64_t> candidates_for(int64_t row) const;
  int64_t draw_negative(int64_t anchor, Rng& rng) const;
  void list_anchors();
  Batch next_cells();
  Batch next_triplets();

  const TrainingData& data_;
  std::vector<int64_t> rows_;
  BatchOptions options_;
  std::string reconstruct_;
  uint64_t seed_;
  std::vector<int> identities_;
  std::vector<int> postures_;
  std::map<Cell, std::vector<int64_t>> cells_;
  std::vector<int64_t> anchors_;  // concealed rows that have a positive and a negative
  // position in the sequence
  int64_t step_ = 0;
  uint32_t identity_round_ = 0;
  std::vector<int> identity_queue_;
  std::map<Cell, Round> rounds_;
  Round anchor_round_;
};

}  // namespace thz::model
