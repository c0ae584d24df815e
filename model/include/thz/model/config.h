#pragma once

#include <cstdint>
#include <string>

#include "thz/core/config.h"

namespace thz::model {

/// Shape of the network; docs/theory/learning.md, "Network".
struct NetworkOptions {
  int base_channels = 32;    ///< width: 64 as published, 32 desk, 16 demo; a multiple of 4
  int experts = 5;           ///< decoders: 5, one a posture, or 1 for all
  int embedding_size = 128;  ///< length of the verification embedding
  double dropout = 0.5;      ///< on the shared latent and inside the verification head
};

/// Weights and constants of the loss terms; docs/theory/learning.md, "Losses".
struct LossOptions {
  double verification = 1.0;    ///< weight of the supervised contrastive term
  double posture = 1.0;         ///< weight of the cross-entropy
  double reconstruction = 1.0;  ///< common factor on the three terms below
  double charbonnier = 1.0;     ///< alpha
  double ssim = 0.8;            ///< beta
  double lpips = 0.5;           ///< gamma; needs a weights file, see TrainRequest
  double temperature = 0.07;    ///< tau of the contrastive term
  double label_smoothing = 0.1;
  double charbonnier_epsilon = 1e-3;  ///< grey values; the published eps^2 is 1e-6
  /// "concealed": only concealed inputs are reconstructed (the paper); "all": bare inputs too,
  /// towards another capture of the same identity and posture.
  std::string reconstruct = "concealed";
};

/// One batch: identities x postures x {concealed, unconcealed} x captures images.
struct BatchOptions {
  int identities = 6;
  int postures = 5;
  int captures = 1;
};

struct OptimiserOptions {
  double learning_rate = 1e-3;
  double weight_decay = 1e-4;
  double clip_norm = 1.0;           ///< of the whole gradient; 0 switches clipping off
  std::string schedule = "cosine";  ///< "cosine", "plateau" or "constant", after the warm-up
  double warmup_fraction = 0.05;    ///< share of all steps with a linear rise
  double final_fraction = 0.01;     ///< cosine: last over first learning rate
  double plateau_factor = 0.5;      ///< plateau: multiply by this...
  int plateau_epochs = 10;          ///< ...after so many epochs without a better score
};

struct BudgetOptions {
  int64_t image_exposures = 30000;  ///< images shown to the network in all
  int64_t epoch_exposures =
      0;                      ///< images between validations; 0: as many as there are training rows
  int early_stop_epochs = 0;  ///< stop after so many epochs without a better score; 0: never
};

/// Everything a training run is made of besides data (schema "thzface-train/1").
struct TrainConfig {
  std::string name = "custom";
  uint64_t seed = 42;
  NetworkOptions network;
  LossOptions loss;
  BatchOptions batch;
  std::string augmentation = "gentle";  ///< "none" or "gentle"
  OptimiserOptions optimiser;
  BudgetOptions budget;
};

/// Reads a TOML file; `extends = "base.toml"` (a path relative to the file) is read first and every
/// key given here replaces the one there. Throws InputError for unknown keys, wrong types and
/// values out of range.
TrainConfig load_train_config(const std::string& path);

/// The same from text; `extends` is looked up in `folder`.
TrainConfig parse_train_config(const std::string& text, const std::string& name,
                               const std::string& folder);

/// The resolved configuration: every key, no `extends`. parse_train_config(to_toml(c)) == c.
std::string to_toml(const TrainConfig& config);

}  // namespace thz::model
