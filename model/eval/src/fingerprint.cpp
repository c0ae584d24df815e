#include "thz/eval/fingerprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "pairing.h"
#include "thz/core/error.h"
#include "thz/eval/baselines.h"

namespace thz::eval {
namespace {

constexpr std::size_t kFewestIdentities = 3;
constexpr double kCoverage = 0.95;

std::vector<int> rows_in(const Labels& labels, int32_t posture, bool concealed) {
  std::vector<int> rows;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    if (labels.posture[r] == posture && (labels.concealed[r] != 0) == concealed) {
      rows.push_back(static_cast<int>(r));
    }
  }
  return rows;
}

/// Whether somebody has two images of one posture in a condition: a positive of its own kind.
bool has_pairs(const Labels& labels, bool concealed) {
  std::map<std::pair<int32_t, int32_t>, int> cells;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    if ((labels.concealed[r] != 0) == concealed) {
      if (++cells[{labels.identity[r], labels.posture[r]}] == 2) return true;
    }
  }
  return false;
}

struct Comparison {
  bool probe_concealed = true, gallery_concealed = false;
  double coverage = kCoverage;
};

/// The first is always asked for, so that what is missing is told.
std::vector<Comparison> comparisons_of(const Labels& labels) {
  std::vector<Comparison> list = {{true, false, kCoverage}};
  for (const bool concealed : {false, true}) {
    if (has_pairs(labels, concealed)) list.push_back({concealed, concealed, kCoverage});
  }
  const auto more = static_cast<double>(list.size() - 1);
  for (std::size_t i = 1; i < list.size(); ++i) list[i].coverage = 1.0 - (1.0 - kCoverage) / more;
  return list;
}

/// Adds the triplets of one posture; an image is not held against itself.
void add_triplets(const ScoreTable& table, const std::vector<int32_t>& identities,
                  TripletCounts& sums) {
  const TripletCounts counts = count_triplets(table, PostureRule::kSame);
  const auto at = internal::positions(counts.identities, identities);
  for (std::size_t i = 0; i < at.size(); ++i) {
    for (std::size_t j = 0; j < at.size(); ++j) {
      const auto from_i = static_cast<Eigen::Index>(i), from_j = static_cast<Eigen::Index>(j);
      sums.correct(at[i], at[j]) += counts.correct(from_i, from_j);
      sums.total(at[i], at[j]) += counts.total(from_i, from_j);
    }
  }
  sums.triplets += counts.triplets;
}

/// Figures over postures, one after the other: pairs across postures are never scored.
class Auditor {
 public:
  Auditor(const std::vector<ImageF>& images, const Labels& labels,
          const FingerprintOptions& options, const ProgressFn& progress, const CancelToken* cancel)
      : images_(images),
        labels_(labels),
        options_(options),
        progress_(progress),
        cancel_(cancel),
        identities_(internal::distinct(labels.identity)),
        postures_(internal::distinct(labels.posture)) {}

  FingerprintAudit run() {
    const auto comparisons = comparisons_of(labels_);
    for (const Comparison& c : comparisons) {
      for (const int32_t posture : postures_) {
        total_ += rows_in(labels_, posture, c.probe_concealed).size();
      }
    }
    FingerprintAudit audit;
    for (const Comparison& c : comparisons) audit.figures.push_back(figure(c));
    return audit;
  }

  const std::vector<int32_t>& identities() const { return identities_; }

