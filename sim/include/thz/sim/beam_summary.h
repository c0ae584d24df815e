#pragma once

#include <vector>

#include "thz/core/progress.h"
#include "thz/sim/aperture_field.h"
#include "thz/sim/level_comparison.h"
#include "thz/sim/tapered_aperture.h"

namespace thz::sim {

/// Irradiance along a line, per watt radiated, 1/m².
struct BeamCut {
  double first_m = 0.0;
  double step_m = 0.0;
  std::vector<double> irradiance;

  double position_m(std::size_t i) const { return first_m + step_m * static_cast<double>(i); }
};

/// Figures of a cut about its highest point.
struct SpotFigures {
  double peak_at_m;
  double fwhm_one_way_m;
  double diameter_1e2_one_way_m;
  double fwhm_two_way_m;
  double diameter_1e2_two_way_m;
  double sidelobe_one_way_db;  ///< highest behind the first minimum either side; two-way is twice
};
/// @throws thz::ContractError for fewer than 8 points. A level the cut does not reach counts to its
/// end.
SpotFigures spot_figures(const BeamCut& cut);

/// What gives the irradiance.
enum class BeamLevel { kAperture, kPhysicalOptics };

/// One beam on the plane z = 0 and along its chief ray.
struct BeamFigures {
  Vec2 landing_m;  ///< world x and y in the plane z = 0
  ScanAngles scan;
  SpotFigures x, y;  ///< along the chief ray's own axes, through the highest point of the spot
  double peak_irradiance_per_m2;  ///< there, for 1 W radiated
  double focal_shift_m;           ///< highest point along the chief ray, beyond z = 0
  double depth_one_way_m;         ///< −3 dB along the chief ray
  double depth_two_way_m;
  double beam_walk_m;  ///< of the chief ray on the main reflector
  Aberration aberration;
  PowerBudget budget;
  BeamCut cut_x, cut_y, cut_z;
  /// Physical optics: against the aperture level at −0.2, 0 and +0.2 m; else empty.
  std::vector<LevelComparison> comparison;
};

/// The optics in figures: what `beam` prints.
struct BeamSummary {
  BeamFigures centre;
  int rows = 0, cols = 0;
  std::vector<BeamFigures>
      field;             ///< row-major from the top left; outermost ones on the field's edge
  SpotShape ideal_spot;  ///< of the same taper without aberration, in λR/D
  AxialShape ideal_axis;
};

/// @param level  physical optics gives cuts and what is read from them; aberration, walk and power
/// budget are those of the rays at either level.
/// @throws thz::InputError where the point cannot be reached, or of physical optics for a design
/// with a stop on the first scan mirror.
BeamFigures beam_figures(const Gregorian& optics, double frequency_hz, const Vec2& landing_m,
                         int threads = 0, BeamLevel level = BeamLevel::kAperture);
/// @param rows, cols  of the map over the field of view, 2 to 65 each.
/// @throws thz::InputError where a point of the field cannot be reached.
BeamSummary summarise_beam(const Gregorian& optics, double frequency_hz,
                           const Vec2& field_of_view_m, int rows, int cols, int threads,
                           const ProgressFn& progress, const CancelToken& cancel,
                           BeamLevel level = BeamLevel::kAperture);

}  // namespace thz::sim
