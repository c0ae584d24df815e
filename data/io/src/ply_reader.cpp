#include "ply_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
#include <sstream>
#include <string>

#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/io/atomic_file.h"

namespace thz::io::internal {
namespace {

constexpr std::size_t kMostCorners = 1000;

enum class PlyFormat { kNone, kAscii, kLittleEndian, kBigEndian };

/// A number type by its size and kind.
struct PlyType {
  std::size_t bytes = 0;
  char kind = 'u';  ///< i, u or f
};

struct PlyProperty {
  std::string name;
  PlyType type;
  bool is_list = false;
  PlyType count_type;  ///< of a list
};

struct PlyElement {
  std::string name;
  uint64_t count = 0;
  std::vector<PlyProperty> properties;
};

struct PlyHeader {
  PlyFormat format = PlyFormat::kNone;
  std::vector<PlyElement> elements;
};

PlyType ply_type(const std::string& name) {
  static const std::map<std::string, PlyType> kTypes = {
      {"char", {1, 'i'}},  {"int8", {1, 'i'}},    {"uchar", {1, 'u'}},  {"uint8", {1, 'u'}},
      {"short", {2, 'i'}}, {"int16", {2, 'i'}},   {"ushort", {2, 'u'}}, {"uint16", {2, 'u'}},
      {"int", {4, 'i'}},   {"int32", {4, 'i'}},   {"uint", {4, 'u'}},   {"uint32", {4, 'u'}},
      {"float", {4, 'f'}}, {"float32", {4, 'f'}}, {"double", {8, 'f'}}, {"float64", {8, 'f'}}};
  const auto found = kTypes.find(name);
  if (found == kTypes.end()) {
    throw_input("its header names the unknown type '{}'", one_line(name, 40));
  }
  return found->second;
}

void parse_ply_line(const std::string& line, PlyHeader& header) {
  std::istringstream words(line);
  std::string word, type, name;
  words >> word >> type;
  if (word == "format") {
    static const std::map<std::string, PlyFormat> kFormats = {
        {"ascii", PlyFormat::kAscii},
        {"binary_little_endian", PlyFormat::kLittleEndian},
        {"binary_big_endian", PlyFormat::kBigEndian}};
    const auto found = kFormats.find(type);
    if (found != kFormats.end()) header.format = found->second;
  } else if (word == "element") {
    header.elements.emplace_back();
    header.elements.back().name = type;
    words >> header.elements.back().count;
    if (!words) throw_input("header line '{}' has no count", one_line(line, 80));
  } else if (word == "property" && !header.elements.empty()) {
    PlyProperty property;
    property.is_list = type == "list";
    if (property.is_list) {
      words >> type;
      property.count_type = ply_type(type);
      words >> type;
    }
    property.type = ply_type(type);
    words >> property.name;
    header.elements.back().properties.push_back(property);
  } else if (word != "ply" && word != "comment" && word != "obj_info") {
    throw_input("header line '{}' is not understood", one_line(line, 80));
  }
}

PlyHeader parse_ply_header(const std::string& text, uint64_t file_bytes) {
  PlyHeader header;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    parse_ply_line(line, header);
  }
  if (header.format == PlyFormat::kNone || header.elements.empty()) {
    throw_input("its header is not whole");
  }
  for (const PlyElement& element : header.elements) {
    if (element.count > file_bytes) {
      throw_input("its header claims {} elements, more than its {} bytes can hold", element.count,
                  file_bytes);
    }
  }
  return header;
}

/// The numbers of the body, one after the other.
class PlyBody {
 public:
  PlyBody(const char* begin, const char* end, PlyFormat format)
      : at_(begin), end_(end), line_end_(begin), format_(format) {}

  /// To be called before each element: in text each has a line of its own.
  void begin_element() {
    if (format_ != PlyFormat::kAscii) return;
    do {
      at_ = line_end_;
      if (at_ == end_) throw_input("truncated: its body has fewer lines than its header says");
      line_end_ = std::find(at_, end_, '\n');
      if (line_end_ != end_) ++line_end_;
    } while (std::all_of(at_, line_end_, is_space));
  }

  double next(PlyType type) {
    return format_ == PlyFormat::kAscii ? next_word() : next_bytes(type);
  }

 private:
  static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

  double next_word() {
    while (at_ != line_end_ && is_space(*at_)) ++at_;
    const char* word = at_;
    while (at_ != line_end_ && !is_space(*at_)) ++at_;
    if (word == at_) throw_input("truncated: a line of its body has too few numbers");
    const char* digits = *word == '+' ? word + 1 : word;
    double value = 0.0;
    const auto [stop, error] = std::from_chars(digits, at_, value);
    if (error == std::errc::result_out_of_range) return INFINITY;  // refused where it matters
    if (error != std::errc() || stop != at_) {
      throw_input("'{}' in its body is not a number",
                  one_line(std::string_view(word, static_cast<std::size_t>(at_ - word)), 40));
    }
    return value;
  }

