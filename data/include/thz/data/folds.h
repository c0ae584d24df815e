#pragma once

#include <string>
#include <vector>

#include "thz/data/split.h"

namespace thz::data {

/// What a protocol says of one of its rules; a rule looks at its own keys alone.
struct FoldOptions {
  int folds = 6;                      ///< image-disjoint-folds, paper-anchor-folds; at least 3
  int subjects = 2;                   ///< two-subjects-out: persons left out at once
  double validation_fraction = 0.15;  ///< two-subjects-out: of the others' images
  SplitFractions fractions;           ///< image-disjoint, identity-disjoint, cross-generator
};

/// One split of a rule, e.g. fold 3 of 6. Splits of one group make one table.
struct NamedSplit {
  std::string group;  ///< "image-disjoint-folds"
  std::string name;   ///< "fold-3"
  io::Split split;
};

/// All splits of a rule, deterministic in (labels, seed), each checked by io::require_no_leak().
///
/// image-disjoint-folds: each identity's images, one concealed with one unconcealed of the same
///   posture where there are both, are dealt to the folds in turn; fold k tests, k + 1 validates,
///   the others train. All identities in all parts, no image in two.
/// paper-anchor-folds: concealed images dealt so; the unconcealed ones are shared by all parts, as
///   the published program has it. It leaks: say so wherever it is shown.
/// two-subjects-out: random groups of `subjects` persons, each tested once; of the others' images
///   `validation_fraction` validates.
/// image-disjoint, identity-disjoint: one split each, as make_split() has them.
/// cross-generator: for each of two generators a group: trained and validated on its persons,
///   tested on persons of its own and of the other generator that neither saw.
///
/// @param generator  [N], 0 or 1, for cross-generator alone; else empty
/// @throws InputError for an unknown rule, options out of range, or data too small: which, how
/// many there are and how many are needed.
std::vector<NamedSplit> make_protocol_splits(const std::string& rule, const SplitRows& rows,
                                             const FoldOptions& options, uint64_t seed,
                                             const std::vector<int>& generator = {});

/// Whether persons of one split of this rule are tested in no other, and are so drawn together.
bool tests_other_persons(const std::string& rule);

std::vector<std::string> protocol_split_rules();

}  // namespace thz::data
