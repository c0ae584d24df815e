#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "thz/sim/stage_clock.h"

namespace thz::apps {

double wall_s();
/// Processor time of the calling thread: what a rate on one thread is, whatever else runs.
double thread_s();

/// Shortest of `repeats` runs by `clock`, s: other work on the machine only ever adds.
template <typename Work>
double shortest_s(double (*clock)(), int repeats, Work&& work) {
  double shortest = 1e300;
  for (int i = 0; i < repeats; ++i) {
    const double start = clock();
    work();
    shortest = std::min(shortest, clock() - start);
  }
  return shortest;
}

/// The shorter of two, clock by clock.
inline sim::StageTime shorter(const sim::StageTime& a, const sim::StageTime& b) {
  return {std::min(a.wall_s, b.wall_s), std::min(a.cpu_s, b.cpu_s)};
}

/// Stage by stage.
inline void keep_shortest(const sim::StageTimes& times, sim::StageTimes& best) {
  for (const auto& [stage, time] : times) {
    const auto [at, is_new] = best.emplace(stage, time);
    if (!is_new) at->second = shorter(at->second, time);
  }
}

/// Work a second of processor time: what one thread's share of the machine can do.
struct PrimitiveRates {
  double rays = 0.0, multiply_accumulates = 0.0, bytes = 0.0, flops = 0.0;
};

/// Shortest of `repeats` runs, by the wall's clock and by the processor time of all threads.
template <typename Work>
sim::StageTime shortest_run(int repeats, Work&& work) {
  sim::StageTime shortest{1e300, 1e300};
  for (int i = 0; i < repeats; ++i) {
    const sim::StageTime start = sim::stage_now();
    work();
    const sim::StageTime end = sim::stage_now();
    shortest = shorter(shortest, {end.wall_s - start.wall_s, end.cpu_s - start.cpu_s});
  }
  return shortest;
}

/// A plain float loop of complex multiply-accumulates in the first-level cache, on every thread.
/// @returns their number.
double multiply_accumulate(int threads);
/// a = b + s c over arrays too large for any cache, shared by the threads. @returns bytes moved.
double triad(int threads);
/// Most memory the process ever held (VmHWM), bytes; 0 where the system does not say.
double peak_memory_bytes();

/// `bench frame`: primitives, stages beside them, frames a second, growth.
nlohmann::json bench_frames();
std::string frames_table(const nlohmann::json& frames);

}  // namespace thz::apps