 private:
  FingerprintFigure figure(const Comparison& c) {
    const auto size = static_cast<Eigen::Index>(identities_.size());
    TripletCounts counts;
    counts.identities = identities_;
    counts.correct = counts.total = MatrixD::Zero(size, size);
    for (const int32_t posture : postures_) {
      const auto probes = rows_in(labels_, posture, c.probe_concealed);
      const auto gallery = rows_in(labels_, posture, c.gallery_concealed);
      if (!probes.empty() && !gallery.empty()) {
        add_triplets(scores(c, probes, gallery), identities_, counts);
      }
      done_ += probes.size();
    }
    FingerprintFigure figure;
    figure.probe = c.probe_concealed ? "concealed" : "bare";
    figure.gallery = c.gallery_concealed ? "concealed" : "bare";
    figure.triplets = counts.triplets;
    if (counts.triplets == 0) {
      throw_input("there is no triplet of {} images against {} ones in {} images to audit",
                  figure.probe, figure.gallery, images_.size());
    }
    counts.accuracy = counts.correct.sum() / counts.total.sum();
    figure.coverage = c.coverage;
    BootstrapOptions bootstrap;
    bootstrap.seed = options_.seed;
    bootstrap.resamples = options_.resamples;
    bootstrap.coverage = c.coverage;
    bootstrap.threads = options_.threads;
    figure.accuracy = bootstrap_triplets(counts, bootstrap);
    return figure;
  }

  ScoreTable scores(const Comparison& c, const std::vector<int>& probes,
                    const std::vector<int>& gallery) const {
    const ProgressFn progress = [&](std::size_t done, std::size_t) {
      if (progress_) progress_(done_ + done, total_);
    };
    ScoreTable table =
        template_scores(images_, labels_, probes, gallery,
                        {options_.template_shift_px, options_.threads}, progress, cancel_);
    if (c.probe_concealed == c.gallery_concealed) {
      table.distance.diagonal().setConstant(internal::kNaN);
    }
    return table;
  }

  const std::vector<ImageF>& images_;
  const Labels& labels_;
  const FingerprintOptions& options_;
  const ProgressFn& progress_;
  const CancelToken* cancel_;
  std::vector<int32_t> identities_, postures_;
  std::size_t done_ = 0, total_ = 0;
};

}  // namespace

bool FingerprintAudit::passed() const {
  return std::all_of(figures.begin(), figures.end(),
                     [](const FingerprintFigure& f) { return f.holds_chance(); });
}

FingerprintAudit audit_fingerprint(const std::vector<ImageF>& images, const Labels& labels,
                                   const FingerprintOptions& options, const ProgressFn& progress,
                                   const CancelToken* cancel) {
  labels.validate();
  if (images.size() != labels.size()) {
    throw_input("{} images do not fit {} labels", images.size(), labels.size());
  }
  Auditor auditor(images, labels, options, progress, cancel);
  if (auditor.identities().size() < kFewestIdentities) {
    throw_input("an audit of {} identities has no interval; at least {} are needed",
                auditor.identities().size(), kFewestIdentities);
  }
  return auditor.run();
}

std::string to_json(const FingerprintAudit& audit) {
  nlohmann::json figures = nlohmann::json::array();
  for (const FingerprintFigure& f : audit.figures) {
    figures.push_back({{"probe", f.probe},
                       {"gallery", f.gallery},
                       {"triplets", f.triplets},
                       {"accuracy", f.accuracy.value},
                       {"low", f.accuracy.low},
                       {"high", f.accuracy.high},
                       {"coverage", f.coverage},
                       {"holds_chance", f.holds_chance()}});
  }
  return nlohmann::json{{"passed", audit.passed()}, {"chance", 0.5}, {"figures", figures}}.dump(2);
}

std::string audit_table(const FingerprintAudit& audit) {
  std::string text;
  for (const FingerprintFigure& f : audit.figures) {
    text += fmt::format(
        "{:6} {} against {}: {:.2f} % of {} triplets, {:.3g} % interval {:.2f} to {:.2f} %\n",
        f.holds_chance() ? "ok" : "FAILED", f.probe, f.gallery, 100.0 * f.accuracy.value,
        f.triplets, 100.0 * f.coverage, 100.0 * f.accuracy.low, 100.0 * f.accuracy.high);
  }
  return text + (audit.passed() ? "chance, 50 %, lies within: no fingerprint is seen"
                                : "chance, 50 %, lies outside: something tells persons apart who "
                                  "all have one head");
}

}  // namespace thz::eval
