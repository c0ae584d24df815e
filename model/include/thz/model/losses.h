#pragma once

#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

namespace thz::model {

/// Supervised contrastive loss (Khosla et al. 2020; equations 1-3 of Bergman et al. 2026):
///   L = 1/|A| sum_{i in A} -1/|P(i)| sum_{p in P(i)} log( exp(z_i.z_p/tau) / sum_{k != i}
///   exp(z_i.z_k/tau) )
/// P(i): other images of the identity of i; A: the images that have one. Zero if A is empty.
/// @param embedding  [B, D], unit rows
/// @param identity   [B], int64
torch::Tensor supervised_contrastive(const torch::Tensor& embedding, const torch::Tensor& identity,
                                     double temperature);

/// Cross-entropy with the target (1 - s) one-hot + s / classes.
/// @param logits [B, C]; @param label [B], int64
torch::Tensor smoothed_cross_entropy(const torch::Tensor& logits, const torch::Tensor& label,
                                     double smoothing);

/// mean sqrt((x - y)^2 + epsilon^2)   (equation 5)
torch::Tensor charbonnier(const torch::Tensor& x, const torch::Tensor& y, double epsilon);

/// Mean structural similarity, data range 1: 11x11 Gaussian window of sigma 1.5, C1 = 0.01^2,
/// C2 = 0.03^2, over the pixels whose window lies inside the image (Wang et al. 2004; equation 6).
/// @param x, y  [B, 1, H, W], H and W at least 11
torch::Tensor structural_similarity(const torch::Tensor& x, const torch::Tensor& y);

/// The same by convolutions of one channel: slow and obvious, for tests and the published step.
torch::Tensor structural_similarity_by_convolution(const torch::Tensor& x, const torch::Tensor& y);

/// Squared distance of student and teacher in the projection space (equation 12):
///   sum over images of |s_i - t_i|^2 / B, divided by the dimension D, too, if
///   `mean_over_dimensions`
/// The teacher is a target: nothing flows back into it.
/// @param student, teacher  [B, D]
torch::Tensor feature_distillation(const torch::Tensor& student, const torch::Tensor& teacher,
                                   bool mean_over_dimensions);

/// T^2 sum_c p_c log(p_c / q_c), mean over the images, p and q the softmax of the teacher's and the
/// student's logits over T (equations 13 and 14). The teacher is a target.
/// @param student, teacher  [B, C]
torch::Tensor logit_distillation(const torch::Tensor& student, const torch::Tensor& teacher,
                                 double temperature);

/// A loss term before weighting. Weights belong to the training options.
struct LossTerm {
  std::string name;
  double weight = 1.0;
  torch::Tensor value;  ///< scalar
};

/// sum of weight * value
torch::Tensor total_loss(const std::vector<LossTerm>& terms);

}  // namespace thz::model
