#include "thz/io/head_model_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "thz/core/error.h"
#include "thz/io/hdf5_file.h"

namespace thz::io {
namespace {

constexpr char kHeadModelSchema[] = "head-morphable/1";

/// One file while its parts are checked against each other.
class HeadFile {
 public:
  explicit HeadFile(const std::filesystem::path& path) : file_(Hdf5File::open(path)) {}

  HeadMorphableFile read();

 private:
  [[noreturn]] void fail(const std::string& object, const std::string& message) const {
    throw_input("{}: {} {}", file_.name(), object, message);
  }
  /// Whole array; `wanted` 0 accepts any extent.
  template <typename T>
  std::vector<T> array(const std::string& path, const Shape& wanted) const;
  HeadModes modes(const std::string& group) const;
  void read_surface();
  void read_landmarks();
  uint64_t outer_count(const std::string& path, const std::string& key, uint64_t most) const;

  Hdf5File file_;
  HeadMorphableFile head_;
};

template <typename T>
std::vector<T> HeadFile::array(const std::string& path, const Shape& wanted) const {
  if (!file_.has(path)) fail(path, "is missing");
  const Shape shape = file_.shape(path);
  bool fits = shape.size() == wanted.size();
  for (std::size_t i = 0; fits && i < shape.size(); ++i) {
    fits = shape[i] > 0 && (wanted[i] == 0 || shape[i] == wanted[i]);
  }
  if (!fits) {
    fail(path, fmt::format("has shape [{}], but [{}] is expected (0: any)", fmt::join(shape, ", "),
                           fmt::join(wanted, ", ")));
  }
  return file_.read<T>(path);
}

template <typename T>
bool all_finite(const std::vector<T>& values) {
  return std::all_of(values.begin(), values.end(), [](T v) { return std::isfinite(v); });
}

uint64_t HeadFile::outer_count(const std::string& path, const std::string& key,
                               uint64_t most) const {
  if (!file_.has_attribute(path, key)) return most;
  const uint64_t count = file_.unsigned_number(path, key);
  if (count > most) fail(path, fmt::format("has {} {}, at most {} are there", key, count, most));
  return count;
}

void HeadFile::read_surface() {
  head_.mean_m = array<float>("/mean", {0, 3});
  if (!all_finite(head_.mean_m)) fail("/mean", "holds a vertex that is not finite");
  const uint64_t vertices = head_.num_vertices();
  const auto indices = array<int32_t>("/triangles", {0, 3});
  for (std::size_t i = 0; i + 2 < indices.size(); i += 3) {
    head_.triangles.push_back({indices[i], indices[i + 1], indices[i + 2]});
    for (const int32_t index : head_.triangles.back()) {
      if (index < 0 || static_cast<uint64_t>(index) >= vertices) {
        fail("/triangles",
             fmt::format("row {} names vertex {}, but there are {}", i / 3, index, vertices));
      }
    }
  }
  head_.vertex_region = array<uint8_t>("/vertex_region", {vertices});
  head_.triangle_region = array<uint8_t>("/triangle_region", {head_.triangles.size()});
  head_.region_names = array<std::string>("/region_names", {0});
  for (const auto* regions : {&head_.vertex_region, &head_.triangle_region}) {
    for (const uint8_t region : *regions) {
      if (region >= head_.region_names.size()) {
        fail("/region_names",
             fmt::format("has {} names, but region {} is used", head_.region_names.size(), region));
      }
    }
  }
  head_.outer_vertices = outer_count("/mean", "outer_vertices", vertices);
  head_.outer_triangles = outer_count("/triangles", "outer_triangles", head_.triangles.size());
}

HeadModes HeadFile::modes(const std::string& group) const {
  const uint64_t vertices = head_.num_vertices();
  const std::string path = group + "/modes";
  const auto counts = array<int16_t>(path, {0, vertices, 3});
  const uint64_t number = counts.size() / (3 * vertices);
  const auto scale = array<float>(group + "/scale", {number});
  if (!all_finite(scale)) fail(group + "/scale", "holds a value that is not finite");
  HeadModes modes;
  modes.names = array<std::string>(group + "/names", {number});
  for (uint64_t k = 0; k < number; ++k) {
    std::vector<float>& mode = modes.displacement_m.emplace_back(3 * vertices);
    const auto begin = counts.begin() + static_cast<std::ptrdiff_t>(k * mode.size());
    std::transform(begin, begin + static_cast<std::ptrdiff_t>(mode.size()), mode.begin(),
                   [&](int16_t count) { return scale[k] * static_cast<float>(count); });
  }
  return modes;
}

void HeadFile::read_landmarks() {
  const std::string group = "/landmarks/";
  for (const std::string& path : file_.datasets()) {
    if (path.compare(0, group.size(), group) != 0) continue;
    auto indices = array<int32_t>(path, {0});
    for (const int32_t index : indices) {
      if (index < 0 || static_cast<uint64_t>(index) >= head_.num_vertices()) {
        fail(path, fmt::format("names vertex {}, but there are {}", index, head_.num_vertices()));
      }
    }
    head_.landmarks.emplace(path.substr(group.size()), std::move(indices));
  }
}

HeadMorphableFile HeadFile::read() {
  const std::string schema =
      file_.has_attribute("/", "schema") ? file_.text("/", "schema") : "missing";
  if (schema != kHeadModelSchema)
    fail("attribute schema", "is " + schema + ", but must be " + kHeadModelSchema);
  for (const std::string& key : file_.attributes("/")) {
    try {
      head_.attributes[key] = file_.text("/", key);
    } catch (const InputError&) {
      // Counts and other numbers stand beside the texts.
    }
  }
  const std::string units = head_.attributes.count("units") ? head_.attributes["units"] : "metres";
  if (units != "m" && units.rfind("m ", 0) != 0 && units.rfind("met", 0) != 0) {
    fail("attribute units", "is '" + units + "', but metres are expected");
  }
  read_surface();
  head_.identity = modes("/identity");
  head_.expression = modes("/expression");
  read_landmarks();
  return std::move(head_);
}

}  // namespace

HeadMorphableFile read_head_model(const std::filesystem::path& path) {
  return HeadFile(path).read();
}

}  // namespace thz::io
