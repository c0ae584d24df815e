#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "thz/core/progress.h"

namespace thz::data {

/// What the same identity number in two data sets means.
enum class MergePeople {
  kDifferent,  ///< must not happen
  kSame,       ///< the same person: captures are numbered on
  kRenumber,   ///< another person: each data set's people get numbers of their own
};

struct MergeOptions {
  MergePeople people = MergePeople::kDifferent;
  bool index = false;  ///< leave the pictures where they are
  ProgressFn progress;
  const CancelToken* cancel = nullptr;
};

struct MergeReport {
  std::vector<int64_t> identity_offsets;  ///< added to the identities of each source
  int fewest_captures = 0;                ///< of any (identity, posture, condition) there is
  std::vector<std::string> notes;         ///< what the sources did not have in common
};

/// Puts data sets together into one file, or an index of them.
///
/// Folders in the making (shards of one plan, each with its own folder) become what one run of the
/// plan would have made, content hash and all. Finished data sets are laid one after the other:
/// names of fabrics, soft biometrics, coefficients and nuisances are united, and what a row's
/// source did not have is NaN; each row keeps its scene's hash; the sources' scenes and plans stand
/// in the plan's place. Power is kept only if all have it in one size.
/// @throws InputError if shards and finished sets are mixed, rows of a shard are missing, or people
/// collide; Cancelled.
MergeReport merge_datasets(const std::vector<std::filesystem::path>& sources,
                           const std::filesystem::path& file, const MergeOptions& options);

}  // namespace thz::data
