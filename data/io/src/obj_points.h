#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace thz::io::internal {

/// Vertices and faces of an OBJ file in the order of the file, nothing welded, polygons cut into
/// fans.
struct ObjPoints {
  std::vector<float> xyz;  ///< [3 V]
  std::vector<std::array<int32_t, 3>> triangles;
};

/// @param with_faces  false: faces are skipped. @throws InputError naming file and line.
ObjPoints read_obj_points(const std::filesystem::path& path, bool with_faces);

}  // namespace thz::io::internal
