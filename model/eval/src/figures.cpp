#include "thz/eval/figures.h"

#include <algorithm>
#include <cmath>

#include "pairing.h"
#include "thz/core/error.h"

namespace thz::eval {
namespace {

using internal::kNaN;
using Terms = std::vector<double>;

constexpr std::size_t kFirstRegionTerm = 6;
constexpr std::size_t kTripletTerms = 6;  // with those of the distances

double share(double part, double whole) { return whole > 0.0 ? part / whole : kNaN; }

double deviation(double sum, double squares, double count) {
  return std::sqrt(std::max(0.0, squares / count - sum / count * (sum / count)));
}

double normalised_margin(const Terms& t) {
  if (t.size() < kTripletTerms || t[0] <= 0.0) return kNaN;
  const double spread = deviation(t[2], t[3], t[0]) + deviation(t[4], t[5], t[0]);
  return (t[4] - t[2]) / t[0] / spread;
}

std::size_t classes_of(const Terms& confusion) {
  return static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(confusion.size()))));
}

double accuracy(const Terms& confusion) {
  const std::size_t k = classes_of(confusion);
  double right = 0.0, all = 0.0;
  for (std::size_t c = 0; c < confusion.size(); ++c) {
    all += confusion[c];
    if (c / k == c % k) right += confusion[c];
  }
  return share(right, all);
}

/// Mean of 2 tp / (2 tp + fp + fn) over the classes that occur, as classify() has it.
double macro_f1(const Terms& confusion) {
  const std::size_t k = classes_of(confusion);
  double sum = 0.0, occurring = 0.0;
  for (std::size_t c = 0; c < k; ++c) {
    double named = 0.0, true_ones = 0.0;
    for (std::size_t o = 0; o < k; ++o) {
      true_ones += confusion[c * k + o];
      named += confusion[o * k + c];
    }
    if (named + true_ones <= 0.0) continue;
    sum += 2.0 * confusion[c * k + c] / (named + true_ones);
    occurring += 1.0;
  }
  return share(sum, occurring);
}

std::function<double(const Terms&)> mean_of(std::size_t term) {
  return [term](const Terms& t) { return term < t.size() ? share(t[term], t[0]) : kNaN; };
}

std::function<double(const Terms&)> mean_half(std::size_t term) {
  return [term](const Terms& t) { return term < t.size() ? 0.5 * share(t[term], t[0]) : kNaN; };
}

double l2_margin(const Terms& t) {
  return t.size() < kTripletTerms ? kNaN : share(t[4] - t[2], t[0]);
}

void add_verification(std::vector<Figure>& list, const std::string& tail, const char* known) {
  const std::string triplets = "triplets" + tail, rank = "rank" + tail;
  const auto titled = [&](const char* what) { return std::string(what) + known; };
  list.push_back({"verification" + tail, titled("verification") + ", %", 100, 2, true, 0.5,
                  triplets, mean_of(1)});
  list.push_back(
      {"l2_positive" + tail, titled("L2 to positive"), 1, 4, false, kNaN, triplets, mean_of(2)});
  list.push_back({"cosine_positive" + tail, titled("cosine distance, positive"), 1, 3, false, kNaN,
                  triplets, mean_half(3)});
  list.push_back({"cosine_negative" + tail, titled("cosine distance, negative"), 1, 3, true, kNaN,
                  triplets, mean_half(5)});
  list.push_back({"l2_margin" + tail, titled("L2 margin"), 1, 3, true, 0.0, triplets, l2_margin});
  list.push_back({"normalised_margin" + tail, titled("normalised margin"), 1, 3, true, 0.0,
                  triplets, normalised_margin});
  list.push_back({"rank_1" + tail, titled("rank 1") + ", %", 100, 2, true, kNaN, rank, mean_of(1)});
  list.push_back({"rank_5" + tail, titled("rank 5") + ", %", 100, 2, true, kNaN, rank, mean_of(2)});
  list.push_back(
      {"eer" + tail, titled("equal error rate") + ", %", 100, 2, false, 0.5, "", nullptr});
}

void add_pictures(std::vector<Figure>& list) {
  const auto add = [&](const char* name, const char* title, int digits, bool higher,
                       std::size_t term) {
    list.push_back({name, title, 1, digits, higher, kNaN, "pictures", mean_of(term)});
  };
  add("w_ssim", "W-SSIM", 3, true, 1);
  add("psnr_db", "PSNR, dB", 2, true, 2);
  add("edge_ssim", "edge SSIM", 3, true, 3);
  add("edge_mae", "edge MAE", 4, false, 4);
  add("embedding_cosine", "cosine of embeddings", 3, true, 5);
  // In the order of face_regions().
  constexpr std::pair<const char*, const char*> kRegions[] = {
      {"right_eye", "right eye"}, {"left_eye", "left eye"},   {"nose", "nose"},
      {"mouth", "mouth"},         {"periphery", "periphery"},
  };
  std::size_t term = kFirstRegionTerm;
  for (const auto& [name, title] : kRegions) {
    add((std::string("ssim_") + name).c_str(), (std::string("SSIM, ") + title).c_str(), 3, true,
        term++);
    add((std::string("psnr_") + name).c_str(), (std::string("PSNR, ") + title + ", dB").c_str(), 2,
        true, term++);
  }
}

void add_alignment(std::vector<Figure>& list, const std::string& space, const std::string& title) {
  const auto add = [&](const char* name, const char* what, double scale, int digits) {
    list.push_back(
        {space + name, what + (" (" + title + ")"), scale, digits, true, kNaN, "", nullptr});
  };
  add("_cka", "CKA", 1, 3);
  add("_rank_correlation", "rank correlation", 1, 3);
  add("_cosine", "cosine", 1, 3);
  add("_retrieval_5", "Ret@5, %", 100, 1);
}

