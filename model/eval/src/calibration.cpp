#include "thz/eval/calibration.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "pairing.h"
#include "thz/core/error.h"
#include "weighted_roc.h"

namespace thz::eval {
namespace {

using internal::kNaN;

constexpr double kLn2 = 0.69314718055994530942;
constexpr double kPenalty = 1e-4;
constexpr int kNewtonSteps = 100;
constexpr double kLongestStep = 2.0;  // in coefficients of the standardised distance

/// log2(1 + e^x) without overflow.
double log2_one_plus_exp(double x) {
  return (std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)))) / kLn2;
}

double cost_of(double llr, bool genuine) { return log2_one_plus_exp(genuine ? -llr : llr); }

/// Pairs at neighbouring distances that get one likelihood ratio; shares of all of their kind.
struct Block {
  double genuine = 0.0, impostor = 0.0;
  bool more_genuine_than(const Block& other) const {
    return genuine * other.impostor > other.genuine * impostor;
  }
};

/// Newton's step for the penalised logistic regression of z on the kind.
bool newton_step(const std::array<std::vector<double>, 2>& z, double& offset, double& slope) {
  double g0 = kPenalty * offset, g1 = kPenalty * slope;
  double h00 = kPenalty, h01 = 0.0, h11 = kPenalty;
  for (const int genuine : {0, 1}) {
    const auto& list = z[static_cast<std::size_t>(genuine)];
    const double weight = 0.5 / static_cast<double>(list.size());
    for (const double v : list) {
      const double p = 1.0 / (1.0 + std::exp(-(offset + slope * v)));
      const double error = weight * (p - genuine), curve = weight * p * (1.0 - p);
      g0 += error;
      g1 += error * v;
      h00 += curve;
      h01 += curve * v;
      h11 += curve * v * v;
    }
  }
  const double determinant = h00 * h11 - h01 * h01;
  double step0 = (h11 * g0 - h01 * g1) / determinant;
  double step1 = (h00 * g1 - h01 * g0) / determinant;
  // Far from the solution the curvature vanishes; a bounded step cannot fly off.
  const double bound = kLongestStep / std::max({kLongestStep, std::abs(step0), std::abs(step1)});
  step0 *= bound;
  step1 *= bound;
  offset -= step0;
  slope -= step1;
  return std::abs(step0) + std::abs(step1) > 1e-10;
}

/// Costs by person and by pair of persons.
struct CostSums {
  Eigen::VectorXd genuine, genuine_count;
  MatrixD impostor, impostor_count;

  double cllr(const Eigen::VectorXd& w) const {
    const double g = w.dot(genuine_count), i = w.dot(impostor_count * w);
    if (g <= 0.0 || i <= 0.0) return kNaN;
    return 0.5 * (w.dot(genuine) / g + w.dot(impostor * w) / i);
  }
};

/// Pairs of which both persons are in one half.
struct Halves {
  std::array<std::vector<internal::ScoredPair>, 2> pairs;

  PairScores scores(std::size_t half) const {
    PairScores out;
    for (const auto& pair : pairs[half]) {
      (pair.genuine ? out.genuine : out.impostor).push_back(pair.distance);
    }
    return out;
  }
};

Halves halves_of(const ScoreTable& table, PostureRule rule,
                 const std::vector<int32_t>& identities) {
  const auto probe_at = internal::positions(table.probe.identity, identities);
  const auto gallery_at = internal::positions(table.gallery.identity, identities);
  Halves out;
  for (std::size_t p = 0; p < table.probe.size(); ++p) {
    for (std::size_t g = 0; g < table.gallery.size(); ++g) {
      const internal::PairKind kind = internal::pair_kind(table, rule, p, g);
      if (kind == internal::PairKind::kNone || (probe_at[p] - gallery_at[g]) % 2 != 0) continue;
      out.pairs[static_cast<std::size_t>(probe_at[p] % 2)].push_back(
          {internal::distance_at(table, p, g), probe_at[p], gallery_at[g],
           kind == internal::PairKind::kGenuine});
    }
  }
  return out;
}

