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

ImageGrid imager_grid(const char* title, const char* note, const PictureScale& scale) {
  ImageGrid grid;
  grid.title = title;
  grid.note = note;
  grid.width_m = scale.width_m;
  grid.colour_label = scale.colour_label;
  return grid;
}

bool has_sample(const ReportRun& run) {
  return std::any_of(run.reconstructions.begin(), run.reconstructions.end(),
                     [](const ReconstructionRow& row) { return row.kind == kSample; });
}

// Row numbers mean the same pictures within one data set alone.
bool shares_sample(const ReportRun& run, const ReportRun& first) {
  if (run.result.run.dataset_sha256 != first.result.run.dataset_sha256) return false;
  return std::any_of(first.reconstructions.begin(), first.reconstructions.end(),
                     [&](const ReconstructionRow& row) {
                       return row.kind == kSample && matching(run, row) != nullptr;
                     });
}

}  // namespace

PictureScale picture_scale(const ReportInput& input) {
  return {input.reconstruction_width_m,
          input.band.empty() ? "grey value" : input.band + " grey value"};
}

ImageGrid reconstruction_grid(const std::vector<ReconstructionRow>& rows,
                              const PictureScale& scale) {
  ImageGrid grid = imager_grid(
      "Concealed input, what the network makes of it, and an independent unconcealed capture.",
      "Picked by the structural similarity of reconstruction and truth: best, median and worst of "
      "the test set.",
      scale);
  // Examples of one kind share a row: three pictures each.
  for (const ReconstructionRow& row : rows) {
    if (row.kind == kSample) continue;  // in the layout of all runs
    auto place = std::find(grid.row_labels.begin(), grid.row_labels.end(), row.kind);
    const auto at = static_cast<std::size_t>(place - grid.row_labels.begin());
    if (place == grid.row_labels.end()) {
      grid.row_labels.push_back(row.kind);
      grid.cells.emplace_back();
    }
    const auto add = [&](const ImageF& image, const char* what, std::string caption) {
      grid.cells[at].push_back({image, ColourMap::kInferno,
                                fmt::format("{}, {} example, {}", what, row.kind, row.label),
                                std::move(caption)});
    };
    add(row.input, "concealed input", row.label);
    add(row.reconstruction, "reconstruction",
        fmt::format("SSIM {:.3f}, {:.1f} dB", row.ssim, row.psnr_db));
    add(row.truth, "unconcealed capture", "");
  }
  std::size_t columns = 0;
  for (const auto& cells : grid.cells) columns = std::max(columns, cells.size());
  for (auto& cells : grid.cells) cells.resize(columns);
  for (std::size_t c = 0; c < columns; c += 3) {
    for (const char* label : {"concealed input", "reconstruction", "truth"}) {
      grid.column_labels.emplace_back(label);
    }
  }
  return grid;
}

std::vector<const ReportRun*> layout_runs(const std::vector<ReportRun>& runs) {
  std::vector<const ReportRun*> shown;
  for (const ReportRun& run : runs) {
    if (shown.empty() ? has_sample(run) : shares_sample(run, *shown.front())) shown.push_back(&run);
  }
  return shown;
}

ImageGrid layout_grid(const std::vector<ReportRun>& runs, const PictureScale& scale) {
  ImageGrid grid = imager_grid(
      "Reconstructions from concealed images.",
      "Persons and postures in turn, picked by their labels alone; below a reconstruction its "
      "structural similarity to the target, one independent unconcealed capture.",
      scale);
  const std::vector<const ReportRun*> shown = layout_runs(runs);
  if (shown.empty()) return grid;
  grid.column_labels.emplace_back("concealed input");
  for (const ReportRun* run : shown) {
    grid.column_labels.push_back(runs.size() > 1 ? run->name : "reconstruction");
  }
  grid.column_labels.emplace_back("unconcealed target");
  for (const ReconstructionRow& sample : shown.front()->reconstructions) {
    if (sample.kind != kSample) continue;
    std::vector<GridCell> cells = {cell_of(sample.input, "concealed input, " + sample.label)};
    for (const ReportRun* run : shown) {
      const ReconstructionRow* row = matching(*run, sample);
      if (row == nullptr) break;
      cells.push_back(cell_of(row->reconstruction,
                              "reconstruction by " + run->name + ", " + sample.label,
                              fmt::format("SSIM {:.3f}", row->ssim)));
    }
    if (cells.size() != shown.size() + 1) continue;  // not everybody's
    cells.push_back(cell_of(sample.truth, "unconcealed target, " + sample.label));
    grid.row_labels.push_back(sample.label);
    grid.cells.push_back(std::move(cells));
  }
  return grid;
}

std::string render_layout(const std::vector<ReportRun>& runs, const PictureScale& scale) {
  const ImageGrid grid = layout_grid(runs, scale);
  return grid.cells.empty() ? "" : "<h2>What is under it?</h2>\n" + render_grid(grid);
}

ImageGrid hard_pair_grid(const std::vector<HardPairRow>& pairs, const PictureScale& scale) {
  ImageGrid grid = imager_grid(
      "The hardest pairs, posture known.",
      "Above: one person whose concealed and unconcealed image the network puts farthest apart, "
      "each person once. Below: two persons whom it puts closest together.",
      scale);
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
