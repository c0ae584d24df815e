#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "thz/core/image.h"

namespace thz::report {

/// A line of a chart; x and y of one length. NaN leaves a gap.
struct Curve {
  std::string title;
  std::vector<double> x, y;
};

struct CurveChart {
  std::string title, x_label, y_label;
  double y_low = 0.0, y_high = 1.0;
  std::vector<Curve> curves;
  bool log_axes = false;  ///< both; what is not above zero is left out
};

/// Values over a rectangle, coloured, with each value printed in its cell where there is room.
struct MapChart {
  std::string title;             ///< with the unit
  std::string x_label, y_label;  ///< both empty: no numbers at the axes
  ImageD values;                 ///< row 0 at the top; empty: the place stays free
  /// Centres of the outermost cells: left, right, bottom, top.
  double left = 0.0, right = 1.0, bottom = 0.0, top = 1.0;
  /// Range of colours; equal: from the values.
  double low = 0.0, high = 0.0;
  std::string number_format = "%.3g";  ///< of the values in the cells
  bool grey = false;                   ///< black to white instead of the project's colours
};

/// Charts side by side, `columns` a row, as one PNG on white, whole or not at all.
/// @throws thz::InputError if gnuplot is not installed or fails, or the file cannot be written;
/// ContractError for no charts, no curves or curves of unequal lengths.
void write_charts_png(const std::filesystem::path& path, const std::vector<CurveChart>& charts,
                      int columns);
void write_charts_png(const std::filesystem::path& path, const std::vector<MapChart>& charts,
                      int columns);

}  // namespace thz::report
