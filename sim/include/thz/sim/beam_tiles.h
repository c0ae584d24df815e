#pragma once

#include <cstdint>
#include <vector>

#include "thz/core/progress.h"
#include "thz/sim/aperture_field.h"
#include "thz/sim/integrator.h"

/// Aperture-level beams in the form that whole frames are summed with: the two-way envelope of
/// every scan position of a raster, cut into tiles in each of which it is a short sum of products.
/// See docs/theory/simulator.md.
namespace thz::sim {

/// lambda R / D: what a beam's sidelobes and the lattices of its tables are measured in (8.1 mm of
/// the reference design).
inline double diffraction_spot_m(double wavelength_m, double standoff_m, double aperture_m) {
  return wavelength_m * standoff_m / aperture_m;
}

struct BeamTileOptions {
  /// Terms are added to a tile until what they leave out is below this share of its power.
  double residual_db = -44.0;
  int most_terms = 12;  ///< a tile's terms at most, up to 16
  /// Largest distance between the scan positions whose beams are computed by diffraction.
  double node_pitch_m = 0.030;
  /// How far from its landing point a beam is followed in the plane z = 0, in units of lambda R /
  /// D: what frames and probes know of sidelobes.
  double half_width = 4.0;
  /// Largest distance of the cells onto which scatterers are spread, in the same units. A cubic
  /// spline's error is (h k/(2 pi - h k))^4 of a wave number k: -52 dB for slopes of 2 degrees.
  double cell = 0.28;
  double tile_height_m = 0.030;  ///< largest height of a group of scan lines
  double tile_depth_m = 0.040;   ///< depth of a tile
  /// Fewer rays than a map of the beam needs: offsets and depths here are small.
  PupilSampling sampling{20, 60, 45.0};
  int threads = 0;
};

/// Tables of one instrument and raster. Plain data, so that they can be kept in a file; made by
/// make_beam_tiles() only.
///
/// E(r; s) e^{j(φ(r) − φ(s))} is tabulated, φ a polynomial of the foot point whose gradient takes
/// out the beam's mean tangential wave number: the beam walks over the main reflector, so that it
/// comes from beside the pivot about which phases are counted. φ(r) goes to the scatterers;
/// e^{−jφ(s)} stays in the frame, a phase of the scan position.
struct BeamTiles {
  /// One tile: a slab of columns, a group of lines, an interval of depth.
  struct Tile {
    int32_t terms = 0;
    int32_t along_half = 0, across_half = 0;  ///< reach in steps of the fine lattices
    uint64_t along_at = 0, across_at = 0;     ///< where its tables start in `values`
  };

  double frequency_hz = 0.0;
  double standoff_m = 0.0;
  Vec2 field_of_view_m = Vec2::Zero();
  int lines = 0, samples_per_line = 0;
  double first_depth_m = 0.0, tile_depth_m = 0.0;  ///< ζ = range − stand-off
  int slabs = 0, line_groups = 0, lines_per_group = 0, depth_groups = 0;
  double half_width_m = 0.0, cell_m = 0.0;
  int phase_degree = 0;
  std::vector<double>
      phase;  ///< coefficients, rad, of (x/s)^i (y/s)^j, i + j from 1, s = kPhaseScale_m
  std::vector<Tile> tiles;  ///< [slab][line group][depth group]
  std::vector<float> values;
  double residual_db = 0.0;        ///< left out by the terms, all tiles together
  double worst_residual_db = 0.0;  ///< of one tile
  double mean_terms = 0.0;
  int most_terms = 0;

  static constexpr double kPhaseScale_m = 0.25;
  /// φ at a foot point of the plane z = 0. A frame's value is the sum over scatterers with the
  /// exact envelope times e^{−jφ(s)}.
  double phase_rad(const Vec2& foot_m) const;
  /// Whether these are tables for such a raster and depth axis, and whole: sizes, offsets, finite
  /// values. A file may hold anything.
  bool fits(const ScanGeometry& scan, const RangeAxis& axis) const;
};

/// Computes the tables: seconds. `progress` counts beams, then groups of lines.
/// @throws thz::InputError where a scan position cannot be reached; thz::Cancelled.
BeamTiles make_beam_tiles(const Gregorian& optics, double frequency_hz, const ScanGeometry& scan,
                          const RangeAxis& axis, const BeamTileOptions& options,
                          const ProgressFn& progress, const CancelToken& cancel);

/// sum_frame with the beam of the reflectors, a feed that radiates 1 W: E includes truncation and
/// losses of the surfaces. Bit-identical for any number of threads.
/// @throws thz::InputError unless the tables fit raster and axis.
RangeFrame sum_aperture(const BeamTiles& beam, const ScanGeometry& scan,
                        const Scatterers& scatterers, const RangeAxis& range_axis, int threads);

}  // namespace thz::sim
