#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "thz/core/mesh.h"

namespace thz::io {

struct MeshFile {
  Mesh mesh;                           ///< file units times `scale`; metres expected
  std::size_t dropped_degenerate = 0;  ///< triangles without area that were left out
};

/// Reads OBJ, PLY, STL or glTF (.gltf, .glb) by assimp: polygons are cut into triangles, identical
/// vertices joined, node transforms applied, points and lines left out, all parts put into one
/// mesh.
/// @param scale  metres a unit of the file, > 0.
/// @throws InputError if the file is missing, unreadable or of another kind, has no triangles, a
/// vertex that is not finite or an index outside its vertices.
MeshFile read_mesh(const std::filesystem::path& path, double scale = 1.0);

/// Writes by extension, .obj or .ply (binary), whole or not at all. @throws InputError.
void write_mesh(const std::filesystem::path& path, const Mesh& mesh);

}  // namespace thz::io
