#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim {

/// One set of linear displacement modes, metres a unit of coefficient: displacement[k][v] * 3.
struct HeadModes {
  std::vector<std::string> names;  ///< [K]
  std::vector<std::vector<float>>
      displacement_m;  ///< [K][3 V], x y z of vertex 0, of vertex 1, ...

  std::size_t size() const { return displacement_m.size(); }
};

/// A named point of the head: a vertex of the fixed topology.
struct HeadLandmark {
  std::string name;
  int32_t vertex = 0;
};

/// A linear head model, schema head-morphable/1, in memory (the io library reads the file):
///   vertices = mean + sum_k c_k identity_k + sum_j w_j expression_j.
/// Frame: +x the subject's left, +y up, +z out of the face, metres; the midpoint between the
/// eyeball centres is at (0, 0.0361, 0.0799).
struct MorphableHead {
  std::string name;
  std::vector<Vec3> mean_m;                       ///< [V]
  std::vector<std::array<int32_t, 3>> triangles;  ///< [T]
  std::vector<uint8_t> vertex_region;             ///< [V], index into region_names; may be empty
  std::vector<uint8_t> triangle_region;           ///< [T], index into region_names; may be empty
  std::vector<std::string> region_names;
  HeadModes identity;
  HeadModes expression;
  int32_t outer_triangle_count = 0;  ///< that many first triangles are the outer surface
  std::vector<HeadLandmark> landmarks;
};

/// Throws InputError naming `origin` (a path, usually) when arrays disagree in length, an index is
/// out of range or a value is not finite.
void validate(const MorphableHead& head, const std::string& origin);

/// The head of one identity with one expression. Missing coefficients count as zero.
/// @param identity  [<= K], standard normal units. @param expression  [<= J], weights in [0, 1].
/// @throws thz::ContractError if there are more coefficients than modes.
Mesh evaluate(const MorphableHead& head, const std::vector<float>& identity,
              const std::vector<float>& expression);

/// Coefficients of person number `identity`: independent N(0, 1), redrawn beyond 3.
std::vector<float> sample_identity(const MorphableHead& head, uint64_t seed, uint64_t identity);

}  // namespace thz::sim
