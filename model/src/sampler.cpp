#include "thz/model/sampler.h"

#include <algorithm>
#include <set>

#include "thz/core/error.h"
#include "training_data.h"

namespace thz::model {
namespace {

// Sub-entities of RngPurpose::kSampler: one stream a use, so that none moves another.
enum SamplerUse : uint32_t {
  kIdentityOrder = 0,
  kPostureChoice = 1,
  kTarget = 2,
  kTriplet = 3,
  kAnchorRound = 4,
  kFirstRound = 16
};

uint64_t cell_key(int identity, int posture, int concealed) {
  return static_cast<uint64_t>(identity) * 16 + static_cast<uint64_t>(posture) * 2 +
         static_cast<uint64_t>(concealed);
}

}  // namespace

Sampler::Sampler(const TrainingData& data, const std::vector<int64_t>& rows,
                 const BatchOptions& options, const std::string& reconstruct, uint64_t seed)
    : data_(data), rows_(rows), options_(options), reconstruct_(reconstruct), seed_(seed) {
  std::sort(rows_.begin(), rows_.end());
  std::set<int> identities;
  std::set<int> postures;
  for (const int64_t row : rows_) {
    const auto r = static_cast<std::size_t>(row);
    identities.insert(data.identity[r]);
    postures.insert(data.posture[r]);
    cells_[{data.identity[r], data.posture[r], data.concealed[r]}].push_back(row);
  }
  if (identities.size() < 2) {
    throw_input(
        "the training rows hold {} identities, but at least 2 are needed to tell people apart",
        identities.size());
  }
  identities_.assign(identities.begin(), identities.end());
  postures_.assign(postures.begin(), postures.end());
  options_.identities = std::min(options_.identities, static_cast<int>(identities_.size()));
  options_.postures = std::min(options_.postures, static_cast<int>(postures_.size()));
  if (options_.kind == "triplets") list_anchors();
}

void Sampler::list_anchors() {
  for (const int64_t row : rows_) {
    const auto r = static_cast<std::size_t>(row);
    if (data_.concealed[r] == 0 || candidates_for(row).empty()) continue;
    const bool negative = std::any_of(identities_.begin(), identities_.end(), [&](int other) {
      return other != data_.identity[r] && cells_.count({other, data_.posture[r], 0}) != 0;
    });
    if (negative) anchors_.push_back(row);
  }
  if (anchors_.empty()) {
    throw_input(
        "the training rows hold no triplet: none of the {} rows is concealed, with an unconcealed "
        "row of its identity and posture and one of another identity",
        rows_.size());
  }
}

int64_t Sampler::nominal_batch() const {
  if (options_.kind == "triplets") return int64_t{3} * options_.triplets;
  return int64_t{2} * options_.identities * options_.postures * options_.captures;
}

void Sampler::restart() {
  step_ = 0;
  identity_round_ = 0;
  identity_queue_.clear();
  rounds_.clear();
  anchor_round_ = {};
}

void Sampler::seek(int64_t step) {
  if (step < step_) restart();
  while (step_ < step) next();
}

std::vector<int> Sampler::draw_identities() {
  std::vector<int> drawn;
  std::vector<int> later;  // met twice at the seam of two rounds: they wait for the next batch
  while (static_cast<int>(drawn.size()) < options_.identities) {
    if (identity_queue_.empty()) {
      identity_queue_ = identities_;
      Rng rng(seed_, RngPurpose::kSampler, identity_round_++, kIdentityOrder);
      shuffle(identity_queue_, rng);
    }
    const int identity = identity_queue_.back();
    identity_queue_.pop_back();
    const bool twice = std::find(drawn.begin(), drawn.end(), identity) != drawn.end();
    (twice ? later : drawn).push_back(identity);
  }
  identity_queue_.insert(identity_queue_.end(), later.begin(), later.end());
  return drawn;
}

int64_t Sampler::draw_row(const Cell& cell, Round& round) {
  if (round.used == round.rows.size()) {
    const auto [identity, posture, concealed] = cell;
    round.rows = cells_.at(cell);
    Rng rng(seed_, RngPurpose::kSampler, cell_key(identity, posture, concealed),
            kFirstRound + round.number++);
    shuffle(round.rows, rng);
    round.used = 0;
  }
  return round.rows[round.used++];
}

// Where an input may be reconstructed to: unconcealed rows of its identity and posture.
std::vector<int64_t> Sampler::candidates_for(int64_t row) const {
  const auto r = static_cast<std::size_t>(row);
  const auto found = cells_.find({data_.identity[r], data_.posture[r], 0});
  if (found == cells_.end()) return {};
  std::vector<int64_t> candidates = found->second;
  // A bare input must not be its own target: copying it, noise and all, would be the best answer.
  // A twin shares the pose and the nuisances, which a target must be independent of.
  const auto excluded = [&](int64_t other) { return other == row || are_twins(data_, row, other); };
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(), excluded),
                   candidates.end());
  return candidates;
}

