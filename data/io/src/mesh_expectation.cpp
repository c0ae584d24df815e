#include "mesh_expectation.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "thz/core/error.h"
#include "thz/io/atomic_file.h"

namespace thz::io::internal {
namespace {

using Json = nlohmann::json;

/// Least size of one element of a PLY file: numbers in full, lists with their count alone.
struct PlyElement {
  uint64_t count = 0;
  uint64_t least_bytes = 0;
};

struct PlyHeader {
  bool ascii = false;
  std::vector<PlyElement> elements;
};

uint64_t ply_bytes(const std::string& type) {
  static const std::map<std::string, uint64_t> kBytes = {
      {"char", 1},  {"uchar", 1},   {"int8", 1},   {"uint8", 1},  {"short", 2}, {"ushort", 2},
      {"int16", 2}, {"uint16", 2},  {"int", 4},    {"uint", 4},   {"int32", 4}, {"uint32", 4},
      {"float", 4}, {"float32", 4}, {"double", 8}, {"float64", 8}};
  const auto found = kBytes.find(type);
  return found == kBytes.end() ? 1 : found->second;
}

PlyHeader parse_ply_header(const std::string& text) {
  PlyHeader header;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string word, type;
    words >> word;
    if (word == "format") {
      words >> type;
      header.ascii = type == "ascii";
    } else if (word == "element") {
      header.elements.emplace_back();
      words >> type >> header.elements.back().count;
    } else if (word == "property" && !header.elements.empty()) {
      words >> type;
      if (type == "list") words >> type;
      header.elements.back().least_bytes += ply_bytes(type);
    }
  }
  return header;
}

void check_ply(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  const std::string mark = "end_header";
  const std::size_t end = bytes.find(mark);
  if (end == std::string::npos) throw_input("{}: has no end_header line", path.string());
  const std::size_t body = std::min(bytes.find('\n', end), bytes.size() - 1) + 1;
  const PlyHeader header = parse_ply_header(bytes.substr(0, end));
  uint64_t needed = 0;
  for (const PlyElement& element : header.elements) {
    const uint64_t each = header.ascii ? 1 : element.least_bytes;
    if (element.count > bytes.size()) {
      throw_input("{}: its header claims {} elements, more than its {} bytes can hold",
                  path.string(), element.count, bytes.size());
    }
    needed += element.count * each;
  }
  uint64_t found = bytes.size() - body;
  if (header.ascii) {
    found = static_cast<uint64_t>(
        std::count(bytes.begin() + static_cast<std::ptrdiff_t>(body), bytes.end(), '\n'));
    if (body < bytes.size() && bytes.back() != '\n') ++found;
  }
  if (found < needed) {
    throw_input("{}: truncated: {} {} follow its header, {} are needed", path.string(), found,
                header.ascii ? "lines" : "bytes", needed);
  }
}

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
  const int mode = primitive.value("mode", kTriangles);
  const Json& accessor = primitive.contains("indices") ? primitive.at("indices")
                                                       : primitive.at("attributes").at("POSITION");
  const auto count =
      gltf.at("accessors").at(accessor.get<std::size_t>()).at("count").get<uint64_t>();
  if (mode == kTriangles) return count / 3;
  if (mode == kStrip || mode == kFan) return count < 3 ? 0 : count - 2;
  return 0;
}

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
    throw_input("{}: not a readable glTF file: {}", path.string(), e.what());
  }
  if (faces < promised) {
    throw_input("{}: {} of its {} triangles have a broken index", path.string(), promised - faces,
                promised);
  }
}

}  // namespace

void check_mesh_promise(const std::filesystem::path& path, const std::string& extension,
                        std::size_t faces) {
  if (extension == ".ply") check_ply(path);
  if (extension == ".gltf" || extension == ".glb") check_gltf(path, extension, faces);
}

}  // namespace thz::io::internal
