#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::io::internal {

/// Corners of a mesh file and its faces, cut into triangles, as they stand there.
struct RawTriangles {
  std::vector<Vec3> vertices;
  std::vector<std::array<uint32_t, 3>> triangles;
};

/// Reads PLY, ascii or binary of either byte order: the elements "vertex" (x, y, z of any number
/// type) and "face" (a list vertex_indices or vertex_index); others are passed over. Polygons are
/// cut by ears. The importer is not used here: it loops for ever or crashes on damaged files.
/// @throws thz::InputError without the file's name: a header that is not whole or claims more than
/// the file holds, a body that ends early, a vertex that is not finite, a face that names a vertex
/// that is not there, has none or more than 1000.
RawTriangles read_ply(const std::filesystem::path& path);

/// Cuts a polygon into triangles of the same sense by clipping ears; corners that no ear is left
/// for (crossing sides) as a fan. Fewer than three corners give none.
std::vector<std::array<uint32_t, 3>> cut_polygon(const std::vector<Vec3>& vertices,
                                                 const std::vector<uint32_t>& polygon);

}  // namespace thz::io::internal
