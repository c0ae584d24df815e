#include "thz/eval/evaluation_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace thz::eval {
namespace {

std::string percent(double share) { return fmt::format("{:.1f}", 100.0 * share); }

std::string percent_interval(const Interval& i) {
  if (std::isnan(i.low)) return percent(i.value) + " %";
  return fmt::format("{} % [{}, {}]", percent(i.value), percent(i.low), percent(i.high));
}

std::string line(const std::string& what, const std::string& figure, const std::string& chance) {
  return fmt::format("  {:<58} {:<26} {}\n", what, figure, chance);
}

std::string interval_text(const Interval& i, int digits) {
  if (std::isnan(i.low)) return fmt::format("{:.{}f}", i.value, digits);
  return fmt::format("{:.{}f} [{:.{}f}, {:.{}f}]", i.value, digits, i.low, digits, i.high, digits);
}

}  // namespace

const VerificationSummary* EvaluationResult::find_verification(const std::string& system,
                                                               bool posture_known) const {
  const auto found =
      std::find_if(verification.begin(), verification.end(), [&](const VerificationSummary& v) {
        return v.system == system && v.posture_known == posture_known;
      });
  return found == verification.end() ? nullptr : &*found;
}

const ReconstructionSummary* EvaluationResult::find_reconstruction(
    const std::string& system) const {
  const auto found =
      std::find_if(reconstruction.begin(), reconstruction.end(),
                   [&](const ReconstructionSummary& r) { return r.system == system; });
  return found == reconstruction.end() ? nullptr : &*found;
}

void leave_out_verification(EvaluationResult& result) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  auto& all = result.verification;
  all.erase(std::remove_if(all.begin(), all.end(),
                           [](const VerificationSummary& v) { return v.system != "template"; }),
            all.end());
  result.hard_pairs.clear();
  result.embedding_map.reset();
  for (GroupScore& group : result.groups) {
    group.triplet_accuracy = kNone;
    group.triplet_interval = group.eer = {kNone, kNone, kNone};
    group.eer_errors = 0;
  }
}

void leave_out_posture(EvaluationResult& result) {
  result.posture = {};
  for (GroupScore& group : result.groups) {
    group.posture_accuracy = std::numeric_limits<double>::quiet_NaN();
  }
}

std::string headline_table(const EvaluationResult& result) {
  std::string out = fmt::format("  {:<58} {:<26} {}\n", "", "figure [95 % interval]", "chance");
  for (const VerificationSummary& v : result.verification) {
    out += line("verification (triplets): " + v.title, percent_interval(v.triplet_accuracy),
                percent(result.verification_chance) + " %");
    out += line("  equal error rate", percent_interval(v.eer), "50.0 %");
    out += line("  rank-1 identification", percent_interval(v.rank_1),
                percent(v.rank_1_chance) + " %");
  }
  if (result.posture.images > 0) {
    out += line("posture of concealed images: Network", percent_interval(result.posture.accuracy),
                percent(result.posture.chance) + " %");
  }
  for (const ReconstructionSummary& r : result.reconstruction) {
    out += line("reconstruction, W-SSIM: " + r.title, interval_text(r.ssim, 3), "");
    out += line("  PSNR, dB", interval_text(r.psnr_db, 2), "");
  }
  if (result.run.leaks) {
    out +=
        "  leaks: test images or partners of test triplets were seen in training (published rule); "
        "for comparison with other figures of this rule alone\n";
  }
  for (const std::string& note : result.notes) out += "  note: " + note + "\n";
  return out;
}

}  // namespace thz::eval