  double next_bytes(PlyType type) {
    if (static_cast<std::size_t>(end_ - at_) < type.bytes) {
      throw_input("truncated: its body is shorter than its header says");
    }
    uint64_t bits = 0;
    for (std::size_t i = 0; i < type.bytes; ++i) {
      const std::size_t from = format_ == PlyFormat::kBigEndian ? i : type.bytes - 1 - i;
      bits = (bits << 8) | static_cast<uint8_t>(at_[from]);
    }
    at_ += type.bytes;
    if (type.kind == 'u') return static_cast<double>(bits);
    if (type.kind == 'i') {
      const uint64_t sign = uint64_t{1} << (8 * type.bytes - 1);
      return static_cast<double>(static_cast<int64_t>(bits ^ sign) - static_cast<int64_t>(sign));
    }
    if (type.bytes == 8) {
      double value = 0.0;
      std::memcpy(&value, &bits, 8);
      return value;
    }
    const auto low = static_cast<uint32_t>(bits);
    float value = 0.0F;
    std::memcpy(&value, &low, 4);
    return static_cast<double>(value);
  }

  const char* at_;
  const char* end_;
  const char* line_end_;  ///< in text: where the next line begins
  PlyFormat format_;
};

/// The values of a list; their number is checked before room is made.
std::vector<double> next_list(PlyBody& body, const PlyProperty& property) {
  const double count = body.next(property.count_type);
  if (!(count >= 0.0 && count <= 4294967295.0) || count != std::floor(count)) {
    throw_input("a list of its body has the length {}", count);
  }
  std::vector<double> values;
  // No reserve: a damaged count may be any, the body ends sooner.
  for (auto left = static_cast<uint64_t>(count); left > 0; --left) {
    values.push_back(body.next(property.type));
  }
  return values;
}

void add_vertex(const Vec3& p, RawTriangles& mesh) {
  if (!p.allFinite()) {
    throw_input("vertex {} is ({}, {}, {}), but must be finite", mesh.vertices.size(), p.x(), p.y(),
                p.z());
  }
  mesh.vertices.push_back(p);
}

void add_face(const std::vector<double>& corners, std::size_t number,
              std::vector<std::vector<uint32_t>>& faces) {
  if (corners.empty() || corners.size() > kMostCorners) {
    throw_input("face {} has {} vertices (truncated?), allowed are 1 to {}", number, corners.size(),
                kMostCorners);
  }
  std::vector<uint32_t>& face = faces.emplace_back();
  for (const double corner : corners) {
    if (!(corner >= 0.0 && corner < 4294967295.0) || corner != std::floor(corner)) {
      throw_input("face {} names vertex {}", number, corner);
    }
    face.push_back(static_cast<uint32_t>(corner));
  }
}

void read_element(const PlyElement& element, PlyBody& body, RawTriangles& mesh,
                  std::vector<std::vector<uint32_t>>& faces) {
  const bool is_vertex = element.name == "vertex", is_face = element.name == "face";
  for (uint64_t i = 0; i < element.count; ++i) {
    body.begin_element();
    Vec3 position = Vec3::Zero();
    std::vector<double> corners;
    for (const PlyProperty& property : element.properties) {
      if (property.is_list) {
        std::vector<double> values = next_list(body, property);
        if (property.name == "vertex_indices" || property.name == "vertex_index") {
          corners = std::move(values);
        }
        continue;
      }
      const double value = body.next(property.type);
      if (property.name == "x") position.x() = value;
      if (property.name == "y") position.y() = value;
      if (property.name == "z") position.z() = value;
    }
    if (is_vertex) add_vertex(position, mesh);
    if (is_face) add_face(corners, i, faces);
  }
}

}  // namespace

RawTriangles read_ply(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  const std::size_t end = bytes.find("end_header");
  if (bytes.compare(0, 3, "ply") != 0 || end == std::string::npos) throw_input("no PLY header");
  const PlyHeader header = parse_ply_header(bytes.substr(0, end), bytes.size());
  const std::size_t start = std::min(bytes.find('\n', end), bytes.size() - 1) + 1;
  PlyBody body(bytes.data() + start, bytes.data() + bytes.size(), header.format);
  RawTriangles mesh;
  std::vector<std::vector<uint32_t>> faces;
  for (const PlyElement& element : header.elements) read_element(element, body, mesh, faces);
  for (std::size_t f = 0; f < faces.size(); ++f) {
    for (const uint32_t corner : faces[f]) {
      if (corner >= mesh.vertices.size()) {
        throw_input("face {} names vertex {}, but there are {}", f, corner, mesh.vertices.size());
      }
    }
    for (const auto& triangle : cut_polygon(mesh.vertices, faces[f])) {
      mesh.triangles.push_back(triangle);
    }
  }
  return mesh;
}

}  // namespace thz::io::internal
