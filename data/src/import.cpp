#include "thz/data/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <set>
#include <sstream>
#include <tuple>

#include "thz/core/config.h"
#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/core/version.h"
#include "thz/data/imaging.h"
#include "thz/io/dataset_writer.h"
#include "thz/io/npy.h"
#include "thz/io/png.h"

namespace thz::data {

namespace fs = std::filesystem;

namespace {

constexpr int kLeastSide_px = 16;
/// Floats a little outside [0, 1] are rounding of whoever made them.
constexpr double kGreyTolerance = 1e-6;
constexpr uint64_t kImportRun = 256;

/// Reads pictures as grey in [0, 1], whatever they are stored as.
class PictureSource {
 public:
  explicit PictureSource(bool luma) : luma_(luma) {}

  ImageF read(const ImportPicture& picture, bool visible) {
    return picture.index >= 0 ? read_array(picture) : read_file(picture.file, visible);
  }

 private:
  ImageF read_file(const std::string& file, bool visible) const {
    io::PngPicture picture = io::read_png_picture(file);
    if (picture.coloured && !visible && !luma_) {
      throw_input(
          "{}: is coloured, and a false-colour scale is no grey value; give --colour luma to take "
          "the luminance",
          file);
    }
    return std::move(picture.grey);
  }

  ImageF read_array(const ImportPicture& picture) {
    auto& array = arrays_[picture.file];
    if (!array) array = std::make_unique<io::NpyFile>(picture.file);
    const double scale = array->type() == "uint8"    ? 255.0
                         : array->type() == "uint16" ? 65535.0
                                                     : 1.0;
    ImageF grey(static_cast<int>(array->shape()[1]), static_cast<int>(array->shape()[2]));
    const auto values = array->read_rows(static_cast<uint64_t>(picture.index), 1);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double value = values[i] / scale;
      if (!(value >= -kGreyTolerance && value <= 1.0 + kGreyTolerance)) {
        throw_input("{}: row {} holds {}, but floats must be grey between 0 and 1", picture.file,
                    picture.index, value);
      }
      grey.data[i] = static_cast<float>(std::clamp(value, 0.0, 1.0));
    }
    return grey;
  }

