#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "program.h"
#include "thz/eval/bootstrap.h"
#include "thz/io/array_file.h"

namespace thz::apps {

/// Perceptual distances of pairs of grey images [count][rows][cols] in [0, 1].
using LpipsFn = std::function<std::vector<double>(const std::vector<float>& a,
                                                  const std::vector<float>& b, int rows, int cols)>;
/// Makes one from a file of weights, computing on `threads` threads (0: all).
using LoadLpips = std::function<LpipsFn(const std::string& weights, int threads)>;

/// `metrics`, in thzface and in thzface-learn, which alone can compute LPIPS.
void add_metrics(CLI::App& app, const LoadLpips& load_lpips);
/// For thzface: hands the whole call over to thzface-learn.
LoadLpips lpips_by_learn(int argc, char** argv);
/// For thzface-learn: a LoadLpips.
LpipsFn load_lpips(const std::string& weights, int threads);

// One file each.
void add_metrics_images(CLI::App& metrics, const LoadLpips& load_lpips);
void add_metrics_verification(CLI::App& metrics);
void add_metrics_alignment(CLI::App& metrics);

/// {"value", "low", "high"}; what is not finite is null.
nlohmann::json interval_json(const eval::Interval& interval);
/// "0.9123 [0.8771, 0.9402]"; without limits "0.9123 (no interval)".
std::string interval_text(const eval::Interval& interval);
/// @throws InputError unless both have as many rows.
void require_rows(const io::ArrayFile& labels, const io::ArrayFile& of);

}  // namespace thz::apps
