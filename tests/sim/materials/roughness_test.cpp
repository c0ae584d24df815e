#include "thz/sim/roughness.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <complex>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"

using namespace thz;
using namespace thz::sim;

namespace {

const double kWavenumber = 2.0 * kPi * 340e9 / kSpeedOfLight;

double cosine(double degrees) { return std::cos(deg_to_rad(degrees)); }

// Kirchhoff's integral done the long way: mean |∫∫ e^{−2jk·(x sinθ + h cosθ)} over a tapered patch
// of random surface|², for a surface rough in x and y with correlation exp(−ξ²/T²), as a sum of
// many random Fourier modes. The mean of the coherent part is taken out by its own ensemble mean.
// The taper is exp(−ρ²/a²) so that a²≫T² makes the wavenumber resolution fine against 1/T.
double monte_carlo_sigma0(double sigma_h_m, double correlation_m, double cos_theta, int surfaces) {
  const double sin_theta = std::sqrt(1.0 - cos_theta * cos_theta);
  const double taper_m = 3.0 * correlation_m;
  const double step_m = correlation_m / 12.0;
  const int half = static_cast<int>(2.5 * taper_m / step_m);
  constexpr int kModes = 60;
  const double spread = std::sqrt(2.0) / correlation_m;
  std::complex<double> mean = 0.0;
  double power = 0.0;
  Rng rng(11, RngPurpose::kTest);
  for (int s = 0; s < surfaces; ++s) {
    std::complex<double> field = 0.0;
    std::vector<std::complex<double>> row(static_cast<std::size_t>(kModes));
    std::vector<std::complex<double>> turn_x, turn_y;
    std::vector<std::complex<double>> column;
    for (int m = 0; m < kModes; ++m) {
      const double kx = spread * rng.normal();
      const double ky = spread * rng.normal();
      turn_x.push_back(std::polar(1.0, kx * step_m));
      turn_y.push_back(std::polar(1.0, ky * step_m));
      column.push_back(std::polar(1.0, 2.0 * kPi * rng.uniform() - (kx + ky) * half * step_m));
    }
    for (int iy = -half; iy <= half; ++iy) {
      row = column;
      for (int ix = -half; ix <= half; ++ix) {
        double height = 0.0;
        for (int m = 0; m < kModes; ++m) {
          const auto i = static_cast<std::size_t>(m);
          height += row[i].real();
          row[i] *= turn_x[i];
        }
        height *= sigma_h_m * std::sqrt(2.0 / kModes);
        const double x = ix * step_m;
        const double y = iy * step_m;
        const double taper = std::exp(-(x * x + y * y) / (taper_m * taper_m));
        field += std::polar(taper, -2.0 * kWavenumber * (x * sin_theta + height * cos_theta));
      }
      for (int m = 0; m < kModes; ++m) {
        column[static_cast<std::size_t>(m)] *= turn_y[static_cast<std::size_t>(m)];
      }
    }
    field *= step_m * step_m;
    mean += field / static_cast<double>(surfaces);
    power += std::norm(field) / surfaces;
  }
  const double incoherent = (power - std::norm(mean)) * surfaces / (surfaces - 1.0);
  // σ0 = k²/(π cos²θ) · |∫|²/A with the area of the squared taper A = πa²/2: the scalar Kirchhoff
  // amplitude for reflection back, whose factor 1/cosθ comes from the slopes (integration by
  // parts).
  const double area_m2 = kPi * taper_m * taper_m / 2.0;
  return kWavenumber * kWavenumber / (kPi * cos_theta * cos_theta) * incoherent / area_m2;
}

}  // namespace