  bool luma_;
  std::map<std::string, std::unique_ptr<io::NpyFile>> arrays_;
};

std::string shown(const ImportPicture& picture) {
  return picture.index < 0 ? picture.file : fmt::format("{} row {}", picture.file, picture.index);
}

/// Crop and bicubic reduction (imaging.h) with one pixel as the unit of length.
ImageF to_dataset_size(const ImageF& grey, const ImportCrop& crop, const std::string& name) {
  int left = 0, top = 0, width = grey.cols, height = grey.rows;
  if (crop.box_px) {
    left = (*crop.box_px)[0];
    top = (*crop.box_px)[1];
    width = (*crop.box_px)[2];
    height = (*crop.box_px)[3];
    if (left + width > grey.cols || top + height > grey.rows) {
      throw_input("{}: is {} x {} pixels, so that the crop {},{},{},{} does not fit", name,
                  grey.cols, grey.rows, left, top, width, height);
    }
  } else if (crop.centre) {
    width = height = std::min(grey.cols, grey.rows);
    left = (grey.cols - width) / 2;
    top = (grey.rows - height) / 2;
  }
  if (width != height) {
    throw_input(
        "{}: is {} x {} pixels, but must be square; cut with --crop centre or --crop "
        "LEFT,TOP,WIDTH,HEIGHT",
        name, width, height);
  }
  if (width < kLeastSide_px) {
    throw_input("{}: is {} x {} pixels, but at least {} a side are needed", name, width, height,
                kLeastSide_px);
  }
  FieldGrid grid{grey.rows,
                 grey.cols,
                 static_cast<double>(grey.cols),
                 static_cast<double>(grey.rows),
                 0.5 * grey.cols,
                 0.5 * grey.rows};
  // y points up in the field.
  const Roi roi{static_cast<double>(left), static_cast<double>(left + width),
                static_cast<double>(grey.rows - top - height),
                static_cast<double>(grey.rows - top)};
  return resample_roi(grey, grid, roi, io::kDatasetImageSize);
}

bool is_whole_number(const std::string& text) {
  return !text.empty() && text.size() <= 9 &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

/// Numbers of the people by name: their own where all names are different whole numbers.
std::map<std::string, int32_t> number_people(const std::vector<ImportRow>& rows) {
  std::map<std::string, int32_t> numbers;
  for (const ImportRow& row : rows) numbers.emplace(row.person, 0);
  std::set<int32_t> own;
  for (const auto& [name, number] : numbers) {
    if (is_whole_number(name)) own.insert(std::stoi(name));
  }
  int32_t next = 0;
  for (auto& [name, number] : numbers) {
    number = own.size() == numbers.size() ? std::stoi(name) : next++;
  }
  return numbers;
}

struct ImportCell {
  int captures[2] = {0, 0};  ///< bare, concealed
};
using ImportCells = std::map<std::tuple<int32_t, int>, ImportCell>;  // person, posture

/// A source ready to be written: rows in order, with numbers.
struct PreparedImport {
  std::vector<ImportRow> rows;
  std::vector<int32_t> person, capture, visible_index;  ///< a row
  std::vector<std::size_t> visible_owner;  ///< a visible picture: row it is labelled by
};

ImportCells count_cells(const std::vector<ImportRow>& rows,
                        const std::map<std::string, int32_t>& numbers) {
  ImportCells cells;
  for (const ImportRow& row : rows) {
    ++cells[{numbers.at(row.person), row.posture}].captures[row.concealed];
  }
  return cells;
}

void note_cells(const ImportCells& cells, ImportReport& report) {
  int fewest = INT32_MAX;
  for (const auto& [key, cell] : cells) {
    const auto& [person, posture] = key;
    for (const int concealed : {0, 1}) {
      if (cell.captures[concealed] > 0) {
        fewest = std::min(fewest, cell.captures[concealed]);
        continue;
      }
      report.missing.push_back(fmt::format("person {}, {}: no {} picture", report.people.at(person),
                                           io::kPostureNames[static_cast<std::size_t>(posture)],
                                           concealed != 0 ? "concealed" : "bare"));
    }
  }
  report.fewest_captures = fewest;
}

PreparedImport prepare(std::vector<ImportRow> rows, const std::map<std::string, int32_t>& numbers,
                       bool complete_only, ImportReport& report) {
  const ImportCells cells = count_cells(rows, numbers);
  note_cells(cells, report);
  const auto lacks = [&](const ImportRow& row) {
    const ImportCell& cell = cells.at({numbers.at(row.person), row.posture});
    return cell.captures[0] == 0 || cell.captures[1] == 0;
  };
  if (complete_only) {
    const std::size_t before = rows.size();
    rows.erase(std::remove_if(rows.begin(), rows.end(), lacks), rows.end());
    report.left_out = before - rows.size();
  }
  std::stable_sort(rows.begin(), rows.end(), [&](const ImportRow& a, const ImportRow& b) {
    const int32_t pa = numbers.at(a.person), pb = numbers.at(b.person);
    return std::tie(pa, a.posture, a.concealed) < std::tie(pb, b.posture, b.concealed);
  });
  PreparedImport prepared;
  std::map<std::tuple<int32_t, int, int>, int32_t> captures;
  std::map<std::tuple<std::string, int64_t, int32_t, int, int>, int32_t> visible;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ImportRow& row = rows[i];
    const int32_t person = numbers.at(row.person);
    prepared.person.push_back(person);
    prepared.capture.push_back(captures[{person, row.posture, row.concealed}]++);
    int32_t index = -1;
    if (!row.visible.file.empty()) {
      const auto [place, fresh] = visible.try_emplace(
          {row.visible.file, row.visible.index, person, row.posture, row.concealed},
          static_cast<int32_t>(prepared.visible_owner.size()));
      if (fresh) prepared.visible_owner.push_back(i);
      index = place->second;
    }
    prepared.visible_index.push_back(index);
  }
  prepared.rows = std::move(rows);
  return prepared;
}

std::string crop_text(const ImportCrop& crop) {
  if (crop.centre) return "centre";
  if (!crop.box_px) return "none";
  return fmt::format("{}", fmt::join(*crop.box_px, ","));
}

/// What there is to know of an import, in the place of a plan.
std::string import_record(const ImportList& list, const ImportOptions& options,
                          const ImportReport& report) {
  toml::array numbers, names;
  for (const auto& [number, name] : report.people) {
    numbers.push_back(number);
    names.push_back(name);
  }
  const toml::table table{{"schema", "thzface-import/1"},
                          {"kind", list.kind},
                          {"source", list.source},
                          {"posture_map", list.postures ? posture_map_text(*list.postures) : ""},
                          {"crop", crop_text(options.crop)},
                          {"colour", options.luma ? "luma" : "refuse"},
                          {"complete_only", options.complete_only},
                          {"person_numbers", numbers},
                          {"person_names", names}};
  std::ostringstream text;
  text << table << "\n";
  return text.str();
}

io::DatasetRow make_import_row(const PreparedImport& prepared, std::size_t i, ImageF image) {
  const ImportRow& from = prepared.rows[i];
  io::DatasetRow row;
  row.image = std::move(image);
  row.identity = prepared.person[i];
  row.posture = from.posture;
  row.concealed = static_cast<uint8_t>(from.concealed);
  row.capture = prepared.capture[i];
  row.visible_index = prepared.visible_index[i];
  row.pose.assign(6, std::numeric_limits<float>::quiet_NaN());
  return row;
}

/// Reads and sizes pictures; a fault names the line that asked for the picture too.
class ImportReader {
 public:
  ImportReader(const PreparedImport& prepared, const ImportOptions& options)
      : prepared_(prepared), options_(options), source_(options.luma) {}

