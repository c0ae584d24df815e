#include "obj_points.h"

#include <cmath>
#include <cstdlib>
#include <string>

#include "thz/core/error.h"
#include "thz/io/atomic_file.h"

namespace thz::io::internal {
namespace {

/// One line at a time with its number.
class Lines {
 public:
  Lines(const std::filesystem::path& path, std::string text)
      : path_(path.string()), text_(std::move(text)) {}

  bool next(std::string& line) {
    if (at_ >= text_.size()) return false;
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    line = text_.substr(at_, end - at_);
    at_ = end + 1;
    ++number_;
    return true;
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw_input("{}, line {}: {}", path_, number_, why);
  }

 private:
  std::string path_, text_;
  std::size_t at_ = 0;
  int number_ = 0;
};

void read_vertex(const std::string& line, const Lines& lines, ObjPoints& mesh) {
  const char* at = line.c_str() + 2;
  for (int axis = 0; axis < 3; ++axis) {
    char* end = nullptr;
    const float value = std::strtof(at, &end);
    if (end == at || !std::isfinite(value)) lines.fail("a vertex needs three finite numbers");
    mesh.xyz.push_back(value);
    at = end;
  }
}

void read_face(const std::string& line, const Lines& lines, ObjPoints& mesh) {
  std::vector<int32_t> corners;
  const char* at = line.c_str() + 2;
  const auto count = static_cast<long>(mesh.xyz.size() / 3);
  for (;;) {
    char* end = nullptr;
    const long index = std::strtol(at, &end, 10);
    if (end == at) break;
    // Negative indices count back from the last vertex read.
    const long vertex = index < 0 ? count + index : index - 1;
    if (index == 0 || vertex < 0 || vertex >= count) {
      lines.fail(fmt::format("a face names vertex {}, but there are {}", index, count));
    }
    corners.push_back(static_cast<int32_t>(vertex));
    while (*end != '\0' && *end != ' ' && *end != '\t') ++end;  // texture and normal indices
    at = end;
  }
  if (corners.size() < 3) lines.fail("a face needs three corners");
  for (std::size_t i = 2; i < corners.size(); ++i) {
    mesh.triangles.push_back({corners[0], corners[i - 1], corners[i]});
  }
}

}  // namespace

ObjPoints read_obj_points(const std::filesystem::path& path, bool with_faces) {
  Lines lines(path, read_file(path));
  ObjPoints mesh;
  std::string line;
  while (lines.next(line)) {
    if (line.rfind("v ", 0) == 0) read_vertex(line, lines, mesh);
    if (with_faces && line.rfind("f ", 0) == 0) read_face(line, lines, mesh);
  }
  if (mesh.xyz.empty()) throw_input("{}: no vertices", path.string());
  return mesh;
}

}  // namespace thz::io::internal
