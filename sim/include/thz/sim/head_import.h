#pragma once

#include <optional>
#include <string>
#include <vector>

#include "thz/core/mesh.h"
#include "thz/sim/head_alignment.h"
#include "thz/sim/mesh_repair.h"

namespace thz::sim {

/// A unit of length that mesh files are written in.
struct MeshUnit {
  std::string name;  ///< "m", "cm", "mm" or "inch"
  double metres = 1.0;
};
const std::vector<MeshUnit>& mesh_units();
/// @throws InputError for another name.
MeshUnit find_mesh_unit(const std::string& name);

/// The unit in which something of this size is a head: its longest extent, with neck and hair,
/// lies between 0.18 and 0.48 m. @throws InputError when none or two of them fit.
MeshUnit guess_mesh_unit(double extent_in_units, const std::string& name);

struct HeadImportOptions {
  std::optional<MeshUnit> unit;       ///< none: guessed from the size
  double largest_hole_m = 0.025;      ///< wider holes are refused
  double largest_residual_m = 0.010;  ///< automatic alignment beyond this is refused
  double largest_landmark_residual_m = 0.015;
  MeshRepairOptions repair;
};

/// A scan as a head of this simulator.
struct ImportedHead {
  Mesh mesh;  ///< head frame, metres
  MeshUnit unit;
  HeadAlignment alignment;
  double height_m = 0.0;  ///< chin to vertex, hair included
  MeshRepairReport repair;
};

/// Repairs a scan, brings it into the head frame and closes its small holes.
/// @param scan  in the units of its file. @param landmarks  in the same units; empty: automatic.
/// @param name  of the file in messages.
/// @throws InputError in one sentence: what is wrong, where, how much, what is allowed.
ImportedHead import_head(const Mesh& scan, const std::vector<NamedPoint>& landmarks,
                         const HeadImportOptions& options, const std::string& name);

}  // namespace thz::sim
