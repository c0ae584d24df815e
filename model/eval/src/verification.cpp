#include "thz/eval/verification.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "pairing.h"
#include "thz/core/error.h"

namespace thz::eval {
namespace {

using internal::distance_at;
using internal::pair_kind;
using internal::PairKind;

MatrixD unit_rows(const MatrixF& embeddings, const Labels& labels) {
  labels.validate();
  if (static_cast<std::size_t>(embeddings.rows()) != labels.size() || embeddings.cols() < 1) {
    throw_input("an embedding table of {} x {} does not fit {} labels", embeddings.rows(),
                embeddings.cols(), labels.size());
  }
  MatrixD unit = embeddings.cast<double>();
  for (Eigen::Index r = 0; r < unit.rows(); ++r) {
    const double norm = unit.row(r).norm();
    if (!std::isfinite(norm) || norm == 0.0) {
      throw_input("embedding {} has the norm {}; every embedding must be finite and not zero", r,
                  norm);
    }
    unit.row(r) /= norm;
  }
  return unit;
}

std::vector<int> rows_where(const Labels& labels, bool concealed) {
  std::vector<int> rows;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    if ((labels.concealed[r] != 0) == concealed) rows.push_back(static_cast<int>(r));
  }
  if (rows.empty()) {
    throw_input("there is no {} image among the {} to verify; both conditions are needed",
                concealed ? "concealed" : "unconcealed", labels.size());
  }
  return rows;
}

MatrixD take(const MatrixD& unit, const std::vector<int>& rows) {
  MatrixD out(static_cast<Eigen::Index>(rows.size()), unit.cols());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.row(static_cast<Eigen::Index>(i)) = unit.row(rows[i]);
  }
  return out;
}

// Distances from the difference itself: sqrt(2 - 2 cos) loses half the digits of a small distance.
MatrixD l2_distances(const MatrixD& a, const MatrixD& b) {
  MatrixD out(a.rows(), b.rows());
  for (Eigen::Index p = 0; p < a.rows(); ++p) {
    for (Eigen::Index g = 0; g < b.rows(); ++g) out(p, g) = (a.row(p) - b.row(g)).norm();
  }
  return out;
}

// Gallery images of one probe, split by what they are to it.
struct Sides {
  std::vector<double> positive;
  std::vector<double> negative;
  std::vector<int> negative_identity;  // position in the table's identities
};

Sides sides_of(const ScoreTable& table, PostureRule rule, std::size_t p,
               const std::vector<int>& gallery_identity) {
  Sides sides;
  for (std::size_t g = 0; g < table.gallery.size(); ++g) {
    const PairKind kind = pair_kind(table, rule, p, g);
    if (kind == PairKind::kGenuine) sides.positive.push_back(distance_at(table, p, g));
    if (kind == PairKind::kImpostor) {
      sides.negative.push_back(distance_at(table, p, g));
      sides.negative_identity.push_back(gallery_identity[g]);
    }
  }
  std::sort(sides.positive.begin(), sides.positive.end());
  return sides;
}

}  // namespace

ScoreTable score_embeddings(const MatrixF& embeddings, const Labels& labels) {
  const MatrixD unit = unit_rows(embeddings, labels);
  const std::vector<int> probes = rows_where(labels, true), gallery = rows_where(labels, false);
  return {labels.subset(probes), labels.subset(gallery),
          l2_distances(take(unit, probes), take(unit, gallery))};
}

ScoreTable score_embeddings_unconcealed(const MatrixF& embeddings, const Labels& labels) {
  const MatrixD unit = unit_rows(embeddings, labels);
  const std::vector<int> rows = rows_where(labels, false);
  const MatrixD chosen = take(unit, rows);
  ScoreTable table{labels.subset(rows), labels.subset(rows), l2_distances(chosen, chosen)};
  table.distance.diagonal().setConstant(internal::kNaN);
  return table;
}

TripletSums sum_triplets(const ScoreTable& table, PostureRule rule) {
  internal::require_table(table);
  TripletSums sums;
  sums.identities = internal::identities_of(table);
  const auto size = static_cast<Eigen::Index>(sums.identities.size());
  for (MatrixD* m : {&sums.total, &sums.correct, &sums.positive, &sums.positive_squares,
                     &sums.negative, &sums.negative_squares}) {
    *m = MatrixD::Zero(size, size);
  }
  const auto probe_at = internal::positions(table.probe.identity, sums.identities);
  const auto gallery_at = internal::positions(table.gallery.identity, sums.identities);
  for (std::size_t p = 0; p < table.probe.size(); ++p) {
    const Sides sides = sides_of(table, rule, p, gallery_at);
    const auto positives = static_cast<double>(sides.positive.size());
    double sum = 0.0, squares = 0.0;
    for (const double d : sides.positive) {
      sum += d;
      squares += d * d;
    }
    for (std::size_t n = 0; n < sides.negative.size(); ++n) {
      const double d = sides.negative[n];
      const Eigen::Index i = probe_at[p], j = sides.negative_identity[n];
      // Positives strictly nearer than this negative: all before the first that is not.
      sums.correct(i, j) +=
          static_cast<double>(std::lower_bound(sides.positive.begin(), sides.positive.end(), d) -
                              sides.positive.begin());
      sums.total(i, j) += positives;
      sums.positive(i, j) += sum;
      sums.positive_squares(i, j) += squares;
      sums.negative(i, j) += positives * d;
      sums.negative_squares(i, j) += positives * d * d;
    }
  }
  return sums;
}

