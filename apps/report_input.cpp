#include "report_input.h"

#include <fmt/core.h>

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "thz/core/config.h"
#include "thz/core/error.h"
#include "thz/core/version.h"
#include "thz/io/atomic_file.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/stage_dump.h"
#include "thz/sim/scene.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;
using report::ReportInput;

report::TrainingHistory parse_history(const fs::path& log) {
  report::TrainingHistory history;
  std::istringstream lines(io::read_file(log));
  std::vector<std::pair<std::string, std::string>> keys;  // group, name
  for (std::string line; std::getline(lines, line);) {
    const auto record = nlohmann::json::parse(line, nullptr, false);
    if (record.is_discarded())
      throw_input("{}: a line is not JSON; the log is damaged", log.string());
    if (keys.empty()) {
      for (const auto& [group, table] :
           {std::pair{"training loss", "train_loss"}, std::pair{"validation", "validation"}}) {
        for (const auto& [name, value] : record.at(table).items()) {
          keys.emplace_back(table, name);
          history.columns.push_back(name);
          history.groups.emplace_back(group);
        }
      }
    }
    report::HistoryRow row;
    row.epoch = record.at("epoch").get<double>();
    for (const auto& [table, name] : keys) {
      const auto& values = record.at(table);
      row.values.push_back(values.contains(name) && values[name].is_number()
                               ? values[name].get<double>()
                               : std::numeric_limits<double>::quiet_NaN());
    }
    if (record.value("best", false)) history.best_epoch = row.epoch;
    history.rows.push_back(std::move(row));
  }
  return history;
}

report::TrainingHistory read_history(const fs::path& log) {
  try {
    return parse_history(log);
  } catch (const nlohmann::json::exception& e) {
    throw_input("{}: not the log of a training run: {}", log.string(), e.what());
  }
}

