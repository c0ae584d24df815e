#include "thz/eval/test_sums.h"

#include <algorithm>
#include <cmath>

#include "pairing.h"
#include "picture_pairs.h"
#include "thz/core/error.h"
#include "thz/eval/baselines.h"
#include "thz/eval/classification.h"

namespace thz::eval {
namespace {

using internal::EvaluationContext;
using internal::ImageOfInput;
using internal::ImagePair;
using internal::PairMetrics;

constexpr std::size_t kPlainTerms = 6;  // pairs, SSIM, PSNR, edge SSIM, edge MAE, cosine

EvaluationOptions options_of(int threads) {
  EvaluationOptions options;
  options.threads = threads;
  return options;
}

/// Table "pictures" of measured pairs, by the identity of the input.
IdentitySums picture_sums(const EvaluationContext& context, const std::vector<ImagePair>& pairs,
                          const std::vector<PairMetrics>& metrics,
                          const std::vector<double>& cosine) {
  std::vector<int32_t> identity;
  for (const ImagePair& pair : pairs) {
    identity.push_back(context.predictions.labels.identity[static_cast<std::size_t>(pair.input)]);
  }
  IdentitySums sums;
  sums.identities = internal::distinct(identity);
  const auto place = internal::positions(identity, sums.identities);
  const std::size_t terms = kPlainTerms + 2 * context.predictions.regions.size();
  SumTable table{false,
                 std::vector<MatrixD>(
                     terms, MatrixD::Zero(static_cast<Eigen::Index>(sums.identities.size()), 1))};
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const PairMetrics& m = metrics[k];
    std::vector<double> values = {1.0,        m.ssim,
                                  m.psnr_db,  m.edge_ssim,
                                  m.edge_mae, cosine.empty() ? internal::kNaN : cosine[k]};
    for (const RegionalScore& region : m.regions) {
      values.push_back(region.ssim);
      values.push_back(region.psnr_db);
    }
    for (std::size_t t = 0; t < terms; ++t) table.terms[t](place[k], 0) += values[t];
  }
  sums.tables["pictures"] = std::move(table);
  return sums;
}

std::map<int, std::size_t> places_of(const std::vector<int>& rows) {
  std::map<int, std::size_t> place;
  for (std::size_t t = 0; t < rows.size(); ++t) place[rows[t]] = t;
  return place;
}

std::vector<ImagePair> pairs_of(const EvaluationContext& context, const TestView& view) {
  const auto& inputs = view.concealed_input ? context.concealed : context.unconcealed;
  if (view.independent_target) return internal::independent_pairs(context, inputs);
  THZ_REQUIRE(!view.concealed_input, "only a bare input is its own target");
  std::vector<ImagePair> pairs;
  for (const int row : inputs) pairs.push_back({row, row});
  return pairs;
}

/// Cosine between the embeddings of a reconstruction and of its target.
std::vector<double> cosines(const Predictions& p, const MatrixF& of_reconstructions,
                            const std::vector<ImagePair>& pairs,
                            const std::map<int, std::size_t>& place) {
  std::vector<double> out;
  if (of_reconstructions.size() == 0) return out;
  for (const ImagePair& pair : pairs) {
    const auto a = of_reconstructions.row(static_cast<Eigen::Index>(place.at(pair.input)));
    const auto b = p.embeddings.row(static_cast<Eigen::Index>(place.at(pair.target)));
    out.push_back(static_cast<double>(a.dot(b) / (a.norm() * b.norm())));
  }
  return out;
}

/// Sums and equal error rates of one system's score tables, each with pairs of its own.
class ScoredSystem {
 public:
  ScoredSystem(const TestView& view, bool embeddings, int threads)
      : view_(view), embeddings_(embeddings) {
    options_.threads = threads;
  }

  void add(const ScoreTable& table) {
    pool(system_.sums, sums_of_scores(table, PostureRule::kSame, embeddings_));
    known_.add(table, PostureRule::kSame);
    if (!view_.posture_unknown) return;
    pool(system_.sums, sums_of_scores(table, PostureRule::kAny, embeddings_));
    unknown_.add(table, PostureRule::kAny);
  }

  TestedSystem finish() {
    draw("eer", known_);
    draw("eer_any", unknown_);
    return std::move(system_);
  }

 private:
  void draw(const char* figure, WeightedErrorRate& pairs) {
    if (!pairs.has_both_kinds()) return;
    pairs.finish();
    system_.draws[figure] = draw_error_rate(pairs, options_);
  }

