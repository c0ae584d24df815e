#pragma once

#include <complex>
#include <cstddef>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim {

/// What scatters, as the integrators take it: surface cells and lattice elements alike.
///
/// The receiver's amplitude at scan position s is
///   a(s) = sum_i gamma_i u(r_i; s)^2 exp(-2jk h_i(s)),
/// with u the normalised one-way mode and h the height along the beam (physics of the sheet's
/// reciprocity integral; see docs/theory/simulator.md, equation 1). gamma_i holds everything local:
/// reflection, projected area, transmission of cloth, the cell's own linear-phase integral.
struct Scatterers {
  std::vector<Vec3> direction;              ///< unit vector from the pivot
  std::vector<double> range_m;              ///< distance from the pivot
  std::vector<std::complex<double>> gamma;  ///< m^2: amplitude times projected area

  std::size_t size() const { return range_m.size(); }
  void add(const Vec3& unit_direction, double range, std::complex<double> amplitude) {
    direction.push_back(unit_direction);
    range_m.push_back(range);
    gamma.push_back(amplitude);
  }
  void reserve(std::size_t count) {
    direction.reserve(count);
    range_m.reserve(count);
    gamma.reserve(count);
  }
  void resize(std::size_t count) {
    direction.resize(count);
    range_m.resize(count);
    gamma.resize(count);
  }
  void append(const Scatterers& other) {
    direction.insert(direction.end(), other.direction.begin(), other.direction.end());
    range_m.insert(range_m.end(), other.range_m.begin(), other.range_m.end());
    gamma.insert(gamma.end(), other.gamma.begin(), other.gamma.end());
  }
};

}  // namespace thz::sim
