#pragma once

#include <map>
#include <vector>

#include "thz/data/split.h"

/// What the rules of a split are made of.
namespace thz::data::internal {

inline constexpr std::size_t kLists = 3;  ///< train, validation, test

using Shares = std::vector<double>;
using Quotas = std::vector<std::size_t>;

/// @throws InputError for fractions outside (0, 1) or that do not add up to 1.
Shares checked_shares(const SplitFractions& fractions);

/// Whole numbers that add up to `count`, by largest remainder, none below one; count >= lists.
Quotas share_out(std::size_t count, const Shares& shares);

/// Lists of `quotas` places dealt so that any run of neighbours sees them in proportion: each place
/// goes to the list that is furthest behind.
std::vector<std::size_t> deal(std::size_t count, const Quotas& quotas);

io::Split begin_split(const char* rule, const SplitRows& rows, uint64_t seed,
                      const SplitFractions& fractions);

/// 0 train, 1 validation, 2 test.
std::vector<uint64_t>& list_at(io::Split& split, std::size_t list);
void sort_lists(io::Split& split);

std::map<int32_t, std::vector<uint64_t>> rows_by_identity(const io::DatasetColumns& labels);

}  // namespace thz::data::internal
