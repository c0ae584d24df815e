#include "evaluate_parts.h"
#include "pairing.h"
#include "thz/eval/classification.h"

namespace thz::eval::internal {
namespace {

struct Mean {
  double sum = 0.0;
  double count = 0.0;
  void add(double value) {
    sum += value;
    count += 1.0;
  }
  double value() const { return count > 0.0 ? sum / count : kNaN; }
};

// A table with the probes of one group against the whole gallery.
template <typename Chosen>
ScoreTable probes_where(const ScoreTable& table, const Chosen& chosen) {
  std::vector<int> rows;
  for (std::size_t p = 0; p < table.probe.size(); ++p) {
    if (chosen(table.probe, p)) rows.push_back(static_cast<int>(p));
  }
  ScoreTable out{table.probe.subset(rows), table.gallery,
                 MatrixD(static_cast<Eigen::Index>(rows.size()), table.distance.cols())};
  for (std::size_t r = 0; r < rows.size(); ++r) {
    out.distance.row(static_cast<Eigen::Index>(r)) = table.distance.row(rows[r]);
  }
  return out;
}

// Scores of the concealed test images for which `chosen(labels, row)` holds.
template <typename Chosen>
GroupScore score_group(const char* kind, std::string name, const EvaluationContext& context,
                       const ScoreTable& network, const std::vector<int>& predicted,
                       const std::vector<PairSsim>& pairs, const Chosen& chosen) {
  GroupScore out;
  out.kind = kind;
  out.name = std::move(name);
  const ScoreTable part = probes_where(network, chosen);
  out.probes = part.probe.size();
  out.triplet_accuracy = count_triplets(part, PostureRule::kSame).accuracy;
  Mean posture, similarity;
  for (std::size_t t = 0; t < context.test.size(); ++t) {
    if (context.test.concealed[t] == 0 || !chosen(context.test, t)) continue;
    posture.add(predicted[t] == context.test.posture[t] ? 1.0 : 0.0);
  }
  for (const PairSsim& pair : pairs) {
    if (chosen(context.predictions.labels, static_cast<std::size_t>(pair.input_row))) {
      similarity.add(pair.ssim);
    }
  }
  out.posture_accuracy = posture.value();
  out.ssim = similarity.value();
  return out;
}

}  // namespace

void evaluate_groups(const EvaluationContext& context, const ScoreTable& network,
                     const std::vector<PairSsim>& pairs, EvaluationResult& result) {
  const Predictions& p = context.predictions;
  const std::vector<int> predicted = classify(p.posture_logits, context.test.posture).predicted;
  const auto add = [&](const char* kind, std::string name, const auto& chosen) {
    result.groups.push_back(
        score_group(kind, std::move(name), context, network, predicted, pairs, chosen));
  };
  for (const int32_t posture : distinct(network.probe.posture)) {
    add("posture", p.posture_names[static_cast<std::size_t>(posture)],
        [=](const Labels& labels, std::size_t r) { return labels.posture[r] == posture; });
  }
  for (const int32_t identity : distinct(network.probe.identity)) {
    add("identity", std::to_string(identity),
        [=](const Labels& labels, std::size_t r) { return labels.identity[r] == identity; });
  }
}

}  // namespace thz::eval::internal
