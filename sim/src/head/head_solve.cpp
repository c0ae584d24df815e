#include "head_solve.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "head_grid.h"
#include "head_measures.h"
#include "head_start.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"

namespace thz::sim::internal {
namespace {

using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;

/// One number of the form that a measure answers to.
struct Knob {
  double& (*entry)(HeadForm&);
  double scale;  ///< its usual excursion
};

template <double HeadWarp::*Member>
double& warp_entry(HeadForm& f) {
  return f.warp.*Member;
}
template <double HeadShape::*Member>
double& shape_entry(HeadForm& f) {
  return f.shape.*Member;
}
template <std::size_t Level>
double& level_entry(HeadForm& f) {
  return f.warp.level_y[Level];
}
template <Site S>
double& turn_entry(HeadForm& f) {
  return f.relief.turn[S];
}
template <Site S>
double& lift_entry(HeadForm& f) {
  return f.relief.lift[S];
}
template <Site S>
double& bend_entry(HeadForm& f) {
  return f.relief.bend[S];
}

/// In the order of the measures that are solved for.
const std::vector<Knob> kKnobs = {
    {warp_entry<&HeadWarp::cranium_x>, 3.0},
    {warp_entry<&HeadWarp::back_z>, 7.0},
    {warp_entry<&HeadWarp::zygion_x>, 3.0},
    {level_entry<5>, 6.0},
    {warp_entry<&HeadWarp::eye_x>, 2.0},
    {warp_entry<&HeadWarp::ear_y>, 0.08},
    {warp_entry<&HeadWarp::ear_z>, 0.1},
    {shape_entry<&HeadShape::ear_protrusion>, 3.0},
    {warp_entry<&HeadWarp::top_y>, 6.0},
    {warp_entry<&HeadWarp::neck_scale>, 0.07},
    {warp_entry<&HeadWarp::neck_base>, 0.06},
    {warp_entry<&HeadWarp::gonion_x>, 4.0},
    {warp_entry<&HeadWarp::temple_x>, 3.0},
    {warp_entry<&HeadWarp::chin_x>, 2.0},
    {warp_entry<&HeadWarp::cheekbone_x>, 2.5},
    {warp_entry<&HeadWarp::canthus_out_x>, 2.0},
    {warp_entry<&HeadWarp::canthus_in_x>, 1.5},
    {warp_entry<&HeadWarp::lid_y>, 0.7},
    {warp_entry<&HeadWarp::canthus_y>, 1.0},
    {level_entry<0>, 3.0},
    {shape_entry<&HeadShape::tip_y>, 2.0},
    {shape_entry<&HeadShape::tip_z>, 2.5},
    {warp_entry<&HeadWarp::ala_z>, 3.0},
    {warp_entry<&HeadWarp::ala_x>, 2.2},
    {warp_entry<&HeadWarp::eye_z>, -2.5},
    {warp_entry<&HeadWarp::midface_z>, 3.0},
    {bend_entry<kBridgeSite>, 0.04},
    {bend_entry<kNoseTipSite>, 0.02},
    {bend_entry<kSellionSite>, 0.02},
    {warp_entry<&HeadWarp::mouth_x>, 2.0},
    {level_entry<1>, 3.0},
    {level_entry<2>, 3.0},
    {level_entry<3>, 3.0},
    {shape_entry<&HeadShape::lip_base>, 2.0},
    {shape_entry<&HeadShape::mentolabial_depth>, 1.5},
    {lift_entry<kPhiltrumSite>, 0.2},
    {lift_entry<kUpperLipSite>, 0.2},
    {lift_entry<kLowerLipSite>, 0.2},
    {level_entry<4>, 4.0},
    {warp_entry<&HeadWarp::jaw_z>, 5.0},
    {lift_entry<kChinSite>, 0.15},
    {bend_entry<kChinSite>, 0.02},
    {turn_entry<kBrowSite>, 0.06},
    {lift_entry<kBrowSite>, 0.1},
    {bend_entry<kBrowSite>, 0.015},
    {lift_entry<kGlabellaSite>, 0.08},
    {bend_entry<kGlabellaSite>, 0.012},
    {shape_entry<&HeadShape::forehead_slope>, 0.1},
    {lift_entry<kForeheadSite>, 0.08},
    {bend_entry<kForeheadSite>, 0.006},
    {bend_entry<kForeheadSideSite>, 0.005},
    {turn_entry<kForeheadSideSite>, 0.06},
    {lift_entry<kForeheadSideSite>, 0.08},
    {turn_entry<kCheekboneSite>, 0.06},
    {lift_entry<kCheekboneSite>, 0.1},
    {bend_entry<kCheekboneSite>, 0.006},
    {turn_entry<kCheekSite>, 0.1},
    {lift_entry<kCheekSite>, 0.08},
    {bend_entry<kCheekSite>, 0.009},
    {turn_entry<kTempleSite>, 0.07},
    {lift_entry<kTempleSite>, 0.07},
    {turn_entry<kZygomaSite>, 0.07},
    {lift_entry<kZygomaSite>, 0.07},
    {turn_entry<kJawSite>, 0.08},
    {lift_entry<kJawSite>, 0.08},
};

const std::vector<Knob>& knobs() {
  THZ_REQUIRE(kKnobs.size() == solved_measures(), "one knob a measure");
  return kKnobs;
}

/// Spread of each solved measure in the population.
Vector spreads() {
  Vector sd(static_cast<Eigen::Index>(solved_measures()));
  for (Eigen::Index i = 0; i < sd.size(); ++i) {
    const auto& info =
        parametric_head_parameters()[measure_rows()[static_cast<std::size_t>(i)].parameter];
    sd(i) = 0.5 * (info.male_sd + info.female_sd);
  }
  return sd;
}

/// Knobs in units of their scale.
Vector knob_values(HeadForm form) {
  Vector x(static_cast<Eigen::Index>(knobs().size()));
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    const Knob& k = knobs()[static_cast<std::size_t>(i)];
    x(i) = k.entry(form) / k.scale;
  }
  return x;
}

void set_knobs(const Vector& x, HeadForm& form) {
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    const Knob& k = knobs()[static_cast<std::size_t>(i)];
    k.entry(form) = x(i) * k.scale;
  }
  HeadShape& s = form.shape;
  s.tip_y = std::clamp(s.tip_y, -2.0, 9.0);
  // No knife edges, whatever a slope would need.
  for (double& lift : form.relief.lift) lift = std::clamp(lift, -0.9, 0.9);
  for (double& turn : form.relief.turn) turn = std::clamp(turn, -0.6, 0.6);
  // Levels of the face stay in order, however little room a face leaves its chin.
  constexpr std::array<double, kLevels> kPlace = {level::kSubnasale,  level::kLabraleSuperius,
                                                  level::kStomion,    level::kLabraleInferius,
                                                  level::kSublabiale, level::kMenton};
  auto& shift = form.warp.level_y;
  for (std::size_t i = 1; i < kLevels; ++i) {
    const double nominal = kPlace[i - 1] - kPlace[i];
    shift[i] = std::min(shift[i], shift[i - 1] + 0.6 * nominal);
  }
}