int64_t Sampler::draw_target(int64_t row, Rng& rng) const {
  const bool concealed = data_.concealed[static_cast<std::size_t>(row)] != 0;
  if (reconstruct_ == "self") return concealed ? -1 : row;
  if (!concealed && reconstruct_ != "all") return -1;
  const std::vector<int64_t> candidates = candidates_for(row);
  if (candidates.empty()) return -1;
  return candidates[rng.index(candidates.size())];
}

int64_t Sampler::draw_negative(int64_t anchor, Rng& rng) const {
  const auto a = static_cast<std::size_t>(anchor);
  std::vector<int64_t> candidates;
  for (const int other : identities_) {
    const auto cell = cells_.find({other, data_.posture[a], 0});
    if (other == data_.identity[a] || cell == cells_.end()) continue;
    candidates.insert(candidates.end(), cell->second.begin(), cell->second.end());
  }
  return candidates[rng.index(candidates.size())];
}

Batch Sampler::next_triplets() {
  const auto count = static_cast<std::size_t>(options_.triplets);
  Batch batch;
  batch.rows.resize(3 * count);
  batch.target.assign(3 * count, -1);
  batch.label.resize(3 * count);
  Rng rng(seed_, RngPurpose::kSampler, static_cast<uint64_t>(step_), kTriplet);
  for (std::size_t i = 0; i < count; ++i) {
    Round& round = anchor_round_;
    if (round.used == round.rows.size()) {
      round.rows = anchors_;
      Rng order(seed_, RngPurpose::kSampler, round.number++, kAnchorRound);
      shuffle(round.rows, order);
      round.used = 0;
    }
    const int64_t anchor = round.rows[round.used++];
    const std::vector<int64_t> positives = candidates_for(anchor);
    batch.rows[i] = anchor;
    batch.rows[count + i] = positives[rng.index(positives.size())];
    batch.rows[2 * count + i] = draw_negative(anchor, rng);
    batch.target[i] = batch.rows[count + i];
    for (const std::size_t part : {std::size_t{0}, count, 2 * count}) {
      const auto row = static_cast<std::size_t>(batch.rows[part + i]);
      const auto triplet = static_cast<int64_t>(part == 2 * count ? count + i : i);
      batch.label[part + i] = options_.labels == "triplet" ? triplet : data_.identity[row];
    }
  }
  return batch;
}

Batch Sampler::next() {
  Batch batch = options_.kind == "triplets" ? next_triplets() : next_cells();
  ++step_;
  return batch;
}

Batch Sampler::next_cells() {
  const std::vector<int> identities = draw_identities();
  std::vector<int> postures = postures_;
  if (options_.postures < static_cast<int>(postures.size())) {
    Rng rng(seed_, RngPurpose::kSampler, static_cast<uint64_t>(step_), kPostureChoice);
    shuffle(postures, rng);
    postures.resize(static_cast<std::size_t>(options_.postures));
    std::sort(postures.begin(), postures.end());
  }
  Rng target_rng(seed_, RngPurpose::kSampler, static_cast<uint64_t>(step_), kTarget);
  Batch batch;
  // Concealed rows first, posture by posture: what is reconstructed lies together, each expert's
  // rows in one piece, and need not be gathered.
  for (const int concealed : {1, 0}) {
    for (const int posture : postures) {
      for (const int identity : identities) {
        const Cell cell{identity, posture, concealed};
        if (cells_.count(cell) == 0) continue;
        for (int k = 0; k < options_.captures; ++k) {
          const int64_t row = draw_row(cell, rounds_[cell]);
          batch.rows.push_back(row);
          batch.target.push_back(draw_target(row, target_rng));
          batch.label.push_back(identity);
        }
      }
    }
  }
  return batch;
}

}  // namespace thz::model
