#include <algorithm>
#include <vector>

#include "thz/core/error.h"
#include "thz/sim/scanner.h"

namespace thz::sim {
namespace {

/// What a line shows at one x: its y there, and its power.
struct LineValue {
  double y_m;
  double power;
};

/// @param after  first sample of the line beyond x on the last call; x must not fall from call to
///   call.
LineValue value_at(const ImageF& power, const ScanPath& path, int line, double x_m, int& after) {
  const int samples = path.samples();
  while (after < samples && path.known_m(line, after).x() < x_m) ++after;
  const int right = std::clamp(after, 1, samples - 1);
  const Vec2& a = path.known_m(line, right - 1);
  const Vec2& b = path.known_m(line, right);
  const double t = std::clamp((x_m - a.x()) / (b.x() - a.x()), 0.0, 1.0);
  return {a.y() + t * (b.y() - a.y()), (1.0 - t) * power(line, right - 1) + t * power(line, right)};
}

/// Power at y between lines ordered from the top.
float between_lines(const std::vector<LineValue>& lines, double y_m) {
  const auto below = std::find_if(lines.begin(), lines.end(),
                                  [&](const LineValue& line) { return line.y_m < y_m; });
  if (below == lines.begin()) return static_cast<float>(lines.front().power);
  if (below == lines.end()) return static_cast<float>(lines.back().power);
  const LineValue& above = *(below - 1);
  const double t = (above.y_m - y_m) / (above.y_m - below->y_m);
  return static_cast<float>((1.0 - t) * above.power + t * below->power);
}

}  // namespace

ImageF regrid_power(const ImageF& power, const ScanPath& path, const ScanGeometry& nominal) {
  THZ_REQUIRE(power.rows == path.lines() && power.cols == path.samples(),
              "a frame and its path must have one size");
  THZ_REQUIRE(path.lines() > 0 && path.samples() > 1, "a path has lines of two samples or more");
  ImageF raster(nominal.lines(), nominal.samples_per_line());
  std::vector<int> after(static_cast<std::size_t>(path.lines()), 0);
  std::vector<LineValue> column(after.size());
  for (int s = 0; s < raster.cols; ++s) {
    const double x_m = nominal.foot_m(0, s).x();
    for (int l = 0; l < path.lines(); ++l) {
      const auto i = static_cast<std::size_t>(l);
      column[i] = value_at(power, path, l, x_m, after[i]);
    }
    for (int l = 0; l < raster.rows; ++l) {
      raster(l, s) = between_lines(column, nominal.foot_m(l, s).y());
    }
  }
  return raster;
}

}  // namespace thz::sim
