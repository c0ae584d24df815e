#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "thz/eval/bootstrap.h"
#include "thz/eval/calibration.h"
#include "thz/eval/image_metrics.h"
#include "thz/eval/open_set.h"

namespace thz::eval {

/// Verification and identification by one system under one posture rule.
struct VerificationSummary {
  std::string system;         ///< "network", "template", "ceiling"
  std::string title;          ///< as printed
  bool posture_known = true;  ///< PostureRule::kSame
  Interval triplet_accuracy;
  uint64_t triplets = 0;
  Interval eer;
  Interval rank_1;
  Interval rank_5;  ///< Ret@5 where each identity scores its nearest image
  double rank_1_chance = 0.0;
  double rank_5_chance = 0.0;
  uint64_t genuine_pairs = 0;
  uint64_t impostor_pairs = 0;
  std::vector<OperatingPoint> tar_at_far;
  std::vector<RocPoint> roc;     ///< thinned to at most some 400 points
  std::vector<double> band_fmr;  ///< grid of the interval band
  std::vector<Interval> band_tar;
  Histogram genuine;
  Histogram impostor;
  std::vector<double> cmc;
  std::optional<MarginStatistics> margins;        ///< embeddings only
  std::optional<double> centroid_retrieval_at_5;  ///< embeddings only
  std::optional<OpenSetSummary> open_set;         ///< absent in results of before there was one
  std::optional<CalibrationSummary> calibration;  ///< as open_set
};

struct PostureSummary {
  std::vector<std::string> names;
  Interval accuracy;  ///< concealed test images
  Interval accuracy_unconcealed;
  double macro_f1 = 0.0;
  double ece = 0.0;
  double chance = 0.2;
  uint64_t images = 0;
  std::vector<std::vector<uint64_t>> confusion;  ///< concealed; [true][predicted]
};

/// Reconstruction by one system, over all (concealed input, independent unconcealed target) pairs.
struct ReconstructionSummary {
  std::string system;  ///< "network", "oracle", "copy", "posture-mean", "ceiling"
  std::string title;
  Interval ssim;
  Interval psnr_db;
  Interval edge_ssim;
  Interval edge_mae;
  std::vector<RegionalScore> regions;
  uint64_t pairs = 0;
};

/// One concealed test image, picked by the SSIM of its reconstruction, or by its labels alone.
struct ReconstructionExample {
  std::string kind;   ///< "best", "median", "worst"; "sample": the same for all runs of a split
  int input_row = 0;  ///< rows of the data set
  int target_row = 0;
  int32_t identity = 0;
  int32_t posture = 0;
  double ssim = 0.0;
  double psnr_db = 0.0;
};

/// A concealed and an unconcealed test image that the network judges badly, posture known.
struct HardPair {
  bool genuine = false;  ///< one person, far apart; else two persons, close together
  int probe_row = 0;     ///< rows of the data set
  int gallery_row = 0;
  int32_t probe_identity = 0;
  int32_t gallery_identity = 0;
  int32_t posture = 0;
  double distance = 0.0;
};

/// The test images' unit embeddings in the plane of their largest variance.
struct EmbeddingMap {
  struct Point {
    double x = 0.0, y = 0.0;
    int32_t identity = 0, posture = 0;
    bool concealed = false;
  };
  double share_x = 0.0, share_y = 0.0;  ///< of the variance about the mean
  std::vector<Point> points;
};

/// Student and teacher on the same captures, in one space.
struct AlignmentSpace {
  Interval cka;
  Interval rank_correlation;
  Interval cosine;  ///< NaN, as retrieval_at_5, where dimensions differ
  Interval retrieval_at_5;
};

struct AlignmentSummary {
  uint64_t images = 0;  ///< test images with a visible picture
  uint64_t identities = 0;
  AlignmentSpace projection;  ///< what the feature term compares
  AlignmentSpace latent;      ///< what the task heads take
};

/// Scores of the network within a group of probes, held against the whole gallery.
struct GroupScore {
  std::string kind;  ///< "posture", "identity", and kinds of PersonGrouping such as "sex", "age"
  std::string name;
  double triplet_accuracy = 0.0;
  double posture_accuracy = 0.0;
  double ssim = 0.0;  ///< NaN without a reconstruction pair
  uint64_t probes = 0;
  uint64_t persons = 0;       ///< 0 in results of before it was counted
  Interval triplet_interval;  ///< of triplet_accuracy; no limits for one person
  Interval eer;               ///< posture known; NaN without pairs of both kinds
  uint64_t eer_errors = 0;    ///< false non-matches there; below 30 the rate is refused
};

/// What was run: enough to run it again.
struct RunRecord {
  std::string name;
  std::string dataset_sha256;
  std::string scene_sha256;
  std::string split_name;
  std::string split_sha256;
  std::string checkpoint_sha256;
  std::string version;
  std::string machine;
  std::string command;
  uint64_t seed = 0;
  uint64_t image_exposures = 0;
  int width = 0;  ///< base channels of the network
  int epochs = 0;
  /// Test images or partners of test triplets were seen in training: published rule.
  bool leaks = false;
  double train_seconds = 0.0;
  double evaluate_seconds = 0.0;
  std::vector<std::pair<std::string, std::string>> extra;
};

/// Everything an evaluation measured.
struct EvaluationResult {
  RunRecord run;
  uint64_t test_images = 0;
  uint64_t test_concealed = 0;
  uint64_t test_identities = 0;
  uint64_t train_images = 0;
  int resamples = 0;
  double verification_chance = 0.5;
  std::vector<VerificationSummary> verification;  ///< network first
  PostureSummary posture;
  std::vector<ReconstructionSummary> reconstruction;  ///< network first; empty without a decoder
  std::vector<ReconstructionExample> examples;
  std::vector<GroupScore> groups;
  std::vector<HardPair> hard_pairs;
  std::optional<EmbeddingMap> embedding_map;
  std::optional<AlignmentSummary> alignment;  ///< of a run with a teacher
  std::vector<std::string> notes;             ///< what could not be measured, and why

  /// The first summary of that system, or nullptr.
  const VerificationSummary* find_verification(const std::string& system, bool posture_known) const;
  const ReconstructionSummary* find_reconstruction(const std::string& system) const;
};

/// Takes out what a network says of a task that it was not trained for; baselines stay. In groups
/// the figures become NaN.
void leave_out_verification(EvaluationResult& result);
void leave_out_posture(EvaluationResult& result);

/// JSON text, schema "thzface-evaluation/1"; NaN and infinity are null.
std::string to_json(const EvaluationResult& result);

/// Throws InputError, naming `source`, on text that is not JSON, another schema, or a missing key.
EvaluationResult evaluation_from_json(const std::string& text, const std::string& source);

/// The headline table as text lines (system, figure, interval, chance), for the terminal.
std::string headline_table(const EvaluationResult& result);

}  // namespace thz::eval