std::vector<report::ReconstructionRow> read_examples(const fs::path& file,
                                                     const eval::EvaluationResult& result) {
  std::vector<report::ReconstructionRow> rows;
  if (!fs::exists(file)) return rows;
  for (std::size_t i = 0; i < result.examples.size(); ++i) {
    const auto& example = result.examples[i];
    const std::string name = fmt::format("example{}/", i);
    report::ReconstructionRow row;
    row.kind = example.kind;
    row.label = fmt::format("identity {}, {}", example.identity,
                            io::kPostureNames[static_cast<std::size_t>(example.posture)]);
    row.input = io::read_stage_image(file, name + "input");
    row.reconstruction = io::read_stage_image(file, name + "reconstruction");
    row.truth = io::read_stage_image(file, name + "truth");
    row.ssim = example.ssim;
    row.psnr_db = example.psnr_db;
    row.input_row = example.input_row;
    row.target_row = example.target_row;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<report::HardPairRow> read_hard_pairs(const fs::path& file,
                                                 const eval::EvaluationResult& result) {
  std::vector<report::HardPairRow> rows;
  if (!fs::exists(file)) return rows;
  for (std::size_t i = 0; i < result.hard_pairs.size(); ++i) {
    const eval::HardPair& pair = result.hard_pairs[i];
    const auto& posture = io::kPostureNames[static_cast<std::size_t>(pair.posture)];
    report::HardPairRow row;
    row.genuine = pair.genuine;
    row.label = pair.genuine ? fmt::format("identity {}, {}", pair.probe_identity, posture)
                             : fmt::format("identities {}, {}, {}", pair.probe_identity,
                                           pair.gallery_identity, posture);
    row.probe = io::read_stage_image(file, fmt::format("hard{}/probe", i));
    row.gallery = io::read_stage_image(file, fmt::format("hard{}/gallery", i));
    row.distance = pair.distance;
    rows.push_back(std::move(row));
  }
  return rows;
}

report::ReportRun read_run(const std::string& folder) {
  const fs::path run(folder);
  const fs::path evaluation = run / "evaluation" / "evaluation.json";
  if (!fs::exists(run / "run.json"))
    throw_input("{}: not a run folder (no run.json in it)", folder);
  if (!fs::exists(evaluation)) {
    throw_input("{}: not evaluated yet; run thzface evaluate {} DATA first", folder, folder);
  }
  report::ReportRun result;
  result.result = eval::evaluation_from_json(io::read_file(evaluation), evaluation.string());
  result.name = result.result.run.name;
  result.history = read_history(run / "log.jsonl");
  result.reconstructions = read_examples(run / "evaluation" / "examples.h5", result.result);
  result.hard_pairs = read_hard_pairs(run / "evaluation" / "examples.h5", result.result);
  return result;
}

std::string number(double value, const char* unit) { return fmt::format("{:g} {}", value, unit); }

void add_instrument(const io::DatasetHeader& header, ReportInput& input) {
  const sim::Scene scene =
      sim::parse_scene(ConfigTable::parse(header.scene_toml, "scene of the data set"));
  const sim::Imager& imager = scene.imager;
  input.sections.push_back(
      {"Instrument",
       {{"centre frequency", number(imager.beam.frequency_hz / 1e9, "GHz")},
        {"chirp bandwidth", number(imager.radar.chirp.bandwidth_hz / 1e9, "GHz")},
        {"stand-off", number(imager.standoff_m, "m")},
        {"spot, one-way 1/e² diameter", number(2e3 * imager.beam.waist_m, "mm")},
        {"depth of focus, 2 zR", fmt::format("{:.1f} cm", 200.0 * imager.beam.rayleigh_range_m())},
        {"field of view",
         fmt::format("{:g} x {:g} m", imager.field_of_view_m.x(), imager.field_of_view_m.y())},
        {"frame", fmt::format("{} lines x {} samples, {} averaged", imager.lines,
                              imager.samples_per_line, imager.frames)},
        {"range cell", fmt::format("{:.1f} mm", 1e3 * imager.radar.chirp.range_cell_m())},
        {"receiver noise temperature", number(imager.radar.noise_temperature_k, "K")},
        {"optics", "Gaussian beam"}}});
  input.sections.push_back({"Subjects",
                            {{"skin", scene.subject.material},
                             {"roughness", scene.subject.roughness},
                             {"garment", scene.garment.cut.opening == sim::GarmentOpening::kEyes
                                             ? "balaclava, one opening for the eyes"
                                             : "balaclava, three holes"},
                             {"grey mapping", header.mapping_json}}});
  input.reconstruction_width_m = scene.image.roi_size_m.x();
}

report::GridCell cell(const ImageF& image, report::ColourMap colours) {
  report::GridCell result;
  result.image = image;
  result.colours = colours;
  return result;
}

/// One column a posture: bare and concealed, at 340 GHz and in visible light, of one identity.
report::ImageGrid sample_grid(const io::DatasetReader& data, const io::DatasetColumns& labels,
                              int32_t identity, double width_m) {
  report::ImageGrid grid;
  grid.title = fmt::format("Identity {}", identity);
  grid.column_labels = io::kPostureNames;
  grid.row_labels = {"bare, 340 GHz", "concealed, 340 GHz", "bare, visible", "concealed, visible"};
  grid.cells.assign(4, std::vector<report::GridCell>(io::kPostureNames.size()));
  grid.width_m = width_m;
  grid.colour_label = "grey value";
  for (uint64_t n = 0; n < labels.rows; ++n) {
    if (labels.identity[n] != identity || labels.capture[n] != 0) continue;
    const auto posture = static_cast<std::size_t>(labels.posture[n]);
    const io::DatasetRow row = data.read_row(n);
    grid.cells[labels.concealed[n]][posture] = cell(row.image, report::ColourMap::kInferno);
    if (row.visible_index >= 0) {
      grid.cells[2u + labels.concealed[n]][posture] =
          cell(data.read_visible(static_cast<uint64_t>(row.visible_index)).image,
               report::ColourMap::kGrey);
    }
  }
  return grid;
}

void add_data_facts(const fs::path& run, ReportInput& input) {
  const fs::path note = run / "data-path.txt";
  if (!fs::exists(note)) return;
  std::string path = io::read_file(note);
  while (!path.empty() && path.back() == '\n') path.pop_back();
  if (!fs::exists(path)) return;
  const io::DatasetReader data(path);
  const io::DatasetHeader& header = data.header();
  add_instrument(header, input);
  input.sections.push_back({"Data set",
                            {{"images", std::to_string(header.rows)},
                             {"visible pictures", std::to_string(header.visible_rows)},
                             {"content SHA-256", data.content_sha256()},
                             {"seed", std::to_string(header.seed)},
                             {"made by", "thzface " + header.thzface_version},
                             {"instruction set", header.instruction_set}}});
  const io::DatasetColumns labels = data.read_labels();
  std::vector<int32_t> shown;
  for (const int32_t identity : labels.identity) {
    if (shown.size() < 3 && (shown.empty() || shown.back() < identity)) shown.push_back(identity);
  }
  for (const int32_t identity : shown) {
    input.grids.push_back(sample_grid(data, labels, identity, input.reconstruction_width_m));
  }
  if (!input.grids.empty()) {
    input.grids[0].note =
        "At 340 GHz skin mirrors: few bright glints where it faces the imager, a faint outline "
        "from "
        "its roughness. The balaclava dims and breaks them up and adds clutter.";
  }
}

}  // namespace

report::ReportInput gather_report(const std::vector<std::string>& runs) {
  ReportInput input;
  input.title = "Faces at 340 GHz, bare and concealed";
  input.subtitle = "simulated, learned and judged with thzface " + version();
  for (const auto& run : runs) input.runs.push_back(read_run(run));
  add_data_facts(runs.front(), input);
  for (const auto& run : runs) {
    const fs::path note = fs::path(run) / "data-path.txt";
    std::string data = "DATA";
    if (fs::exists(note)) {
      data = fs::path(io::read_file(note)).filename().string();
      while (!data.empty() && data.back() == '\n') data.pop_back();
    }
    const std::string name = fs::path(run).filename().string();
    input.commands.push_back(
        fmt::format("thzface train {}/config.toml --data {} --output NEW", name, data));
    input.commands.push_back(fmt::format("thzface evaluate {} {}", name, data));
  }
  return input;
}

}  // namespace thz::apps
