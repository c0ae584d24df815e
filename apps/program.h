#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "thz/core/progress.h"

namespace thz::apps {

/// Options every subcommand has.
struct CommonOptions {
  bool json = false;
  bool quiet = false;
  int threads = 0;  ///< 0: all
  std::optional<uint64_t> seed;
  std::string output;
};

/// Adds --json, --quiet, --threads; --seed and --output where asked for.
void add_common(CLI::App& command, CommonOptions& options, bool with_seed, bool with_output);

/// Sets OpenMP's threads (0: all) and returns the number in use.
int use_openmp_threads(int threads);

/// Set by Ctrl-C and SIGTERM; polled by long work.
CancelToken& cancel_token();

/// Progress on standard error: a bar with rate and time left on a terminal, a line every few
/// seconds otherwise, nothing when quiet.
class ProgressLine {
 public:
  ProgressLine(std::string what, std::string unit, bool quiet);
  ~ProgressLine();
  void show(std::size_t done, std::size_t total, const std::string& extra = "");
  ProgressFn function();

 private:
  std::string what_, unit_;
  bool quiet_, terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_, last_;
  std::size_t first_done_ = 0;
};

/// A message on standard error, unless quiet.
void say(const CommonOptions& options, const std::string& text);
/// The result on standard output: JSON if asked for, else `text`.
void print_result(const CommonOptions& options, const nlohmann::json& json,
                  const std::string& text);

/// Runs a program: parses, calls the chosen subcommand's callback, turns exceptions into one
/// sentence and an exit status: 0 done, 1 a check failed, 2 the user's mistake, 3 an internal
/// error, 130 stopped by Ctrl-C (the shell's number for it).
int run_program(CLI::App& app, int argc, char** argv);

/// Thrown by a subcommand whose check failed after it printed its findings; exit status 1.
struct CheckFailed {};

}  // namespace thz::apps
