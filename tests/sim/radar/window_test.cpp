#include "thz/sim/window.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;

// F03 (Harris 1978); 0.5 % as the sampled windows of 1024 differ by 0.1 % from one another.
TEST_CASE("windows have Harris' widths, sidelobes and noise bandwidths", "[sim][radar][physics]") {
  const WindowFigures rect = window_figures(WindowKind::kRectangular);
  CHECK(rect.width_3db_bins == Approx(0.885893306).epsilon(0.005));
  CHECK(rect.first_sidelobe_db == Approx(-13.2615).epsilon(0.005));
  CHECK(rect.noise_bandwidth_bins == Approx(1.0).epsilon(1e-12));
  CHECK(rect.coherent_gain == Approx(1.0).epsilon(1e-12));
  const WindowFigures hann = window_figures(WindowKind::kHann);
  CHECK(hann.width_3db_bins == Approx(1.441990774).epsilon(0.005));
  CHECK(hann.first_sidelobe_db == Approx(-31.4675).epsilon(0.005));
  CHECK(hann.noise_bandwidth_bins == Approx(1.501466276).epsilon(0.005));
  CHECK(hann.coherent_gain == Approx(0.5).epsilon(1e-12));
}

TEST_CASE("the range response is the spectrum of the window", "[sim][radar][physics]") {
  const auto kind = GENERATE(WindowKind::kRectangular, WindowKind::kHann);
  // Direct integral over the chirp by the midpoint rule; n = 4000 leaves x²/n² of error.
  constexpr int kSteps = 4000;
  for (const double x : {0.0, 0.3, 0.999999, 1.0, 1.7, 2.0, 5.37, -2.4}) {
    CAPTURE(x);
    std::complex<double> sum = 0.0;
    double total = 0.0;
    for (int i = 0; i < kSteps; ++i) {
      const double s = (i + 0.5) / kSteps;
      const double w = kind == WindowKind::kHann ? 0.5 - 0.5 * std::cos(2.0 * kPi * s) : 1.0;
      sum += std::polar(w, -2.0 * kPi * x * (s - 0.5));
      total += w;
    }
    CHECK(std::abs(sum / total - range_response(kind, x)) < 1e-5);
    CHECK(std::abs(sum / total * std::polar(1.0, -kPi * x) - range_response(kind, x, 0.0)) < 1e-5);
  }
  CHECK(range_response(kind, 0.0) == 1.0);
}

TEST_CASE("windows are chosen by name", "[sim][radar]") {
  CHECK(window_kind("hann") == WindowKind::kHann);
  CHECK_THROWS_AS(window_kind("triangle"), InputError);
}
