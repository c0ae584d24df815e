#include "pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "colour_map.h"
#include "thz/core/error.h"

namespace thz::report::internal {
namespace {

std::string length_text(double length_m) {
  return length_m >= 1.0 ? fmt::format("{:g} m", length_m)
                         : fmt::format("{:g} mm", std::round(1e6 * length_m) / 1e3);
}

std::string scale_bar(double width_m) {
  if (!(width_m > 0.0)) return "";
  const double bar_m = scale_bar_m(width_m);
  return fmt::format(
      "<span class=\"scale\" style=\"width:{:.2f}%\" aria-hidden=\"true\"><i></i>{}</span>",
      100.0 * bar_m / width_m, length_text(bar_m));
}

// Numbers along the lower and the left edge: the scene's x to the right, y upwards, in millimetres.
std::string edge_numbers(double width_m, double height_m, bool below, bool left) {
  const auto mm = [](double metres) {
    const double value = 1e3 * metres;
    return value < 0 ? fmt::format("−{:.0f}", -value) : fmt::format("{:.0f}", value);
  };
  std::string out;
  if (below) {
    out += fmt::format("<span class=\"x-axis\"><b>{}</b><b>x (mm)</b><b>{}</b></span>",
                       mm(-0.5 * width_m), mm(0.5 * width_m));
  }
  if (left) {
    out += fmt::format("<span class=\"y-axis\"><b>{}</b><b>y (mm)</b><b>{}</b></span>",
                       mm(-0.5 * height_m), mm(0.5 * height_m));
  }
  return out;
}

struct PictureFrame {
  double width_m = 0.0;
  bool bar = false;    // scale bar inside the picture
  bool below = false;  // x numbers
  bool left = false;   // y numbers
};

std::string picture(const GridCell& cell, const std::string& alt, const PictureFrame& frame) {
  if (cell.image.empty()) return "<span class=\"none\">–</span>";
  std::string out = "<span class=\"picture\"><span class=\"frame\">";
  out += fmt::format("<img src=\"{}\" width=\"{}\" height=\"{}\" alt=\"{}\">",
                     png_data_uri(cell.image, cell.colours, alt), cell.image.cols, cell.image.rows,
                     escape(alt));
  if (frame.bar) out += scale_bar(frame.width_m);
  if (frame.width_m > 0.0) {
    const double height_m = frame.width_m * cell.image.rows / cell.image.cols;
    out += edge_numbers(frame.width_m, height_m, frame.below, frame.left);
  }
  out += "</span>";
  if (!cell.caption.empty()) out += "<span class=\"under\">" + escape(cell.caption) + "</span>";
  return out + "</span>";
}

std::string colour_scale(ColourMap map, const std::string& label) {
  return fmt::format(
      "<span class=\"colour\"><b>0</b><i style=\"background:{}\"></i><b>1</b> {}</span>",
      css_gradient(map), escape(label));
}

std::string colour_scales(const ImageGrid& grid) {
  if (grid.colour_label.empty()) return "";
  bool inferno = false, grey = false;
  for (const auto& row : grid.cells) {
    for (const GridCell& cell : row) {
      if (cell.image.empty()) continue;
      (cell.colours == ColourMap::kInferno ? inferno : grey) = true;
    }
  }
  std::string out = "<p class=\"scales\">";
  if (inferno) out += colour_scale(ColourMap::kInferno, grid.colour_label);
  if (grey) out += colour_scale(ColourMap::kGrey, inferno ? "visible light" : grid.colour_label);
  return out + "</p>\n";
}

void require_grid(const ImageGrid& grid) {
  if (grid.cells.size() != grid.row_labels.size()) {
    throw_input("the picture grid '{}' has {} rows but {} row labels", grid.title,
                grid.cells.size(), grid.row_labels.size());
  }
  for (const auto& row : grid.cells) {
    if (row.size() != grid.column_labels.size()) {
      throw_input("the picture grid '{}' has a row of {} pictures but {} column labels", grid.title,
                  row.size(), grid.column_labels.size());
    }
  }
}

std::string grid_table(const ImageGrid& grid, const std::string& css_class) {
  std::string out =
      "<div class=\"scroll\"><table class=\"pictures " + css_class + "\">\n<thead><tr><td></td>";
  for (const auto& label : grid.column_labels) {
    out += "<th scope=\"col\">" + escape(label) + "</th>";
  }
  out += "</tr></thead>\n<tbody>\n";
  for (std::size_t r = 0; r < grid.cells.size(); ++r) {
    out += "<tr><th scope=\"row\">" + escape(grid.row_labels[r]) + "</th>";
    for (std::size_t c = 0; c < grid.cells[r].size(); ++c) {
      const GridCell& cell = grid.cells[r][c];
      const std::string alt =
          cell.alt.empty() ? grid.row_labels[r] + ", " + grid.column_labels[c] : cell.alt;
      const PictureFrame frame{grid.width_m, r == 0 && c == 0, r + 1 == grid.cells.size(), c == 0};
      out += "<td>" + picture(cell, alt, frame) + "</td>";
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string grid_figure(const ImageGrid& grid, const std::string& css_class) {
  require_grid(grid);
  if (grid.cells.empty()) return "";
  std::string caption = escape(grid.title);
  if (!grid.note.empty()) caption += " " + escape(grid.note);
  return "<figure>\n" + grid_table(grid, css_class) + colour_scales(grid) +
         figure_caption(caption) + "</figure>\n";
}

}  // namespace

double scale_bar_m(double width_m) {
  const double wanted = 0.25 * width_m;
  const double decade = std::pow(10.0, std::floor(std::log10(wanted)));
  double best = decade;
  for (const double factor : {2.0, 5.0, 10.0}) {
    if (std::abs(std::log(factor * decade / wanted)) < std::abs(std::log(best / wanted))) {
      best = factor * decade;
    }
  }
  return best;
}

std::string render_grid(const ImageGrid& grid) { return grid_figure(grid, ""); }

std::string render_reconstructions(const std::vector<ReconstructionRow>& rows,
                                   const PictureScale& scale) {
  return grid_figure(reconstruction_grid(rows, scale), "triples");
}

}  // namespace thz::report::internal