// K01-K05: Beckmann & Spizzichino 1963.
TEST_CASE("the Kirchhoff series gives the tabulated backscatter", "[sim][roughness][physics]") {
  const auto sigma0 = [](double height_m, double correlation_m, double degrees) {
    return kirchhoff_sigma0(height_m, correlation_m, 1.0, cosine(degrees), kWavenumber);
  };
  CHECK(sigma0(20e-6, 0.2e-3, 0.0) == Approx(0.1552884743).epsilon(1e-4));
  CHECK(sigma0(20e-6, 0.2e-3, 30.0) == Approx(0.09530437223).epsilon(1e-4));
  CHECK(sigma0(100e-6, 2e-3, 10.0) == Approx(4.671224058).epsilon(1e-4));
  CHECK(sigma0(500e-6, 5e-3, 10.0) == Approx(12.14774913).epsilon(1e-4));
  CHECK(geometrical_optics_sigma0(500e-6, 5e-3, 1.0, cosine(10.0)) ==
        Approx(12.21703205).epsilon(1e-6));
  CHECK(roughness_parameter(20e-6, 1.0, kWavenumber) == Approx(0.08124490732).epsilon(1e-6));
  CHECK(roughness_parameter(500e-6, cosine(10.0), kWavenumber) == Approx(49.246921).epsilon(1e-6));
}

// K06.
TEST_CASE("the coherent part fades with the square of the height", "[sim][roughness][physics]") {
  RoughnessModel model = roughness_model("fine-relief");
  const double amplitude = coherent_amplitude_factor(model, 1.0, kWavenumber);
  CHECK(amplitude * amplitude == Approx(0.9219678671).epsilon(1e-6));
  // Rayleigh's criterion λ/8 is a two-way phase of π/2, Fraunhofer's λ/32 one of π/8.
  const double wavelength_m = 2.0 * kPi / kWavenumber;
  CHECK(wavelength_m / 8.0 == Approx(0.0001102178154).epsilon(1e-6));
  CHECK(std::sqrt(roughness_parameter(wavelength_m / 8.0, 1.0, kWavenumber)) ==
        Approx(kPi / 2.0).epsilon(1e-12));
  CHECK(std::sqrt(roughness_parameter(wavelength_m / 32.0, 1.0, kWavenumber)) ==
        Approx(kPi / 8.0).epsilon(1e-12));
}

TEST_CASE("the series tends to geometrical optics and survives any roughness",
          "[sim][roughness][physics]") {
  // The two differ by terms of order 1/g; slopes held fixed.
  double previous = 1.0;
  for (const double height_m : {0.5e-3, 2e-3, 10e-3, 100e-3}) {
    const double c = cosine(10.0);
    const double series = kirchhoff_sigma0(height_m, 10.0 * height_m, 1.0, c, kWavenumber);
    const double limit = geometrical_optics_sigma0(height_m, 10.0 * height_m, 1.0, c);
    const double difference = std::abs(series / limit - 1.0);
    CHECK(difference < previous);
    CHECK(difference < 1.0 / roughness_parameter(height_m, c, kWavenumber));
    previous = difference;
  }
  // Far out on the skirt, where the largest term is far from m = g.
  const double skirt = kirchhoff_sigma0(0.5e-3, 5e-3, 1.0, cosine(60.0), kWavenumber);
  CHECK(std::isfinite(skirt));
  CHECK(skirt > 0.0);
}

TEST_CASE("the windowed series equals the plain sum", "[sim][roughness][physics]") {
  const double height_m = GENERATE(1e-6, 30e-6, 200e-6, 500e-6);
  const double degrees = GENERATE(0.0, 20.0, 70.0);
  const double correlation_m = 1.3e-3;
  const double c = cosine(degrees);
  const double g = roughness_parameter(height_m, c, kWavenumber);
  const double kt = kWavenumber * correlation_m;
  long double term = std::exp(static_cast<long double>(-g));
  long double sum = 0.0L;
  for (int m = 1; m < 2000; ++m) {
    term *= g / m;
    sum += term / m * std::exp(static_cast<long double>(-kt * kt * (1.0 - c * c) / m));
  }
  const double plain = static_cast<double>(kt * kt / (c * c) * sum);
  CAPTURE(height_m, degrees, g, plain);
  CHECK(kirchhoff_sigma0(height_m, correlation_m, 1.0, c, kWavenumber) ==
        Approx(plain).epsilon(1e-9));
}

TEST_CASE("random surfaces scatter as the Kirchhoff series says", "[sim][roughness][physics]") {
  // K03's surface. 400 surfaces of speckle: 5 % or 0.22 dB; the finite patch and mode count add
  // some tenths; 1 dB is the bound.
  const double c = cosine(10.0);
  const double expected = kirchhoff_sigma0(100e-6, 2e-3, 1.0, c, kWavenumber);
  const double found = monte_carlo_sigma0(100e-6, 2e-3, c, 400);
  CAPTURE(expected, found);
  CHECK(std::abs(10.0 * std::log10(found / expected)) < 1.0);
}

