#include <fmt/format.h>

#include <algorithm>

#include "pictures.h"

namespace thz::report::internal {
namespace {

constexpr const char* kSample = "sample";

/// The run's sample of the same input and target; null if it has none.
const ReconstructionRow* matching(const ReportRun& run, const ReconstructionRow& sample) {
  const auto found = std::find_if(
      run.reconstructions.begin(), run.reconstructions.end(), [&](const ReconstructionRow& row) {
        return row.kind == kSample && row.input_row == sample.input_row &&
               row.target_row == sample.target_row && row.label == sample.label;
      });
  return found == run.reconstructions.end() ? nullptr : &*found;
}

GridCell cell_of(const ImageF& image, std::string alt, std::string caption = "") {
  return {image, ColourMap::kInferno, std::move(alt), std::move(caption)};
}

ImageGrid thz_grid(const char* title, const char* note, double width_m) {
  ImageGrid grid;
  grid.title = title;
  grid.note = note;
  grid.width_m = width_m;
  grid.colour_label = "340 GHz grey value";
  return grid;
}

}  // namespace

ImageGrid layout_grid(const std::vector<ReportRun>& runs, double width_m) {
  ImageGrid grid = thz_grid(
      "Reconstructions from concealed images.",
      "Persons and postures in turn, picked by their labels alone; below a reconstruction its "
      "structural similarity to the target, one independent unconcealed capture.",
      width_m);
  grid.column_labels.emplace_back("concealed input");
  for (const ReportRun& run : runs) {
    grid.column_labels.push_back(runs.size() > 1 ? run.name : "reconstruction");
  }
  grid.column_labels.emplace_back("unconcealed target");
  if (runs.empty()) return grid;
  for (const ReconstructionRow& sample : runs.front().reconstructions) {
    if (sample.kind != kSample) continue;
    std::vector<GridCell> cells = {cell_of(sample.input, "concealed input, " + sample.label)};
    for (const ReportRun& run : runs) {
      const ReconstructionRow* row = matching(run, sample);
      if (row == nullptr) break;
      cells.push_back(cell_of(row->reconstruction,
                              "reconstruction by " + run.name + ", " + sample.label,
                              fmt::format("SSIM {:.3f}", row->ssim)));
    }
    if (cells.size() != runs.size() + 1) continue;  // of another split
    cells.push_back(cell_of(sample.truth, "unconcealed target, " + sample.label));
    grid.row_labels.push_back(sample.label);
    grid.cells.push_back(std::move(cells));
  }
  return grid;
}

std::string render_layout(const std::vector<ReportRun>& runs, double width_m) {
  const ImageGrid grid = layout_grid(runs, width_m);
  return grid.cells.empty() ? "" : "<h2>What is under it?</h2>\n" + render_grid(grid);
}

ImageGrid hard_pair_grid(const std::vector<HardPairRow>& pairs, double width_m) {
  ImageGrid grid = thz_grid(
      "The hardest pairs, posture known.",
      "Above: one person whose concealed and unconcealed image the network puts farthest apart, "
      "each person once. Below: two persons whom it puts closest together.",
      width_m);
  std::size_t columns = 0;
  for (const bool genuine : {true, false}) {
    std::vector<GridCell> probes, gallery;
    for (const HardPairRow& pair : pairs) {
      if (pair.genuine != genuine) continue;
      probes.push_back(cell_of(pair.probe, "concealed, " + pair.label, pair.label));
      gallery.push_back(cell_of(pair.gallery, "unconcealed, " + pair.label,
                                fmt::format("distance {:.3f}", pair.distance)));
    }
    if (probes.empty()) continue;
    columns = std::max(columns, probes.size());
    const std::string kind = genuine ? "one person" : "two persons";
    grid.row_labels.insert(grid.row_labels.end(), {kind + ", concealed", kind + ", unconcealed"});
    grid.cells.push_back(std::move(probes));
    grid.cells.push_back(std::move(gallery));
  }
  for (auto& row : grid.cells) row.resize(columns);
  for (std::size_t c = 0; c < columns; ++c) grid.column_labels.push_back(std::to_string(c + 1));
  return grid;
}

}  // namespace thz::report::internal
