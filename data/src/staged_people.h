#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "thz/data/capture.h"

namespace thz::data::internal {

/// People that were staged for a capture and wait for their visible picture, a few megabytes each.
/// What is not found is staged again: nothing depends on it but time.
class StagedPeople {
 public:
  void keep(StagedScene staged) {
    staged.target = {};  // the camera has no use for it
    staged.beam.reset();
    const std::lock_guard<std::mutex> lock(mutex_);
    people_.push_back(std::move(staged));
    if (people_.size() > kMost) people_.pop_front();
  }

  /// Hands the capture's person over, if it waits here.
  std::optional<StagedScene> take(uint64_t capture) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = std::find_if(people_.begin(), people_.end(),
                                    [&](const StagedScene& s) { return s.key.capture == capture; });
    if (found == people_.end()) return std::nullopt;
    std::optional<StagedScene> staged = std::move(*found);
    people_.erase(found);
    return staged;
  }

 private:
  static constexpr std::size_t kMost = 32;
  std::mutex mutex_;
  std::deque<StagedScene> people_;
};

}  // namespace thz::data::internal
