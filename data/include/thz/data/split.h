#pragma once

#include <cstdint>
#include <string>

#include "thz/io/dataset_columns.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/split_file.h"

namespace thz::data {

struct SplitFractions {
  double train = 0.6;
  double validation = 0.2;
  double test = 0.2;
};

/// What a split is made of: the labels of all rows, and what they belong to.
struct SplitRows {
  std::string name;  ///< as messages call the data set
  std::string content_sha256;
  io::DatasetColumns labels;  ///< identity, posture, concealed alone are looked at
};
SplitRows split_rows(const io::DatasetReader& dataset);

/// Every row in exactly one of the three lists, all identities in all three; stratified by
/// identity, then posture and condition: each identity's rows are shared out by largest remainder,
/// and within an identity the cells (posture, condition) are dealt so that each list sees them as
/// evenly as the counts allow. Deterministic in (labels, seed).
/// @throws InputError if an identity has fewer than three rows or a fraction is not in (0, 1).
io::Split make_image_disjoint_split(const SplitRows& rows, uint64_t seed,
                                    const SplitFractions& fractions = {});
io::Split make_image_disjoint_split(const io::DatasetReader& dataset, uint64_t seed,
                                    const SplitFractions& fractions = {});

/// Every identity's rows in exactly one list: test and validation identities are never trained on.
/// @throws InputError if there are fewer than three identities or a fraction is not in (0, 1).
io::Split make_identity_disjoint_split(const SplitRows& rows, uint64_t seed,
                                       const SplitFractions& fractions = {});
io::Split make_identity_disjoint_split(const io::DatasetReader& dataset, uint64_t seed,
                                       const SplitFractions& fractions = {});

/// By name, "image-disjoint" or "identity-disjoint". @throws InputError for another name.
io::Split make_split(const std::string& rule, const io::DatasetReader& dataset, uint64_t seed,
                     const SplitFractions& fractions = {});

}  // namespace thz::data
