#include "thz/eval/evaluate.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "pairing.h"
#include "picture_pairs.h"
#include "thz/core/error.h"
#include "thz/eval/baselines.h"
#include "thz/eval/classification.h"

namespace thz::eval {
namespace {

using internal::EvaluationContext;
using internal::kNaN;

constexpr int kHistogramBins = 40;

void require_rows(const std::vector<int>& rows, std::size_t images, const char* what) {
  std::set<int> seen;
  for (const int row : rows) {
    if (row < 0 || static_cast<std::size_t>(row) >= images) {
      throw_input("{} row {} does not exist; the data set has {} rows", what, row, images);
    }
    if (!seen.insert(row).second) throw_input("{} row {} is listed twice", what, row);
  }
}

// Enough points for a smooth curve on linear and on logarithmic axes.
std::vector<RocPoint> thinned(const std::vector<RocPoint>& curve) {
  std::vector<RocPoint> out;
  for (const RocPoint& point : curve) {
    const bool first_or_last = out.empty() || &point == &curve.back();
    if (!first_or_last && std::abs(point.fnmr - out.back().fnmr) < 0.004 &&
        point.fmr - out.back().fmr < std::max(1e-4, 0.04 * point.fmr)) {
      continue;
    }
    out.push_back(point);
    // The first point accepts nothing: its threshold is kept finite for JSON.
    if (!std::isfinite(out.back().threshold)) out.back().threshold = 0.0;
  }
  return out;
}

// FMR from 1e-3 to 1, ten a decade.
std::vector<double> band_grid() {
  std::vector<double> grid;
  for (int k = 0; k <= 30; ++k) grid.push_back(std::pow(10.0, -3.0 + 0.1 * k));
  grid.back() = 1.0;
  return grid;
}

void fill_identification(const ScoreTable& table, PostureRule rule,
                         const BootstrapOptions& bootstrap, VerificationSummary& out) {
  const Identification found = identify(table, rule);
  out.cmc = found.cmc;
  const auto within = [&](int k) {
    std::vector<double> hit;
    for (const int rank : found.probe_rank) {
      hit.push_back(rank == 0 ? kNaN : static_cast<double>(rank <= k));
    }
    return bootstrap_mean_by_identity(hit, table.probe.identity, bootstrap);
  };
  out.rank_1 = within(1);
  out.rank_5 = within(5);
  if (found.probes > 0) {
    out.rank_1_chance = 1.0 / found.mean_candidates;
    out.rank_5_chance = std::min(1.0, 5.0 / found.mean_candidates);
  }
}

VerificationSummary summarise_verification(const std::string& system, const std::string& title,
                                           const ScoreTable& table, PostureRule rule,
                                           const BootstrapOptions& bootstrap) {
  VerificationSummary out;
  out.system = system;
  out.title = title;
  out.posture_known = rule == PostureRule::kSame;
  const TripletCounts counts = count_triplets(table, rule);
  out.triplets = counts.triplets;
  out.triplet_accuracy = bootstrap_triplets(counts, bootstrap);
  const PairScores scores = pair_scores(table, rule);
  out.genuine_pairs = scores.genuine.size();
  out.impostor_pairs = scores.impostor.size();
  const RocBootstrap roc = bootstrap_roc(table, rule, band_grid(), bootstrap);
  out.eer = roc.eer;
  out.band_fmr = roc.fmr;
  out.band_tar = roc.tar;
  out.roc = thinned(roc_curve(scores));
  for (const double far : {1e-1, 1e-2, 1e-3}) out.tar_at_far.push_back(tar_at_far(scores, far));
  const auto low = std::min(*std::min_element(scores.genuine.begin(), scores.genuine.end()),
                            *std::min_element(scores.impostor.begin(), scores.impostor.end()));
  const auto high = std::max(*std::max_element(scores.genuine.begin(), scores.genuine.end()),
                             *std::max_element(scores.impostor.begin(), scores.impostor.end()));
  const double top = high > low ? high : low + 1.0;
  out.genuine = histogram(scores.genuine, low, top, kHistogramBins);
  out.impostor = histogram(scores.impostor, low, top, kHistogramBins);
  fill_identification(table, rule, bootstrap, out);
  out.open_set = judge_open_set(open_set_searches(table, rule), {1e-1, 1e-2, 1e-3}, bootstrap);
  out.calibration = judge_calibration(table, rule, bootstrap);
  return out;
}

// Adds the system under both posture rules; a rule without pairs of both kinds becomes a note.
void add_system(const std::string& system, const std::string& title, const ScoreTable& table,
                bool unit_embeddings, const EvaluationContext& context, EvaluationResult& result) {
  for (const PostureRule rule : {PostureRule::kSame, PostureRule::kAny}) {
    const std::string known = rule == PostureRule::kSame ? "posture known" : "posture unknown";
    const PairScores scores = pair_scores(table, rule);
    if (scores.genuine.empty() || scores.impostor.empty()) {
      result.notes.push_back(
          fmt::format("{}, {}: not measured, the test set has {} genuine and {} impostor pairs",
                      title, known, scores.genuine.size(), scores.impostor.size()));
      continue;
    }
    VerificationSummary summary =
        summarise_verification(system, title + ", " + known, table, rule, context.bootstrap);
    if (unit_embeddings) summary.margins = margin_statistics(table, rule);
    result.verification.push_back(std::move(summary));
  }
}

void evaluate_verification(const EvaluationContext& context, const ScoreTable& network,
                           const ProgressFn& progress, const CancelToken* cancel,
                           EvaluationResult& result) {
  const Predictions& p = context.predictions;
  add_system("network", "Network", network, true, context, result);
  const double retrieval = centroid_retrieval(p.embeddings, context.test, 5);
  for (VerificationSummary& summary : result.verification) {
    summary.centroid_retrieval_at_5 = retrieval;
  }
  if (context.options.template_matching) {
    const TemplateOptions options{context.options.template_shift_px, context.options.threads};
    const ScoreTable templates = template_scores(p.images, p.labels, context.concealed,
                                                 context.unconcealed, options, progress, cancel);
    add_system("template", "Template matching", templates, false, context, result);
  }
  add_system("ceiling", "Ceiling: network, unconcealed probes",
             score_embeddings_unconcealed(p.embeddings, context.test), true, context, result);
}

Interval posture_accuracy(const ClassificationResult& classes, const Labels& labels, bool concealed,
                          const BootstrapOptions& bootstrap) {
  std::vector<double> hit;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    const bool chosen = (labels.concealed[r] != 0) == concealed;
    hit.push_back(chosen ? static_cast<double>(classes.predicted[r] == labels.posture[r]) : kNaN);
  }
  return bootstrap_mean_by_identity(hit, labels.identity, bootstrap);
}

PostureSummary evaluate_posture(const EvaluationContext& context) {
  const Predictions& p = context.predictions;
  const ClassificationResult all = classify(p.posture_logits, context.test.posture);
  std::vector<Eigen::Index> rows;
  std::vector<int32_t> truth;
  for (std::size_t r = 0; r < context.test.size(); ++r) {
    if (context.test.concealed[r] == 0) continue;
    rows.push_back(static_cast<Eigen::Index>(r));
    truth.push_back(context.test.posture[r]);
  }
  MatrixF logits(static_cast<Eigen::Index>(rows.size()), p.posture_logits.cols());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    logits.row(static_cast<Eigen::Index>(r)) = p.posture_logits.row(rows[r]);
  }
  const ClassificationResult concealed = classify(logits, truth);
  PostureSummary out;
  out.names = p.posture_names;
  out.accuracy = posture_accuracy(all, context.test, true, context.bootstrap);
  out.accuracy_unconcealed = posture_accuracy(all, context.test, false, context.bootstrap);
  out.macro_f1 = concealed.macro_f1;
  out.ece = concealed.ece;
  out.chance = 1.0 / static_cast<double>(p.posture_names.size());
  out.images = rows.size();
  out.confusion = concealed.confusion;
  return out;
}

}  // namespace

