#include "mesh_expectation.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "thz/core/error.h"
#include "thz/core/json_number.h"
#include "thz/core/one_line.h"
#include "thz/io/atomic_file.h"

namespace thz::io::internal {
namespace {

using Json = nlohmann::json;

Json gltf_json(const std::filesystem::path& path, const std::string& extension) {
  const std::string bytes = read_file(path);
  if (extension != ".glb") return Json::parse(bytes);
  // Header of 12 bytes, then the JSON chunk: length, type, text (glTF 2.0, section 4.4).
  constexpr std::size_t kText = 20;
  uint64_t length = 0;
  for (std::size_t i = 0; i < 4 && bytes.size() >= kText; ++i) {
    length |= uint64_t{static_cast<uint8_t>(bytes[12 + i])} << (8 * i);
  }
  return Json::parse(bytes.substr(std::min(kText, bytes.size()), length));
}

uint64_t promised_faces(const Json& gltf, const Json& primitive) {
  constexpr int kTriangles = 4, kStrip = 5, kFan = 6;
  const int mode =
      primitive.contains("mode") ? whole_number<int>(primitive.at("mode")) : kTriangles;
  const Json& accessor = primitive.contains("indices") ? primitive.at("indices")
                                                       : primitive.at("attributes").at("POSITION");
  const auto count = whole_number<uint64_t>(
      gltf.at("accessors").at(whole_number<std::size_t>(accessor)).at("count"));
  if (mode == kTriangles) return count / 3;
  if (mode == kStrip || mode == kFan) return count < 3 ? 0 : count - 2;
  return 0;
}

}  // namespace

void check_gltf(const std::filesystem::path& path, const std::string& extension,
                std::size_t faces) {
  uint64_t promised = 0;
  try {
    const Json gltf = gltf_json(path, extension);
    for (const Json& mesh : gltf.at("meshes")) {
      for (const Json& primitive : mesh.at("primitives"))
        promised += promised_faces(gltf, primitive);
    }
  } catch (const Json::exception& e) {
    throw_input("{}: not a readable glTF file: {}", path.string(), one_line(e.what()));
  } catch (const InputError& e) {
    throw_input("{}: not a readable glTF file: {}", path.string(), e.what());
  }
  if (faces < promised) {
    throw_input("{}: {} of its {} triangles have a broken index", path.string(), promised - faces,
                promised);
  }
}

}  // namespace thz::io::internal
