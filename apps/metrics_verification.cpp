// metrics verification: error rates of scores, or of embeddings, with intervals.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>

#include "metrics_command.h"
#include "thz/core/error.h"
#include "thz/eval/comparisons.h"
#include "thz/io/atomic_file.h"
#include "thz/io/csv.h"
#include "thz/report/charts.h"

namespace thz::apps {
namespace {

/// More points than a curve can show.
constexpr std::size_t kMostChartPoints = 2000;
/// Read where the number of impostors supports them, unless --fmr asks for others.
const std::vector<double> kUsualFmr = {0.1, 0.01, 1e-3, 1e-4, 1e-5};

struct VerificationArguments {
  CommonOptions common;
  std::string scores, labels, kind, probe_identity, gallery_identity;
  std::string embeddings, identity, concealed, posture;
  std::vector<double> fmr;
  int resamples = 2000;
};

bool is_similarity(const VerificationArguments& a) { return a.kind == "similarity"; }

/// A distance in the user's own direction.
double as_score(const VerificationArguments& a, double distance) {
  return is_similarity(a) ? -distance : distance;
}

std::vector<int32_t> labels_of(const std::string& place, const io::ArrayFile& of) {
  const io::ArrayFile file(place);
  require_rows(file, of);
  return file.read_labels();
}

eval::ComparisonList read_scores(const VerificationArguments& a) {
  if (a.labels.empty()) throw_input("the array of labels is missing: 1 genuine, 0 impostor");
  if (a.kind.empty()) {
    throw_input("--scores-are is missing: distance (small is alike) or similarity (large is)");
  }
  if (a.probe_identity.empty() != a.gallery_identity.empty()) {
    throw_input("--probe-identity and --gallery-identity are needed together");
  }
  const io::ArrayFile scores(a.scores);
  if (scores.row_size() != 1) {
    throw_input("{}: is of shape {}, but scores are one number a comparison", scores.name(),
                scores.shape_text());
  }
  eval::ComparisonList list;
  list.distance = scores.read();
  for (double& d : list.distance) d = as_score(a, d);
  const std::vector<int32_t> genuine = labels_of(a.labels, scores);
  for (std::size_t i = 0; i < genuine.size(); ++i) {
    if (genuine[i] != 0 && genuine[i] != 1) {
      throw_input("{}: row {} is {}; 1 is genuine, 0 an impostor", a.labels, i, genuine[i]);
    }
    list.genuine.push_back(static_cast<uint8_t>(genuine[i]));
  }
  if (!a.probe_identity.empty()) {
    list.identity = labels_of(a.probe_identity, scores);
    list.gallery_identity = labels_of(a.gallery_identity, scores);
  }
  return list;
}

eval::ComparisonList read_embeddings(const VerificationArguments& a) {
  if (a.identity.empty()) throw_input("--identity is missing: whom each row of --embeddings shows");
  const io::ArrayFile table(a.embeddings);
  constexpr uint64_t kMostRows = 20000;  // their distances fill 3 GB
  if (table.rows() > kMostRows) {
    throw_input("{}: has {} rows; every pair of at most {} is compared", table.name(), table.rows(),
                kMostRows);
  }
  const std::vector<double> values = table.read();
  eval::MatrixF rows(static_cast<Eigen::Index>(table.rows()),
                     static_cast<Eigen::Index>(table.row_size()));
  std::transform(values.begin(), values.end(), rows.data(),
                 [](double v) { return static_cast<float>(v); });
  eval::Labels labels;
  labels.identity = labels_of(a.identity, table);
  labels.posture.assign(labels.identity.size(), 0);
  labels.concealed.assign(labels.identity.size(), 0);
  if (!a.posture.empty()) labels.posture = labels_of(a.posture, table);
  if (!a.concealed.empty()) {
    const std::vector<int32_t> concealed = labels_of(a.concealed, table);
    for (std::size_t i = 0; i < concealed.size(); ++i) {
      if (concealed[i] != 0 && concealed[i] != 1) {
        throw_input("{}: row {} is {}; 1 is concealed, 0 bare", a.concealed, i, concealed[i]);
      }
      labels.concealed[i] = static_cast<uint8_t>(concealed[i]);
    }
    return comparisons_of(score_embeddings(rows, labels), eval::PostureRule::kSame);
  }
  eval::ScoreTable scores = score_embeddings_unconcealed(rows, labels);
  // Each pair once: that it comes twice is no support for an error rate.
  for (Eigen::Index p = 0; p < scores.distance.rows(); ++p) {
    scores.distance.row(p).head(p).setConstant(std::numeric_limits<double>::quiet_NaN());
  }
  return comparisons_of(scores, eval::PostureRule::kSame);
}

eval::ComparisonList read_comparisons(VerificationArguments& a) {
  if (a.embeddings.empty() == a.scores.empty()) {
    throw_input("metrics verification needs either SCORES LABELS or --embeddings and --identity");
  }
  if (!a.embeddings.empty() && (!a.kind.empty() || !a.probe_identity.empty())) {
    throw_input("--scores-are and --probe-identity belong to SCORES, not to --embeddings");
  }
  if (!a.scores.empty() && !(a.identity + a.concealed + a.posture).empty()) {
    throw_input("--identity, --concealed and --posture belong to --embeddings, not to SCORES");
  }
  return a.embeddings.empty() ? read_scores(a) : read_embeddings(a);
}

/// Throws for a rate that was asked for and that too few impostors support.
void require_supported(const eval::FnmrAtFmr& at, uint64_t impostors) {
  if (!at.point.refused) return;
  throw_input(
      "FMR {:g} is not supported: its threshold passes {} of {} impostor comparisons, but at least "
      "{} must pass, that is {:.0f} comparisons or more",
      at.point.far, at.point.false_matches, impostors, eval::kRuleOf30,
      std::ceil(eval::kRuleOf30 / at.point.far));
}

void write_curve(const VerificationArguments& a, const eval::ComparisonFigures& f) {
  const std::filesystem::path folder = a.common.output;
  io::make_folder(folder);
  std::string text =
      io::csv_line({is_similarity(a) ? "least_similarity" : "largest_distance", "fmr", "fnmr"});
  for (const auto& p : f.curve) {
    text += io::csv_line({fmt::format("{:.9g}", as_score(a, p.threshold)),
                          fmt::format("{:.9g}", p.fmr), fmt::format("{:.9g}", p.fnmr)});
  }
  io::write_file(folder / "curve.csv", text);
  report::Curve roc{"ROC", {}, {}}, det{"DET", {}, {}};
  const std::size_t step = std::max<std::size_t>(1, f.curve.size() / kMostChartPoints);
  for (std::size_t k = 0; k < f.curve.size(); ++k) {
    const auto& p = f.curve[k];
    if (k % step != 0 && k + 1 != f.curve.size()) continue;
    roc.x.push_back(p.fmr);
    roc.y.push_back(1.0 - p.fnmr);
    if (p.fmr <= 0.0 || p.fnmr <= 0.0) continue;
    det.x.push_back(p.fmr);
    det.y.push_back(p.fnmr);
  }
  report::write_charts_png(folder / "roc.png",
                           {{"Receiver operating characteristic",
                             "false match rate",
                             "true accept rate",
                             0.0,
                             1.01,
                             {roc}}},
                           1);
  if (det.x.size() < 2) {
    std::filesystem::remove(folder / "det.png");  // of other scores
    say(a.common,
        "det.png is left out: the scores are perfectly apart, without a place on its axes");
    return;
  }
  const double least = *std::min_element(det.y.begin(), det.y.end());
  report::write_charts_png(folder / "det.png",
                           {{"Detection error trade-off",
                             "false match rate",
                             "false non-match rate",
                             std::pow(10.0, std::floor(std::log10(least))),
                             1.0,
                             {det},
                             true}},
                           1);
}

nlohmann::json point_json(const VerificationArguments& a, const eval::FnmrAtFmr& at) {
  return {{"fmr", at.point.far},
          {"fnmr", interval_json(at.fnmr)},
          {"threshold", as_score(a, at.threshold)},
          {"false_matches", at.point.false_matches},
          {"false_non_matches", at.point.false_non_matches}};
}

void verify(VerificationArguments& a) {
  const eval::ComparisonList list = read_comparisons(a);
  eval::BootstrapOptions options;
  options.seed = a.common.seed.value_or(1);
  options.resamples = a.resamples;
  options.threads = a.common.threads;
  const eval::ComparisonFigures f =
      judge_comparisons(list, a.fmr.empty() ? kUsualFmr : a.fmr, options);
  const std::string over =
      f.identities > 0 ? fmt::format("{} identities", f.identities) : "comparisons";
  nlohmann::json points = nlohmann::json::array();
  std::string text = fmt::format(
      "{} genuine and {} impostor comparisons; 95 % intervals over {}\n{:<16} {}\n{:<16} {}\n"
      "{:<16} {}",
      f.genuine, f.impostor, over, "EER", interval_text(f.eer), "AUC", interval_text(f.auc), "d'",
      std::isnan(f.d_prime.value) ? "not defined: no spread" : interval_text(f.d_prime));
  for (const auto& at : f.fnmr_at_fmr) {
    if (!a.fmr.empty()) require_supported(at, f.impostor);
    if (at.point.refused) continue;
    points.push_back(point_json(a, at));
    text +=
        fmt::format("\n{:<16} {}, {} errors, at {:g}", fmt::format("FNMR@FMR {:g}", at.point.far),
                    interval_text(at.fnmr), at.point.false_non_matches, as_score(a, at.threshold));
  }
  print_result(a.common,
               {{"genuine", f.genuine},
                {"impostor", f.impostor},
                {"identities", f.identities},
                {"intervals_over", f.identities > 0 ? "identities" : "comparisons"},
                {"eer", interval_json(f.eer)},
                {"auc", interval_json(f.auc)},
                {"d_prime", interval_json(f.d_prime)},
                {"fnmr_at_fmr", points}},
               text);
  if (!a.common.output.empty()) write_curve(a, f);
}

}  // namespace

void add_metrics_verification(CLI::App& metrics) {
  auto a = std::make_shared<VerificationArguments>();
  CLI::App* command = metrics.add_subcommand(
      "verification", "EER, AUC, d' and FNMR at FMR of comparison scores or of embeddings");
  command->add_option("scores", a->scores, "Array of one score a comparison");
  command->add_option("labels", a->labels, "Array: 1 genuine, 0 impostor");
  command->add_option("--scores-are", a->kind, "distance (small is alike) or similarity")
      ->check(CLI::IsMember({"distance", "similarity"}));
  command->add_option("--probe-identity", a->probe_identity,
                      "Array of whom each probe shows: intervals are then over people");
  command->add_option("--gallery-identity", a->gallery_identity, "Array, with --probe-identity");
  command->add_option("--embeddings", a->embeddings,
                      "Instead of scores: array of one row an image, compared by L2 distance of "
                      "unit rows, every pair once");
  command->add_option("--identity", a->identity, "Array of whom each row shows");
  command->add_option("--concealed", a->concealed,
                      "Array of 0 and 1: compare only concealed rows with bare ones");
  command->add_option("--posture", a->posture, "Array: compare only rows of one posture");
  command
      ->add_option("--fmr", a->fmr,
                   "False match rates, comma separated [those of 0.1, 0.01, ... that enough "
                   "impostors support]")
      ->delimiter(',')
      ->check(CLI::Range(1e-12, 1.0 - 1e-12));
  command->add_option("--resamples", a->resamples, "Bootstrap resamples [2000]")
      ->check(CLI::Range(100, 1000000));
  add_common(*command, a->common, true, true);
  command->callback([a] { verify(*a); });
}

}  // namespace thz::apps
