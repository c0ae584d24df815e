#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace thz::io {

/// A linear basis of displacements: vertices += sum_k c_k modes[k].
struct HeadModes {
  std::vector<std::vector<float>> displacement_m;  ///< [K][3 V], metres for a coefficient of 1
  std::vector<std::string> names;                  ///< [K]
};

/// A head model file (schema head-morphable/1) in memory; docs/formats/meshes.md.
struct HeadMorphableFile {
  std::vector<float> mean_m;                      ///< [3 V], x y z interleaved, metres
  std::vector<std::array<int32_t, 3>> triangles;  ///< [T], counter-clockwise from outside
  std::vector<uint8_t> vertex_region;             ///< [V], index into region_names
  std::vector<uint8_t> triangle_region;           ///< [T]
  std::vector<std::string> region_names;
  uint64_t outer_vertices = 0;   ///< that many first vertices are the outer surface
  uint64_t outer_triangles = 0;  ///< that many first triangles are the outer surface
  HeadModes identity;
  HeadModes expression;
  std::map<std::string, std::vector<int32_t>> landmarks;  ///< name of the scheme -> vertex indices
  std::map<std::string, std::string> attributes;  ///< texts of the root: licence, source, ...

  uint64_t num_vertices() const { return mean_m.size() / 3; }
};

/// @throws InputError if the file is missing, truncated, of another schema, or inconsistent
/// (shapes, indices, values that are not finite).
HeadMorphableFile read_head_model(const std::filesystem::path& path);

}  // namespace thz::io
