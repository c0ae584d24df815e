#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "targets.h"

namespace thz::fuzz {

/// What came of an input. The first two are what a reader owes; the others are findings.
enum class Outcome { kRead, kRefused, kOther, kCrash, kHang, kCount };

struct RunOptions {
  uint64_t seed = 1;
  uint64_t inputs = 2000;      ///< shared out over the targets in turn
  int seconds_an_input = 10;   ///< of processor time, then it counts as a hang
  uint64_t memory_mib = 1024;  ///< of address space beyond what the program has; 0: no limit
  std::filesystem::path keep;  ///< folder for inputs that are findings; empty: not kept
  std::vector<std::string> only;
};

struct Finding {
  std::string target;
  uint64_t number;
  Outcome outcome;
  std::string what;  ///< the exception's text, or the signal
};

using Counts = std::array<uint64_t, static_cast<std::size_t>(Outcome::kCount)>;

struct RunResult {
  std::vector<Counts> counts;  ///< [target]
  std::vector<Finding> findings;
};

/// Input `number` of a target; a pure function of seed, target and number.
std::string input_of(const Target& target, std::size_t target_number, uint64_t seed,
                     uint64_t number);

/// Reads each input in a child process, many to a child; a child that dies names the input it was
/// at, and the next one goes on behind it. `done` is told of every target that was run.
RunResult run(const std::vector<Target>& targets, const RunOptions& options,
              const std::filesystem::path& scratch,
              const std::function<void(const Target&, const Counts&)>& done);

}  // namespace thz::fuzz
