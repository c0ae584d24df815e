#include <cstdio>

#include "thz/core/version.h"
#include "thz/sim/gaussian_beam.h"

int main() {
  const thz::sim::GaussianBeam beam(7.585e-3, 0.881743e-3);  // waist, wavelength at 340 GHz
  std::printf("thzface %s, depth of focus %.2f m\n", thz::version().c_str(),
              2.0 * beam.rayleigh_range_m());
  return 0;
}