  io::DatasetRow row(std::size_t i) {
    return make_import_row(
        prepared_, i, sized(prepared_.rows[i], prepared_.rows[i].picture, options_.crop, false));
  }
  io::VisibleRow visible(std::size_t v) {
    const std::size_t i = prepared_.visible_owner[v];
    const ImportRow& from = prepared_.rows[i];
    ImportCrop middle;
    middle.centre = true;
    return {sized(from, from.visible, middle, true), prepared_.person[i], from.posture,
            static_cast<uint8_t>(from.concealed)};
  }

 private:
  ImageF sized(const ImportRow& row, const ImportPicture& picture, const ImportCrop& crop,
               bool is_visible) {
    try {
      return to_dataset_size(source_.read(picture, is_visible), crop, shown(picture));
    } catch (const InputError& e) {
      if (row.where.empty()) throw;
      throw_input("{}: {}", row.where, e.what());
    }
  }

  const PreparedImport& prepared_;
  const ImportOptions& options_;
  PictureSource source_;
};

}  // namespace

ImportCrop parse_crop(const std::string& text) {
  ImportCrop crop;
  if (text == "centre") {
    crop.centre = true;
    return crop;
  }
  std::array<int, 4> box{};
  int used = 0;
  const bool read = std::sscanf(text.c_str(), "%6d,%6d,%6d,%6d%n", &box[0], &box[1], &box[2],
                                &box[3], &used) == 4 &&
                    static_cast<std::size_t>(used) == text.size();
  if (!read || box[0] < 0 || box[1] < 0 || box[2] < 1 || box[3] < 1) {
    throw_input("--crop is '{}', but must be centre or LEFT,TOP,WIDTH,HEIGHT in pixels", text);
  }
  crop.box_px = box;
  return crop;
}

ImportReport import_dataset(ImportList list, const ImportOptions& options, const fs::path& file) {
  if (list.rows.empty()) throw_input("{}: holds no pictures to import", list.source);
  const auto numbers = number_people(list.rows);
  ImportReport report;
  report.notes = std::move(list.notes);
  for (const auto& [name, number] : numbers) report.people.emplace(number, name);
  const PreparedImport prepared =
      prepare(std::move(list.rows), numbers, options.complete_only, report);
  if (prepared.rows.empty()) {
    throw_input("{}: has no (person, posture) with bare and concealed pictures", list.source);
  }
  io::DatasetHeader header;
  report.rows = header.rows = prepared.rows.size();
  report.visible_rows = header.visible_rows = prepared.visible_owner.size();
  header.plan_toml = import_record(list, options, report);
  header.plan_sha256 = sha256_hex(header.plan_toml);
  header.thzface_version = version();
  header.mapping_json = "{\"kind\":\"imported\"}";

  ImportReader reader(prepared, options);
  const uint64_t total = report.rows + report.visible_rows;
  uint64_t done = 0;
  const auto count = [&] {
    if (options.cancel != nullptr) options.cancel->throw_if_requested();
    ++done;
    if (options.progress) options.progress(done, total);
  };
  const std::size_t runs =
      (std::max(report.rows, report.visible_rows) + kImportRun - 1) / kImportRun;
  io::write_dataset(file, header, runs, [&](std::size_t run) {
    std::vector<io::DatasetRow> rows;
    std::vector<io::VisibleRow> visible;
    const uint64_t end = (run + 1) * kImportRun;
    for (uint64_t i = run * kImportRun; i < std::min(end, report.rows); ++i, count()) {
      rows.push_back(reader.row(i));
    }
    for (uint64_t v = run * kImportRun; v < std::min(end, report.visible_rows); ++v, count()) {
      visible.push_back(reader.visible(v));
    }
    return io::to_columns(header, rows, visible);
  });
  return report;
}

}  // namespace thz::data