  const TestView& view_;
  bool embeddings_;
  BootstrapOptions options_;
  TestedSystem system_;
  WeightedErrorRate known_, unknown_;
};

TestedSystem scored(const ScoreTable& table, const TestView& view, int threads) {
  ScoredSystem system(view, true, threads);
  system.add(table);
  return system.finish();
}

/// Template matching of each posture's images alone: a fifth of the pairs.
void add_templates(const EvaluationContext& context, const TestView& view,
                   const TemplateOptions& options, const ProgressFn& progress,
                   const CancelToken* cancel, ScoredSystem& system) {
  const Predictions& p = context.predictions;
  if (view.posture_unknown) {
    system.add(template_scores(p.images, p.labels, context.concealed, context.unconcealed, options,
                               progress, cancel));
    return;
  }
  std::map<int32_t, std::pair<std::vector<int>, std::vector<int>>> by_posture;
  for (const int row : context.concealed) {
    by_posture[p.labels.posture[static_cast<std::size_t>(row)]].first.push_back(row);
  }
  for (const int row : context.unconcealed) {
    by_posture[p.labels.posture[static_cast<std::size_t>(row)]].second.push_back(row);
  }
  for (const auto& [posture, rows] : by_posture) {
    if (rows.first.empty() || rows.second.empty()) continue;
    system.add(
        template_scores(p.images, p.labels, rows.first, rows.second, options, progress, cancel));
  }
}

}  // namespace

TestedSystems network_sums(const Predictions& p, const MatrixF& reconstruction_embeddings,
                           const TestView& view, int threads) {
  internal::require_predictions(p);
  const EvaluationOptions options = options_of(threads);
  const EvaluationContext context = internal::make_context(p, options);
  TestedSystems systems;
  systems["network"] = scored(score_embeddings(p.embeddings, context.test), view, threads);
  systems["ceiling"] =
      scored(score_embeddings_unconcealed(p.embeddings, context.test), view, threads);
  IdentitySums& network = systems["network"].sums;
  const std::vector<int> predicted = classify(p.posture_logits, context.test.posture).predicted;
  const auto classes = static_cast<int>(p.posture_names.size());
  pool(network,
       sums_of_postures(predicted, context.test, view.concealed_input, classes, "posture"));
  pool(network, sums_of_postures(predicted, context.test, false, classes, "posture_unconcealed"));
  const auto pairs = pairs_of(context, view);
  if (p.reconstructions.empty() || pairs.empty()) return systems;
  const auto place = places_of(p.test_rows);
  const auto add = [&](const char* system, const std::vector<ImageF>& images,
                       const std::vector<double>& cosine) {
    const ImageOfInput image_of = [&](int row) -> const ImageF& { return images[place.at(row)]; };
    pool(systems[system].sums,
         picture_sums(context, pairs, internal::measure(context, pairs, image_of), cosine));
  };
  add("network", p.reconstructions, cosines(p, reconstruction_embeddings, pairs, place));
  if (!p.oracle_reconstructions.empty()) add("oracle", p.oracle_reconstructions, {});
  return systems;
}

TestedSystems baseline_sums(const Predictions& p, const TestView& view, int template_shift_px,
                            int threads, const ProgressFn& progress, const CancelToken* cancel) {
  const EvaluationOptions options = options_of(threads);
  const EvaluationContext context = internal::make_context(p, options);
  TestedSystems systems;
  ScoredSystem templates(view, false, threads);
  add_templates(context, view, {template_shift_px, threads}, progress, cancel, templates);
  systems["template"] = templates.finish();
  const auto add = [&](const char* system, const std::vector<ImagePair>& pairs,
                       const ImageOfInput& image_of) {
    if (pairs.empty()) return;
    pool(systems[system].sums,
         picture_sums(context, pairs, internal::measure(context, pairs, image_of), {}));
  };
  const ImageOfInput as_captured = [&](int row) -> const ImageF& {
    return p.images[static_cast<std::size_t>(row)];
  };
  const auto pairs = pairs_of(context, view);
  add("copy", pairs, as_captured);
  const auto means = internal::posture_means(context, pairs);
  add("posture-mean", pairs, [&](int row) -> const ImageF& {
    return means.at(p.labels.posture[static_cast<std::size_t>(row)]);
  });
  add("ceiling", internal::ceiling_pairs(context), as_captured);
  return systems;
}

}  // namespace thz::eval
