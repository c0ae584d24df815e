#include "thz/data/split.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "thz/core/error.h"
#include "thz/core/rng.h"

namespace thz::data {
namespace {

constexpr std::size_t kLists = 3;  // train, validation, test
constexpr char kImageDisjoint[] = "image-disjoint";
constexpr char kIdentityDisjoint[] = "identity-disjoint";

using Shares = std::array<double, kLists>;
using Quotas = std::array<std::size_t, kLists>;

Shares checked_shares(const SplitFractions& fractions) {
  const Shares shares = {fractions.train, fractions.validation, fractions.test};
  for (const double share : shares) {
    if (!(share > 0.0 && share < 1.0)) {
      throw_input("a split's fraction is {}, but each must lie between 0 and 1", share);
    }
  }
  const double sum = shares[0] + shares[1] + shares[2];
  if (std::abs(sum - 1.0) > 1e-9) {
    throw_input("a split's fractions add up to {}, but must to 1", sum);
  }
  return shares;
}

/// Whole numbers that add up to `count`, by largest remainder, none below one; count >= 3.
Quotas share_out(std::size_t count, const Shares& shares) {
  Quotas quotas{};
  std::size_t given = 0;
  for (std::size_t i = 0; i < kLists; ++i) {
    quotas[i] = std::max<std::size_t>(
        1, static_cast<std::size_t>(std::floor(shares[i] * static_cast<double>(count) + 1e-9)));
    given += quotas[i];
  }
  const auto surplus = [&](std::size_t i) {
    return shares[i] * static_cast<double>(count) - static_cast<double>(quotas[i]);
  };
  for (; given < count; ++given) {
    std::size_t most = 0;
    for (std::size_t i = 1; i < kLists; ++i) {
      if (surplus(i) > surplus(most)) most = i;
    }
    ++quotas[most];
  }
  for (; given > count; --given) {  // the ones forced up to 1 are paid by the largest list
    --*std::max_element(quotas.begin(), quotas.end());
  }
  return quotas;
}

/// Lists of `quotas` places dealt so that any run of neighbours sees them in proportion: each place
/// goes to the list that is furthest behind.
std::vector<std::size_t> deal(std::size_t count, const Quotas& quotas) {
  std::vector<std::size_t> list_of(count);
  Quotas dealt{};
  for (std::size_t i = 0; i < count; ++i) {
    const auto behind = [&](std::size_t list) {
      if (dealt[list] == quotas[list]) return -1e30;
      return static_cast<double>(quotas[list] * (i + 1)) / static_cast<double>(count) -
             static_cast<double>(dealt[list]);
    };
    std::size_t best = 0;
    for (std::size_t list = 1; list < kLists; ++list) {
      if (behind(list) > behind(best)) best = list;
    }
    ++dealt[best];
    list_of[i] = best;
  }
  return list_of;
}

io::Split begin_split(const char* rule, const io::DatasetReader& dataset, uint64_t seed,
                      const SplitFractions& fractions) {
  io::Split split;
  split.rule = rule;
  split.seed = seed;
  split.train_fraction = fractions.train;
  split.validation_fraction = fractions.validation;
  split.test_fraction = fractions.test;
  split.dataset_sha256 = dataset.content_sha256();
  split.dataset_rows = dataset.rows();
  return split;
}

std::vector<uint64_t>& list_at(io::Split& split, std::size_t list) {
  return list == 0 ? split.train : list == 1 ? split.validation : split.test;
}

void sort_lists(io::Split& split) {
  for (std::size_t list = 0; list < kLists; ++list) {
    std::sort(list_at(split, list).begin(), list_at(split, list).end());
  }
}

std::map<int32_t, std::vector<uint64_t>> rows_by_identity(const io::DatasetColumns& labels) {
  std::map<int32_t, std::vector<uint64_t>> rows;
  for (uint64_t row = 0; row < labels.rows; ++row) rows[labels.identity[row]].push_back(row);
  return rows;
}

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

io::Split make_image_disjoint_split(const io::DatasetReader& dataset, uint64_t seed,
                                    const SplitFractions& fractions) {
  const Shares shares = checked_shares(fractions);
  const io::DatasetColumns labels = dataset.read_labels();
  io::Split split = begin_split(kImageDisjoint, dataset, seed, fractions);
  for (const auto& [identity, rows] : rows_by_identity(labels)) {
    if (rows.size() < kLists) {
      throw_input("{}: identity {} has {} images, but an image-disjoint split needs at least {}",
                  dataset.path().string(), identity, rows.size(), kLists);
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

io::Split make_identity_disjoint_split(const io::DatasetReader& dataset, uint64_t seed,
                                       const SplitFractions& fractions) {
  const Shares shares = checked_shares(fractions);
  const auto rows = rows_by_identity(dataset.read_labels());
  if (rows.size() < kLists) {
    throw_input("{}: has {} identities, but an identity-disjoint split needs at least {}",
                dataset.path().string(), rows.size(), kLists);
  }
  std::vector<int32_t> identities;
  for (const auto& [identity, members] : rows) identities.push_back(identity);
  Rng rng(seed, RngPurpose::kSplit, UINT64_MAX);
  shuffle(identities, rng);
  io::Split split = begin_split(kIdentityDisjoint, dataset, seed, fractions);
  const Quotas quotas = share_out(identities.size(), shares);
  for (std::size_t i = 0; i < identities.size(); ++i) {
    const std::size_t list = i < quotas[0] ? 0 : i < quotas[0] + quotas[1] ? 1 : 2;
    const auto& members = rows.at(identities[i]);
    list_at(split, list).insert(list_at(split, list).end(), members.begin(), members.end());
  }
  sort_lists(split);
  return split;
}

io::Split make_split(const std::string& rule, const io::DatasetReader& dataset, uint64_t seed,
                     const SplitFractions& fractions) {
  if (rule == kImageDisjoint) return make_image_disjoint_split(dataset, seed, fractions);
  if (rule == kIdentityDisjoint) return make_identity_disjoint_split(dataset, seed, fractions);
  throw_input("there is no split rule '{}'; allowed are {}, {}", rule, kImageDisjoint,
              kIdentityDisjoint);
}

}  // namespace thz::data
