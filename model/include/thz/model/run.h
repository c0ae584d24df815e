#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "thz/core/progress.h"
#include "thz/model/config.h"

/// Training and inference without a LibTorch header: what programs and the evaluation call.
namespace thz::model {

inline constexpr int kImageSide = 64;  ///< pixels; images are [kImageSide][kImageSide]
inline constexpr int64_t kImagePixels = int64_t{kImageSide} * kImageSide;
inline constexpr int kPostureCount = 5;

/// What the trainer sees, in memory. Rows are numbered as in the data set.
struct TrainingData {
  std::vector<float> images;   ///< [N][64][64] grey in [0, 1], row 0 at the top
  std::vector<int> identity;   ///< [N], >= 0
  std::vector<int> posture;    ///< [N], 0..4
  std::vector<int> concealed;  ///< [N], 0 or 1
  /// Empty or [N]: rows of equal value >= 0 are twins (one draw of pose and nuisances, as
  /// thz::eval::Labels has it); a twin is never a reconstruction target or a genuine pair.
  std::vector<int64_t> twin_group;
  /// What a teacher sees beside an image: [M][64][64] grey in [0, 1]. Empty without a teacher.
  std::vector<float> visible_images;
  std::vector<int64_t> visible_index;  ///< empty or [N]: row of `visible_images`, -1 for none
  std::vector<int64_t> train_rows;
  std::vector<int64_t> validation_rows;
  std::string data_sha256;  ///< content hash of the data set; a resumed run must see the same
  std::string split_text;   ///< the split file, kept in the run folder as split.json
  /// The published split, which leaks: unconcealed rows may train and validate both.
  bool shared_gallery = false;

