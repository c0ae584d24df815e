#pragma once

#include "eval/test_images.h"
#include "thz/eval/evaluate.h"

namespace thz::eval::testing {

/// A made-up closed set: `identities` x 5 postures x 2 conditions x 3 captures, the last capture
/// for test. Images are an identity's texture plus noise (concealed: weaker texture, more noise);
/// embeddings an identity's direction plus noise, so that the scores lie between chance and
/// perfection.
inline Predictions synthetic_predictions(int identities) {
  constexpr int kPostures = 5, kCaptures = 3, kDims = 16, kSide = 32;
  Predictions p;
  p.posture_names = {"front-left", "front-center", "front-right", "full-left", "full-right"};
  std::vector<MatrixF> rows;
  for (int i = 0; i < identities; ++i) {
    for (int posture = 0; posture < kPostures; ++posture) {
      const ImageF texture =
          noise_image(kSide, kSide, static_cast<uint64_t>(i * kPostures + posture));
      for (int concealed = 0; concealed < 2; ++concealed) {
        for (int capture = 0; capture < kCaptures; ++capture) {
          const int row = static_cast<int>(p.images.size());
          Rng rng(77, RngPurpose::kTest, static_cast<uint64_t>(row));
          ImageF image = texture;
          const double strength = concealed ? 0.4 : 0.7;
          for (float& pixel : image.data) {
            pixel = static_cast<float>(strength * static_cast<double>(pixel) +
                                       (1.0 - strength) * rng.uniform());
          }
          p.images.push_back(image);
          p.labels.identity.push_back(i);
          p.labels.posture.push_back(posture);
          p.labels.concealed.push_back(static_cast<uint8_t>(concealed));
          (capture + 1 < kCaptures ? p.train_rows : p.test_rows).push_back(row);
          if (capture + 1 < kCaptures) continue;
          MatrixF both(1, kDims + kPostures);
          Rng trait(78, RngPurpose::kTest, static_cast<uint64_t>(i));
          for (int d = 0; d < kDims; ++d) {
            both(0, d) =
                static_cast<float>(trait.normal() + (concealed ? 1.2 : 0.4) * rng.normal());
          }
          for (int k = 0; k < kPostures; ++k) {
            both(0, kDims + k) = static_cast<float>((k == posture ? 2.0 : 0.0) + rng.normal());
          }
          rows.push_back(both);
          ImageF rebuilt = texture;
          for (float& pixel : rebuilt.data) {
            pixel =
                static_cast<float>(0.65 * static_cast<double>(pixel) + 0.15 + 0.1 * rng.uniform());
          }
          p.reconstructions.push_back(concealed ? rebuilt : ImageF());
        }
      }
    }
  }
  const auto tests = static_cast<Eigen::Index>(rows.size());
  p.embeddings.resize(tests, kDims);
  p.posture_logits.resize(tests, kPostures);
  for (Eigen::Index r = 0; r < tests; ++r) {
    p.embeddings.row(r) = rows[static_cast<std::size_t>(r)].leftCols(kDims);
    p.posture_logits.row(r) = rows[static_cast<std::size_t>(r)].rightCols(kPostures);
  }
  return p;
}

}  // namespace thz::eval::testing
