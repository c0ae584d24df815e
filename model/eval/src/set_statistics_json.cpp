#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "thz/eval/set_statistics.h"

namespace thz::eval {
namespace {

using SetJson = nlohmann::ordered_json;

constexpr const char* kConditionKeys[] = {"bare", "concealed"};

SetJson condition_object(const ConditionStatistics& s) {
  return {{"images", s.images},
          {"mean", s.mean},
          {"standard_deviation", s.standard_deviation},
          {"contrast", s.contrast},
          {"grain_rows_px", s.grain_rows_px},
          {"grain_cols_px", s.grain_cols_px},
          {"histogram", s.histogram},
          {"spectrum", s.spectrum}};
}

SetJson similarity_object(const PairSimilarity& s) {
  if (s.pairs == 0) return nullptr;
  SetJson regions = SetJson::object();
  for (const RegionalScore& region : s.regions) {
    regions[region.name] = {{"ssim", region.ssim}, {"psnr_db", region.psnr_db}};
  }
  return {{"pairs", s.pairs}, {"ssim", s.ssim}, {"psnr_db", s.psnr_db}, {"regions", regions}};
}

SetJson statistics_object(const SetStatistics& s) {
  SetJson json;
  for (std::size_t c = 0; c < 2; ++c) json[kConditionKeys[c]] = condition_object(s.condition[c]);
  json["concealed_bare_similarity"] = similarity_object(s.concealed_bare);
  json["bare_bare_similarity"] = similarity_object(s.bare_bare);
  return json;
}

std::string line(const std::string& what, double a, double b, int digits) {
  return fmt::format("{:<44} {:>12.{}f} {:>12.{}f}\n", what, a, digits, b, digits);
}

std::string similarity_lines(const char* what, const PairSimilarity& a, const PairSimilarity& b) {
  if (a.pairs == 0 || b.pairs == 0) return "";
  std::string text = line(fmt::format("{}, W-SSIM", what), a.ssim, b.ssim, 3);
  text += line("  PSNR, dB", a.psnr_db, b.psnr_db, 2);
  for (std::size_t k = 0; k < a.regions.size() && k < b.regions.size(); ++k) {
    text += line("  W-SSIM, " + a.regions[k].name, a.regions[k].ssim, b.regions[k].ssim, 3);
  }
  return text;
}

}  // namespace

std::string statistics_json(const SetStatistics& statistics) {
  return statistics_object(statistics).dump(2);
}

std::string comparison_json(const std::string& name_a, const SetStatistics& a,
                            const std::string& name_b, const SetStatistics& b) {
  SetJson json = {{"schema", "thzface-comparison/1"},
                  {"a", {{"name", name_a}, {"statistics", statistics_object(a)}}},
                  {"b", {{"name", name_b}, {"statistics", statistics_object(b)}}}};
  for (std::size_t c = 0; c < 2; ++c) {
    const ConditionDifference d = difference(a.condition[c], b.condition[c]);
    json["difference"][kConditionKeys[c]] = {{"histogram_distance", d.histogram_distance},
                                             {"histogram_largest", d.histogram_largest},
                                             {"spectrum_rms_db", d.spectrum_rms_db},
                                             {"spectrum_db", d.spectrum_db},
                                             {"contrast_ratio", d.contrast_ratio}};
  }
  return json.dump(2);
}

std::string comparison_table(const std::string& name_a, const SetStatistics& a,
                             const std::string& name_b, const SetStatistics& b) {
  const auto short_name = [](const std::string& name) {
    return name.size() <= 12 ? name : name.substr(name.size() - 12);
  };
  std::string text =
      fmt::format("{:<44} {:>12} {:>12}\n", "", short_name(name_a), short_name(name_b));
  for (std::size_t c = 0; c < 2; ++c) {
    const ConditionStatistics& x = a.condition[c];
    const ConditionStatistics& y = b.condition[c];
    text += fmt::format("{:<44} {:>12} {:>12}\n", fmt::format("{} pictures", kConditionKeys[c]),
                        x.images, y.images);
    if (x.images == 0 || y.images == 0) continue;
    const ConditionDifference d = difference(x, y);
    text += line("  mean grey", x.mean, y.mean, 4);
    text += line("  standard deviation", x.standard_deviation, y.standard_deviation, 4);
    text += line("  contrast in 7 x 7 px", x.contrast, y.contrast, 3);
    text += line("  grain down, px", x.grain_rows_px, y.grain_rows_px, 2);
    text += line("  grain across, px", x.grain_cols_px, y.grain_cols_px, 2);
    text += fmt::format(
        "  apart: grey by {:.4f} on average, histogram by {:.1f} % at most, spectrum by {:.2f} dB "
        "(rms)\n",
        d.histogram_distance, 100.0 * d.histogram_largest, d.spectrum_rms_db);
  }
  text += similarity_lines("concealed against bare", a.concealed_bare, b.concealed_bare);
  text += similarity_lines("bare against bare", a.bare_bare, b.bare_bare);
  return text;
}

}  // namespace thz::eval
