#include "thz/io/head_model_writer.h"

#include <algorithm>
#include <cmath>

#include "thz/core/error.h"
#include "thz/io/hdf5_file.h"

namespace thz::io {
namespace {

void write_modes(const std::string& group, const HeadModes& modes, uint64_t vertices,
                 Hdf5File& file) {
  constexpr float kMostCounts = 32767.0F;
  std::vector<int16_t> counts;
  std::vector<float> scale;
  for (const std::vector<float>& mode : modes.displacement_m) {
    THZ_REQUIRE(mode.size() == 3 * vertices, "a mode moves every vertex");
    float most = 0.0F;
    for (const float d : mode) most = std::max(most, std::abs(d));
    scale.push_back(most > 0.0F ? most / kMostCounts : 1e-9F);
    for (const float d : mode) {
      counts.push_back(static_cast<int16_t>(std::lround(d / scale.back())));
    }
  }
  const uint64_t number = modes.displacement_m.size();
  file.write<int16_t>(group + "/modes", {number, vertices, 3}, counts, 1);
  file.write<float>(group + "/scale", {number}, scale);
  file.write<std::string>(group + "/names", {number}, modes.names);
}

}  // namespace

void write_head_model(const std::filesystem::path& path, const HeadMorphableFile& head) {
  Hdf5File file = Hdf5File::create_in_memory(path.string());
  for (const auto& [key, value] : head.attributes) {
    if (key != "schema" && key != "units") file.set_text("/", key, value);
  }
  file.set_text("/", "schema", "head-morphable/1");
  file.set_text("/", "units", "m");
  const uint64_t vertices = head.num_vertices();
  file.write<float>("/mean", {vertices, 3}, head.mean_m);
  file.set_unsigned("/mean", "outer_vertices", head.outer_vertices);
  std::vector<int32_t> indices;
  for (const auto& t : head.triangles) indices.insert(indices.end(), t.begin(), t.end());
  file.write<int32_t>("/triangles", {head.triangles.size(), 3}, indices);
  file.set_unsigned("/triangles", "outer_triangles", head.outer_triangles);
  file.write<uint8_t>("/vertex_region", {vertices}, head.vertex_region);
  file.write<uint8_t>("/triangle_region", {head.triangles.size()}, head.triangle_region);
  file.write<std::string>("/region_names", {head.region_names.size()}, head.region_names);
  write_modes("/identity", head.identity, vertices, file);
  write_modes("/expression", head.expression, vertices, file);
  for (const auto& [scheme, points] : head.landmarks) {
    file.write<int32_t>("/landmarks/" + scheme, {points.size()}, points);
  }
  write_hdf5(path, file);
}

}  // namespace thz::io
