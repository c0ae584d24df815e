#include "report_data.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "thz/core/config.h"
#include "thz/core/error.h"
#include "thz/core/version.h"
#include "thz/io/atomic_file.h"
#include "thz/io/dataset_reader.h"
#include "thz/sim/scene.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;
using report::ReportInput;

std::string number(double value, const char* unit) { return fmt::format("{:g} {}", value, unit); }

/// The data set of the run, or nothing and the reason on the page.
std::optional<io::DatasetReader> find_data(const std::string& run, const std::string& given,
                                           ReportInput& input) {
  const std::string& trained_on = input.runs.front().result.run.dataset_sha256;
  if (!given.empty()) {
    io::DatasetReader data(given);
    if (data.content_sha256() == trained_on) return data;
    throw_input("{}: {} was trained on other data (content {}, here {})", given, run, trained_on,
                data.content_sha256());
  }
  const auto nothing = [&](const std::string& why) {
    input.not_shown.push_back({"instrument, subjects, data set and sample pictures",
                               why + "; --data names the data set's place"});
    return std::nullopt;
  };
  const std::string noted = noted_data(run);
  if (noted.empty()) return nothing("the run does not note where its data set is");
  std::error_code unreadable;
  if (!fs::exists(noted, unreadable))
    return nothing("the data set is not at " + noted + " any more");
  try {
    io::DatasetReader data(noted);
    if (data.content_sha256() == trained_on) return data;
    return nothing(fmt::format("{} is not what the run was trained on (content {}, here {})", noted,
                               trained_on, data.content_sha256()));
  } catch (const InputError& e) {
    return nothing(fmt::format("the data set cannot be opened ({})", e.what()));
  }
}

std::string optics_name(const sim::Imager& imager) {
  return imager.optics == sim::OpticsKind::kAperture ? "what the reflectors make of the feed"
                                                     : "Gaussian beam";
}

report::KeyValueSection instrument(const sim::Imager& imager) {
  report::KeyValueSection section = {
      "Instrument",
      {{"centre frequency", number(imager.beam.frequency_hz / 1e9, "GHz")},
       {"chirp bandwidth", number(imager.radar.chirp.bandwidth_hz / 1e9, "GHz")},
       {"stand-off", number(imager.standoff_m, "m")},
       {"optics", optics_name(imager)}}};
  auto& rows = section.rows;
  // The waist is the Gaussian beam's; reflectors make a spot of their own, which changes over the
  // field.
  if (imager.optics == sim::OpticsKind::kGaussian) {
    rows.emplace_back("spot, one-way 1/e² diameter", number(2e3 * imager.beam.waist_m, "mm"));
    rows.emplace_back("depth of focus, 2 zR",
                      fmt::format("{:.1f} cm", 200.0 * imager.beam.rayleigh_range_m()));
  }
  rows.emplace_back("field of view", fmt::format("{:g} x {:g} m", imager.field_of_view_m.x(),
                                                 imager.field_of_view_m.y()));
  rows.emplace_back("frame", fmt::format("{} lines x {} samples, {} averaged", imager.lines,
                                         imager.samples_per_line, imager.frames));
  rows.emplace_back("range cell",
                    fmt::format("{:.1f} mm", 1e3 * imager.radar.chirp.range_cell_m()));
  rows.emplace_back("receiver noise temperature", number(imager.radar.noise_temperature_k, "K"));
  return section;
}

/// What the scene says, where the data set names one that can be read.
void add_scene(const io::DatasetHeader& header, ReportInput& input) {
  constexpr const char* kParts = "instrument and subjects";
  if (header.scene_toml.empty()) {
    input.not_shown.push_back(
        {kParts, "the data set names no scene: it was imported, or merged from different ones"});
    return;
  }
  try {
    const sim::Scene scene =
        sim::parse_scene(ConfigTable::parse(header.scene_toml, "scene of the data set"));
    input.band = number(scene.imager.beam.frequency_hz / 1e9, "GHz");
    input.title = "Faces at " + input.band + ", bare and concealed";
    input.subtitle = "simulated, learned and judged with thzface " + version();
    input.sections.push_back(instrument(scene.imager));
    input.sections.push_back({"Subjects",
                              {{"skin", scene.subject.material},
                               {"roughness", scene.subject.roughness},
                               {"garment", scene.garment.cut.opening == sim::GarmentOpening::kEyes
                                               ? "balaclava, one opening for the eyes"
                                               : "balaclava, three holes"},
                               {"grey mapping", header.mapping_json}}});
    input.reconstruction_width_m = scene.image.roi_size_m.x();
  } catch (const InputError& e) {
    input.not_shown.push_back({kParts, fmt::format("the scene cannot be read ({})", e.what())});
  }
}

