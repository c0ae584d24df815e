#pragma once

#include <string>

#include "thz/report/report.h"

namespace thz::report::internal {

/// True accept rate over false match rate of every system with the posture known, with chance and
/// the network's 95 % band.
std::string roc_plot(const eval::EvaluationResult& result, const std::string& id);

/// False non-match over false match rate, logarithmic.
std::string det_plot(const eval::EvaluationResult& result, const std::string& id);

/// Share of genuine and impostor pairs over the distance.
std::string histogram_plot(const eval::VerificationSummary& summary, const std::string& id);

/// Cumulative match characteristic of every system, posture known.
std::string cmc_plot(const eval::EvaluationResult& result, const std::string& id);

/// The embeddings' plane of largest variance: six persons in colour, the others grey; concealed
/// images filled, unconcealed ones open.
std::string embedding_plot(const eval::EmbeddingMap& map, const std::string& id);

/// SSIM of every system by region of the face.
std::string regions_plot(const eval::EvaluationResult& result, const std::string& id);

/// Counts of true (down) over predicted posture (across) with their share of the row, which also
/// shades the cell. The page itself has them as a table; this is the file beside it.
std::string confusion_plot(const eval::PostureSummary& posture, const std::string& id);

/// All columns of one group of the history over the epoch.
std::string history_plot(const TrainingHistory& history, const std::string& group,
                         const std::string& id);

}  // namespace thz::report::internal
