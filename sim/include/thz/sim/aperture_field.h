#pragma once

#include <complex>
#include <vector>

#include "thz/core/image.h"
#include "thz/sim/gregorian.h"
#include "thz/sim/wave_sum.h"

/// Aperture-level optics: a bundle of rays gives phase and amplitude on the main reflector for one
/// scan angle, and a diffraction integral the field around the focus. See docs/theory/optics.md.
namespace thz::sim {

/// Polar quadrature of the feed's beam: Gauss-Legendre along each spoke up to the first rim the
/// ray meets, so that every edge is sharp.
struct PupilSampling {
  int rings = 32;
  int spokes = 96;
  /// A beam without a stop is followed to where its intensity is this far down.
  double cutoff_db = 45.0;
};

/// Where the power of the feed goes; shares of the radiated power unless said otherwise.
struct PowerBudget {
  double cut_by_stop = 0.0;        ///< at the first scan mirror, D l_s/r1 across
  double past_second_galvo = 0.0;  ///< spilled over each rim, in the order of travel
  double past_sub = 0.0;
  double past_main = 0.0;
  double blocked = 0.0;             ///< on its way from the sub-reflector on, by a mirror
  double surface_efficiency = 1.0;  ///< factor: Ruze and ohmic loss of four mirrors
  double throughput = 1.0;          ///< what arrives: surface_efficiency (1 − all shares)
};

/// One ray of the bundle on the main reflector.
struct ApertureRay {
  Vec2 pupil_m;      ///< on the feed's plane
  Vec3 main;         ///< on the main reflector, optics frame
  Vec3 direction;    ///< unit, towards the scene
  double path_m;     ///< from the feed's plane
  double amplitude;  ///< √power density of the feed times dA, √W m, for the Strehl ratio
  double power_w;    ///< of 1 W radiated; losses of the surfaces left out
  double moment;     ///< √(power density on the main reflector) times its dA, √W m
};

/// Axes of a scan direction: zeta along the chief ray from its crossing of the target plane, away
/// from the imager; x in the plane of the chief ray and the world's +x, y on the side of the
/// world's +y. (x, y, −zeta) are right-handed, as the world's axes are.
struct ChiefFrame {
  Vec3 origin, x, y, along;
  Vec3 point(double x_m, double y_m, double zeta_m) const {
    return origin + x_m * x + y_m * y + zeta_m * along;
  }
};

/// The beam of one scan direction of a feed that radiates 1 W.
struct ApertureField {
  ScanAngles scan;
  double wavenumber_per_m = 0.0;
  TracedRay chief;
  ChiefFrame frame;  ///< origin: where the chief ray crosses the target plane
  std::vector<ApertureRay> rays;
  PowerBudget budget;
};

/// Traces the bundle. @throws thz::InputError where the chief ray itself meets no mirror.
ApertureField aperture_field(const Gregorian& optics, double frequency_hz, const ScanAngles& scan,
                             const PupilSampling& sampling = {});

/// Geometrical quality of one scan direction. Strehl |Σ a e^{−jkL}|²/(Σ a)², L the path to a point
/// on the chief ray, a the feed's amplitude.
struct Aberration {
  double strehl_flat;   ///< on the target plane
  double strehl_best;   ///< at the best point of the chief ray
  double best_shift_m;  ///< that point, beyond the target plane
  double blur_rms_m;    ///< power-weighted distance of rays from their centroid there (flat)
  double path_rms_m;    ///< amplitude-weighted, to the chief ray's point in the target plane
};
/// @throws thz::InputError where no ray passes all mirrors.
Aberration aberration(const Gregorian& optics, const ApertureField& field);

/// One-way field of a feed that radiates 1 W, √(W/m²), with the chief ray's carrier
/// e^{−jk(L0 + ζ)} taken out, L0 its path to the target plane:
///   U(r) = −(j/λ) Σ m e^{−jk(L + ρ)}/ρ · e^{+jk(L0 + ζ)},
/// the Kirchhoff integral over the main reflector with the geometrical field (ray tubes) on it;
/// the minus is the sign that the focus at F1 turns. Surface losses included: ∫|U|² dA =
/// throughput.
/// @throws thz::InputError where no ray passes all mirrors.
std::vector<std::complex<double>> focal_field(const ApertureField& field,
                                              const std::vector<Vec3>& points, int threads = 0);

/// The same on a square grid across the chief ray, [row][col] as images are (columns along x, rows
/// along −y), `size` points at `pitch_m`, row and column size/2 on the axis.
ImageC focal_plane(const ApertureField& field, double zeta_m, int size, double pitch_m,
                   int threads = 0);

}  // namespace thz::sim