report::KeyValueSection facts(const io::DatasetReader& data) {
  const io::DatasetHeader& header = data.header();
  report::KeyValueSection section = {
      "Data set",
      {{header.scene_toml.empty() ? "scene" : "scene SHA-256",
        header.scene_toml.empty() ? "none named: imported, or merged from different ones"
                                  : header.scene_sha256},
       {"images", std::to_string(header.rows)},
       {"visible pictures", std::to_string(header.visible_rows)},
       {"content SHA-256", data.content_sha256()},
       {"seed", header.scene_toml.empty() ? "" : std::to_string(header.seed)},
       {"written by", header.thzface_version.empty() ? "" : "thzface " + header.thzface_version},
       {"instruction set", header.instruction_set}}};
  auto& rows = section.rows;
  rows.erase(
      std::remove_if(rows.begin(), rows.end(), [](const auto& row) { return row.second.empty(); }),
      rows.end());
  return section;
}

/// The grid without rows that have no picture.
void drop_empty_rows(report::ImageGrid& grid) {
  for (std::size_t r = grid.cells.size(); r-- > 0;) {
    const auto& row = grid.cells[r];
    if (std::any_of(row.begin(), row.end(), [](const auto& c) { return !c.image.empty(); })) {
      continue;
    }
    grid.cells.erase(grid.cells.begin() + static_cast<std::ptrdiff_t>(r));
    grid.row_labels.erase(grid.row_labels.begin() + static_cast<std::ptrdiff_t>(r));
  }
}

/// One column a posture: bare and concealed, by the imager and in visible light, of one identity.
report::ImageGrid sample_grid(const io::DatasetReader& data, const io::DatasetColumns& labels,
                              int32_t identity, const ReportInput& input) {
  const std::string band = input.band.empty() ? "" : ", " + input.band;
  report::ImageGrid grid;
  grid.title = fmt::format("Identity {}.", identity);
  grid.column_labels = io::kPostureNames;
  grid.row_labels = {"bare" + band, "concealed" + band, "bare, visible", "concealed, visible"};
  grid.cells.assign(4, std::vector<report::GridCell>(io::kPostureNames.size()));
  grid.width_m = input.reconstruction_width_m;
  grid.colour_label = "grey value";
  const auto place = [&](std::size_t row, int32_t posture, ImageF image, report::ColourMap map) {
    report::GridCell& cell = grid.cells[row][static_cast<std::size_t>(posture)];
    cell.image = std::move(image);
    cell.colours = map;
  };
  for (uint64_t n = 0; n < labels.rows; ++n) {
    if (labels.identity[n] != identity || labels.capture[n] != 0) continue;
    const io::DatasetRow row = data.read_row(n);
    // Opening a data set does not check its labels.
    if (row.posture < 0 || static_cast<std::size_t>(row.posture) >= io::kPostureNames.size() ||
        row.concealed > 1) {
      throw_input("{}: row {} has no posture or condition that there is; dataset verify says more",
                  data.path().string(), n);
    }
    place(row.concealed, row.posture, row.image, report::ColourMap::kInferno);
    if (row.visible_index < 0) continue;
    place(2u + row.concealed, row.posture,
          data.read_visible(static_cast<uint64_t>(row.visible_index)).image,
          report::ColourMap::kGrey);
  }
  drop_empty_rows(grid);
  return grid;
}

void add_samples(const io::DatasetReader& data, ReportInput& input) {
  constexpr std::size_t kPersons = 3;
  const io::DatasetColumns labels = data.read_labels();
  std::vector<int32_t> shown;
  for (const int32_t identity : labels.identity) {
    if (shown.size() < kPersons && (shown.empty() || shown.back() < identity)) {
      shown.push_back(identity);
    }
  }
  for (const int32_t identity : shown) {
    report::ImageGrid grid = sample_grid(data, labels, identity, input);
    if (!grid.cells.empty()) input.grids.push_back(std::move(grid));
  }
  if (input.grids.empty()) {
    input.not_shown.push_back({"sample pictures", "the first persons have no first captures"});
    return;
  }
  if (data.visible_rows() == 0) {
    input.not_shown.push_back({"visible pictures", "the data set holds none"});
  }
  if (input.band.empty()) return;  // whose pictures they are is not known
  input.grids[0].note =
      "At " + input.band +
      " skin mirrors: few bright glints where it faces the imager, a faint "
      "outline from its roughness. The balaclava dims and breaks them up and adds "
      "clutter.";
}

}  // namespace

std::string noted_data(const std::string& run) {
  const fs::path note = fs::path(run) / "data-path.txt";
  if (!fs::exists(note)) return "";
  std::string path = io::read_file(note);
  while (!path.empty() && path.back() == '\n') path.pop_back();
  return path;
}

void add_data(const std::string& run, const std::string& given, ReportInput& input) {
  input.title = "Faces, bare and concealed";
  input.subtitle = "learned and judged with thzface " + version();
  const std::optional<io::DatasetReader> data = find_data(run, given, input);
  if (!data) return;
  add_scene(data->header(), input);
  input.sections.push_back(facts(*data));
  add_samples(*data, input);
}

}  // namespace thz::apps
