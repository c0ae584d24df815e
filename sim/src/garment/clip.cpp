#include "clip.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace thz::sim::internal {
namespace {

class Clipper {
 public:
  Clipper(const std::vector<double>& function, ClippedSurface& out)
      : function_(function), out_(out), whole_(function.size(), -1) {}

  void add(const std::array<int32_t, 3>& triangle, int32_t parent) {
    // Touching the line with a corner or a side is not enough.
    if (std::max({value(triangle[0]), value(triangle[1]), value(triangle[2])}) <= 0.0) return;
    std::array<int32_t, 4> polygon{};
    std::size_t corners = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const int32_t here = triangle[i];
      const int32_t next = triangle[(i + 1) % 3];
      const double f_here = value(here);
      const double f_next = value(next);
      if (f_here >= 0.0) polygon[corners++] = whole(here);
      if ((f_here > 0.0 && f_next < 0.0) || (f_here < 0.0 && f_next > 0.0)) {
        polygon[corners++] = cut(here, next);
      }
    }
    for (std::size_t i = 2; i < corners; ++i) {
      out_.triangles.push_back({polygon[0], polygon[i - 1], polygon[i]});
      out_.parents.push_back(parent);
    }
  }

 private:
  double value(int32_t v) const { return function_[static_cast<std::size_t>(v)]; }

  int32_t append(const ClippedSurface::Source& source) {
    out_.vertices.push_back(source);
    return static_cast<int32_t>(out_.vertices.size()) - 1;
  }

  int32_t whole(int32_t v) {
    int32_t& index = whole_[static_cast<std::size_t>(v)];
    if (index < 0) index = append({v, v, 0.0});
    return index;
  }

  int32_t cut(int32_t a, int32_t b) {
    const int32_t low = std::min(a, b);
    const int32_t high = std::max(a, b);
    const uint64_t key = (static_cast<uint64_t>(low) << 32) | static_cast<uint64_t>(high);
    const auto [entry, is_new] = cuts_.try_emplace(key, -1);
    if (is_new) {
      entry->second = append({low, high, value(low) / (value(low) - value(high))});
    }
    return entry->second;
  }

  const std::vector<double>& function_;
  ClippedSurface& out_;
  std::vector<int32_t> whole_;
  std::unordered_map<uint64_t, int32_t> cuts_;
};

}  // namespace

ClippedSurface clip_surface(const std::vector<std::array<int32_t, 3>>& triangles,
                            std::vector<double> function, double snap) {
  for (double& f : function) {
    if (std::abs(f) < snap) f = 0.0;
  }
  ClippedSurface out;
  Clipper clipper(function, out);
  for (std::size_t i = 0; i < triangles.size(); ++i) {
    clipper.add(triangles[i], static_cast<int32_t>(i));
  }
  return out;
}

}  // namespace thz::sim::internal
