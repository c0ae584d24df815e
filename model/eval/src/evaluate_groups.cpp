#include <cmath>
#include <set>

#include "evaluate_parts.h"
#include "pairing.h"
#include "thz/eval/classification.h"
#include "thz/eval/person_draws.h"

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

// Triplets and equal error rate of a group's probes against the whole gallery. All test persons are
// drawn, since impostors come from outside of the group, too; one probe person cannot be resampled.
void fill_verification(const ScoreTable& part, const BootstrapOptions& bootstrap, GroupScore& out) {
  const bool drawn = out.persons > 1;
  const TripletCounts triplets = count_triplets(part, PostureRule::kSame);
  out.triplet_accuracy = triplets.accuracy;
  out.triplet_interval =
      drawn ? bootstrap_triplets(triplets, bootstrap) : Interval{triplets.accuracy, kNaN, kNaN};
  out.eer = {kNaN, kNaN, kNaN};
  WeightedErrorRate pairs;
  pairs.add(part, PostureRule::kSame);
  if (!pairs.has_both_kinds()) return;
  pairs.finish();
  out.eer.value = pairs.rate(std::vector<double>(pairs.persons().size(), 1.0));
  if (drawn) out.eer = interval_of(draw_error_rate(pairs, bootstrap), bootstrap.coverage);
  out.eer_errors = static_cast<uint64_t>(
      std::lround(out.eer.value * static_cast<double>(pairs.genuine_pairs())));
}

// Scores of the concealed test images for which `chosen(labels, row)` holds.
template <typename Chosen>
GroupScore score_group(std::string kind, std::string name, const EvaluationContext& context,
                       const ScoreTable& network, const std::vector<int>& predicted,
                       const std::vector<PairSsim>& pairs, const Chosen& chosen) {
  GroupScore out;
  out.kind = std::move(kind);
  out.name = std::move(name);
  const ScoreTable part = probes_where(network, chosen);
  out.probes = part.probe.size();
  out.persons = distinct(part.probe.identity).size();
  fill_verification(part, context.bootstrap, out);
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
  const auto add = [&](const std::string& kind, std::string name, const auto& chosen) {
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
  for (const PersonGrouping& grouping : p.groupings) {
    const auto name_of = [&](int32_t identity) {
      const auto found = grouping.of_person.find(identity);
      return found == grouping.of_person.end() ? std::string() : found->second;
    };
    std::set<std::string> names;
    for (const int32_t identity : network.probe.identity) names.insert(name_of(identity));
    for (const std::string& name : names) {
      if (name.empty()) continue;
      add(grouping.kind, name,
          [&](const Labels& labels, std::size_t r) { return name_of(labels.identity[r]) == name; });
    }
  }
}

}  // namespace thz::eval::internal
