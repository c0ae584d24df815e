#pragma once

#include <complex>
#include <vector>

#include "thz/sim/aperture_field.h"
#include "thz/sim/scan.h"

/// The two-way field of an aberrated beam in the form the fast integrator takes: a short sum of
/// products of a function of x and one of y, for every depth. See docs/theory/optics.md.
namespace thz::sim {

struct EnvelopeOptions {
  int size = 96;  ///< grid points across, at least 8
  double pitch_m = 1e-3;
  double depth_first_m = -0.25;
  double depth_step_m = 0.025;
  int depths = 21;  ///< at least 4
  int rank = 4;     ///< terms kept, at most 16
  PupilSampling sampling;
  int threads = 0;
};

/// The two-way field of one scan direction at any point: the exact value that everything else here
/// approximates.
class AimedBeam {
 public:
  /// @param landing_m  where in the plane z = 0 the beam points, world x and y.
  /// @throws thz::InputError where no scan angles reach it.
  AimedBeam(const Gregorian& optics, double frequency_hz, const Vec2& landing_m,
            const PupilSampling& sampling);

  const StereoPoint& direction() const { return direction_; }
  const PowerBudget& budget() const { return field_.budget; }
  /// E = u² e^{+2jkζ}, ζ = |r − pivot| − standoff, at points in world coordinates, 1/m²; a constant
  /// phase of the scan direction is dropped.
  std::vector<std::complex<double>> envelope(const std::vector<Vec3>& points_m, int threads) const;

 private:
  const Gregorian& optics_;
  double standoff_m_, landing_range_m_ = 0.0;
  ApertureField field_;
  StereoPoint direction_;
};

/// One scan direction's two-way envelope on the grid: E = u² e^{+2jkζ}, u the one-way field of a
/// feed that radiates 1 W (its square's integral over a surface is then the amplitude received over
/// transmitted of a mirror, surface losses twice included).
///
/// Coordinates are the integrator's: the pivot is (0, 0, standoff), the main reflector's chief
/// point; ζ = |r − pivot| − standoff, growing away from the imager; (dx, dy) = R κ_s (X − X_s) with
/// X the stereographic coordinates of the direction to r (world +x and +y), X_s those of the
/// direction to the beam's landing point, κ_s = 1/(1 + |X_s|²/4). A constant phase is dropped.
struct EnvelopeStack {
  StereoPoint direction;  ///< X_s
  PowerBudget budget;
  EnvelopeOptions options;
  std::vector<Eigen::MatrixXcd> planes;  ///< [depth](x index, y index)

  double offset_m(int index) const { return (index - 0.5 * (options.size - 1)) * options.pitch_m; }
  double depth_m(int index) const { return options.depth_first_m + options.depth_step_m * index; }
};
/// @param landing_m  where in the plane z = 0 the beam points, world x and y.
/// @throws thz::InputError where no scan angles reach it.
EnvelopeStack envelope_stack(const Gregorian& optics, double frequency_hz, const Vec2& landing_m,
                             const EnvelopeOptions& options);
/// The exact value that the planes sample, at any offset and depth.
std::vector<std::complex<double>> envelope_values(const Gregorian& optics, double frequency_hz,
                                                  const Vec2& landing_m,
                                                  const std::vector<Vec3>& offsets_and_depths_m,
                                                  const EnvelopeOptions& options);

/// E(dx, dy, ζ) ≈ Σ_r f_r(dx; ζ) g_r(dy; ζ). Each depth's terms are its truncated singular value
/// decomposition, balanced, and turned by the unitary that makes them nearest to the depth before,
/// so that f and g are smooth in ζ and may be interpolated one by one.
class SeparableEnvelope {
 public:
  explicit SeparableEnvelope(const EnvelopeStack& stack);

  int rank() const { return options_.rank; }
  const EnvelopeOptions& options() const { return options_; }
  StereoPoint direction() const { return direction_; }
  /// Losses of the scan direction; throughput is ∫|u|² dA.
  const PowerBudget& budget() const { return budget_; }

  /// The `rank` values f_r(dx; ζ) or g_r(dy; ζ), cubic in both; zero outside the grid. ζ is held at
  /// the outer depths.
  void x_terms(double dx_m, double zeta_m, std::complex<float>* out) const;
  void y_terms(double dy_m, double zeta_m, std::complex<float>* out) const;
  std::complex<float> value(double dx_m, double dy_m, double zeta_m) const;

  /// What the sum leaves out with so many terms, power over power in dB: over all depths, and at
  /// the worst depth. rank 1 to 16.
  double residual_db(int rank) const;
  double worst_residual_db(int rank) const;

 private:
  void terms(const std::vector<std::complex<float>>& table, double offset_m, double zeta_m,
             std::complex<float>* out) const;

  EnvelopeOptions options_;
  StereoPoint direction_;
  PowerBudget budget_;
  std::vector<std::complex<float>> f_, g_;
  std::vector<std::vector<double>> singular_power_;  ///< [depth][term], descending
  std::vector<double> total_power_;                  ///< [depth]
};

}  // namespace thz::sim