const std::vector<Figure>& all_figures() {
  static const std::vector<Figure> figures = [] {
    std::vector<Figure> list;
    add_verification(list, "", "");
    add_verification(list, "_any", ", posture unknown");
    list.push_back({"posture", "posture, %", 100, 2, true, 0.2, "posture", accuracy});
    list.push_back({"posture_f1", "posture, macro F1", 1, 3, true, kNaN, "posture", macro_f1});
    list.push_back({"posture_unconcealed", "posture of bare heads, %", 100, 2, true, 0.2,
                    "posture_unconcealed", accuracy});
    add_pictures(list);
    add_alignment(list, "projection", "projection");
    add_alignment(list, "latent", "latent");
    return list;
  }();
  return figures;
}

int32_t cluster_of(int32_t identity, const Clusters& clusters) {
  const auto found = clusters.find(identity);
  // Single persons keep their order, and so the draws of an evaluation; clusters stand below them.
  return found == clusters.end() ? identity : -1 - found->second;
}

}  // namespace

const Figure& find_figure(const std::string& name) {
  const auto& list = all_figures();
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Figure& f) { return f.name == name; });
  if (found != list.end()) return *found;
  std::string known;
  for (const Figure& f : list) known += (known.empty() ? "" : ", ") + f.name;
  throw_input("there is no figure '{}'; allowed are {}", name, known);
}

std::vector<std::string> figure_names() {
  std::vector<std::string> names;
  for (const Figure& f : all_figures()) names.push_back(f.name);
  return names;
}

std::vector<int32_t> clusters_of(const std::vector<const IdentitySums*>& sums,
                                 const Clusters& clusters) {
  std::vector<int32_t> ids;
  for (const IdentitySums* one : sums) {
    for (const int32_t identity : one->identities) ids.push_back(cluster_of(identity, clusters));
  }
  return internal::distinct(std::move(ids));
}

PooledFigure::PooledFigure(const Figure& figure, const std::vector<const IdentitySums*>& seeds,
                           const std::vector<int32_t>& cluster_ids, const Clusters& clusters)
    : figure_(figure) {
  const auto size = static_cast<Eigen::Index>(cluster_ids.size());
  for (const IdentitySums* one : seeds) {
    const auto found = one->tables.find(figure.table);
    if (found == one->tables.end()) {
      throw_input("'{}' needs the sums '{}', which were not kept", figure.name, figure.table);
    }
    const SumTable& table = found->second;
    pairs_ = table.pairs;
    std::vector<int32_t> own;
    for (const int32_t identity : one->identities) own.push_back(cluster_of(identity, clusters));
    const auto place = internal::positions(own, cluster_ids);
    std::vector<MatrixD> collapsed;
    for (const MatrixD& term : table.terms) {
      MatrixD sum = MatrixD::Zero(size, pairs_ ? size : 1);
      for (Eigen::Index i = 0; i < term.rows(); ++i) {
        const int row = place[static_cast<std::size_t>(i)];
        for (Eigen::Index j = 0; j < term.cols(); ++j) {
          sum(row, pairs_ ? place[static_cast<std::size_t>(j)] : 0) += term(i, j);
        }
      }
      collapsed.push_back(std::move(sum));
    }
    seeds_.push_back(std::move(collapsed));
  }
}

double PooledFigure::value(const std::vector<double>& clusters,
                           const std::vector<double>& seeds) const {
  const Eigen::Map<const Eigen::VectorXd> w(clusters.data(),
                                            static_cast<Eigen::Index>(clusters.size()));
  Terms terms(seeds_.front().size(), 0.0);
  for (std::size_t s = 0; s < seeds_.size(); ++s) {
    if (seeds[s] == 0.0) continue;
    for (std::size_t t = 0; t < terms.size(); ++t) {
      const MatrixD& m = seeds_[s][t];
      double sum = 0.0;
      if (pairs_) {
        const Eigen::VectorXd within = m.diagonal();
        sum = w.dot(m * w) + (w.array() * (1.0 - w.array()) * within.array()).sum();
      } else {
        sum = w.dot(m.col(0));
      }
      terms[t] += seeds[s] * sum;
    }
  }
  return figure_.value(terms);
}

Interval pooled_interval(const Figure& figure, const std::vector<const IdentitySums*>& seeds,
                         const Clusters& clusters, const BootstrapOptions& options) {
  const auto ids = clusters_of(seeds, clusters);
  const PooledFigure pooled(figure, seeds, ids, clusters);
  const std::vector<double> all(seeds.size(), 1.0);
  return bootstrap_crossed(
      ids.size(), 1,
      [&](const std::vector<double>& w, const std::vector<double>&) {
        return pooled.value(w, all);
      },
      options);
}

Interval paired_difference(const Figure& figure, const std::vector<const IdentitySums*>& system,
                           const std::vector<const IdentitySums*>& reference,
                           const Clusters& clusters, const BootstrapOptions& options) {
  THZ_REQUIRE(system.size() == reference.size() && !system.empty(),
              "both sides of a paired comparison need the same seeds");
  std::vector<const IdentitySums*> both = system;
  both.insert(both.end(), reference.begin(), reference.end());
  const auto ids = clusters_of(both, clusters);
  const PooledFigure a(figure, system, ids, clusters), b(figure, reference, ids, clusters);
  return bootstrap_crossed(
      ids.size(), system.size(),
      [&](const std::vector<double>& w, const std::vector<double>& u) {
        return a.value(w, u) - b.value(w, u);
      },
      options);
}

}  // namespace thz::eval
