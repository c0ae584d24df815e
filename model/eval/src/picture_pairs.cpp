#include "picture_pairs.h"

#include <algorithm>
#include <set>

#include "thz/core/parallel.h"
#include "thz/eval/baselines.h"

namespace thz::eval::internal {
namespace {

bool independent_target(const Labels& labels, int input, int target) {
  const auto a = static_cast<std::size_t>(input), b = static_cast<std::size_t>(target);
  const bool twins = !labels.twin_group.empty() && labels.twin_group[a] >= 0 &&
                     labels.twin_group[a] == labels.twin_group[b];
  return a != b && !twins && labels.identity[a] == labels.identity[b] &&
         labels.posture[a] == labels.posture[b];
}

}  // namespace

std::vector<ImagePair> independent_pairs(const EvaluationContext& context,
                                         const std::vector<int>& inputs) {
  std::vector<ImagePair> pairs;
  for (const int input : inputs) {
    for (const int target : context.unconcealed) {
      if (independent_target(context.predictions.labels, input, target)) {
        pairs.push_back({input, target});
      }
    }
  }
  return pairs;
}

std::vector<ImagePair> reconstruction_pairs(const EvaluationContext& context) {
  return independent_pairs(context, context.concealed);
}

std::vector<ImagePair> ceiling_pairs(const EvaluationContext& context) {
  const Labels& labels = context.predictions.labels;
  const std::set<int> test(context.unconcealed.begin(), context.unconcealed.end());
  std::vector<ImagePair> pairs;
  for (const int input : context.unconcealed) {
    for (int partner = 0; partner < static_cast<int>(labels.size()); ++partner) {
      const bool counted_before = test.count(partner) > 0 && partner < input;
      if (labels.concealed[static_cast<std::size_t>(partner)] != 0 || counted_before) continue;
      if (independent_target(labels, input, partner)) pairs.push_back({input, partner});
    }
  }
  return pairs;
}

std::vector<PairMetrics> measure(const EvaluationContext& context,
                                 const std::vector<ImagePair>& pairs,
                                 const ImageOfInput& image_of) {
  std::vector<PairMetrics> metrics(pairs.size());
  parallel_for(pairs.size(), context.options.threads, [&](std::size_t k) {
    const ImageF& shown = image_of(pairs[k].input);
    const ImageF& truth = context.predictions.images[static_cast<std::size_t>(pairs[k].target)];
    metrics[k] = {ssim(shown, truth), std::min(psnr_db(shown, truth), kPsnrCap_db),
                  edge_ssim(shown, truth), edge_mae(shown, truth),
                  regional_scores(shown, truth, context.predictions.regions)};
  });
  return metrics;
}

std::map<int, ImageF> posture_means(const EvaluationContext& context,
                                    const std::vector<ImagePair>& pairs) {
  const Predictions& p = context.predictions;
  std::map<int, ImageF> means;
  for (const ImagePair& pair : pairs) {
    const int posture = p.labels.posture[static_cast<std::size_t>(pair.input)];
    if (means.count(posture) == 0) {
      means[posture] = posture_mean_image(p.images, p.labels, p.train_rows, posture);
    }
  }
  return means;
}

}  // namespace thz::eval::internal
