#include "split_parts.h"

#include <algorithm>
#include <cmath>

#include "thz/core/error.h"

namespace thz::data::internal {

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

Quotas share_out(std::size_t count, const Shares& shares) {
  Quotas quotas(shares.size(), 0);
  std::size_t given = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    quotas[i] = std::max<std::size_t>(
        1, static_cast<std::size_t>(std::floor(shares[i] * static_cast<double>(count) + 1e-9)));
    given += quotas[i];
  }
  const auto surplus = [&](std::size_t i) {
    return shares[i] * static_cast<double>(count) - static_cast<double>(quotas[i]);
  };
  for (; given < count; ++given) {
    std::size_t most = 0;
    for (std::size_t i = 1; i < shares.size(); ++i) {
      if (surplus(i) > surplus(most)) most = i;
    }
    ++quotas[most];
  }
  for (; given > count; --given) {  // the ones forced up to 1 are paid by the largest list
    --*std::max_element(quotas.begin(), quotas.end());
  }
  return quotas;
}

std::vector<std::size_t> deal(std::size_t count, const Quotas& quotas) {
  std::vector<std::size_t> list_of(count);
  Quotas dealt(quotas.size(), 0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto behind = [&](std::size_t list) {
      if (dealt[list] == quotas[list]) return -1e30;
      return static_cast<double>(quotas[list] * (i + 1)) / static_cast<double>(count) -
             static_cast<double>(dealt[list]);
    };
    std::size_t best = 0;
    for (std::size_t list = 1; list < quotas.size(); ++list) {
      if (behind(list) > behind(best)) best = list;
    }
    ++dealt[best];
    list_of[i] = best;
  }
  return list_of;
}

io::Split begin_split(const char* rule, const SplitRows& rows, uint64_t seed,
                      const SplitFractions& fractions) {
  io::Split split;
  split.rule = rule;
  split.seed = seed;
  split.train_fraction = fractions.train;
  split.validation_fraction = fractions.validation;
  split.test_fraction = fractions.test;
  split.dataset_sha256 = rows.content_sha256;
  split.dataset_rows = rows.labels.rows;
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

}  // namespace thz::data::internal
