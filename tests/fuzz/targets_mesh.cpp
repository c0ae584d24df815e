// Meshes of every kind that is read.
#include <cstring>
#include <nlohmann/json.hpp>

#include "targets.h"
#include "thz/io/mesh_reader.h"

namespace thz::fuzz {
namespace {

using Json = nlohmann::json;

template <typename T>
void put(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// A tetrahedron's corners and triangles.
constexpr float kCorners[4][3] = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
constexpr unsigned kTriangles[4][3] = {{0, 2, 1}, {0, 1, 3}, {1, 2, 3}, {0, 3, 2}};

std::vector<std::string> obj_seeds() {
  return {
      "# two parts\nmtllib m.mtl\no one\nv 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1 1.0\n"
      "vt 0 0\nvt 1 0.5\nvn 0 0 1\nvn 1 0 0\ng a b\ns 1\nusemtl skin\nf 1/1/1 3/2/1 2/1/2\n"
      "f 1//1 2//1 4//2\nf 2/1 3/2 4/1\ng c\ns off\nf -4 -1 -2\nl 1 2\np 3\n",
      "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nv 0.5 0.5 1\nf 1 2 3 4\nf 1 2 5\nf 2 3 5\n"
      "f 3 \\\n4 5\nf 4 1 5\n",
      "v 0 0 0 1 0 0\r\nv 1e-3 0 0 0 1 0\r\nv 0 1.5e-3 0 0 0 1\r\n\r\nf 1 2 3\r\n"};
}

std::vector<std::string> ply_ascii_seeds() {
  const std::string face = "element face 2\nproperty list uchar int vertex_indices\nend_header\n";
  return {
      "ply\nformat ascii 1.0\ncomment x\nelement vertex 4\nproperty float x\n"
      "property float y\nproperty float z\n" +
          face + "0 0 0\n1 0 0\n1 1 0\n0 1 0.5\n3 0 1 2\n4 0 1 2 3\n",
      "ply\nformat ascii 1.0\nelement vertex 3\nproperty double x\nproperty double y\n"
      "property double z\nproperty float nx\nproperty float ny\nproperty float nz\n"
      "property uchar red\nproperty uchar green\nproperty uchar blue\nelement face 1\n"
      "property list uint8 int32 vertex_index\nproperty float quality\nelement edge 1\n"
      "property int vertex1\nproperty int vertex2\nend_header\n"
      "0 0 0 0 0 1 255 0 0\n1 0 0 0 0 1 0 255 0\n0 1 0 0 0 1 0 0 255\n3 0 1 2 0.5\n0 1\n"};
}

std::vector<std::string> ply_binary_seeds() {
  std::string little =
      "ply\nformat binary_little_endian 1.0\nelement vertex 4\nproperty float x\n"
      "property float y\nproperty float z\nelement face 4\n"
      "property list uchar int vertex_indices\nend_header\n";
  std::string big = little;
  big.replace(big.find("little"), 6, "big");
  for (const auto& corner : kCorners) {
    for (const float value : corner) {
      put(little, value);
      char raw[4];
      std::memcpy(raw, &value, 4);
      for (int i = 3; i >= 0; --i) big += raw[i];
    }
  }
  for (const auto& triangle : kTriangles) {
    put(little, uint8_t{3});
    big += '\3';
    for (const unsigned index : triangle) {
      put(little, index);
      for (int i = 3; i >= 0; --i) big += static_cast<char>(index >> (8 * i));
    }
  }
  return {little, big};
}

std::vector<std::string> stl_ascii_seeds() {
  std::string text = "solid head\n";
  for (const auto& triangle : kTriangles) {
    text += " facet normal 0 0 1\n  outer loop\n";
    for (const unsigned index : triangle) {
      const auto& c = kCorners[index];
      text += "   vertex " + std::to_string(c[0]) + " " + std::to_string(c[1]) + " " +
              std::to_string(c[2]) + "\n";
    }
    text += "  endloop\n endfacet\n";
  }
  return {text + "endsolid head\n"};
}

std::vector<std::string> stl_binary_seeds() {
  std::string bytes(80, ' ');
  put(bytes, uint32_t{4});
  for (const auto& triangle : kTriangles) {
    for (int i = 0; i < 3; ++i) put(bytes, 0.0F);
    for (const unsigned index : triangle) {
      for (const float value : kCorners[index]) put(bytes, value);
    }
    put(bytes, uint16_t{0});
  }
  return {bytes};
}

/// Corners, then 16-bit indices.
std::string gltf_buffer() {
  std::string buffer;
  for (const auto& corner : kCorners) {
    for (const float value : corner) put(buffer, value);
  }
  for (const auto& triangle : kTriangles) {
    for (const unsigned index : triangle) put(buffer, static_cast<uint16_t>(index));
  }
  return buffer;
}

Json gltf_json(const std::string& buffer, const std::string& uri) {
  Json file = Json::parse(R"({"asset": {"version": "2.0"}, "scene": 0,
    "scenes": [{"nodes": [0]}],
    "nodes": [{"children": [1, 2]}, {"mesh": 0, "translation": [5, 0, 0], "scale": [1, 2, 1]},
              {"mesh": 0, "matrix": [1,0,0,0, 0,1,0,0, 0,0,-1,0, 0,0,0,1]}],
    "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "mode": 4},
                               {"attributes": {"POSITION": 0}, "mode": 5}]}],
    "buffers": [{}],
    "bufferViews": [{"buffer": 0, "byteOffset": 0, "byteLength": 48, "target": 34962},
                    {"buffer": 0, "byteOffset": 48, "byteLength": 24}],
    "accessors": [{"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3",
                   "min": [0, 0, 0], "max": [1, 1, 1]},
                  {"bufferView": 1, "componentType": 5123, "count": 12, "type": "SCALAR"}]})");
  file["buffers"][0]["byteLength"] = buffer.size();
  if (!uri.empty()) file["buffers"][0]["uri"] = uri;
  return file;
}

