#pragma once

#include <cstdint>
#include <vector>

#include "thz/eval/labels.h"

namespace thz::eval {

/// Which gallery images a probe is held against.
enum class PostureRule {
  kSame,  ///< only those of the probe's own posture ('posture known')
  kAny,   ///< all of them ('posture unknown')
};

/// Every probe against every gallery image. Works for embeddings (L2 distance of unit vectors) and
/// for template matching (1 - SSIM) alike; nothing below knows which.
struct ScoreTable {
  Labels probe;      ///< [P], concealed images (unconcealed ones for the ceiling)
  Labels gallery;    ///< [G], unconcealed images
  MatrixD distance;  ///< [P, G], smaller is more alike; NaN where a pair was not scored
};

/// L2 distance of the unit vectors of concealed (probe) and unconcealed (gallery) rows.
/// @param embeddings  [N, D], finite, no zero row; normalised here.
/// @throws InputError on a shape that does not fit the labels, NaN, a zero row, or an empty side.
ScoreTable score_embeddings(const MatrixF& embeddings, const Labels& labels);

/// Unconcealed against unconcealed rows, each pair once a side, no image against itself: the
/// ceiling.
ScoreTable score_embeddings_unconcealed(const MatrixF& embeddings, const Labels& labels);

/// Sums over triplets by (probe identity, negative identity): all a two-way bootstrap needs.
///
/// A triplet is an anchor (a probe of identity i, posture p), a positive (gallery, identity i) and
/// a negative (gallery, identity j != i), both of posture p under PostureRule::kSame. It is right
/// when d(anchor, positive) < d(anchor, negative), strictly: a tie is wrong.
struct TripletCounts {
  std::vector<int32_t> identities;  ///< [I], ascending
  MatrixD correct;                  ///< [I, I], row: probe identity, column: negative identity
  MatrixD total;                    ///< [I, I]
  uint64_t triplets = 0;
  double accuracy = 0.0;  ///< NaN without triplets
};
TripletCounts count_triplets(const ScoreTable& table, PostureRule rule);

/// Sums over triplets by (probe identity, negative identity), [I, I] each: what every mean over
/// triplets follows from, and can be pooled over folds and seeds.
struct TripletSums {
  std::vector<int32_t> identities;  ///< [I], ascending
  MatrixD total;                    ///< triplets
  MatrixD correct;
  MatrixD positive, positive_squares;  ///< of d(anchor, positive), once a triplet
  MatrixD negative, negative_squares;  ///< of d(anchor, negative)
};
TripletSums sum_triplets(const ScoreTable& table, PostureRule rule);

/// Means over all triplets (a pair counts once a triplet it occurs in). cos = 1 - d^2 / 2, so the
/// distances must be those of unit embeddings.
struct MarginStatistics {
  double cosine_positive = 0.0;    ///< mean of 1 - cos(anchor, positive)
  double cosine_negative = 0.0;    ///< mean of 1 - cos(anchor, negative)
  double l2_margin = 0.0;          ///< mean d(a, n) - mean d(a, p)
  double normalised_margin = 0.0;  ///< l2_margin / (sd_pos + sd_neg), population sd over triplets
};
MarginStatistics margin_statistics(const ScoreTable& table, PostureRule rule);

/// Distances of all genuine (same identity) and impostor pairs that the rule admits.
struct PairScores {
  std::vector<double> genuine;
  std::vector<double> impostor;
};
PairScores pair_scores(const ScoreTable& table, PostureRule rule);

/// A decision threshold: match when distance <= threshold. Terms of ISO/IEC 19795-1.
struct RocPoint {
  double threshold = 0.0;
  double fmr = 0.0;   ///< false match rate: impostor pairs accepted
  double fnmr = 0.0;  ///< false non-match rate: genuine pairs rejected
};

/// One point a distinct distance, thresholds ascending, and (-infinity, 0, 1) first: ROC as (fmr,
/// 1 - fnmr), DET as (fmr, fnmr). Throws InputError when either list is empty or holds NaN.
std::vector<RocPoint> roc_curve(const PairScores& scores);

/// Rate where FMR = FNMR, linear between the two points of the curve that enclose the crossing.
double equal_error_rate(const std::vector<RocPoint>& curve);

/// Fewer errors than this do not support a rate (Doddington's rule of 30; ISO/IEC 19795-1, annex
/// B).
inline constexpr int kRuleOf30 = 30;

/// True accept rate at the largest threshold whose FMR does not exceed `far`.
struct OperatingPoint {
  double far = 0.0;            ///< asked for, in (0, 1)
  double tar = 0.0;            ///< 1 - FNMR there
  uint64_t false_matches = 0;  ///< impostor pairs accepted there
  uint64_t false_non_matches = 0;
  /// fewer than 30 false matches: the threshold is not supported, print 'refused: N errors'
  bool refused = true;
};
OperatingPoint tar_at_far(const PairScores& scores, double far);

/// Closed-set identification: each identity scores its nearest admitted gallery image.
struct Identification {
  std::vector<double> cmc;  ///< cmc[k - 1]: share of probes with their identity among the first k
  std::vector<int> probe_rank;  ///< [P], 1 is best; 0: own identity not in the admitted gallery
  uint64_t probes = 0;          ///< those with rank > 0
  double mean_candidates =
      0.0;  ///< identities a probe was held against; chance of rank k is k over it
};
/// An own identity that ties with another stands behind it.
Identification identify(const ScoreTable& table, PostureRule rule);

/// Share of concealed rows whose own identity is among the k nearest identity centroids (mean of
/// the unit embeddings of the unconcealed rows, any posture). Chance: k / identities.
double centroid_retrieval(const MatrixF& embeddings, const Labels& labels, int k);

/// Equal-width histogram of distances over [low, high], normalised to a share a bin.
struct Histogram {
  double low = 0.0;
  double high = 1.0;
  std::vector<double> share;
};
Histogram histogram(const std::vector<double>& values, double low, double high, int bins);

}  // namespace thz::eval
