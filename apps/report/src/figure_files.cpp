#include "figure_files.h"

#include <fmt/format.h>

#include <regex>
#include <set>

#include "not_shown.h"
#include "page_style.h"
#include "pictures.h"
#include "plots.h"
#include "thz/io/atomic_file.h"
#include "thz/report/charts.h"

namespace thz::report::internal {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPlotStart = "<svg class=\"plot\"";

ImageD map_values(const ImageF& image) {
  ImageD out(image.rows, image.cols);
  for (std::size_t i = 0; i < image.size(); ++i) out.data[i] = static_cast<double>(image.data[i]);
  return out;
}

/// A grid of pictures as one PNG, each with its row, column and caption as title.
void write_grid_png(const fs::path& path, const ImageGrid& grid) {
  const double half_mm = grid.width_m > 0.0 ? 500.0 * grid.width_m : 0.5;
  std::vector<MapChart> charts;
  for (std::size_t r = 0; r < grid.cells.size(); ++r) {
    for (std::size_t c = 0; c < grid.cells[r].size(); ++c) {
      const GridCell& cell = grid.cells[r][c];
      MapChart chart;
      chart.title = grid.row_labels[r] + ": " + grid.column_labels[c];
      if (!cell.caption.empty()) chart.title += " (" + cell.caption + ")";
      chart.x_label = grid.width_m > 0.0 ? "x (mm)" : "";
      chart.y_label = grid.width_m > 0.0 ? "y (mm)" : "";
      chart.values = map_values(cell.image);
      chart.grey = cell.colours == ColourMap::kGrey;
      chart.left = chart.bottom = -half_mm;
      chart.right = chart.top = half_mm;
      chart.high = 1.0;
      charts.push_back(std::move(chart));
    }
  }
  if (charts.empty()) return;
  write_charts_png(path, charts, static_cast<int>(grid.column_labels.size()));
}

/// What stands on the page as pictures and tables of one run.
void write_run_files(const fs::path& folder, const ReportRun& run, const PictureScale& scale,
                     const std::string& id) {
  write_grid_png(folder / (id + "-reconstructions.png"),
                 reconstruction_grid(run.reconstructions, scale));
  write_grid_png(folder / (id + "-hardest-pairs.png"), hard_pair_grid(run.hard_pairs, scale));
  if (!has_posture(run.result) || run.result.posture.confusion.empty()) return;
  const std::string name = id + "-confusion";
  io::write_file(folder / (name + ".svg"),
                 standalone_svg(confusion_plot(run.result.posture, name)));
}

/// The id that a plot's title is called by, without its ending.
std::string id_of(const std::string& svg) {
  std::smatch found;
  if (!std::regex_search(svg, found, std::regex("aria-labelledby=\"([^\"]+)-title\"")))
    return "plot";
  return found[1];
}

}  // namespace

std::string standalone_svg(std::string svg) {
  static const std::regex variable(R"(var\(--([a-z0-9]+)\))");
  std::string out;
  auto last = svg.cbegin();
  for (std::sregex_iterator it(svg.begin(), svg.end(), variable), end; it != end; ++it) {
    out.append(last, (*it)[0].first);
    out += light_colour((*it)[1]);
    last = (*it)[0].second;
  }
  out.append(last, svg.cend());
  out = std::regex_replace(out, std::regex("font-family=\"inherit\""),
                           "font-family=\"Arial, sans-serif\"");
  return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + out + "\n";
}

void write_figures(const std::string& page, const ReportInput& input, const fs::path& folder) {
  io::make_folder(folder);
  for (std::size_t at = page.find(kPlotStart); at != std::string::npos;
       at = page.find(kPlotStart, at + 1)) {
    const std::size_t end = page.find("</svg>", at);
    if (end == std::string::npos) break;
    const std::string svg = page.substr(at, end + 6 - at);
    io::write_file(folder / (id_of(svg) + ".svg"), standalone_svg(svg));
  }
  const PictureScale scale = picture_scale(input);
  write_grid_png(folder / "layout.png", layout_grid(input.runs, scale));
  for (std::size_t g = 0; g < input.grids.size(); ++g) {
    write_grid_png(folder / fmt::format("samples-{}.png", g + 1), input.grids[g]);
  }
  for (std::size_t r = 0; r < input.runs.size(); ++r) {
    write_run_files(folder, input.runs[r], scale, fmt::format("run{}", r + 1));
  }
}

}  // namespace thz::report::internal
