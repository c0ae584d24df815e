#include "thz/io/ict_facekit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "obj_points.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"

namespace thz::io {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr float kMetresPerUnit = 0.01F;  // the source states no unit; centimetres fit human heads

/// A run of vertices that belong together; the head keeps the first `outer` kinds as its surface.
struct VertexRange {
  std::string name;
  int32_t first = 0;
  int32_t last = 0;
};

/// Vertex ranges of the published topology, after the table in ICT-FaceKit's README.
constexpr int32_t kPublishedVertices = 26719;
const std::vector<VertexRange>& published_ranges() {
  static const std::vector<VertexRange> ranges = {{"face", 0, 9408},
                                                  {"head_neck", 9409, 11247},
                                                  {"eyeball_front_left", 21451, 23020},
                                                  {"eyeball_front_right", 23021, 24590},
                                                  {"mouth_socket", 11248, 13293},
                                                  {"eye_socket_left", 13294, 13677},
                                                  {"eye_socket_right", 13678, 14061}};
  return ranges;
}

using Point = std::array<double, 3>;

/// One folder while its model is put together.
class FaceKitFolder {
 public:
  FaceKitFolder(const fs::path& folder, const ProgressFn& progress)
      : folder_(folder), progress_(progress) {}

  HeadMorphableFile read();

 private:
  void read_index();
  void choose_ranges();
  void choose_vertices();
  Point range_mean(const VertexRange& range) const;
  void add_surface(HeadMorphableFile& head) const;
  void add_landmarks(HeadMorphableFile& head) const;
  HeadModes modes(const std::vector<std::string>& names);
  std::vector<std::string> identity_names() const;

  fs::path folder_;
  ProgressFn progress_;
  Json index_;
  internal::ObjPoints neutral_;
  std::vector<VertexRange> ranges_;
  bool published_ = false;
  std::vector<int32_t> kept_;    ///< vertices of the source, in the order of the model
  std::vector<uint8_t> region_;  ///< of each kept vertex
  std::vector<int32_t> place_;   ///< of each source vertex in kept_, or -1
  std::size_t done_ = 0, total_ = 0;
};

void FaceKitFolder::read_index() {
  const fs::path path = folder_ / "vertex_indices.json";
  index_ = Json::parse(read_file(path), nullptr, false);
  if (index_.is_discarded() || !index_.is_object()) {
    throw_input("{}: not a JSON object", path.string());
  }
  const auto& names = index_.find("expressions");
  if (names == index_.end() || !names->is_array() ||
      !std::all_of(names->begin(), names->end(), [](const Json& n) { return n.is_string(); })) {
    throw_input("{}: key expressions is missing or no list of names", path.string());
  }
}

void FaceKitFolder::choose_ranges() {
  const auto vertices = static_cast<int32_t>(neutral_.xyz.size() / 3);
  published_ = vertices == kPublishedVertices;
  if (published_) {
    ranges_ = published_ranges();
    return;
  }
  if (!index_.contains("regions")) {
    ranges_ = {{"face", 0, vertices - 1}};
    return;
  }
  for (const auto& [name, range] : index_["regions"].items()) {
    const bool pair = range.is_array() && range.size() == 2 && range[0].is_number_integer() &&
                      range[1].is_number_integer();
    VertexRange r{name, pair ? range[0].get<int32_t>() : 0, pair ? range[1].get<int32_t>() : -1};
    if (r.first < 0 || r.last < r.first || r.last >= vertices) {
      throw_input("{}: region '{}' must be [first, last] of the {} vertices",
                  (folder_ / "vertex_indices.json").string(), name, vertices);
    }
    ranges_.push_back(r);
  }
}

Point FaceKitFolder::range_mean(const VertexRange& range) const {
  Point low{1e30, 1e30, 1e30};
  Point high{-1e30, -1e30, -1e30};
  for (int32_t v = range.first; v <= range.last; ++v) {
    for (std::size_t k = 0; k < 3; ++k) {
      const double x = neutral_.xyz[3 * static_cast<std::size_t>(v) + k];
      low[k] = std::min(low[k], x);
      high[k] = std::max(high[k], x);
    }
  }
  // The eyeball is a closed ball: the middle of its box is its centre.
  return {0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1]), 0.5 * (low[2] + high[2])};
}

void FaceKitFolder::choose_vertices() {
  place_.assign(neutral_.xyz.size() / 3, -1);
  for (std::size_t r = 0; r < ranges_.size(); ++r) {
    const bool eyeball = ranges_[r].name.rfind("eyeball_front", 0) == 0;
    const Point centre = range_mean(ranges_[r]);
    for (int32_t v = ranges_[r].first; v <= ranges_[r].last; ++v) {
      if (eyeball) {
        // The front: within 75 degrees of +z from the centre.
        double radius = 0.0;
        for (std::size_t k = 0; k < 3; ++k) {
          radius += std::pow(neutral_.xyz[3 * static_cast<std::size_t>(v) + k] - centre[k], 2);
        }
        const double ahead = neutral_.xyz[3 * static_cast<std::size_t>(v) + 2] - centre[2];
        if (ahead < 0.2588 * std::sqrt(radius)) continue;
      }
      place_[static_cast<std::size_t>(v)] = static_cast<int32_t>(kept_.size());
      kept_.push_back(v);
      region_.push_back(static_cast<uint8_t>(r));
    }
  }
}

