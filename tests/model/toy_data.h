#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "thz/core/constants.h"
#include "thz/core/rng.h"
#include "thz/model/run.h"

namespace thz::model::test {

struct ToyOptions {
  int identities = 4;
  int captures = 3;  // of each (identity, posture, condition); the last one validates
  double noise_sd = 0.03;
  uint64_t seed = 7;
};

inline void add_blob(float* image, double row, double col, double sigma_px, double height) {
  for (int r = 0; r < kImageSide; ++r) {
    for (int c = 0; c < kImageSide; ++c) {
      const double d2 = (r - row) * (r - row) + (c - col) * (c - col);
      image[r * kImageSide + c] +=
          static_cast<float>(height * std::exp(-0.5 * d2 / (sigma_px * sigma_px)));
    }
  }
}

/// A drawing of a toy face without noise: a blob for the posture, two for the identity.
inline void draw_toy_face(float* image, int identity, int identities, double row, double col,
                          double dim) {
  add_blob(image, row, col, 7.0, 0.4 * dim);
  for (int k = 0; k < 2; ++k) {
    const double angle = 2 * kPi * identity / identities + k * (0.8 + 0.3 * identity);
    add_blob(image, row + 12 * std::sin(angle), col + 12 * std::cos(angle), 2.5, 0.5 * dim);
  }
}

/// "Faces" that a small network can learn in seconds: a large blob whose column tells the posture,
/// two small ones whose angles about it tell the identity. Concealed: dimmed to 60 % with more
/// noise. One visible picture an identity, posture and condition: the same face without noise.
inline TrainingData toy_data(const ToyOptions& o = {}) {
  TrainingData data;
  for (int identity = 0; identity < o.identities; ++identity) {
    for (int posture = 0; posture < kPostureCount; ++posture) {
      for (int concealed = 0; concealed < 2; ++concealed) {
        const int64_t picture = data.visible_rows();
        data.visible_images.resize(data.visible_images.size() +
                                   static_cast<std::size_t>(kImagePixels));
        draw_toy_face(data.visible_images.data() + picture * kImagePixels, identity, o.identities,
                      32, 16 + 8 * posture, 0.7);
        for (int capture = 0; capture < o.captures; ++capture) {
          const int64_t row = data.rows();
          Rng rng(o.seed, RngPurpose::kTest, static_cast<uint64_t>(row));
          data.images.resize(data.images.size() + static_cast<std::size_t>(kImagePixels), 0.05f);
          float* image = data.images.data() + row * kImagePixels;
          const double r0 = 32 + rng.normal(0, 0.7);
          const double c0 = 16 + 8 * posture + rng.normal(0, 0.7);
          const double dim = concealed != 0 ? 0.6 : 1.0;
          draw_toy_face(image, identity, o.identities, r0, c0, dim);
          const double sd = o.noise_sd * (concealed != 0 ? 2.0 : 1.0);
          for (int64_t i = 0; i < kImagePixels; ++i) {
            const double value = image[i] + rng.normal(0.0, sd);
            image[i] = static_cast<float>(value < 0 ? 0 : value > 1 ? 1 : value);
          }
          data.identity.push_back(identity);
          data.visible_index.push_back(picture);
          data.posture.push_back(posture);
          data.concealed.push_back(concealed);
          (capture + 1 == o.captures && o.captures > 1 ? data.validation_rows : data.train_rows)
              .push_back(row);
        }
      }
    }
  }
  data.data_sha256 = "toy-" + std::to_string(o.seed);
  data.split_text = "{\"rule\": \"toy\"}\n";
  return data;
}

/// A network that trains in a second: width 8, tiny batches.
inline TrainConfig toy_config() {
  TrainConfig config;
  config.name = "toy";
  config.network.base_channels = 8;
  config.network.dropout = 0.1;
  config.loss.lpips = 0.0;
  config.batch.identities = 4;
  config.augmentation = "none";
  config.optimiser.learning_rate = 3e-3;
  config.budget.image_exposures = 400;
  return config;
}

}  // namespace thz::model::test
