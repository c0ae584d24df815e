#include "thz/report/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "colour_map.h"
#include "gnuplot.h"
#include "thz/core/error.h"

namespace thz::report {
namespace {

using internal::axis;
using internal::block;
using internal::plain;

constexpr int kPanelWidth_px = 460;
constexpr int kPanelHeight_px = 400;
/// More columns leave no room for a number in a cell.
constexpr int kMostNumberedColumns = 11;
/// Of the numbers in the cells, 0xrrggbb.
constexpr int kDarkInk = 0x1b1f24;
constexpr int kLightInk = 0xffffff;

std::string title_line(const std::string& title) {
  return fmt::format("set title '{}' textcolor rgb '{}'\n", plain(title), internal::kInk);
}

std::string curve_script(const CurveChart& chart, std::size_t number) {
  THZ_REQUIRE(!chart.curves.empty(), "a chart needs a curve");
  std::string data, plot;
  for (std::size_t c = 0; c < chart.curves.size(); ++c) {
    const Curve& curve = chart.curves[c];
    THZ_REQUIRE(curve.x.size() == curve.y.size(), "a curve has as many x as y");
    const std::string name = fmt::format("c{}n{}", number, c);
    std::string lines;
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      if (chart.log_axes && !(curve.x[i] > 0.0 && curve.y[i] > 0.0)) continue;
      lines += std::isfinite(curve.y[i]) ? fmt::format("{:.7g} {:.7g}\n", curve.x[i], curve.y[i])
                                         : std::string("\n");
    }
    data += block(name, lines);
    plot += fmt::format("{} ${} using 1:2 with lines {} title '{}'", plot.empty() ? "plot" : ",",
                        name, internal::line_style(static_cast<int>(c) + 1), plain(curve.title));
  }
  return data + title_line(chart.title) + axis("x", plain(chart.x_label)) +
         axis("y", plain(chart.y_label)) +
         fmt::format("set yrange [{:g}:{:g}]\nset autoscale xfix\n", chart.y_low, chart.y_high) +
         (chart.log_axes ? "set logscale xy\nset format xy '%g'\n"
                         : "unset logscale xy\nset format xy\n") +
         plot + "\n";
}

/// A colour map as a palette.
std::string palette(ColourMap map) {
  std::string steps;
  for (int k = 0; k <= 10; ++k) {
    const auto c = internal::colour_of(0.1f * static_cast<float>(k), map);
    steps += fmt::format("{}{} '#{:02x}{:02x}{:02x}'", k == 0 ? "" : ", ", k, c[0], c[1], c[2]);
  }
  return "set palette defined (" + steps + ")\n";
}

std::string map_script(const MapChart& chart, std::size_t number) {
  const ImageD& v = chart.values;
  if (v.empty()) return "set multiplot next\n";
  THZ_REQUIRE(v.rows >= 2 && v.cols >= 2, "a map needs two rows and columns");
  double low = chart.low, high = chart.high;
  if (low == high) {
    low = *std::min_element(v.data.begin(), v.data.end());
    high = *std::max_element(v.data.begin(), v.data.end());
    // A constant map still needs a range of colours.
    if (high - low <= 1e-9 * std::abs(high)) high = low + std::max(1e-9, 1e-3 * std::abs(low));
  }
  const double dx = (chart.right - chart.left) / (v.cols - 1);
  const double dy = (chart.top - chart.bottom) / (v.rows - 1);
  std::string cells;
  for (int row = 0; row < v.rows; ++row) {
    for (int col = 0; col < v.cols; ++col) {
      // Dark ink on the bright half of the colours, light on the dark.
      const bool bright = v(row, col) > 0.5 * (low + high);
      cells += fmt::format("{:.7g} {:.7g} {:.7g} {}\n", chart.left + col * dx, chart.top - row * dy,
                           v(row, col), bright ? kDarkInk : kLightInk);
    }
  }
  const std::string name = fmt::format("m{}", number);
  std::string plot = fmt::format("plot ${} using 1:2:3 with image notitle", name);
  if (v.cols <= kMostNumberedColumns) {
    plot += fmt::format(
        ", ${} using 1:2:(sprintf('{}', $3)):4 with labels textcolor rgb variable font ',8' "
        "notitle",
        name, chart.number_format);
  }
  const bool bare = chart.x_label.empty() && chart.y_label.empty();
  return palette(chart.grey ? ColourMap::kGrey : ColourMap::kInferno) +
         (bare ? "unset xtics\nunset ytics\n" : "") + block(name, cells) + title_line(chart.title) +
         axis("x", plain(chart.x_label)) + axis("y", plain(chart.y_label)) +
         fmt::format(
             "set cbrange [{:.7g}:{:.7g}]\nset xrange [{:.7g}:{:.7g}]\n"
             "set yrange [{:.7g}:{:.7g}]\n",
             low, high, chart.left - 0.5 * dx, chart.right + 0.5 * dx, chart.bottom - 0.5 * dy,
             chart.top + 0.5 * dy) +
         plot + "\n";
}

template <typename Chart, typename Script>
void write_panels(const std::filesystem::path& path, const std::vector<Chart>& charts, int columns,
                  const std::string& head, Script&& script) {
  THZ_REQUIRE(!charts.empty() && columns >= 1, "a picture needs a chart");
  const int count = static_cast<int>(charts.size());
  const int used = std::min(columns, count), rows = (count + columns - 1) / columns;
  std::string text = head + fmt::format("set multiplot layout {},{}\n", rows, used);
  for (std::size_t i = 0; i < charts.size(); ++i) text += script(charts[i], i);
  internal::gnuplot_png(path, text + "unset multiplot\n", used * kPanelWidth_px,
                        rows * kPanelHeight_px);
}

}  // namespace

void write_charts_png(const std::filesystem::path& path, const std::vector<CurveChart>& charts,
                      int columns) {
  write_panels(path, charts, columns, "", curve_script);
}

void write_charts_png(const std::filesystem::path& path, const std::vector<MapChart>& charts,
                      int columns) {
  write_panels(path, charts, columns, "unset grid\nunset key\nset size ratio -1\nset tics out\n",
               map_script);
}

}  // namespace thz::report
