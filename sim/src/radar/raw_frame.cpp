#include <omp.h>

#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/sim/raw_receiver.h"

namespace thz::sim {
namespace {

std::vector<double> node_ranges(const DepthImages& images) {
  std::vector<double> ranges;
  for (std::size_t i = 0; i < images.nodes.size(); ++i) {
    ranges.push_back(images.first_m + images.step_m * static_cast<double>(i));
  }
  return ranges;
}

}  // namespace

RangeFrame raw_frame(const RadarOptions& radar, const RawRadarOptions& raw, const RangeAxis& axis,
                     const DepthImages& images, const PulseKey& key, int threads) {
  THZ_REQUIRE(!images.nodes.empty() && images.step_m > 0.0, "a frame needs depth nodes");
  const int lines = images.nodes[0].rows;
  const int samples = images.nodes[0].cols;
  const RawReceiver receiver(radar, raw, node_ranges(images), axis);
  const auto scale = static_cast<float>(amplitude_scale_sqrt_w(radar));
  RangeFrame frame;
  frame.bins.assign(static_cast<std::size_t>(axis.bins), ImageC(lines, samples));
  const int team = threads > 0 ? threads : omp_get_max_threads();
  std::vector<RawReceiver::WorkspacePtr> workspaces(static_cast<std::size_t>(team));
  parallel_for(static_cast<std::size_t>(lines), team, [&](std::size_t l) {
    auto& workspace = workspaces[static_cast<std::size_t>(omp_get_thread_num())];
    if (!workspace) workspace = receiver.make_workspace();
    std::vector<std::complex<float>> amplitudes(images.nodes.size());
    std::vector<std::complex<float>> profile(frame.bins.size());
    std::vector<float> pulse(static_cast<std::size_t>(receiver.samples()));
    const int line = static_cast<int>(l);
    PulseKey pulse_key = key;
    for (int s = 0; s < samples; ++s) {
      pulse_key.pulse = l * static_cast<uint64_t>(samples) + static_cast<uint64_t>(s);
      for (std::size_t m = 0; m < amplitudes.size(); ++m) {
        amplitudes[m] = scale * images.nodes[m](line, s);
      }
      receiver.pulse(*workspace, amplitudes.data(), pulse_key, pulse.data());
      receiver.profile(*workspace, pulse.data(), profile.data());
      for (std::size_t b = 0; b < profile.size(); ++b) {
        frame.bins[b](line, s) = profile[b] / scale;
      }
    }
  });
  return frame;
}

}  // namespace thz::sim
