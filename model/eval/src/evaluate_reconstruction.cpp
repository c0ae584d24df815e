#include <algorithm>
#include <cmath>
#include <map>

#include "pairing.h"
#include "picture_pairs.h"
#include "thz/core/error.h"

namespace thz::eval::internal {
namespace {

std::vector<RegionalScore> mean_regions(const std::vector<PairMetrics>& metrics) {
  std::vector<RegionalScore> mean = metrics.front().regions;
  for (std::size_t r = 0; r < mean.size(); ++r) {
    mean[r].ssim = mean[r].psnr_db = 0.0;
    for (const PairMetrics& m : metrics) {
      mean[r].ssim += m.regions[r].ssim / static_cast<double>(metrics.size());
      mean[r].psnr_db += m.regions[r].psnr_db / static_cast<double>(metrics.size());
    }
  }
  return mean;
}

ReconstructionSummary summarise_reconstruction(const EvaluationContext& context,
                                               const std::string& system, const std::string& title,
                                               const std::vector<ImagePair>& pairs,
                                               const std::vector<PairMetrics>& metrics) {
  std::vector<int32_t> identity;
  for (const ImagePair& pair : pairs) {
    identity.push_back(context.predictions.labels.identity[static_cast<std::size_t>(pair.input)]);
  }
  const auto interval = [&](double PairMetrics::*member) {
    std::vector<double> values;
    for (const PairMetrics& m : metrics) values.push_back(m.*member);
    return bootstrap_mean_by_identity(values, identity, context.bootstrap);
  };
  ReconstructionSummary out;
  out.system = system;
  out.title = title;
  out.ssim = interval(&PairMetrics::ssim);
  out.psnr_db = interval(&PairMetrics::psnr_db);
  out.edge_ssim = interval(&PairMetrics::edge_ssim);
  out.edge_mae = interval(&PairMetrics::edge_mae);
  out.regions = mean_regions(metrics);
  out.pairs = pairs.size();
  return out;
}

constexpr std::size_t kSampleExamples = 6;

// Persons in ascending order, postures in turn: the same inputs for every network of a split,
// whatever its scores.
void add_samples(const std::vector<ReconstructionExample>& all, int postures,
                 std::vector<ReconstructionExample>& out) {
  std::vector<int32_t> persons;
  for (const auto& example : all) persons.push_back(example.identity);
  persons = distinct(std::move(persons));
  std::size_t taken = 0;
  for (std::size_t k = 0; taken < kSampleExamples && k < all.size(); ++k) {
    const int32_t person = persons[k % persons.size()];
    const auto posture = static_cast<int32_t>(k % static_cast<std::size_t>(postures));
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& example) {
      return example.identity == person && example.posture == posture;
    });
    if (found == all.end()) continue;
    const bool had = std::any_of(out.begin(), out.end(), [&](const auto& example) {
      return example.kind == "sample" && example.input_row == found->input_row;
    });
    if (had) continue;
    out.push_back(*found);
    out.back().kind = "sample";
    ++taken;
  }
}

// Two each of the best, the middle and the worst inputs, by the SSIM against their first target;
// then samples.
std::vector<ReconstructionExample> pick_examples(const EvaluationContext& context,
                                                 const std::vector<ImagePair>& pairs,
                                                 const std::vector<PairMetrics>& metrics) {
  std::vector<ReconstructionExample> all;
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    if (!all.empty() && all.back().input_row == pairs[k].input) continue;
    const auto row = static_cast<std::size_t>(pairs[k].input);
    all.push_back({"", pairs[k].input, pairs[k].target, context.predictions.labels.identity[row],
                   context.predictions.labels.posture[row], metrics[k].ssim, metrics[k].psnr_db});
  }
  const std::vector<ReconstructionExample> in_order = all;
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.ssim > b.ssim; });
  const std::size_t each = all.size() >= 6 ? 2 : 1;
  std::vector<ReconstructionExample> out;
  const auto take = [&](const char* kind, std::size_t first) {
    for (std::size_t k = first; k < std::min(first + each, all.size()); ++k) {
      out.push_back(all[k]);
      out.back().kind = kind;
    }
  };
  take("best", 0);
  if (all.size() >= 3) take("median", (all.size() - each) / 2);
  if (all.size() >= 2) take("worst", all.size() - each);
  add_samples(in_order, static_cast<int>(context.predictions.posture_names.size()), out);
  return out;
}

void add_baselines(const EvaluationContext& context, const std::vector<ImagePair>& pairs,
                   EvaluationResult& result) {
  const Predictions& p = context.predictions;
  const auto add = [&](const char* system, const char* title, const std::vector<ImagePair>& over,
                       const ImageOfInput& image_of) {
    result.reconstruction.push_back(
        summarise_reconstruction(context, system, title, over, measure(context, over, image_of)));
  };
  const ImageOfInput as_captured = [&](int row) -> const ImageF& {
    return p.images[static_cast<std::size_t>(row)];
  };
  add("copy", "Copy of the concealed input", pairs, as_captured);
  if (p.train_rows.empty()) {
    result.notes.push_back("posture-mean baseline: not measured, no training rows are given");
  } else {
    const auto means = posture_means(context, pairs);
    add("posture-mean", "Mean unconcealed training image of the true posture", pairs,
        [&](int row) -> const ImageF& {
          return means.at(p.labels.posture[static_cast<std::size_t>(row)]);
        });
  }
  const auto independent = ceiling_pairs(context);
  if (independent.empty()) {
    result.notes.push_back(
        "reconstruction ceiling: not measured, no test image has a second unconcealed capture");
  } else {
    add("ceiling", "Ceiling: independent unconcealed captures", independent, as_captured);
  }
}

}  // namespace

std::vector<PairSsim> evaluate_reconstruction(const EvaluationContext& context,
                                              EvaluationResult& result) {
  const Predictions& p = context.predictions;
  const auto pairs = reconstruction_pairs(context);
  if (pairs.empty()) {
    result.notes.push_back(
        "reconstruction: not measured, no concealed test image has an independent unconcealed test "
        "image of its identity and posture");
    return {};
  }
  std::map<int, std::size_t> place;  // row of the data set -> place among the test rows
  for (std::size_t t = 0; t < p.test_rows.size(); ++t) place[p.test_rows[t]] = t;
  const auto add_network = [&](const char* system, const char* title,
                               const std::vector<ImageF>& images) {
    const auto metrics =
        measure(context, pairs, [&](int row) -> const ImageF& { return images[place.at(row)]; });
    result.reconstruction.push_back(
        summarise_reconstruction(context, system, title, pairs, metrics));
    return metrics;
  };
  const auto metrics = add_network("network", "Network", p.reconstructions);
  result.examples = pick_examples(context, pairs, metrics);
  if (!p.oracle_reconstructions.empty()) {
    add_network("oracle", "Network, decoder picked by the true posture", p.oracle_reconstructions);
  }
  add_baselines(context, pairs, result);
  std::vector<PairSsim> scores;
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    scores.push_back({pairs[k].input, metrics[k].ssim});
  }
  return scores;
}

}  // namespace thz::eval::internal