/// Measures in units of their spread. @param relief  null: a symmetric head without.
Vector measure_form(const HeadForm& form, const PersonRelief* relief, const Vector& sd) {
  const MeasureVertices& wanted = measure_vertices();
  const HeadMaker maker(form);
  MeasurePoints points;
  points.left.resize(wanted.vertex.size());
  points.right.resize(wanted.vertex.size());
  const Vec3 mirror(-1.0, 1.0, 1.0);
  for (std::size_t i = 0; i < wanted.vertex.size(); ++i) {
    const auto v = static_cast<std::size_t>(wanted.vertex[i]);
    SurfaceMarks marks;
    Vec3 p = maker.sculpt(v, marks);
    if (relief == nullptr) {
      points.left[i] = maker.warp(p);
      points.right[i] = points.left[i].cwiseProduct(mirror);
      continue;
    }
    Vec3 q = p.cwiseProduct(mirror);
    HeadMaker::roughen(*relief, v, marks, p);
    points.left[i] = maker.warp(p);
    const auto m = static_cast<std::size_t>(head_grid().mirror[v]);
    if (m == v) {
      points.right[i] = points.left[i];
      continue;
    }
    HeadMaker::roughen(*relief, m, marks, q);
    points.right[i] = maker.warp(q);
  }
  Vector values(sd.size());
  for (Eigen::Index i = 0; i < sd.size(); ++i) {
    values(i) = measure_rows()[static_cast<std::size_t>(i)].value(points) / sd(i);
  }
  return values;
}

