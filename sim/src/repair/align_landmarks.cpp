#include <Eigen/SVD>
#include <algorithm>
#include <map>
#include <set>

#include "thz/core/error.h"
#include "thz/sim/head_alignment.h"
#include "thz/sim/parametric_head.h"

namespace thz::sim {
namespace {

using Columns = Eigen::Matrix3Xd;

struct Fit {
  RigidPose pose;
  double scale = 1.0;
};

/// Umeyama 1991, equations 40-42, for `to` = scale * R * `from` + t; the pose is that of scale 1.
Fit fit_rigid(const Columns& from, const Columns& to) {
  const Vec3 from_mean = from.rowwise().mean(), to_mean = to.rowwise().mean();
  const Columns from_centred = from.colwise() - from_mean, to_centred = to.colwise() - to_mean;
  const Mat3 covariance = to_centred * from_centred.transpose();
  const Eigen::JacobiSVD<Mat3> svd(covariance, Eigen::ComputeFullU | Eigen::ComputeFullV);
  Vec3 sign = Vec3::Ones();
  if ((svd.matrixU() * svd.matrixV()).determinant() < 0.0) sign.z() = -1.0;
  Fit fit;
  fit.pose.rotation = svd.matrixU() * sign.asDiagonal() * svd.matrixV().transpose();
  fit.pose.translation_m = to_mean - fit.pose.rotation * from_mean;
  fit.scale = svd.singularValues().dot(sign) / from_centred.squaredNorm();
  return fit;
}

/// Distances left over after the fit, one a point.
Eigen::VectorXd residuals(const Columns& from, const Columns& to, const RigidPose& pose) {
  return ((pose.rotation * from).colwise() + pose.translation_m - to).colwise().norm();
}

void check_spread(const Columns& points, const std::string& name) {
  const Columns centred = points.colwise() - Vec3(points.rowwise().mean());
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(centred);
  // A second extent under a tenth of the first leaves the turn about it to the marking errors.
  if (svd.singularValues()[1] < 0.1 * svd.singularValues()[0]) {
    throw_input("{}: the {} landmarks lie nearly on a line and fix no direction; mark some off it",
                name, points.cols());
  }
}

}  // namespace

const std::vector<NamedPoint>& mean_head_landmarks() {
  static const std::vector<NamedPoint> all = [] {
    const Mesh mean = build_parametric_head(mean_head_identity());
    std::vector<NamedPoint> points;
    for (const ParametricHeadLandmark& landmark : parametric_head_landmarks()) {
      points.push_back({landmark.name, mean.vertices[static_cast<std::size_t>(landmark.vertex)]});
    }
    return points;
  }();
  return all;
}

HeadAlignment align_by_landmarks(const std::vector<NamedPoint>& marked, const std::string& name) {
  std::map<std::string, Vec3> known;
  for (const NamedPoint& point : mean_head_landmarks()) known[point.name] = point.position_m;
  if (marked.size() < 3) {
    throw_input("{}: {} landmarks are too few to align a head; three or more are needed", name,
                marked.size());
  }
  Columns from(3, static_cast<Eigen::Index>(marked.size())), to = from;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < marked.size(); ++i) {
    const auto found = known.find(marked[i].name);
    if (found == known.end()) {
      throw_input("{}: '{}' is no landmark of the head; `thzface head landmarks` lists them", name,
                  marked[i].name);
    }
    if (!seen.insert(marked[i].name).second) {
      throw_input("{}: the landmark '{}' is given twice", name, marked[i].name);
    }
    from.col(static_cast<Eigen::Index>(i)) = marked[i].position_m;
    to.col(static_cast<Eigen::Index>(i)) = found->second;
  }
  check_spread(from, name);
  const Fit fit = fit_rigid(from, to);
  const Eigen::VectorXd left = residuals(from, to, fit.pose);
  HeadAlignment alignment;
  alignment.head_from_scan = fit.pose;
  alignment.scale = 1.0 / fit.scale;
  alignment.residual_m = std::sqrt(left.squaredNorm() / static_cast<double>(left.size()));
  Eigen::Index worst = 0;
  alignment.worst_m = left.maxCoeff(&worst);
  alignment.worst = marked[static_cast<std::size_t>(worst)].name;
  return alignment;
}

}  // namespace thz::sim
