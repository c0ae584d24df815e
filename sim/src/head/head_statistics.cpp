#include "thz/sim/head_statistics.h"

#include <fmt/format.h>

#include <Eigen/Geometry>
#include <algorithm>
#include <atomic>
#include <cmath>

#include "head_grid.h"
#include "head_measures.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"

namespace thz::sim {
namespace {

using internal::measure_rows;
using internal::solved_measures;

/// One person measured.
struct MeasuredHead {
  bool female = false;
  double age_years = 30.0;
  std::vector<float> drawn;
  std::vector<double> measured;
};

double score(const MeasuredHead& head, std::size_t row) {
  const std::size_t p = measure_rows()[row].parameter;
  return (head.measured[row] - parametric_head_mean(p, head.female, head.age_years)) /
         parametric_head_sd(p, head.female);
}

HeadPopulationRow compare_measure(const std::vector<const MeasuredHead*>& heads, std::size_t row) {
  HeadPopulationRow r;
  const std::size_t p = measure_rows()[row].parameter;
  r.name = measure_rows()[row].name;
  r.unit = measure_rows()[row].unit;
  r.female = heads.front()->female;
  r.count = heads.size();
  r.published_sd = parametric_head_sd(p, r.female);
  const auto n = static_cast<double>(heads.size());
  double squares = 0.0;
  double score_squares = 0.0;
  for (const MeasuredHead* head : heads) {
    const double value = head->measured[row];
    r.mean += value / n;
    squares += value * value / n;
    r.published_mean += parametric_head_mean(p, r.female, head->age_years) / n;
    const double z = score(*head, row);
    r.score_mean += z / n;
    score_squares += z * z / n;
    r.misfit += std::pow((value - static_cast<double>(head->drawn[p])) / r.published_sd, 2) / n;
  }
  r.sd = std::sqrt(std::max(0.0, squares - r.mean * r.mean) * n / (n - 1.0));
  r.score_sd = std::sqrt((score_squares - r.score_mean * r.score_mean) * n / (n - 1.0));
  r.misfit = std::sqrt(r.misfit);
  return r;
}

HeadCorrelationRow compare_correlations(const std::vector<const MeasuredHead*>& heads,
                                        const std::vector<HeadPopulationRow>& rows) {
  HeadCorrelationRow c;
  c.female = heads.front()->female;
  const std::vector<double>& published = parametric_head_correlation(c.female);
  const auto n = static_cast<double>(heads.size());
  for (std::size_t i = 0; i < solved_measures(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      double sum = 0.0;
      for (const MeasuredHead* head : heads) {
        sum += (score(*head, i) - rows[i].score_mean) * (score(*head, j) - rows[j].score_mean);
      }
      const double found = sum / ((n - 1.0) * rows[i].score_sd * rows[j].score_sd);
      const double wanted = published[measure_rows()[i].parameter * internal::kParameterCount +
                                      measure_rows()[j].parameter];
      const double error = std::abs(found - wanted);
      ++c.pairs;
      c.rms += error * error;
      c.sampling_rms += std::pow(1.0 - wanted * wanted, 2) / n;
      if (error > c.worst) {
        c.worst = error;
        c.worst_pair = fmt::format("{} - {}", rows[i].name, rows[j].name);
      }
    }
  }
  c.rms = std::sqrt(c.rms / static_cast<double>(c.pairs));
  c.sampling_rms = std::sqrt(c.sampling_rms / static_cast<double>(c.pairs));
  return c;
}

double quantile(std::vector<double> values, double q) {
  const auto at = values.begin() +
                  static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// Moves a face onto `target` by the rigid motion of least squares.
void align_face(const std::vector<Vec3>& target, std::vector<Vec3>& face) {
  const auto n = static_cast<Eigen::Index>(face.size());
  Eigen::Matrix3Xd from(3, n);
  Eigen::Matrix3Xd to(3, n);
  for (Eigen::Index v = 0; v < n; ++v) {
    from.col(v) = face[static_cast<std::size_t>(v)];
    to.col(v) = target[static_cast<std::size_t>(v)];
  }
  const Eigen::Matrix4d motion = Eigen::umeyama(from, to, false);
  for (Vec3& p : face) p = (motion * p.homogeneous()).head<3>();
}

std::vector<Vec3> mean_face(const std::vector<std::vector<Vec3>>& faces) {
  std::vector<Vec3> mean(faces.front().size(), Vec3::Zero());
  for (const auto& face : faces) {
    THZ_REQUIRE(face.size() == mean.size(), "all faces have the same points");
    for (std::size_t v = 0; v < mean.size(); ++v) {
      mean[v] += face[v] / static_cast<double>(faces.size());
    }
  }
  return mean;
}

}  // namespace

HeadPopulationReport measure_population(uint64_t seed, std::size_t count,
                                        const HeadPopulation& population, int threads,
                                        const ProgressFn& progress, const CancelToken* cancel) {
  std::vector<MeasuredHead> heads(count);
  std::atomic<std::size_t> done{0};
  parallel_for(count, threads, [&](std::size_t i) {
    if (cancel != nullptr) cancel->throw_if_requested();
    const HeadIdentity head = sample_head_identity(seed, i, population);
    heads[i] = {head.female, static_cast<double>(head.age_years), head.parameters,
                measure_head(build_bare_head(head))};
    const std::size_t now = ++done;
    if (progress) progress(now, count);
  });
  HeadPopulationReport report;
  for (const bool female : {false, true}) {
    std::vector<const MeasuredHead*> of_sex;
    for (const MeasuredHead& head : heads) {
      if (head.female == female) of_sex.push_back(&head);
    }
    if (of_sex.size() < 2) continue;
    std::vector<HeadPopulationRow> rows;
    for (std::size_t row = 0; row < solved_measures(); ++row) {
      rows.push_back(compare_measure(of_sex, row));
    }
    report.correlations.push_back(compare_correlations(of_sex, rows));
    report.rows.insert(report.rows.end(), rows.begin(), rows.end());
  }
  return report;
}

NeighbourStatistics face_neighbours(std::vector<std::vector<Vec3>> faces,
                                    const std::vector<Vec3>& normals, bool align) {
  THZ_REQUIRE(faces.size() >= 2, "neighbours need two faces");
  if (align) {
    const std::vector<Vec3> mean = mean_face(faces);
    parallel_for(faces.size(), 0, [&](std::size_t i) { align_face(mean, faces[i]); });
  }
  // |a - b|^2 = |a|^2 + |b|^2 - 2 a.b: one matrix product for all pairs, about the mean face.
  const std::vector<Vec3> mean = mean_face(faces);
  const std::size_t points = mean.size();
  const Eigen::Index length = static_cast<Eigen::Index>(normals.empty() ? 3 * points : points);
  Eigen::MatrixXf rows(length, static_cast<Eigen::Index>(faces.size()));
  for (std::size_t i = 0; i < faces.size(); ++i) {
    for (std::size_t v = 0; v < points; ++v) {
      const Vec3 d = 1e3 * (faces[i][v] - mean[v]);
      const auto column = static_cast<Eigen::Index>(i);
      const auto at = static_cast<Eigen::Index>(v);
      if (normals.empty()) {
        rows.block<3, 1>(3 * at, column) = d.cast<float>();
      } else {
        rows(at, column) = static_cast<float>(d.dot(normals[v]));
      }
    }
  }
  const Eigen::MatrixXf products = rows.transpose() * rows;
  std::vector<double> nearest(faces.size(), 1e9);
  std::vector<double> pairs;
  for (Eigen::Index i = 0; i < products.rows(); ++i) {
    for (Eigen::Index j = 0; j < i; ++j) {
      const double square = std::max(0.0F, products(i, i) + products(j, j) - 2.0F * products(i, j));
      const double distance = std::sqrt(square / static_cast<double>(points));
      pairs.push_back(distance);
      for (const Eigen::Index k : {i, j}) {
        auto& best = nearest[static_cast<std::size_t>(k)];
        best = std::min(best, distance);
      }
    }
  }
  return {quantile(nearest, 0.0),  quantile(nearest, 0.05), quantile(nearest, 0.5),
          quantile(nearest, 0.95), quantile(pairs, 0.5),    quantile(pairs, 0.01)};
}

std::vector<int32_t> parametric_face_vertices(int stride) {
  THZ_REQUIRE(stride >= 1, "a stride counts from one");
  std::vector<int32_t> list;
  const auto& base = internal::head_grid().base_mm;
  int seen = 0;
  for (std::size_t v = 0; v < base.size(); ++v) {
    const Vec3& p = base[v];
    const bool front = p.z() > 45.0 && p.y() > -78.0 && p.y() < 102.0;
    if (front && seen++ % stride == 0) list.push_back(static_cast<int32_t>(v));
  }
  return list;
}

}  // namespace thz::sim
