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
  bool has_format = false;
  std::vector<PlyElement> elements;
};

uint64_t ply_type_bytes(const std::string& type) {
  static const std::map<std::string, uint64_t> kBytes = {
      {"char", 1},  {"uchar", 1},   {"int8", 1},   {"uint8", 1},  {"short", 2}, {"ushort", 2},
      {"int16", 2}, {"uint16", 2},  {"int", 4},    {"uint", 4},   {"int32", 4}, {"uint32", 4},
      {"float", 4}, {"float32", 4}, {"double", 8}, {"float64", 8}};
  const auto found = kBytes.find(type);
  if (found == kBytes.end()) throw_input("its header names the unknown type '{}'", type);
  return found->second;
}

void parse_ply_line(const std::string& line, PlyHeader& header) {
  std::istringstream words(line);
  std::string word, type;
  words >> word >> type;
  if (word == "format") {
    header.ascii = type == "ascii";
    header.has_format = header.ascii || type.rfind("binary_", 0) == 0;
  } else if (word == "element") {
    header.elements.emplace_back();
    words >> header.elements.back().count;
    if (!words) throw_input("header line '{}' has no count", line);
  } else if (word == "property" && !header.elements.empty()) {
    if (type == "list") words >> type;
    header.elements.back().least_bytes += ply_type_bytes(type);
  } else if (word != "ply" && word != "comment" && word != "obj_info") {
    throw_input("header line '{}' is not understood", line);
  }
}

PlyHeader parse_ply_header(const std::string& text) {
  PlyHeader header;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    parse_ply_line(line, header);
  }
  if (!header.has_format || header.elements.empty()) throw_input("its header is not whole");
  return header;
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

}  // namespace

void check_ply(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  const std::size_t end = bytes.find("end_header");
  if (bytes.compare(0, 3, "ply") != 0 || end == std::string::npos) {
    throw_input("{}: not a readable mesh: no PLY header", path.string());
  }
  const std::size_t body = std::min(bytes.find('\n', end), bytes.size() - 1) + 1;
  PlyHeader header;
  try {
    header = parse_ply_header(bytes.substr(0, end));
  } catch (const InputError& e) {
    throw_input("{}: not a readable mesh: {}", path.string(), e.what());
  }
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

}  // namespace thz::io::internal
