#include "head_population.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "head_correlations.h"
#include "thz/core/error.h"
#include "thz/sim/parametric_head.h"

namespace thz::sim {
namespace {

using internal::kCorrelated;
using internal::kParameterCount;
using internal::kSurveyed;

using Matrix = Eigen::MatrixXd;

constexpr double kScoreLimit = 3.5;  ///< standard deviations
constexpr double kSmallestEigenvalue = 2e-3;

/// SD of a standard normal cut at +-kScoreLimit: 1 - 2 c phi(c) / (2 Phi(c) - 1).
double cut_normal_sd() {
  const double density = std::exp(-0.5 * kScoreLimit * kScoreLimit) / std::sqrt(2.0 * M_PI);
  return std::sqrt(1.0 - 2.0 * kScoreLimit * density / std::erf(kScoreLimit / std::sqrt(2.0)));
}

Matrix published(bool female) {
  const auto size = static_cast<Eigen::Index>(kCorrelated);
  Matrix m = Matrix::Identity(size, size);
  const auto& survey = female ? internal::kSurveyWomenPercent : internal::kSurveyMenPercent;
  std::size_t survey_at = 0;
  std::size_t scan_at = 0;
  for (Eigen::Index i = 1; i < size; ++i) {
    for (Eigen::Index j = 0; j < i; ++j) {
      const bool surveyed = i < static_cast<Eigen::Index>(kSurveyed);
      m(i, j) = m(j, i) =
          0.01 * (surveyed ? survey[survey_at++] : internal::kScanPercent[scan_at++]);
    }
  }
  return m;
}

/// How much harder the survey's rows resist than the scans': records of thousands of people against
/// draws of a model.
constexpr double kSurveyWeight = 2.0;

/// Symmetric matrix with its eigenvalues lifted to a floor, nearest in the norm that weighs rows
/// and columns.
Matrix lifted(const Matrix& m, const Eigen::VectorXd& weight, double floor) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(weight.asDiagonal() * m * weight.asDiagonal());
  const Matrix root = weight.cwiseInverse().asDiagonal() * eigen.eigenvectors();
  return root * eigen.eigenvalues().cwiseMax(floor).asDiagonal() * root.transpose();
}

/// Nearest matrix with unit diagonal and eigenvalues above a floor, by alternating projections with
/// Dykstra's correction (Higham 2002, algorithm 3.3, weighted norm of section 2).
Matrix nearest_correlation(const Matrix& wanted) {
  Matrix y = wanted;
  Matrix correction = Matrix::Zero(wanted.rows(), wanted.cols());
  constexpr int kMostSteps = 100;
  constexpr double kStill = 1e-5;
  Eigen::VectorXd weight = Eigen::VectorXd::Ones(wanted.rows());
  weight.head(static_cast<Eigen::Index>(kSurveyed)).setConstant(kSurveyWeight);
  for (int step = 0; step < kMostSteps; ++step) {
    const Matrix r = y - correction;
    const Matrix x = lifted(r, weight, kSmallestEigenvalue);
    correction = x - r;
    Matrix next = x;
    next.diagonal().setOnes();
    const double change = (next - y).cwiseAbs().maxCoeff();
    y = next;
    if (change < kStill) break;
  }
  // Unit diagonal and the floor hold together only in the limit: a scaling settles the rest.
  const Matrix x = lifted(y, weight, 0.5 * kSmallestEigenvalue);
  const Eigen::VectorXd scale = x.diagonal().cwiseSqrt().cwiseInverse();
  return scale.asDiagonal() * x * scale.asDiagonal();
}

/// With the independent parameters, row-major.
std::vector<double> full_matrix(const Matrix& correlated) {
  std::vector<double> m(kParameterCount * kParameterCount, 0.0);
  for (std::size_t i = 0; i < kParameterCount; ++i) m[i * kParameterCount + i] = 1.0;
  for (std::size_t i = 0; i < kCorrelated; ++i) {
    for (std::size_t j = 0; j < kCorrelated; ++j) {
      m[i * kParameterCount + j] =
          correlated(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
    }
  }
  return m;
}

const Matrix& population_correlation(bool female) {
  static const Matrix men = nearest_correlation(published(false));
  static const Matrix women = nearest_correlation(published(true));
  return female ? women : men;
}

const Matrix& population_factor(bool female) {
  static const auto factor = [](bool sex) {
    const Eigen::LLT<Matrix> llt(population_correlation(sex));
    THZ_REQUIRE(llt.info() == Eigen::Success, "the correlation matrix is not positive definite");
    return Matrix(llt.matrixL());
  };
  static const Matrix men = factor(false);
  static const Matrix women = factor(true);
  return female ? women : men;
}

}  // namespace

std::vector<double> published_head_correlation(bool female) {
  return full_matrix(published(female));
}

const std::vector<double>& parametric_head_correlation(bool female) {
  static const std::vector<double> men = full_matrix(population_correlation(false));
  static const std::vector<double> women = full_matrix(population_correlation(true));
  return female ? women : men;
}

namespace internal {

std::vector<double> draw_scores(Rng& rng, bool female) {
  static const double restore = 1.0 / cut_normal_sd();
  const Matrix& lower = population_factor(female);
  std::vector<double> score(kParameterCount);
  bool accepted = false;
  while (!accepted) {
    Eigen::VectorXd z(static_cast<Eigen::Index>(kCorrelated));
    for (double& value : z) value = rng.normal();
    const Eigen::VectorXd x = lower * z;
    std::copy(x.begin(), x.end(), score.begin());
    for (std::size_t i = kCorrelated; i < kParameterCount; ++i) score[i] = rng.normal();
    accepted =
        std::all_of(score.begin(), score.end(), [](double s) { return std::abs(s) < kScoreLimit; });
  }
  for (double& s : score) s *= restore;
  return score;
}

}  // namespace internal
}  // namespace thz::sim