void FaceKitFolder::add_surface(HeadMorphableFile& head) const {
  Point shift{0.0, 0.0, 0.0};
  if (published_) {
    const Point left = range_mean(ranges_[2]);
    const Point right = range_mean(ranges_[3]);
    constexpr Point kEyes{0.0, 0.0361, 0.0799};
    for (std::size_t k = 0; k < 3; ++k) {
      shift[k] = kEyes[k] - 0.5 * static_cast<double>(kMetresPerUnit) * (left[k] + right[k]);
    }
  }
  for (const int32_t v : kept_) {
    for (std::size_t k = 0; k < 3; ++k) {
      head.mean_m.push_back(kMetresPerUnit * neutral_.xyz[3 * static_cast<std::size_t>(v) + k] +
                            static_cast<float>(shift[k]));
    }
  }
  head.vertex_region = region_;
  for (const VertexRange& r : ranges_) head.region_names.push_back(r.name);
  // Triangles in the order of their regions, so that the outer surface comes first.
  std::vector<std::vector<std::array<int32_t, 3>>> by_region(ranges_.size());
  for (const auto& t : neutral_.triangles) {
    std::array<int32_t, 3> moved{};
    bool whole = true;
    uint8_t region = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      moved[k] = place_[static_cast<std::size_t>(t[k])];
      whole = whole && moved[k] >= 0;
      if (whole) region = std::max(region, region_[static_cast<std::size_t>(moved[k])]);
    }
    if (whole) by_region[region].push_back(moved);
  }
  for (std::size_t r = 0; r < by_region.size(); ++r) {
    head.triangles.insert(head.triangles.end(), by_region[r].begin(), by_region[r].end());
    head.triangle_region.insert(head.triangle_region.end(), by_region[r].size(),
                                static_cast<uint8_t>(r));
    if (ranges_[r].name.find("socket") == std::string::npos) {
      head.outer_triangles = head.triangles.size();
    }
  }
  if (head.triangles.empty()) {
    throw_input("{}: no faces", (folder_ / "generic_neutral_mesh.obj").string());
  }
  head.outer_vertices =
      static_cast<uint64_t>(std::count_if(region_.begin(), region_.end(), [&](uint8_t r) {
        return ranges_[r].name.find("socket") == std::string::npos;
      }));
}

void FaceKitFolder::add_landmarks(HeadMorphableFile& head) const {
  if (!index_.contains("idx_to_landmark_verts")) return;
  std::vector<int32_t> points;
  for (const Json& entry : index_["idx_to_landmark_verts"]) {
    const int64_t v = entry.is_number_integer() ? entry.get<int64_t>() : -1;
    const bool kept = v >= 0 && v < static_cast<int64_t>(place_.size()) &&
                      place_[static_cast<std::size_t>(v)] >= 0;
    if (!kept) {
      throw_input("{}: landmark {} is no vertex of the head",
                  (folder_ / "vertex_indices.json").string(), entry.dump());
    }
    points.push_back(place_[static_cast<std::size_t>(v)]);
  }
  head.landmarks[points.size() == 68 ? "multipie68" : "source"] = points;
}

std::vector<std::string> FaceKitFolder::identity_names() const {
  std::vector<std::string> names;
  for (;;) {
    const std::string name = fmt::format("identity{:03d}", names.size());
    if (!fs::exists(folder_ / (name + ".obj"))) break;
    names.push_back(name);
  }
  if (names.empty()) throw_input("{}: identity000.obj is missing", folder_.string());
  return names;
}

HeadModes FaceKitFolder::modes(const std::vector<std::string>& names) {
  HeadModes list;
  list.names = names;
  for (const std::string& name : names) {
    const fs::path path = folder_ / (name + ".obj");
    const internal::ObjPoints moved = internal::read_obj_points(path, false);
    if (moved.xyz.size() != neutral_.xyz.size()) {
      throw_input("{}: {} vertices, but generic_neutral_mesh.obj has {}", path.string(),
                  moved.xyz.size() / 3, neutral_.xyz.size() / 3);
    }
    std::vector<float>& mode = list.displacement_m.emplace_back();
    for (const int32_t v : kept_) {
      for (std::size_t k = 0; k < 3; ++k) {
        const std::size_t at = 3 * static_cast<std::size_t>(v) + k;
        mode.push_back(kMetresPerUnit * (moved.xyz[at] - neutral_.xyz[at]));
      }
    }
    if (progress_) progress_(++done_, total_);
  }
  return list;
}

HeadMorphableFile FaceKitFolder::read() {
  read_index();
  neutral_ = internal::read_obj_points(folder_ / "generic_neutral_mesh.obj", true);
  choose_ranges();
  choose_vertices();
  HeadMorphableFile head;
  add_surface(head);
  add_landmarks(head);
  const auto identities = identity_names();
  const auto expressions = index_["expressions"].get<std::vector<std::string>>();
  total_ = identities.size() + expressions.size();
  head.identity = modes(identities);
  head.expression = modes(expressions);
  head.attributes = {{"title", "ICT-FaceKit"},
                     {"source", "ICT-VGL/ICT-FaceKit, folder of OBJ files"},
                     {"licence", "MIT"},
                     {"copyright", "Copyright (c) 2020 USC Institute for Creative Technologies"},
                     {"axes", "+x subject's left, +y up, +z out of the face"}};
  return head;
}

}  // namespace

HeadMorphableFile read_ict_facekit(const fs::path& folder, const ProgressFn& progress) {
  return FaceKitFolder(folder, progress).read();
}

}  // namespace thz::io
