#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "thz/io/dataset_columns.h"

namespace thz::io {

/// Which rows of one data set train, validate and test (docs/formats/split.md). `thz::data` makes
/// them.
struct Split {
  /// "image-disjoint", "identity-disjoint" or a rule of the published protocols (thz/data/folds.h).
  std::string rule;
  uint64_t seed = 0;
  double train_fraction = 0.0;  ///< as asked for; what came out is in the lists
  double validation_fraction = 0.0;
  double test_fraction = 0.0;
  std::string dataset_sha256;  ///< content hash of the data set the rows belong to
  uint64_t dataset_rows = 0;
  std::vector<uint64_t> train, validation, test;  ///< rows, ascending
  /// Rule "paper-anchor-folds" alone, which leaks: unconcealed rows that all three parts look at.
  std::vector<uint64_t> shared;
};

/// Whole or not at all. @throws InputError.
void write_split(const std::filesystem::path& path, const Split& split);

/// @throws InputError if the file is missing, not a split, if a row is listed twice or does not
/// exist.
Split read_split(const std::filesystem::path& path);

/// The same, and refuses a split of another data set.
Split read_split(const std::filesystem::path& path, const std::string& dataset_sha256);

/// What a split promises of other rows than its own: no row in two parts; in the rules
/// "identity-disjoint", "two-subjects-out" and "cross-generator" no identity of a test row in
/// another part (in the first and the last no validation identity in training either); shared rows
/// in "paper-anchor-folds" alone, and those unconcealed.
/// @throws InputError naming rule, parts and row or identity.
void require_no_leak(const Split& split, const DatasetColumns& labels);

/// SHA-256 of the split's content, to stand beside results.
std::string split_sha256(const Split& split);

}  // namespace thz::io
