#include <algorithm>
#include <cmath>
#include <numeric>

#include "pairing.h"
#include "thz/core/error.h"
#include "thz/eval/alignment.h"

namespace thz::eval {
namespace {

using internal::kNaN;

/// Rows of a kernel that are held at once.
constexpr Eigen::Index kKernelRows = 256;

Eigen::MatrixXd centred_rows(const MatrixF& m) {
  const Eigen::MatrixXd rows = m.cast<double>();
  return rows.rowwise() - rows.colwise().mean();
}

/// Distances of the pairs (i, j > i), row by row, as distance_rank_correlation() takes them.
std::vector<double> row_distances(const MatrixF& x) {
  std::vector<double> out;
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    for (Eigen::Index j = i + 1; j < x.rows(); ++j) {
      out.push_back((x.row(i) - x.row(j)).cast<double>().norm());
    }
  }
  return out;
}

std::vector<uint32_t> order_of(const std::vector<double>& values) {
  std::vector<uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), uint32_t{0});
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return values[a] < values[b]; });
  return order;
}

/// Sums for a weighted correlation of ranks, whose offsets do not matter.
struct RankSums {
  double weight = 0.0, x = 0.0, y = 0.0, xx = 0.0, yy = 0.0, xy = 0.0;

  double correlation() const {
    const double mean_x = x / weight, mean_y = y / weight;
    const double scale =
        std::sqrt((xx / weight - mean_x * mean_x) * (yy / weight - mean_y * mean_y));
    return scale > 0.0 ? (xy / weight - mean_x * mean_y) / scale : kNaN;
  }
};

}  // namespace

WeightedAlignment::WeightedAlignment(const MatrixF& x, const MatrixF& y,
                                     const std::vector<int32_t>& identity) {
  whole_ = measure_alignment(x, y, identity);  // refuses what cannot be measured
  persons_ = internal::distinct(identity);
  person_of_row_ = internal::positions(identity, persons_);
  const auto size = static_cast<Eigen::Index>(persons_.size());
  rows_ = Eigen::VectorXd::Zero(size);
  for (const int p : person_of_row_) rows_(p) += 1.0;
  sum_kernels(x, y);
  order_distances(x, y);
  if (x.cols() != y.cols()) return;
  cosine_sum_ = found_ = Eigen::VectorXd::Zero(size);
  for (Eigen::Index r = 0; r < x.rows(); ++r) {
    const Eigen::VectorXd a = x.row(r).cast<double>(), b = y.row(r).cast<double>();
    cosine_sum_(person_of_row_[static_cast<std::size_t>(r)]) += a.dot(b) / (a.norm() * b.norm());
  }
  const std::vector<bool> found = centroids_found(x, y, identity, 5);
  for (Eigen::Index p = 0; p < size; ++p)
    found_(p) = found[static_cast<std::size_t>(p)] ? 1.0 : 0.0;
}

void WeightedAlignment::sum_kernels(const MatrixF& x, const MatrixF& y) {
  const Eigen::MatrixXd a = centred_rows(x), b = centred_rows(y);
  const auto size = static_cast<Eigen::Index>(persons_.size());
  Eigen::MatrixXd sum_a = Eigen::MatrixXd::Zero(size, a.cols());
  Eigen::MatrixXd sum_b = Eigen::MatrixXd::Zero(size, b.cols());
  for (Eigen::Index r = 0; r < a.rows(); ++r) {
    const int p = person_of_row_[static_cast<std::size_t>(r)];
    sum_a.row(p) += a.row(r);
    sum_b.row(p) += b.row(r);
  }
  to_x_ = a * sum_a.transpose();
  to_y_ = b * sum_b.transpose();
  xy_ = xx_ = yy_ = Eigen::MatrixXd::Zero(size, size);
  for (Eigen::Index first = 0; first < a.rows(); first += kKernelRows) {
    const Eigen::Index count = std::min(kKernelRows, a.rows() - first);
    const Eigen::MatrixXd k = a.middleRows(first, count) * a.transpose();
    const Eigen::MatrixXd l = b.middleRows(first, count) * b.transpose();
    for (Eigen::Index j = 0; j < a.rows(); ++j) {
      const int q = person_of_row_[static_cast<std::size_t>(j)];
      for (Eigen::Index i = 0; i < count; ++i) {
        const int p = person_of_row_[static_cast<std::size_t>(first + i)];
        xy_(p, q) += k(i, j) * l(i, j);
        xx_(p, q) += k(i, j) * k(i, j);
        yy_(p, q) += l(i, j) * l(i, j);
      }
    }
  }
}

