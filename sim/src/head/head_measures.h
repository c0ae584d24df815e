#pragma once

#include <array>
#include <vector>

#include "head_landmarks.h"
#include "head_parameters.h"
#include "head_sites.h"

namespace thz::sim::internal {

/// Vertices the measures need, left half and mid-line, each once.
struct MeasureVertices {
  std::vector<int32_t> vertex;                            ///< index into the mesh
  std::array<std::size_t, kLandmarkCount> landmark{};     ///< slot in `vertex`
  std::array<std::vector<std::size_t>, kSiteCount> site;  ///< slots of the quadric's points
  std::array<std::size_t, kSiteCount> site_centre{};      ///< slot of its middle
  std::vector<std::size_t> nose_profile, brow_profile, occiput, top;  ///< slots along the mid-line
  std::vector<std::size_t> wing, arch, vault, ear;                    ///< slots of patches
  std::vector<std::size_t> root_row;                                  ///< outwards from the sellion
  std::vector<std::size_t> larynx_ring, base_ring, head_ring;         ///< half rings, front to back
};

const MeasureVertices& measure_vertices();

/// Positions of measure_vertices() and of their mirrors, mm.
struct MeasurePoints {
  std::vector<Vec3> left;
  std::vector<Vec3> right;
};

/// A measure that is solved for is named after its parameter; checks follow them.
constexpr std::size_t kNoParameter = kParameterCount;

struct MeasureRow {
  const char* name;
  const char* unit;
  const char* definition;
  std::size_t parameter;  ///< solved for, or kNoParameter
  double (*value)(const MeasurePoints&);
};

/// All measures; those with a parameter come first.
const std::vector<MeasureRow>& measure_rows();
/// How many of them are solved for.
std::size_t solved_measures();

}  // namespace thz::sim::internal