TEST_CASE("a smooth surface has no diffuse part and keeps its coherent one",
          "[sim][roughness][physics]") {
  const RoughnessModel off = roughness_model("off");
  for (const double c : {1.0, 0.5, 0.01}) {
    CHECK(backscatter_sigma0(off, 1.0, c, kWavenumber) == 0.0);
    CHECK(coherent_amplitude_factor(off, c, kWavenumber) == 1.0);
  }
  CHECK(backscatter_sigma0(roughness_model("skin"), 1.0, -0.1, kWavenumber) == 0.0);
  CHECK(std::isfinite(backscatter_sigma0(roughness_model("skin"), 1.0, 0.0, kWavenumber)));
}

TEST_CASE("Lambert and interface share the power between them", "[sim][roughness][physics]") {
  RoughnessModel both = roughness_model("skin");
  RoughnessModel interface_only = both;
  interface_only.lambert_albedo = 0.0;
  const double reflectivity = 0.16;
  const double c = 0.8;
  const double lambert = lambert_sigma0(0.01, c);
  CHECK(lambert == Approx(4.0 * 0.01 * 0.64));
  CHECK(backscatter_sigma0(both, reflectivity, c, kWavenumber) ==
        Approx(lambert + 0.99 * backscatter_sigma0(interface_only, reflectivity, c, kWavenumber)));
  CHECK(coherent_amplitude_factor(both, c, kWavenumber) ==
        Approx(std::sqrt(0.99) * coherent_amplitude_factor(interface_only, c, kWavenumber)));
  // Everything diffuse: nothing is left for the interface.
  both.lambert_albedo = 1.0;
  CHECK(coherent_amplitude_factor(both, c, kWavenumber) == 0.0);
  CHECK(backscatter_sigma0(both, 1.0, c, kWavenumber) == Approx(4.0 * 0.64));
  const RoughnessModel matt = roughness_model("lambert");
  CHECK(coherent_amplitude_factor(matt, 1.0, kWavenumber) == 0.0);
  CHECK(backscatter_sigma0(matt, 1.0, 1.0, kWavenumber) == Approx(0.04));
}

TEST_CASE("a Lambertian surface returns its albedo over the hemisphere",
          "[sim][roughness][physics]") {
  // Bistatic σ0 of Lambert is 4ρ cosθi cosθs; backscatter is its diagonal. Over the hemisphere at
  // normal incidence ∫σ0 dΩ/(4π cosθi) = ρ.
  const double albedo = 0.3;
  double sum = 0.0;
  constexpr int kSteps = 2000;
  for (int i = 0; i < kSteps; ++i) {
    const double c = (i + 0.5) / kSteps;
    sum += std::sqrt(lambert_sigma0(albedo, 1.0) * lambert_sigma0(albedo, c)) / kSteps;
  }
  CHECK(2.0 * kPi * sum / (4.0 * kPi) == Approx(albedo).epsilon(1e-5));
}

TEST_CASE("the roughness table follows the functions", "[sim][roughness][table]") {
  for (const std::string& name : roughness_names()) {
    CAPTURE(name);
    const RoughnessModel model = roughness_model(name);
    const RoughnessTable table(model, kWavenumber);
    for (int i = 1; i <= 997; ++i) {
      const double c = i / 997.0;
      const float cf = static_cast<float>(c);
      const double exact = backscatter_sigma0(model, 0.16, c, kWavenumber);
      // 4096 nodes: h²/8 of the second derivative, which the narrow lobe of the coarsest relief
      // makes about 1e3 relative; float rounding below that.
      REQUIRE(table.sigma0(0.16f, cf) == Approx(exact).epsilon(1e-3).margin(1e-6));
      REQUIRE(table.coherent_factor(cf) ==
              Approx(coherent_amplitude_factor(model, c, kWavenumber)).margin(1e-5));
    }
  }
  CHECK_THROWS_AS(roughness_model("sandpaper"), InputError);
}
