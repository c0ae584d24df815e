#pragma once

#include <map>
#include <string>
#include <vector>

#include "thz/eval/verification.h"

namespace thz::eval {

/// Sums over the cases of a test, kept by identity: what folds and seeds are pooled from, and what
/// two systems are compared with on the same persons.
struct SumTable {
  /// Whether the terms are [I, I] (probe identity, impostor identity) or [I, 1].
  bool pairs = false;
  std::vector<MatrixD> terms;
};

/// Tables by name, all over the same identities:
///   "triplets", "triplets_any" (posture known, unknown): pairs; triplets, right ones, sums and
///     squares of d(anchor, positive), sums and squares of d(anchor, negative)
///   "rank", "rank_any": probes, probes found at rank 1, within rank 5, candidates a probe
///   "posture", "posture_unconcealed": the confusion matrix, K x K terms, true class first
///   "pictures": pairs, then sums of SSIM, PSNR (dB), edge SSIM, edge MAE, cosine of embeddings
///     (NaN if not asked for), then SSIM and PSNR of each region
struct IdentitySums {
  std::vector<int32_t> identities;  ///< [I], ascending
  std::map<std::string, SumTable> tables;
};

/// Adds `more` to `into`: identities are joined, sums of the same identity added.
/// @throws InputError if a table of one name has another number or kind of terms.
void pool(IdentitySums& into, const IdentitySums& more);

/// Tables "triplets" and "rank" (with "_any" where the posture is unknown) of scored pairs.
/// @param embeddings  whether distances are those of unit embeddings; otherwise their sums, which
/// compare with nobody's, are left out and "triplets" has its first two terms
IdentitySums sums_of_scores(const ScoreTable& table, PostureRule rule, bool embeddings = true);

/// Table `name` of posture decisions over K classes; rows of another condition are left out.
IdentitySums sums_of_postures(const std::vector<int>& predicted, const Labels& labels,
                              bool concealed, int classes, const std::string& name);

/// JSON text; NaN is null.
std::string to_json(const IdentitySums& sums);
/// @throws InputError, naming `source`, for text that is not such sums.
IdentitySums sums_from_json(const std::string& text, const std::string& source);

}  // namespace thz::eval