Interval calibrated_cllr(const ScoreTable& table, PostureRule rule,
                         const BootstrapOptions& options) {
  const auto identities = internal::identities_of(table);
  const Halves halves = halves_of(table, rule, identities);
  const auto size = static_cast<Eigen::Index>(identities.size());
  CostSums sums{Eigen::VectorXd::Zero(size), Eigen::VectorXd::Zero(size), MatrixD::Zero(size, size),
                MatrixD::Zero(size, size)};
  for (const std::size_t half : {std::size_t{0}, std::size_t{1}}) {
    const PairScores learned = halves.scores(1 - half);
    if (learned.genuine.empty() || learned.impostor.empty()) return {kNaN, kNaN, kNaN};
    const AffineCalibration map = calibrate_scores(learned);
    for (const auto& pair : halves.pairs[half]) {
      const double cost = cost_of(map.offset + map.slope * pair.distance, pair.genuine);
      if (pair.genuine) {
        sums.genuine(pair.probe) += cost;
        sums.genuine_count(pair.probe) += 1.0;
      } else {
        sums.impostor(pair.probe, pair.gallery) += cost;
        sums.impostor_count(pair.probe, pair.gallery) += 1.0;
      }
    }
  }
  return bootstrap_crossed(
      identities.size(), 1,
      [&](const std::vector<double>& w, const std::vector<double>&) {
        return sums.cllr(Eigen::Map<const Eigen::VectorXd>(w.data(), size));
      },
      options);
}

}  // namespace

double cllr(const std::vector<double>& genuine_llr, const std::vector<double>& impostor_llr) {
  const auto mean = [](const std::vector<double>& llr, bool genuine) {
    double sum = 0.0;
    for (const double v : llr) sum += cost_of(v, genuine);
    return sum / static_cast<double>(llr.size());
  };
  return 0.5 * (mean(genuine_llr, true) + mean(impostor_llr, false));
}

double minimum_cllr(const PairScores& scores) {
  std::vector<Block> blocks;
  double genuine_before = 0.0, impostor_before = 0.0;
  // Each point of the curve adds the pairs at one distance, nearest first.
  for (const RocPoint& point : roc_curve(scores)) {
    Block block{1.0 - point.fnmr - genuine_before, point.fmr - impostor_before};
    genuine_before = 1.0 - point.fnmr;
    impostor_before = point.fmr;
    if (block.genuine <= 0.0 && block.impostor <= 0.0) continue;
    // The likelihood ratio must not rise with the distance.
    while (!blocks.empty() && block.more_genuine_than(blocks.back())) {
      block.genuine += blocks.back().genuine;
      block.impostor += blocks.back().impostor;
      blocks.pop_back();
    }
    blocks.push_back(block);
  }
  double cost = 0.0;
  for (const Block& b : blocks) {
    if (b.genuine <= 0.0 || b.impostor <= 0.0) continue;  // certain, and right
    const double llr = std::log(b.genuine / b.impostor);
    cost += b.genuine * cost_of(llr, true) + b.impostor * cost_of(llr, false);
  }
  return 0.5 * cost;
}

AffineCalibration calibrate_scores(const PairScores& scores) {
  if (scores.genuine.empty() || scores.impostor.empty()) {
    throw_input("a calibration needs genuine and impostor pairs, found {} and {}",
                scores.genuine.size(), scores.impostor.size());
  }
  double sum = 0.0, squares = 0.0;
  const auto count = static_cast<double>(scores.genuine.size() + scores.impostor.size());
  for (const auto* list : {&scores.impostor, &scores.genuine}) {
    for (const double d : *list) {
      sum += d;
      squares += d * d;
    }
  }
  const double mean = sum / count;
  const double spread = std::sqrt(std::max(1e-30, squares / count - mean * mean));
  std::array<std::vector<double>, 2> z;
  for (const double d : scores.impostor) z[0].push_back((d - mean) / spread);
  for (const double d : scores.genuine) z[1].push_back((d - mean) / spread);
  double offset = 0.0, slope = 0.0;
  for (int step = 0; step < kNewtonSteps && newton_step(z, offset, slope); ++step) {
  }
  return {offset - slope * mean / spread, slope / spread};
}

CalibrationSummary judge_calibration(const ScoreTable& table, PostureRule rule,
                                     const BootstrapOptions& options) {
  const PairScores scores = pair_scores(table, rule);
  CalibrationSummary out;
  out.minimum = minimum_cllr(scores);
  const auto negated = [](std::vector<double> list) {
    for (double& d : list) d = -d;
    return list;
  };
  out.raw = cllr(negated(scores.genuine), negated(scores.impostor));
  out.calibrated = calibrated_cllr(table, rule, options);
  return out;
}

}  // namespace thz::eval
