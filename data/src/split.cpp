#include "thz/data/split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "split_parts.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"

namespace thz::data {
namespace {

constexpr char kImageDisjoint[] = "image-disjoint";
constexpr char kIdentityDisjoint[] = "identity-disjoint";

using internal::deal;
using internal::kLists;
using internal::list_at;
using internal::Quotas;
using internal::rows_by_identity;
using internal::share_out;
using internal::Shares;
using internal::sort_lists;

/// One identity's rows, cell (posture, condition) after cell, both in random order.
std::vector<uint64_t> rows_in_cells(const io::DatasetColumns& labels,
                                    const std::vector<uint64_t>& rows, Rng& rng) {
  std::map<std::tuple<int32_t, uint8_t>, std::vector<uint64_t>> cells;
  for (const uint64_t row : rows) {
    cells[{labels.posture[row], labels.concealed[row]}].push_back(row);
  }
  std::vector<std::vector<uint64_t>> order;
  for (auto& [cell, members] : cells) {
    shuffle(members, rng);
    order.push_back(members);
  }
  shuffle(order, rng);
  std::vector<uint64_t> sequence;
  for (const auto& members : order) {
    sequence.insert(sequence.end(), members.begin(), members.end());
  }
  return sequence;
}

}  // namespace

SplitRows split_rows(const io::DatasetReader& dataset) {
  return {dataset.path().string(), dataset.content_sha256(), dataset.read_labels()};
}

io::Split make_image_disjoint_split(const SplitRows& dataset, uint64_t seed,
                                    const SplitFractions& fractions) {
  const Shares shares = internal::checked_shares(fractions);
  const io::DatasetColumns& labels = dataset.labels;
  io::Split split = internal::begin_split(kImageDisjoint, dataset, seed, fractions);
  for (const auto& [identity, rows] : rows_by_identity(labels)) {
    if (rows.size() < kLists) {
      throw_input("{}: identity {} has {} images, but an image-disjoint split needs at least {}",
                  dataset.name, identity, rows.size(), kLists);
    }
    Rng rng(seed, RngPurpose::kSplit, static_cast<uint64_t>(identity));
    const auto sequence = rows_in_cells(labels, rows, rng);
    const auto list_of = deal(sequence.size(), share_out(sequence.size(), shares));
    for (std::size_t i = 0; i < sequence.size(); ++i) {
      list_at(split, list_of[i]).push_back(sequence[i]);
    }
  }
  sort_lists(split);
  return split;
}

io::Split make_identity_disjoint_split(const SplitRows& dataset, uint64_t seed,
                                       const SplitFractions& fractions) {
  const Shares shares = internal::checked_shares(fractions);
  const auto rows = rows_by_identity(dataset.labels);
  if (rows.size() < kLists) {
    throw_input("{}: has {} identities, but an identity-disjoint split needs at least {}",
                dataset.name, rows.size(), kLists);
  }
  std::vector<int32_t> identities;
  for (const auto& [identity, members] : rows) identities.push_back(identity);
  Rng rng(seed, RngPurpose::kSplit, UINT64_MAX);
  shuffle(identities, rng);
  io::Split split = internal::begin_split(kIdentityDisjoint, dataset, seed, fractions);
  const Quotas quotas = share_out(identities.size(), shares);
  for (std::size_t i = 0; i < identities.size(); ++i) {
    const std::size_t list = i < quotas[0] ? 0 : i < quotas[0] + quotas[1] ? 1 : 2;
    const auto& members = rows.at(identities[i]);
    list_at(split, list).insert(list_at(split, list).end(), members.begin(), members.end());
  }
  sort_lists(split);
  return split;
}

io::Split make_image_disjoint_split(const io::DatasetReader& dataset, uint64_t seed,
                                    const SplitFractions& fractions) {
  return make_image_disjoint_split(split_rows(dataset), seed, fractions);
}

io::Split make_identity_disjoint_split(const io::DatasetReader& dataset, uint64_t seed,
                                       const SplitFractions& fractions) {
  return make_identity_disjoint_split(split_rows(dataset), seed, fractions);
}

io::Split make_split(const std::string& rule, const io::DatasetReader& dataset, uint64_t seed,
                     const SplitFractions& fractions) {
  if (rule == kImageDisjoint) return make_image_disjoint_split(dataset, seed, fractions);
  if (rule == kIdentityDisjoint) return make_identity_disjoint_split(dataset, seed, fractions);
  throw_input("there is no split rule '{}'; allowed are {}, {}", rule, kImageDisjoint,
              kIdentityDisjoint);
}

}  // namespace thz::data
