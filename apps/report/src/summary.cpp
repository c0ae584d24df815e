#include "summary.h"

#include <fmt/format.h>

#include <cmath>

#include "html.h"

namespace thz::report::internal {
namespace {

std::string limits(const eval::Interval& i, double scale, int digits) {
  if (std::isnan(i.low)) return "no interval";
  return fmt::format("{:.{}f} to {:.{}f}", scale * i.low, digits, scale * i.high, digits);
}

// "93.1 % (95 % interval 90.2 to 95.5; chance 50 %)"
std::string with_chance(const eval::Interval& i, double chance) {
  return fmt::format("<strong>{}</strong> (95 % interval {}; chance {})", percent(i.value),
                     limits(i, 100.0, 1), percent(chance, 0));
}

std::string against_chance(const eval::Interval& i, double chance) {
  if (std::isnan(i.low)) return "";
  if (i.low > chance) return ", above chance";
  if (i.high < chance) return ", below chance";
  return ", which chance may explain";
}

std::string reconstruction_sentence(const eval::EvaluationResult& result) {
  const auto* network = result.find_reconstruction("network");
  const auto* copy = result.find_reconstruction("copy");
  const auto* mean = result.find_reconstruction("posture-mean");
  const auto* ceiling = result.find_reconstruction("ceiling");
  if (network == nullptr) return "";
  std::string out = fmt::format(
      " Its pictures of the uncovered head reach a structural similarity of "
      "<strong>{:.3f}</strong> "
      "({})",
      network->ssim.value, limits(network->ssim, 1.0, 3));
  if (copy != nullptr)
    out += fmt::format("; the concealed input itself has {:.3f}", copy->ssim.value);
  if (mean != nullptr) {
    out += fmt::format(", the mean image of the posture {:.3f}", mean->ssim.value);
  }
  if (ceiling != nullptr) {
    out += fmt::format(", and two captures of one bare head {:.3f}", ceiling->ssim.value);
  }
  return out + ".";
}

std::string card(const std::string& title, const std::string& figure, const std::string& below) {
  return fmt::format("<div class=\"card\"><span>{}</span><b>{}</b><small>{}</small></div>\n", title,
                     figure, below);
}

}  // namespace

std::string written_summary(const eval::EvaluationResult& result) {
  std::string out = fmt::format(
      "Tested on {} concealed and {} unconcealed images of {} people; {}.", result.test_concealed,
      result.test_images - result.test_concealed, result.test_identities,
      result.run.leaks ? "<strong>training saw some of these images</strong>, or what they are "
                         "compared with in triplets"
                       : "training saw none of these images");
  if (const auto* v = result.find_verification("network", true)) {
    out +=
        " Shown a concealed face and two bare ones in the same posture, the network finds the "
        "right person in " +
        with_chance(v->triplet_accuracy, result.verification_chance) + " of " +
        std::to_string(v->triplets) + " trials" +
        against_chance(v->triplet_accuracy, result.verification_chance);
    if (const auto* t = result.find_verification("template", true)) {
      out += fmt::format("; template matching does in {} ({})", percent(t->triplet_accuracy.value),
                         limits(t->triplet_accuracy, 100.0, 1));
    }
    out += ".";
  }
  if (result.posture.images > 0) {
    out += " It names the posture of a concealed head rightly in " +
           with_chance(result.posture.accuracy, result.posture.chance) +
           against_chance(result.posture.accuracy, result.posture.chance) + ".";
  }
  return out + reconstruction_sentence(result);
}

std::string leak_remark(const eval::EvaluationResult& result) {
  if (!result.run.leaks) return "";
  const std::string& rule = result.run.split_name;
  return "<div class=\"note\"><b>The split leaks.</b> Test images or partners of test triplets "
         "were "
         "seen in training, as the published rule" +
         (rule.empty() ? "" : " (" + escape(rule) + ")") +
         " has it. The figures are for comparison with others of that rule alone.</div>\n";
}

std::string headline_cards(const eval::EvaluationResult& result) {
  std::string out;
  if (const auto* v = result.find_verification("network", true)) {
    const auto* t = result.find_verification("template", true);
    out += card("Verification, triplets", percent(v->triplet_accuracy.value),
                limits(v->triplet_accuracy, 100.0, 1) + " · chance " +
                    percent(result.verification_chance, 0) +
                    (t ? " · template " + percent(t->triplet_accuracy.value) : ""));
    out += card("Equal error rate", percent(v->eer.value),
                limits(v->eer, 100.0, 1) + " · chance 50 %" +
                    (t ? " · template " + percent(t->eer.value) : ""));
  }
  if (result.posture.images > 0) {
    out += card("Posture", percent(result.posture.accuracy.value),
                limits(result.posture.accuracy, 100.0, 1) + " · chance " +
                    percent(result.posture.chance, 0));
  }
  if (const auto* r = result.find_reconstruction("network")) {
    const auto* copy = result.find_reconstruction("copy");
    const auto* ceiling = result.find_reconstruction("ceiling");
    out += card("Reconstruction, W-SSIM", number(r->ssim.value, 3),
                limits(r->ssim, 1.0, 3) + (copy ? " · input " + number(copy->ssim.value, 3) : "") +
                    (ceiling ? " · ceiling " + number(ceiling->ssim.value, 3) : ""));
  }
  return out.empty() ? "" : "<div class=\"cards\">\n" + out + "</div>\n";
}

}  // namespace thz::report::internal
