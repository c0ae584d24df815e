#pragma once

#include <complex>
#include <string>
#include <vector>

#include "thz/core/image.h"
#include "thz/sim/scan.h"
#include "thz/sim/scatterers.h"

namespace thz::sim {

/// The focused one-way beam at Gaussian level: waist w0 at the stand-off distance from the pivot.
struct BeamOptions {
  double frequency_hz = 340e9;
  double waist_m = 7.585e-3;  ///< one-way 1/e^2 intensity radius

  double wavenumber() const;  ///< k = 2 pi f / c, rad/m
  double wavelength_m() const;
  double rayleigh_range_m() const;  ///< pi w0^2 / lambda
};

/// Range axis of a frame: complex returns at the centre of every range bin.
struct RangeAxis {
  double first_m = 0.0;    ///< distance from the pivot of bin 0's centre
  double spacing_m = 0.0;  ///< between bin centres
  int bins = 0;
  double cell_m = 0.0;  ///< range cell c / 2B
  /// Number of the depth interval grid on which returns are gathered before the range response is
  /// applied: nodes a cell. Three keep the four-point Lagrange error below -58 dB.
  int nodes_per_cell = 3;
  /// true: the bins are the depth nodes themselves and no range response is applied, for whoever
  /// makes the range profile (the raw mode of the radar). Made by depth_axis().
  bool at_nodes = false;

  double bin_m(int bin) const { return first_m + spacing_m * bin; }
};

/// The depth nodes behind an axis, as an axis: what sum_frame gathers returns on.
RangeAxis depth_axis(const RangeAxis& axis);

// ---- Reference, slow and obvious
// ------------------------------------------------------------------

/// Two-way field u^2 exp(-2jk h) of the beam along `axis` at a point given by direction and range
/// from the pivot, in double, straight from the paraxial Gaussian beam:
///   u^2 = 2/(pi w0^2) (1 - j z/zR)^-2 exp(-jk rho^2 / (z + j zR)),   phase exp(-2jk z),
/// z = range cos(angle) - R along the beam axis, rho the distance from it. Source: Goldsmith,
/// Quasioptical Systems (1998), ch. 2, for exp(+jwt).
std::complex<double> two_way_field(const BeamOptions& beam, double standoff_m, const Vec3& axis,
                                   const Vec3& direction, double range_m);

/// a(s) of one scan direction at the centre frequency, every scatterer, double precision.
std::complex<double> reference_coupling(const BeamOptions& beam, double standoff_m,
                                        const Vec3& axis, const Scatterers& scatterers);

/// Range profile of one scan direction: a(f) summed in double at every frequency of the chirp
/// (waist proportional to the wavelength when `scale_waist`, else held), windowed (Hann) and
/// transformed by a direct DFT to the bins of `axis_m`.
/// @param frequencies  number of frequency samples over the bandwidth.
std::vector<std::complex<double>> reference_range_profile(
    const BeamOptions& beam, double standoff_m, const Vec3& axis, const Scatterers& scatterers,
    double bandwidth_hz, int frequencies, const RangeAxis& range_axis, bool scale_waist);

// ---- Frames: phase-reduced SIMD float
// -------------------------------------------------------------

/// Complex returns [bin] of [line][sample].
struct RangeFrame {
  std::vector<ImageC> bins;
};

/// How sum_frame sums: every pair of scatterer and scan position by itself, or the separable banded
/// product, some -60 dB from it and several times as fast.
enum class SumMethod { kDirect, kProduct };

struct FrameSumOptions {
  /// Pairs whose two-way amplitude is below this share of the beam's centre are left out.
  double cutoff = 1e-4;
  int threads = 0;
  SumMethod method = SumMethod::kProduct;
};

/// The same sum for all scan positions, gathered on depth nodes and spread to the range bins with
/// the range response of a Hann-windowed chirp. Phases are reduced in double once a scatterer; the
/// kernels then run in float, in the widest SIMD the processor has (thz::instruction_set()).
/// Bit-identical for any number of threads. Equations: docs/theory/simulator.md.
RangeFrame sum_frame(const BeamOptions& beam, const ScanGeometry& scan,
                     const Scatterers& scatterers, const RangeAxis& range_axis,
                     const FrameSumOptions& options);

/// Scatterer x scan-position pairs that sum_frame evaluates, for benchmarks.
std::size_t count_pairs(const BeamOptions& beam, const ScanGeometry& scan,
                        const Scatterers& scatterers, const FrameSumOptions& options);

}  // namespace thz::sim
