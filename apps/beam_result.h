#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "beam_pictures.h"
#include "thz/sim/beam_summary.h"
#include "thz/sim/gaussian_beam.h"
#include "thz/sim/scene.h"

namespace thz::apps {

/// What `thzface beam` found at any level, before it is printed or written.
struct BeamResult {
  std::string level;                           ///< gaussian | aperture | po
  sim::BeamCut cut_x, cut_y, cut_z;            ///< at the centre of the field
  std::optional<sim::BeamSummary> summary;     ///< aperture, po
  std::optional<sim::BeamFigures> aperture;    ///< po: the centre at aperture level
  std::optional<sim::GaussianBeam> gaussian;   ///< gaussian
  std::optional<BeamPictures> pictures;        ///< aperture, po: of the design as computed
  std::optional<sim::GregorianDesign> design;  ///< aperture, po: as computed
};

/// Power that leaves the feed (reflectors) or arrives in the beam (Gaussian level), W: the
/// transmitter's less the one-way losses that the level does not compute itself.
double beam_power_w(const sim::Imager& imager, const std::string& level);

/// Irradiance of a Gaussian beam along its axes through the waist, and along it.
void cut_gaussian(BeamResult& result);

nlohmann::json gaussian_json(const sim::Imager& imager, const sim::GaussianBeam& beam);
nlohmann::json figures_json(const sim::BeamFigures& figures, double power_w);
nlohmann::json budget_json(const sim::PowerBudget& budget);
nlohmann::json design_json(const sim::Gregorian& optics);
nlohmann::json ideal_json(const sim::BeamSummary& summary, const sim::GregorianDesign& design,
                          double wavelength_m);
/// The whole object ("thzface-beam/1") without scans and files.
nlohmann::json beam_json(const sim::Scene& scene, const BeamResult& result);
/// The same for people.
std::string beam_table(const nlohmann::json& json);

/// Cuts, maps and pictures as PNG, everything as beam.h5; returns the paths.
std::vector<std::string> write_beam(const std::string& folder, const sim::Scene& scene,
                                    const BeamResult& result, const nlohmann::json& json);

}  // namespace thz::apps
