#pragma once

#include <chrono>
#include <ctime>
#include <map>
#include <string>

namespace thz::sim {

/// What a stage took: wall time, and processor time of all threads of the process, s.
struct StageTime {
  double wall_s = 0.0, cpu_s = 0.0;
};
using StageTimes = std::map<std::string, StageTime>;

inline StageTime stage_now() {
  timespec cpu;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  return {
      std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(),
      static_cast<double>(cpu.tv_sec) + 1e-9 * static_cast<double>(cpu.tv_nsec)};
}

/// Adds the time of a scope to a stage. @param times  null: to nothing.
class StageClock {
 public:
  StageClock(StageTimes* times, const char* stage)
      : slot_(times != nullptr ? &(*times)[stage] : nullptr),
        start_(slot_ != nullptr ? stage_now() : StageTime{}) {}
  ~StageClock() {
    if (slot_ == nullptr) return;
    const StageTime end = stage_now();
    slot_->wall_s += end.wall_s - start_.wall_s;
    slot_->cpu_s += end.cpu_s - start_.cpu_s;
  }
  StageClock(const StageClock&) = delete;
  StageClock& operator=(const StageClock&) = delete;

 private:
  StageTime* slot_;
  StageTime start_;
};

}  // namespace thz::sim
