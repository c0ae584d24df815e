#pragma once

#include <complex>
#include <string>
#include <vector>

/// Windows over a chirp and the range response they give.
namespace thz::sim {

enum class WindowKind { kRectangular, kHann };

/// "rectangular" or "hann"; InputError otherwise.
WindowKind window_kind(const std::string& name);

/// n samples of the periodic window (what an FFT of length n wants), peak 1.
std::vector<double> window_samples(WindowKind kind, int n);

/// Figures of merit after Harris, Proc. IEEE 66, 51 (1978), found numerically from the spectrum of
/// n samples. A bin is 1/duration.
struct WindowFigures {
  double width_3db_bins;        ///< full width of the main lobe at half power
  double first_sidelobe_db;     ///< highest sidelobe relative to the peak
  double noise_bandwidth_bins;  ///< n Σw²/(Σw)²
  double coherent_gain;         ///< Σw/n
};
WindowFigures window_figures(WindowKind kind, int n = 1024);

/// n Σw²/(Σw)² alone: noise bandwidth in bins.
double noise_bandwidth_bins(WindowKind kind, int n = 1024);

/// Range response of a windowed linear chirp, p(0) = 1, at x = (range − bin's range)/(c/2B):
///   p(x) = ∫ w(s) e^{−2πjx(s − 1/2)} ds / ∫ w ds over the chirp s in [0, 1],
/// which is sinc x for the rectangular and sinc x/(1 − x²) for the Hann window (sinc x =
/// sin πx/(πx)). Real because the carrier of the scatterer's phase e^{−2jkr} is taken at the centre
/// of the chirp; bandwidth small against the carrier, so that reflection and beam do not change.
double range_response(WindowKind kind, double bins);

/// The same with the carrier taken at f_start + fraction · B (0: start of the chirp, 0.5: centre).
std::complex<double> range_response(WindowKind kind, double bins, double carrier_fraction);

}  // namespace thz::sim