  int64_t rows() const { return static_cast<int64_t>(identity.size()); }
  const float* image(int64_t row) const { return images.data() + row * kImagePixels; }
  int64_t visible_rows() const {
    return static_cast<int64_t>(visible_images.size()) / kImagePixels;
  }
  /// The visible picture of a row; null if it has none.
  const float* visible(int64_t row) const {
    const int64_t index = visible_index.empty() ? -1 : visible_index[static_cast<std::size_t>(row)];
    return index < 0 ? nullptr : visible_images.data() + index * kImagePixels;
  }
};

/// One line of log.csv and log.jsonl: an epoch, that is the images between two validations.
struct EpochRecord {
  int epoch = 0;     ///< from 1
  int64_t step = 0;  ///< batches so far
  int64_t image_exposures = 0;
  double seconds = 0.0;       ///< of this epoch, with its validation
  double images_per_s = 0.0;  ///< of the training steps alone
  double learning_rate = 0.0;
  /// Mean over the epoch, unweighted, by name: verification, posture, charbonnier, ssim, lpips
  /// (those in use), and total (weighted).
  std::map<std::string, double> train_loss;
  /// verification_accuracy, posture_accuracy, w_ssim; NaN where validation rows cannot give it.
  std::map<std::string, double> validation;
  int64_t validation_triplets = 0;
  double score = 0.0;  ///< mean of the validation figures of the tasks that are trained
  bool best = false;   ///< the best score so far: kept as checkpoints/best
};

struct TrainProgress {
  int64_t step = 0;
  int64_t total_steps = 0;
  int epoch = 0;
  double loss = 0.0;  ///< weighted total of the last step
  double images_per_s = 0.0;
  double seconds_left = 0.0;                    ///< at the rate so far, validations included
  const EpochRecord* finished_epoch = nullptr;  ///< set once, when an epoch ends
};
using TrainProgressFn = std::function<void(const TrainProgress&)>;

struct TrainRequest {
  TrainConfig config;
  std::string output;  ///< run folder; made if absent, refused if it holds a run
  /// LPIPS weights (schema lpips-squeeze/1); empty: the term is left out and the run says so.
  std::string lpips_weights;
  int threads = 0;  ///< for LibTorch; 0: as OpenMP has them
  /// "cpu", "cuda", or "auto": the latter where LibTorch has it.
  std::string device = "cpu";
  TrainProgressFn progress;
  const CancelToken* cancel = nullptr;
};

struct TrainResult {
  std::string run;
  std::string stopped_by;  ///< "budget" or "early-stop"
  std::vector<EpochRecord> history;
  int best_epoch = 0;  ///< of `history`, from 1; 0 without an epoch
  int64_t parameters = 0;
};

/// Trains into a run folder, from drawn weights or those of `config.init`: config.toml (resolved),
/// split.json, run.json, log.csv, log.jsonl, checkpoints/{last,best}.{safetensors,json}.
/// Deterministic for one seed, machine and number of threads. Throws InputError for unusable data
/// or when a loss stops being finite (the message names step and rows; the last good checkpoint
/// stays), Cancelled after keeping a checkpoint. With WORLD_SIZE, RANK, MASTER_ADDR and MASTER_PORT
/// in the environment several processes share every batch: all are given the same request, process
/// 0 alone writes files.
TrainResult train(const TrainRequest& request, const TrainingData& data);

struct ResumeRequest {
  std::string run;
  std::string lpips_weights;  ///< needed if the run uses LPIPS: the same file, checked by its hash
  int threads = 0;
  std::string device = "cpu";  ///< as in TrainRequest
  TrainProgressFn progress;
  const CancelToken* cancel = nullptr;
};

/// Goes on from checkpoints/last; with the same number of threads the weights at the end are those
/// of an uninterrupted run, bit for bit. Throws InputError if data or split are not the run's.
TrainResult resume(const ResumeRequest& request, const TrainingData& data);

struct PredictOptions {
  int batch = 64;
  bool reconstruct = true;
  /// Posture of every image, or empty. If given, reconstructions routed by the true posture are
  /// added beside those routed by the predicted one.
  std::vector<int> oracle_posture;
  /// False for a network that cannot pick its decoder (picks_decoder()): its reconstructions are
  /// routed by `oracle_posture`, and there are none beside.
  bool routes_itself = true;
  const CancelToken* cancel = nullptr;
};

/// Of N images, in their order.
struct Predictions {
  int64_t count = 0;
  int embedding_size = 0;
  std::vector<float> embeddings;              ///< [N][embedding_size], unit length
  std::vector<float> posture_logits;          ///< [N][5]
  std::vector<int> predicted_posture;         ///< [N], argmax of the logits
  std::vector<float> reconstructions;         ///< [N][64][64], expert of the predicted posture
  std::vector<float> oracle_reconstructions;  ///< [N][64][64], expert of the true one; may be empty
};

/// What student and teacher make of pairs, for measures of how alike they are.
struct AlignmentFeatures {
  int64_t count = 0;
  int projection_size = 0, latent_size = 0;
  std::vector<float> student_projection, teacher_projection;  ///< [N][projection_size]
  std::vector<float> student_latent, teacher_latent;          ///< [N][latent_size]: what heads take
};

/// A trained run, ready for inference.
class Run {
 public:
  /// `checkpoint` is "best" or "last". Throws InputError if the folder holds no readable run.
  static Run load(const std::string& folder, const std::string& checkpoint = "best",
                  int threads = 0);
  Run(Run&&) noexcept;
  Run& operator=(Run&&) noexcept;
  ~Run();

  /// @param images  [count][64][64], grey in [0, 1]
  Predictions predict(const std::vector<float>& images, const PredictOptions& options = {}) const;

  /// For runs that were trained with a teacher. Throws InputError if there is none in the
  /// checkpoint.
  /// @param images, visible  [count][64][64], grey in [0, 1]; pair i is row i of both
  AlignmentFeatures align(const std::vector<float>& images,
                          const std::vector<float>& visible) const;

  const TrainConfig& config() const;
  /// Until the loaded checkpoint; see training_log() for the whole training.
  const std::vector<EpochRecord>& history() const;
  const std::string& data_sha256() const;
  const std::string& split_text() const;
  int64_t parameters() const;
  /// Epoch of the loaded checkpoint, from 1.
  int epoch() const;

 private:
  struct Impl;
  explicit Run(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Threads LibTorch computes with from now on (it starts with one); 0: as many as OpenMP offers.
/// Returns the number in use.
int use_threads(int threads);

/// "1.13.1"
std::string torch_version();

/// Every epoch of the training in a run folder (its log.jsonl), which goes on behind the best
/// checkpoint: what a network cost. Throws InputError if it cannot be read.
std::vector<EpochRecord> training_log(const std::string& folder);

/// Sums of that log.
struct TrainingTotals {
  int epochs = 0;
  int64_t image_exposures = 0;
  double seconds = 0.0;  ///< training and validation, over all sessions
};
TrainingTotals training_totals(const std::string& folder);

}  // namespace thz::model