TripletCounts count_triplets(const ScoreTable& table, PostureRule rule) {
  TripletSums sums = sum_triplets(table, rule);
  TripletCounts counts;
  const double total = sums.total.sum();
  counts.triplets = static_cast<uint64_t>(total);
  counts.accuracy = total > 0.0 ? sums.correct.sum() / total : internal::kNaN;
  counts.identities = std::move(sums.identities);
  counts.correct = std::move(sums.correct);
  counts.total = std::move(sums.total);
  return counts;
}

MarginStatistics margin_statistics(const ScoreTable& table, PostureRule rule) {
  const TripletSums sums = sum_triplets(table, rule);
  const double total = sums.total.sum();
  const double positive = sums.positive.sum() / total, negative = sums.negative.sum() / total;
  const auto deviation = [&](const MatrixD& squares, double mean) {
    return std::sqrt(std::max(0.0, squares.sum() / total - mean * mean));
  };
  MarginStatistics out;
  out.cosine_positive = 0.5 * sums.positive_squares.sum() / total;
  out.cosine_negative = 0.5 * sums.negative_squares.sum() / total;
  out.l2_margin = negative - positive;
  out.normalised_margin = out.l2_margin / (deviation(sums.positive_squares, positive) +
                                           deviation(sums.negative_squares, negative));
  return out;
}

PairScores pair_scores(const ScoreTable& table, PostureRule rule) {
  internal::require_table(table);
  PairScores scores;
  for (std::size_t p = 0; p < table.probe.size(); ++p) {
    for (std::size_t g = 0; g < table.gallery.size(); ++g) {
      const PairKind kind = pair_kind(table, rule, p, g);
      if (kind == PairKind::kGenuine) scores.genuine.push_back(distance_at(table, p, g));
      if (kind == PairKind::kImpostor) scores.impostor.push_back(distance_at(table, p, g));
    }
  }
  return scores;
}

Identification identify(const ScoreTable& table, PostureRule rule) {
  internal::require_table(table);
  const auto identities = internal::identities_of(table);
  const auto gallery_at = internal::positions(table.gallery.identity, identities);
  const auto probe_at = internal::positions(table.probe.identity, identities);
  constexpr double kAbsent = std::numeric_limits<double>::infinity();
  Identification out;
  out.cmc.assign(identities.size(), 0.0);
  for (std::size_t p = 0; p < table.probe.size(); ++p) {
    std::vector<double> nearest(identities.size(), kAbsent);
    for (std::size_t g = 0; g < table.gallery.size(); ++g) {
      if (pair_kind(table, rule, p, g) == PairKind::kNone) continue;
      double& best = nearest[static_cast<std::size_t>(gallery_at[g])];
      best = std::min(best, distance_at(table, p, g));
    }
    const auto own_at = static_cast<std::size_t>(probe_at[p]);
    const double own = nearest[own_at];
    int rank = 0;
    if (own != kAbsent) {
      rank = static_cast<int>(
          std::count_if(nearest.begin(), nearest.end(), [&](double d) { return d <= own; }));
      out.mean_candidates += static_cast<double>(
          std::count_if(nearest.begin(), nearest.end(), [&](double d) { return d != kAbsent; }));
      ++out.probes;
      for (std::size_t k = static_cast<std::size_t>(rank) - 1; k < out.cmc.size(); ++k) {
        out.cmc[k] += 1.0;
      }
    }
    out.probe_rank.push_back(rank);
  }
  const double probes = std::max<double>(1.0, static_cast<double>(out.probes));
  for (double& share : out.cmc) share /= probes;
  out.mean_candidates /= probes;
  return out;
}

double centroid_retrieval(const MatrixF& embeddings, const Labels& labels, int k) {
  if (k < 1) throw_input("retrieval at {} is asked for; the rank must be at least 1", k);
  const MatrixD unit = unit_rows(embeddings, labels);
  const std::vector<int> probes = rows_where(labels, true), gallery = rows_where(labels, false);
  const Labels of_gallery = labels.subset(gallery), of_probes = labels.subset(probes);
  const auto identities = internal::distinct(of_gallery.identity);
  const auto at = internal::positions(of_gallery.identity, identities);
  MatrixD centroid = MatrixD::Zero(static_cast<Eigen::Index>(identities.size()), unit.cols());
  for (std::size_t g = 0; g < gallery.size(); ++g) centroid.row(at[g]) += unit.row(gallery[g]);
  // Opposite embeddings may cancel; a zero centroid then stays where it is, at distance 1 from all.
  for (Eigen::Index i = 0; i < centroid.rows(); ++i) centroid.row(i).normalize();
  ScoreTable table;
  table.probe = of_probes;
  table.gallery.identity = identities;
  table.gallery.posture.assign(identities.size(), 0);
  table.gallery.concealed.assign(identities.size(), 0);
  table.distance = l2_distances(take(unit, probes), centroid);
  const Identification ranks = identify(table, PostureRule::kAny);
  return ranks.cmc[std::min<std::size_t>(static_cast<std::size_t>(k), ranks.cmc.size()) - 1];
}

Histogram histogram(const std::vector<double>& values, double low, double high, int bins) {
  THZ_REQUIRE(bins > 0 && high > low, "a histogram needs bins and an interval");
  Histogram out{low, high, std::vector<double>(static_cast<std::size_t>(bins), 0.0)};
  if (values.empty()) return out;
  for (const double v : values) {
    const double place = (v - low) / (high - low) * bins;
    const int bin = std::clamp(static_cast<int>(std::floor(place)), 0, bins - 1);
    out.share[static_cast<std::size_t>(bin)] += 1.0 / static_cast<double>(values.size());
  }
  return out;
}

}  // namespace thz::eval
