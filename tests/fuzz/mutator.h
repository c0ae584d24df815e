#pragma once

#include <string>
#include <vector>

#include "thz/core/rng.h"

namespace thz::fuzz {

/// What kind of bytes a mutation should understand.
enum class Material { kText, kBinary };

/// One input made out of `seeds[which]`: one to eight steps of bit flips, runs of bytes, boundary
/// numbers, cuts, copies and splices with other seeds; in text also of numbers, tokens, lines and
/// deep nesting. The same generator state gives the same bytes. Length at most twice the longest
/// seed and 64 KiB.
std::string mutated(const std::vector<std::string>& seeds, std::size_t which, Material material,
                    Rng& rng);

}  // namespace thz::fuzz
