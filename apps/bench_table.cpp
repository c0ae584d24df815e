#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "bench_tools.h"

namespace thz::apps {
namespace {

double figure(const nlohmann::json& row, const char* key) { return row.at(key).get<double>(); }
std::string label(const nlohmann::json& row, const char* key) {
  return row.at(key).get<std::string>();
}

std::string primitives_text(const nlohmann::json& rows) {
  std::string text =
      fmt::format("primitives a second of processor time\n  {:<8}{:>14}{:>18}{:>12}{:>14}\n",
                  "threads", "Embree rays", "multiply-adds", "triad GB", "FFT 1024 GF");
  for (const auto& row : rows) {
    text += fmt::format(
        "  {:<8}{:>14.3g}{:>18.3g}{:>12.1f}{:>14.1f}\n", row.at("threads").get<int>(),
        figure(row, "embree_rays_per_cpu_s"), figure(row, "multiply_accumulates_per_cpu_s"),
        1e-9 * figure(row, "triad_bytes_per_cpu_s"), 1e-9 * figure(row, "fft_flops_per_cpu_s"));
  }
  return text;
}

std::string stages_text(const nlohmann::json& captures) {
  std::string text;
  // Stage by stage, why it is above its primitive; said once.
  std::vector<std::string> reasons;
  for (const auto& capture : captures) {
    text += fmt::format(
        "{} head, {} thread{}: {:.0f} triangles, {:.0f} scatterers a frame\n  "
        "{:<20}{:>10}{:>10}   {:<15}{:>10}{:>8}\n",
        label(capture, "head"), capture.at("threads").get<int>(),
        capture.at("threads").get<int>() > 1 ? "s" : "", figure(capture, "triangles"),
        figure(capture, "scatterers"), "", "wall, ms", "cpu, ms", "primitive", "ms", "ratio");
    for (const auto& row : capture.at("stages")) {
      text += fmt::format("  {:<20}{:>10.2f}{:>10.2f}", label(row, "stage"),
                          1e3 * figure(row, "wall_s"), 1e3 * figure(row, "cpu_s"));
      if (row.contains("primitive")) {
        text += fmt::format("   {:<15}{:>10.2f}{:>8.1f}", label(row, "primitive"),
                            1e3 * figure(row, "primitive_s"), figure(row, "ratio"));
      }
      text += "\n";
      if (!row.contains("why") || label(row, "why").empty()) continue;
      const std::string reason = fmt::format("  {}: {}\n", label(row, "stage"), label(row, "why"));
      if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) {
        reasons.push_back(reason);
      }
    }
  }
  if (!reasons.empty()) text += "above 1.5 times their primitive\n";
  for (const std::string& reason : reasons) text += reason;
  return text;
}

std::string settings_text(const nlohmann::json& frames) {
  std::string text = fmt::format(
      "a second, {} x {} positions, {} range bins\n  "
      "{:<24}{:<9}{:>8}{:>10}{:>10}{:>9}{:>16}{:>9}\n",
      frames.at("positions")[0].get<int>(), frames.at("positions")[1].get<int>(),
      frames.at("range_bins").get<int>(), "", "head", "threads", "wall, ms", "cpu, ms", "by wall",
      "by processor", "aim");
  for (const auto& row : frames.at("settings")) {
    text += fmt::format("  {:<24}{:<9}{:>8}{:>10.1f}{:>10.1f}{:>9.1f}{:>16.1f}{:>9}\n",
                        label(row, "setting"), label(row, "head"), row.at("threads").get<int>(),
                        1e3 * figure(row, "wall_s"), 1e3 * figure(row, "cpu_s"),
                        figure(row, "per_s"), figure(row, "per_s_of_processor_time"),
                        row.contains("target_per_s") && row.at("threads").get<int>() > 1
                            ? fmt::format("{:.0f}", figure(row, "target_per_s"))
                            : "");
  }
  return text;
}

std::string growth_text(const nlohmann::json& rows) {
  std::string text = fmt::format(
      "growth of a bare frame's processor time\n  {:<28}{:>8}{:>10}"
      "{:>8}{:>20}{:>8}\n",
      "", "times", "surface", "sum", "noise, detection", "frame");
  for (const auto& row : rows) {
    text += fmt::format("  {:<28}{:>8g}{:>10.2f}{:>8.2f}{:>20.2f}{:>8.2f}\n", label(row, "what"),
                        figure(row, "factor"), figure(row, "surface"), figure(row, "sum"),
                        figure(row, "noise_and_detection"), figure(row, "frame"));
  }
  return text;
}

std::string levels_text(const nlohmann::json& rows) {
  std::string text = "noiseless frame of a bare head, aperture level beside Gaussian, cpu, ms\n";
  for (const auto& row : rows) {
    text += fmt::format("  {} thread(s): {:.1f} and {:.1f}, {:.2f} of its speed ({:.2f} by wall)\n",
                        row.at("threads").get<int>(), 1e3 * figure(row, "aperture_cpu_s"),
                        1e3 * figure(row, "gaussian_cpu_s"), figure(row, "ratio"),
                        figure(row, "ratio_by_wall"));
  }
  return text;
}

}  // namespace

std::string frames_table(const nlohmann::json& frames) {
  return primitives_text(frames.at("primitives")) + stages_text(frames.at("captures")) +
         settings_text(frames) + levels_text(frames.at("aperture")) +
         growth_text(frames.at("growth")) +
         fmt::format("peak memory of the simulations {:.0f} MB\n",
                     1e-6 * figure(frames, "peak_memory_bytes"));
}

}  // namespace thz::apps