void WeightedAlignment::order_distances(const MatrixF& x, const MatrixF& y) {
  const std::vector<double> in_x = row_distances(x), in_y = row_distances(y);
  std::vector<std::pair<int32_t, int32_t>> persons;
  for (std::size_t i = 0; i < person_of_row_.size(); ++i) {
    for (std::size_t j = i + 1; j < person_of_row_.size(); ++j) {
      persons.emplace_back(person_of_row_[i], person_of_row_[j]);
    }
  }
  const auto sorted = [&](const std::vector<double>& values, const std::vector<uint32_t>& order,
                          const std::vector<uint32_t>& place) {
    std::vector<DistancePair> out;
    for (std::size_t k = 0; k < order.size(); ++k) {
      const bool last = k + 1 == order.size() || values[order[k]] < values[order[k + 1]];
      const auto& [first, second] = persons[order[k]];
      out.push_back({place[order[k]], first, second, last});
    }
    return out;
  };
  const std::vector<uint32_t> order_x = order_of(in_x);
  std::vector<uint32_t> place(order_x.size());
  for (std::size_t k = 0; k < order_x.size(); ++k) place[order_x[k]] = static_cast<uint32_t>(k);
  x_order_ = sorted(in_x, order_x, place);
  y_order_ = sorted(in_y, order_of(in_y), place);
}

// With rows weighted and centred by their weighted mean, the sum over i, j of w_i w_j K_ij L_ij is
// that of the kernels as they are, less what the mean adds.
double WeightedAlignment::cka(const Eigen::VectorXd& w) const {
  Eigen::VectorXd row_weight(static_cast<Eigen::Index>(person_of_row_.size()));
  for (Eigen::Index r = 0; r < row_weight.size(); ++r) {
    row_weight(r) = w(person_of_row_[static_cast<std::size_t>(r)]);
  }
  const double total = row_weight.sum();
  const Eigen::VectorXd k = to_x_ * w / total, l = to_y_ * w / total;
  const double kappa = row_weight.dot(k) / total, lambda = row_weight.dot(l) / total;
  const auto product = [&](const Eigen::MatrixXd& sums, const Eigen::VectorXd& a,
                           const Eigen::VectorXd& b, double mean_a, double mean_b) {
    return w.dot(sums * w) - 2.0 * total * row_weight.dot(a.cwiseProduct(b)) +
           total * total * mean_a * mean_b;
  };
  const double scale = product(xx_, k, k, kappa, kappa) * product(yy_, l, l, lambda, lambda);
  return scale > 0.0 ? product(xy_, k, l, kappa, lambda) / std::sqrt(scale) : kNaN;
}

double WeightedAlignment::rank_correlation(const Eigen::VectorXd& w) const {
  const auto weight = [&](const DistancePair& pair) {
    return pair.first == pair.second ? w(pair.first) : w(pair.first) * w(pair.second);
  };
  // Ranks by weight: a group of ties shares the middle of the weight that it covers.
  const auto visit_ranks = [&](const std::vector<DistancePair>& order, const auto& visit) {
    double before = 0.0;
    for (std::size_t first = 0; first < order.size();) {
      std::size_t end = first;
      double group = weight(order[end]);
      while (!order[end].last) group += weight(order[++end]);
      for (; first <= end; ++first) visit(first, before + 0.5 * group);
      before += group;
    }
  };
  std::vector<double> rank_in_x(x_order_.size());
  RankSums sums;
  visit_ranks(x_order_, [&](std::size_t k, double rank) {
    const double v = weight(x_order_[k]);
    rank_in_x[k] = rank;
    sums.weight += v;
    sums.x += v * rank;
    sums.xx += v * rank * rank;
  });
  visit_ranks(y_order_, [&](std::size_t k, double rank) {
    const double v = weight(y_order_[k]);
    sums.y += v * rank;
    sums.yy += v * rank * rank;
    sums.xy += v * rank * rank_in_x[y_order_[k].other];
  });
  return sums.weight > 0.0 ? sums.correlation() : kNaN;
}

Alignment WeightedAlignment::value(const std::vector<double>& weights) const {
  THZ_REQUIRE(weights.size() == persons_.size(), "one weight a person");
  if (std::all_of(weights.begin(), weights.end(), [](double w) { return w == 1.0; })) return whole_;
  const Eigen::VectorXd w =
      Eigen::Map<const Eigen::VectorXd>(weights.data(), static_cast<Eigen::Index>(weights.size()));
  Alignment out;
  out.cka = cka(w);
  out.rank_correlation = rank_correlation(w);
  out.cosine = out.retrieval_at_5 = kNaN;
  if (cosine_sum_.size() == 0) return out;
  out.cosine = w.dot(cosine_sum_) / w.dot(rows_);
  out.retrieval_at_5 = w.dot(found_) / w.sum();
  return out;
}

}  // namespace thz::eval
