#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "thz/io/stage_dump.h"
#include "thz/report/charts.h"
#include "thz/sim/aperture_map.h"

namespace thz::apps {

/// One beam of the aperture level on the main reflector and in the plane z = 0.
struct BeamPicture {
  std::string name;  ///< "centre", "corner"
  Vec2 landing_m;    ///< world x and y in z = 0
  sim::ApertureMap aperture;
  double pitch_m;  ///< of the two below, about the chief ray's axis in the middle
  ImageC focal;    ///< √(W/m²) for 1 W radiated, the chief ray's carrier taken out
  ImageD halo;     ///< mean irradiance that rough mirrors scatter, 1/m² for 1 W radiated
};

/// Where the scattered power of the beam at the centre goes.
struct HaloFigures {
  double phase_rms_rad;          ///< over the aperture, all mirrors
  double share;                  ///< of the power that arrives, halo included
  double half_power_radius_m;    ///< circle that holds half the halo
  double peak_irradiance_ratio;  ///< of the halo over the coherent beam's
};

struct BeamPictures {
  std::vector<BeamPicture> beams;  ///< the centre, then the field's corner at -x, +y
  HaloFigures halo;                ///< of the first
};

/// @throws thz::InputError where the corner cannot be reached.
BeamPictures take_pictures(const sim::Gregorian& optics, double frequency_hz, const Vec2& field_m,
                           int threads);

nlohmann::json halo_json(const HaloFigures& halo);

/// Panels for one PNG, four a beam: amplitude and phase on the main reflector, irradiance and phase
/// in z = 0; then the halo's two.
std::vector<report::MapChart> picture_charts(const BeamPictures& pictures);
std::vector<io::StageArray> picture_arrays(const BeamPictures& pictures);

}  // namespace thz::apps
