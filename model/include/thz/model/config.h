#pragma once

#include <cstdint>
#include <string>

#include "thz/core/config.h"

namespace thz::model {

/// Shape of the network; docs/theory/learning.md, "Network".
struct NetworkOptions {
  int base_channels = 32;    ///< width: 64 as published, 16 desk and demo; a multiple of 4
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
  /// towards another capture of the same identity and posture; "self": bare inputs alone, each
  /// towards itself (the autoencoder control).
  std::string reconstruct = "concealed";
};

/// A teacher that also sees visible pictures, in training alone; docs/theory/learning.md,
/// "Teacher". A weight of 0 switches a term off; all zero trains the teacher for nothing.
struct TeacherOptions {
  /// "none"; "trained" together with the student; "random": frozen as initialised (control).
  std::string kind = "none";
  /// How the tokens of both encoders are joined: "none" (side by side), "visible-guided" (visible
  /// queries), "thz-guided" (THz queries), "dual" (both).
  std::string fusion = "dual";
  int attention_heads = 8;      ///< divides 8 base_channels
  double dropout = 0.1;         ///< on the attention weights
  int projection_size = 256;    ///< of the space that features are compared in
  double verification = 0.5;    ///< weight of the teacher's own contrastive term
  double posture = 0.5;         ///< and of its cross-entropy
  double feature = 1.0;         ///< weight of equation 12
  double logit = 0.5;           ///< weight of equation 13
  double temperature = 3.0;     ///< tau of equations 13 and 14
  bool sum_dimensions = false;  ///< equation 12 as printed; false: mean over dimensions, too
  bool permuted = false;        ///< feature targets shuffled among the images (control)

  bool in_use() const { return kind != "none"; }
};

/// What one step shows the network: "cells", identities x postures x {concealed, unconcealed} x
/// captures images, or "triplets" of an anchor (concealed), a positive and a negative (unconcealed)
/// in one posture.
struct BatchOptions {
  int identities = 6;
  int postures = 5;
  int captures = 1;
  std::string kind = "cells";
  int triplets = 64;  ///< of kind "triplets"
  /// Whom the contrastive term takes for one person: "identity", or "triplet": anchor and positive
  /// of one triplet, everyone else a stranger (the published program).
  std::string labels = "identity";
  /// "once", or "published": all images of the triplets together, and the anchors again for the
  /// decoder. Only for kind "triplets" without a teacher.
  std::string encode = "once";
};

struct OptimiserOptions {
  double learning_rate = 1e-3;
  double weight_decay = 1e-4;
  double clip_norm = 1.0;  ///< of the whole gradient; 0 switches clipping off
  /// "cosine", "restarts" (cosine, again and again), "plateau" or "constant", after the warm-up
  std::string schedule = "cosine";
  double warmup_fraction = 0.05;  ///< share of all steps with a linear rise
  double final_fraction = 0.01;   ///< cosine: last over first learning rate, of each cycle
  double cycle_fraction = 0.25;   ///< restarts: length of a cycle, share of all steps
  double cycle_gamma = 0.9;       ///< restarts: first learning rate over the cycle's before
  double plateau_factor = 0.5;    ///< plateau: multiply by this...
  int plateau_epochs = 10;        ///< ...after so many epochs without a better score
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
  TeacherOptions teacher;
  BatchOptions batch;
  std::string augmentation = "gentle";  ///< "none", "slight", "gentle", "medium", "strong"
  /// "float32"; "bfloat16": convolutions and products in bfloat16, weights and losses in float32;
  /// "auto": the latter where the processor has it.
  std::string precision = "float32";
  /// Run folder whose checkpoints/best the weights are taken from at the start; empty: drawn anew.
  std::string init;
  OptimiserOptions optimiser;
  BudgetOptions budget;
};

/// Reads a TOML file; `extends = "base.toml"` (a path relative to the file) is read first and every
/// key given here replaces the one there. Throws InputError for unknown keys, wrong types and
/// values out of range.
/// @param base  read in place of the last file of the chain of `extends`, so that a variant of
///   base.toml can be had at another budget, say desk.toml's; empty: that file itself
TrainConfig load_train_config(const std::string& path, const std::string& base = "");

/// The same from text; `extends` is looked up in `folder`.
TrainConfig parse_train_config(const std::string& text, const std::string& name,
                               const std::string& folder);

/// The resolved configuration: every key, no `extends`. parse_train_config(to_toml(c)) == c.
std::string to_toml(const TrainConfig& config);

/// Can the network say which decoder reconstructs an image? It can if it learns postures, or if
/// there is one decoder for all. Else the true posture has to pick, in validation and judgement.
bool picks_decoder(const TrainConfig& config);

/// Whether LPIPS is among the terms, if there are weights for it.
bool uses_lpips(const LossOptions& loss);

}  // namespace thz::model