namespace internal {

void require_predictions(const Predictions& p) {
  p.labels.validate();
  if (p.images.size() != p.labels.size()) {
    throw_input("{} images do not fit {} labels", p.images.size(), p.labels.size());
  }
  require_rows(p.test_rows, p.images.size(), "test");
  require_rows(p.train_rows, p.images.size(), "training");
  const auto rows = p.test_rows.size();
  const auto fits = [&](std::size_t n) { return n == rows || n == 0; };
  if (static_cast<std::size_t>(p.embeddings.rows()) != rows ||
      static_cast<std::size_t>(p.posture_logits.rows()) != rows ||
      !fits(p.reconstructions.size()) || !fits(p.oracle_reconstructions.size())) {
    throw_input(
        "{} test rows need as many predictions, found {} embeddings, {} posture scores, {} "
        "reconstructions, {} oracle reconstructions",
        rows, p.embeddings.rows(), p.posture_logits.rows(), p.reconstructions.size(),
        p.oracle_reconstructions.size());
  }
  if (static_cast<std::size_t>(p.posture_logits.cols()) != p.posture_names.size()) {
    throw_input("{} posture scores a row do not fit {} posture names", p.posture_logits.cols(),
                p.posture_names.size());
  }
}

EvaluationContext make_context(const Predictions& predictions, const EvaluationOptions& options) {
  EvaluationContext context{
      predictions, options, {}, predictions.labels.subset(predictions.test_rows), {}, {}};
  context.bootstrap.seed = options.seed;
  context.bootstrap.resamples = options.resamples;
  context.bootstrap.threads = options.threads;
  for (const int row : predictions.test_rows) {
    const bool concealed = predictions.labels.concealed[static_cast<std::size_t>(row)] != 0;
    (concealed ? context.concealed : context.unconcealed).push_back(row);
  }
  return context;
}

}  // namespace internal

EvaluationResult evaluate_predictions(const Predictions& predictions,
                                      const EvaluationOptions& options, const ProgressFn& progress,
                                      const CancelToken* cancel) {
  internal::require_predictions(predictions);
  const EvaluationContext context = internal::make_context(predictions, options);
  EvaluationResult result;
  result.test_images = predictions.test_rows.size();
  result.test_concealed = context.concealed.size();
  result.test_identities = internal::distinct(context.test.identity).size();
  result.train_images = predictions.train_rows.size();
  result.resamples = options.resamples;
  const ScoreTable network = score_embeddings(predictions.embeddings, context.test);
  evaluate_verification(context, network, progress, cancel, result);
  result.posture = evaluate_posture(context);
  if (predictions.reconstructions.empty()) {
    result.notes.push_back("reconstruction: not measured, the network has no decoder");
  }
  const auto pairs = predictions.reconstructions.empty()
                         ? std::vector<internal::PairSsim>{}
                         : internal::evaluate_reconstruction(context, result);
  internal::evaluate_groups(context, network, pairs, result);
  internal::find_hard_pairs(context, network, result);
  result.embedding_map = internal::map_embeddings(predictions.embeddings, context.test);
  return result;
}

}  // namespace thz::eval