Matrix jacobian(const HeadForm& form, const Vector& sd) {
  const Vector x = knob_values(form);
  Matrix columns(sd.size(), x.size());
  constexpr double kStep = 0.25;
  parallel_for(static_cast<std::size_t>(x.size()), 0, [&](std::size_t k) {
    const auto at = static_cast<Eigen::Index>(k);
    Vector moved = x;
    HeadForm up = form;
    moved(at) += kStep;
    set_knobs(moved, up);
    HeadForm down = form;
    moved(at) -= 2.0 * kStep;
    set_knobs(moved, down);
    columns.col(at) =
        (measure_form(up, nullptr, sd) - measure_form(down, nullptr, sd)) / (2.0 * kStep);
  });
  return columns;
}

/// Where an iteration starts, and what it knows of the slopes.
struct Start {
  Vector x;
  Matrix slopes;
};

constexpr double kFirstDamping = 1e-3;
constexpr double kLongestStep = 2.0;   ///< of one knob, in its scales
constexpr double kCloseEnough = 0.02;  ///< of a measure, in its spreads

/// Moves the knobs of `form` until its measures are `target` (in spreads): Levenberg-Marquardt
/// whose slopes learn from every move by Broyden's rule.
void iterate(const Vector& target, const PersonRelief* relief, const Vector& sd, const Start& start,
             int steps, HeadForm& form) {
  Vector x = start.x;
  Matrix slopes = start.slopes;
  set_knobs(x, form);
  Vector now = measure_form(form, relief, sd);
  double error = (target - now).squaredNorm();
  double damping = kFirstDamping;
  for (int step = 0; step < steps && (target - now).cwiseAbs().maxCoeff() > kCloseEnough; ++step) {
    Matrix normal = slopes.transpose() * slopes;
    normal.diagonal().array() += damping;
    Vector move = normal.llt().solve(slopes.transpose() * (target - now));
    move = move.cwiseMax(-kLongestStep).cwiseMin(kLongestStep);
    set_knobs(x + move, form);
    const Vector next = measure_form(form, relief, sd);
    slopes += (next - now - slopes * move) * move.transpose() / move.squaredNorm();
    const double next_error = (target - next).squaredNorm();
    if (next_error < error) {
      x += move;
      now = next;
      error = next_error;
      damping = std::max(1e-5, 0.3 * damping);
    } else {
      damping *= 6.0;
    }
  }
  set_knobs(x, form);
}

Vector targets(const HeadIdentity& identity, const Vector& sd) {
  Vector target(sd.size());
  for (Eigen::Index i = 0; i < sd.size(); ++i) {
    const std::size_t p = measure_rows()[static_cast<std::size_t>(i)].parameter;
    target(i) = static_cast<double>(identity.parameters[p]) / sd(i);
  }
  return target;
}

const Start& mean_start() {
  static const Start start = [] {
    const Vector sd = spreads();
    HeadForm form = imposed_form(mean_head_identity());
    const auto& knobs_of_mean = mean_head_knobs();
    Vector x(static_cast<Eigen::Index>(knobs_of_mean.size()));
    std::copy(knobs_of_mean.begin(), knobs_of_mean.end(), x.begin());
    set_knobs(x, form);
    return Start{knob_values(form), jacobian(form, sd)};
  }();
  return start;
}

}  // namespace

std::vector<double> solve_mean_knobs(const std::vector<double>& from, int rounds) {
  const Vector sd = spreads();
  const HeadIdentity mean = mean_head_identity();
  HeadForm form = imposed_form(mean);
  Vector x = knob_values(form);
  if (!from.empty()) std::copy(from.begin(), from.end(), x.begin());
  set_knobs(x, form);
  for (int round = 0; round < rounds; ++round) {
    iterate(targets(mean, sd), nullptr, sd, {knob_values(form), jacobian(form, sd)}, 4, form);
  }
  x = knob_values(form);
  return {x.begin(), x.end()};
}

HeadForm solve_form(const HeadIdentity& identity, const PersonRelief& relief) {
  static const Vector sd = spreads();
  HeadForm form = imposed_form(identity);
  constexpr int kSteps = 30;
  iterate(targets(identity, sd), &relief, sd, mean_start(), kSteps, form);
  return form;
}

}  // namespace thz::sim::internal
