#include "thz/sim/beam_summary.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

constexpr double kCutHalf_m = 60e-3;
constexpr double kCutStep_m = 0.25e-3;
constexpr double kDepthHalf_m = 1.0;
constexpr double kDepthStep_m = 4e-3;

/// Irradiance at points of space, per watt radiated.
using Irradiance = std::function<std::vector<double>(const std::vector<Vec3>&)>;

/// Irradiance along the line from + t * along, t in ±half.
BeamCut cut_along(const Irradiance& irradiance, const Vec3& from, const Vec3& along, double half_m,
                  double step_m) {
  std::vector<Vec3> points;
  const int count = 2 * static_cast<int>(std::lround(half_m / step_m)) + 1;
  for (int i = 0; i < count; ++i) points.push_back(from + (-half_m + step_m * i) * along);
  return {-half_m, step_m, irradiance(points)};
}

std::size_t top_of(const BeamCut& cut) {
  return static_cast<std::size_t>(std::max_element(cut.irradiance.begin(), cut.irradiance.end()) -
                                  cut.irradiance.begin());
}

/// Distance from the highest point to where the cut falls below a level, in steps; to the cut's end
/// if it does not.
double reach(const BeamCut& cut, double level, int step) {
  const auto& v = cut.irradiance;
  const auto last = static_cast<std::ptrdiff_t>(v.size()) - 1;
  const auto top = static_cast<std::ptrdiff_t>(top_of(cut));
  const auto value = [&](std::ptrdiff_t i) { return v[static_cast<std::size_t>(i)]; };
  const double limit = level * value(top);
  for (std::ptrdiff_t i = top; i + step >= 0 && i + step <= last; i += step) {
    if (value(i + step) < limit) {
      return static_cast<double>(std::abs(i - top)) +
             (value(i) - limit) / (value(i) - value(i + step));
    }
  }
  return static_cast<double>(step > 0 ? last - top : top);
}

double width_m(const BeamCut& cut, double level) {
  return cut.step_m * (reach(cut, level, 1) + reach(cut, level, -1));
}

/// Highest value behind the first minimum on one side; 0 if there is no minimum.
double behind_minimum(const BeamCut& cut, int step) {
  const auto& v = cut.irradiance;
  const auto last = static_cast<std::ptrdiff_t>(v.size()) - 1;
  auto i = static_cast<std::ptrdiff_t>(top_of(cut));
  const auto value = [&](std::ptrdiff_t at) { return v[static_cast<std::size_t>(at)]; };
  while (i + step >= 0 && i + step <= last && value(i + step) <= value(i)) i += step;
  double best = 0.0;
  for (i += step; i >= 0 && i <= last; i += step) best = std::max(best, value(i));
  return best;
}

/// Cuts through the highest point of the spot, and what is read from them.
void measure_spot(const Irradiance& irradiance, const ChiefFrame& frame, BeamFigures& figures) {
  // Coma moves the highest point off the chief ray: cuts through it, found one axis at a time.
  const auto cut_x_at = [&](double y) {
    return cut_along(irradiance, frame.point(0.0, y, 0.0), frame.x, kCutHalf_m, kCutStep_m);
  };
  const double x_first = spot_figures(cut_x_at(0.0)).peak_at_m;
  figures.cut_y =
      cut_along(irradiance, frame.point(x_first, 0.0, 0.0), frame.y, kCutHalf_m, kCutStep_m);
  figures.y = spot_figures(figures.cut_y);
  figures.cut_x = cut_x_at(figures.y.peak_at_m);
  figures.x = spot_figures(figures.cut_x);
  const Vec3 peak = frame.point(figures.x.peak_at_m, figures.y.peak_at_m, 0.0);
  figures.peak_irradiance_per_m2 =
      *std::max_element(figures.cut_x.irradiance.begin(), figures.cut_x.irradiance.end());

  figures.cut_z = cut_along(irradiance, peak, frame.along, kDepthHalf_m, kDepthStep_m);
  const std::size_t top = top_of(figures.cut_z);
  figures.focal_shift_m = figures.cut_z.position_m(top);
  figures.depth_one_way_m = width_m(figures.cut_z, 0.5);
  figures.depth_two_way_m = width_m(figures.cut_z, std::sqrt(0.5));
}

}  // namespace

