#include "thz/eval/alignment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "thz/core/error.h"

namespace thz::eval {
namespace {

using Rows = Eigen::MatrixXd;

void check_rows(const MatrixF& x, const MatrixF& y, Eigen::Index least) {
  if (x.rows() != y.rows() || x.rows() < least) {
    throw_input("representations have {} and {} rows, but need the same number, at least {}",
                x.rows(), y.rows(), least);
  }
  if (!x.allFinite() || !y.allFinite()) {
    throw_input("a representation holds a value that is not finite");
  }
}

Rows unit_rows(const MatrixF& x) {
  Rows rows = x.cast<double>();
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    const double length = rows.row(i).norm();
    if (length == 0.0) throw_input("row {} of a representation is zero and has no direction", i);
    rows.row(i) /= length;
  }
  return rows;
}

std::vector<double> pair_distances(const MatrixF& x) {
  std::vector<double> distances;
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    for (Eigen::Index j = i + 1; j < x.rows(); ++j) {
      distances.push_back((x.row(i) - x.row(j)).cast<double>().norm());
    }
  }
  return distances;
}

// Ranks from 1; ties share their mean.
std::vector<double> mean_ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double rank = 0.5 * static_cast<double>(first + end + 1);
    for (; first < end; ++first) ranks[order[first]] = rank;
  }
  return ranks;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<Eigen::Index>(a.size());
  const Eigen::VectorXd x = Eigen::Map<const Eigen::VectorXd>(a.data(), n).array() -
                            Eigen::Map<const Eigen::VectorXd>(a.data(), n).mean();
  const Eigen::VectorXd y = Eigen::Map<const Eigen::VectorXd>(b.data(), n).array() -
                            Eigen::Map<const Eigen::VectorXd>(b.data(), n).mean();
  const double scale = x.norm() * y.norm();
  if (scale == 0.0) throw_input("all pairs of a representation are equally far apart");
  return x.dot(y) / scale;
}

void check_shapes(const MatrixF& x, const MatrixF& y) {
  check_rows(x, y, 1);
  if (x.cols() != y.cols()) {
    throw_input("rows of {} and {} dimensions have no common direction", x.cols(), y.cols());
  }
}

std::map<int32_t, Eigen::VectorXd> centroids(const MatrixF& x,
                                             const std::vector<int32_t>& identity) {
  const Rows rows = unit_rows(x);
  std::map<int32_t, Eigen::VectorXd> sums;
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    auto& sum = sums[identity[static_cast<std::size_t>(i)]];
    if (sum.size() == 0) sum = Eigen::VectorXd::Zero(rows.cols());
    sum += rows.row(i).transpose();
  }
  for (auto& [person, sum] : sums) {
    if (sum.norm() == 0.0) throw_input("the rows of identity {} cancel out", person);
    sum.normalize();
  }
  return sums;
}

Rows centred(const MatrixF& m) {
  const Rows rows = m.cast<double>();
  return rows.rowwise() - rows.colwise().mean();
}

}  // namespace

double linear_cka(const MatrixF& x, const MatrixF& y) {
  check_rows(x, y, 2);
  const Rows a = centred(x);
  const Rows b = centred(y);
  const double scale = (a.transpose() * a).norm() * (b.transpose() * b).norm();
  if (scale == 0.0) throw_input("all rows of a representation are the same");
  return (b.transpose() * a).squaredNorm() / scale;
}

double distance_rank_correlation(const MatrixF& x, const MatrixF& y) {
  check_rows(x, y, 3);
  return correlation(mean_ranks(pair_distances(x)), mean_ranks(pair_distances(y)));
}

double mean_row_cosine(const MatrixF& x, const MatrixF& y) {
  check_shapes(x, y);
  return unit_rows(x).cwiseProduct(unit_rows(y)).sum() / static_cast<double>(x.rows());
}

std::vector<bool> centroids_found(const MatrixF& x, const MatrixF& y,
                                  const std::vector<int32_t>& identity, int k) {
  check_shapes(x, y);
  THZ_REQUIRE(static_cast<Eigen::Index>(identity.size()) == x.rows(), "one identity a row");
  if (k < 1) throw_input("retrieval at {} asks for no candidate; at least 1 is needed", k);
  const auto asking = centroids(x, identity);
  const auto answering = centroids(y, identity);
  std::vector<bool> found;
  for (const auto& asker : asking) {
    const double own = asker.second.dot(answering.at(asker.first));
    const auto before = std::count_if(answering.begin(), answering.end(), [&](const auto& other) {
      return other.first != asker.first && asker.second.dot(other.second) >= own;
    });
    found.push_back(before < k);
  }
  return found;
}

double centroid_agreement(const MatrixF& x, const MatrixF& y, const std::vector<int32_t>& identity,
                          int k) {
  const std::vector<bool> found = centroids_found(x, y, identity, k);
  return static_cast<double>(std::count(found.begin(), found.end(), true)) /
         static_cast<double>(found.size());
}

Alignment measure_alignment(const MatrixF& x, const MatrixF& y,
                            const std::vector<int32_t>& identity) {
  Alignment a;
  a.cka = linear_cka(x, y);
  a.rank_correlation = distance_rank_correlation(x, y);
  a.cosine = a.retrieval_at_5 = std::numeric_limits<double>::quiet_NaN();
  if (x.cols() != y.cols()) return a;
  a.cosine = mean_row_cosine(x, y);
  a.retrieval_at_5 = centroid_agreement(x, y, identity, 5);
  return a;
}

}  // namespace thz::eval