std::string base64(const std::string& bytes) {
  static const char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      word = (word << 8) | (i + k < bytes.size() ? static_cast<uint8_t>(bytes[i + k]) : 0U);
    }
    for (int k = 3; k >= 0; --k) text += kDigits[(word >> (6 * k)) & 63];
  }
  return text;  // 72 bytes need no padding
}

std::string glb() {
  std::string text = gltf_json(gltf_buffer(), "").dump();
  text.resize((text.size() + 3) / 4 * 4, ' ');
  const std::string buffer = gltf_buffer();
  std::string bytes = "glTF";
  put(bytes, uint32_t{2});
  put(bytes, static_cast<uint32_t>(28 + text.size() + buffer.size()));
  put(bytes, static_cast<uint32_t>(text.size()));
  bytes += "JSON" + text;
  put(bytes, static_cast<uint32_t>(buffer.size()));
  return bytes + "BIN" + std::string(1, '\0') + buffer;
}

}  // namespace

void add_mesh_targets(std::vector<Target>& targets) {
  const auto read = [](const std::filesystem::path& path) { io::read_mesh(path); };
  const std::string uri = "data:application/octet-stream;base64," + base64(gltf_buffer());
  targets.push_back({"obj", ".obj", Material::kText, obj_seeds(), read});
  targets.push_back({"ply text", ".ply", Material::kText, ply_ascii_seeds(), read});
  targets.push_back({"ply binary", ".ply", Material::kBinary, ply_binary_seeds(), read});
  targets.push_back({"stl text", ".stl", Material::kText, stl_ascii_seeds(), read});
  targets.push_back({"stl binary", ".stl", Material::kBinary, stl_binary_seeds(), read});
  targets.push_back(
      {"gltf", ".gltf", Material::kText, {gltf_json(gltf_buffer(), uri).dump(1)}, read});
  targets.push_back({"glb", ".glb", Material::kBinary, {glb()}, read});
}

}  // namespace thz::fuzz