SpotFigures spot_figures(const BeamCut& cut) {
  THZ_REQUIRE(cut.irradiance.size() >= 8, "a cut needs at least 8 points");
  const std::size_t top = top_of(cut);
  const double lobe = std::max(behind_minimum(cut, 1), behind_minimum(cut, -1));
  return {
      cut.position_m(top),          width_m(cut, 0.5),
      width_m(cut, std::exp(-2.0)), width_m(cut, std::sqrt(0.5)),
      width_m(cut, std::exp(-1.0)), 10.0 * std::log10(std::max(lobe / cut.irradiance[top], 1e-20))};
}

BeamFigures beam_figures(const Gregorian& optics, double frequency_hz, const Vec2& landing_m,
                         int threads, BeamLevel level) {
  BeamFigures figures;
  figures.landing_m = landing_m;
  figures.scan = optics.aim({-landing_m.x(), landing_m.y()});
  const ApertureField field = aperture_field(optics, frequency_hz, figures.scan);
  figures.aberration = aberration(optics, field);
  figures.budget = field.budget;
  figures.beam_walk_m = (field.chief.main - optics.main_chief_point()).norm();
  if (level == BeamLevel::kAperture) {
    measure_spot(
        [&](const std::vector<Vec3>& points) {
          std::vector<double> values;
          for (const auto& u : focal_field(field, points, threads)) values.push_back(std::norm(u));
          return values;
        },
        field.frame, figures);
    return figures;
  }
  PhysicalOpticsOptions options;
  options.threads = threads;
  const ReflectorCurrents currents =
      reflector_currents(optics, frequency_hz, figures.scan, options);
  measure_spot(
      [&](const std::vector<Vec3>& points) {
        std::vector<double> values;
        for (const CVec3& e : electric_field(currents, points, threads)) {
          values.push_back(e.squaredNorm());
        }
        return values;
      },
      field.frame, figures);
  for (const double zeta_m : {-0.2, 0.0, 0.2}) {
    figures.comparison.push_back(compare_levels(field, currents, zeta_m, threads));
  }
  return figures;
}

BeamSummary summarise_beam(const Gregorian& optics, double frequency_hz,
                           const Vec2& field_of_view_m, int rows, int cols, int threads,
                           const ProgressFn& progress, const CancelToken& cancel, BeamLevel level) {
  THZ_REQUIRE(rows >= 2 && cols >= 2 && rows <= 65 && cols <= 65,
              "the map over the field has 2 to 65 rows and columns");
  const GregorianDesign& design = optics.design();
  BeamSummary summary;
  summary.rows = rows;
  summary.cols = cols;
  summary.ideal_spot = tapered_spot(design.edge_taper_db);
  summary.ideal_axis = tapered_axis(design.edge_taper_db, design.aperture_m,
                                    design.main_to_target_m, kSpeedOfLight / frequency_hz);
  cancel.throw_if_requested();
  summary.centre = beam_figures(optics, frequency_hz, Vec2::Zero(), threads, level);
  for (int row = 0; row < rows; ++row) {
    for (int col = 0; col < cols; ++col) {
      cancel.throw_if_requested();
      const Vec2 at(field_of_view_m.x() * (static_cast<double>(col) / (cols - 1) - 0.5),
                    field_of_view_m.y() * (0.5 - static_cast<double>(row) / (rows - 1)));
      summary.field.push_back(beam_figures(optics, frequency_hz, at, threads, level));
      if (progress) {
        progress(summary.field.size(),
                 static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols));
      }
    }
  }
  return summary;
}

}  // namespace thz::sim
