// What a source holds, by its names and labels; no picture is read here.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/data/import.h"
#include "thz/io/atomic_file.h"
#include "thz/io/csv.h"
#include "thz/io/dataset.h"
#include "thz/io/npy.h"

namespace thz::data {

namespace fs = std::filesystem;

namespace {

/// Files that somebody meant as pictures; notes, thumbnails' indices and the like are passed over.
bool is_picture_name(const fs::path& path) {
  static const std::set<std::string> extensions = {".png", ".jpg",  ".jpeg", ".bmp",
                                                   ".tif", ".tiff", ".gif",  ".webp"};
  return extensions.count(io::lower_extension(path)) > 0;
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().filename().string().front() != '.') entries.push_back(entry.path());
  }
  if (error) throw_input("{}: cannot be read: {}", folder.string(), error.message());
  std::sort(entries.begin(), entries.end());
  return entries;
}

int posture_of_digit(const PostureMap& postures, int digit, const std::string& where) {
  const auto found = postures.find(digit);
  if (found == postures.end()) {
    throw_input("{}: the posture digit is {}, but --posture-map has only {}", where, digit,
                posture_map_text(postures));
  }
  return found->second;
}

struct FoundPicture {
  std::string file;
  std::string unit;
  PublishedName name;
};

FoundPicture published_picture(const fs::path& file, const std::string& person,
                               const std::string& unit) {
  const auto name = parse_published_name(file.filename().string());
  if (!name) {
    throw_input(
        "{}: is not named <person>_<code>_<n>.png with a code b1b to b5b (concealed) or n1n to n5n "
        "(bare)",
        file.string());
  }
  if (name->person != person) {
    throw_input("{}: is named after person '{}', but lies in the folder of '{}'", file.string(),
                name->person, person);
  }
  return {file.string(), unit, *name};
}

std::vector<FoundPicture> find_published(const fs::path& root) {
  std::vector<FoundPicture> found;
  for (const fs::path& person : sorted_entries(root)) {
    if (!fs::is_directory(person)) {
      if (!is_picture_name(person)) continue;
      throw_input("{}: lies beside the people's folders; <person>/<unit>/<file>.png is expected",
                  person.string());
    }
    for (const fs::path& unit : sorted_entries(person)) {
      if (!fs::is_directory(unit)) {
        if (!is_picture_name(unit)) continue;
        throw_input("{}: lies beside the units' folders; <person>/<unit>/<file>.png is expected",
                    unit.string());
      }
      for (const fs::path& file : sorted_entries(unit)) {
        if (!is_picture_name(file)) continue;
        found.push_back(
            published_picture(file, person.filename().string(), unit.filename().string()));
      }
    }
  }
  if (found.empty()) {
    throw_input("{}: holds no pictures <person>/<unit>/<person>_<code>_<n>.png", root.string());
  }
  return found;
}

/// The units to take: those asked for, or the only one there is.
std::set<std::string> chosen_units(const std::string& folder,
                                   const std::vector<FoundPicture>& found,
                                   const std::vector<std::string>& units,
                                   const std::string& visible_unit) {
  std::set<std::string> there;
  for (const FoundPicture& picture : found) there.insert(picture.unit);
  std::set<std::string> wanted(units.begin(), units.end());
  if (!visible_unit.empty()) wanted.insert(visible_unit);
  for (const std::string& unit : wanted) {
    if (there.count(unit) == 0) {
      throw_input("{}: has no unit '{}'; there is {}", folder, unit, fmt::join(there, ", "));
    }
  }
  wanted.erase(visible_unit);
  if (!wanted.empty()) return wanted;
  there.erase(visible_unit);
  if (there.size() == 1) return there;
  throw_input("{}: has the units {}; choose with --unit (may be repeated) and --visible-unit",
              folder, there.empty() ? visible_unit : fmt::format("{}", fmt::join(there, ", ")));
}

using CellKey = std::tuple<std::string, int, int>;  // person, digit, concealed

/// The visible picture of the same number, else the cell's first one.
ImportPicture visible_of(const std::map<CellKey, std::vector<FoundPicture>>& visible,
                         const PublishedName& name) {
  const auto cell = visible.find({name.person, name.digit, name.concealed});
  if (cell == visible.end()) return {};
  for (const FoundPicture& picture : cell->second) {
    if (picture.name.number == name.number) return {picture.file, -1};
  }
  return {cell->second.front().file, -1};
}

std::string resolved(const std::string& file, const fs::path& root) {
  const fs::path given(file);
  return given.is_absolute() ? file : (root / given).string();
}

fs::path root_of(const std::string& csv, const std::string& root) {
  return root.empty() ? fs::path(csv).parent_path() : fs::path(root);
}

/// The pictures of a CSV of triplets, each once.
class TripletPictures {
 public:
  TripletPictures(const io::CsvTable& table, fs::path root, const PostureMap& postures)
      : table_(table), root_(std::move(root)), postures_(postures) {}

  PublishedName add(std::size_t line, const std::string& column, const std::string& visible_column,
                    bool concealed) {
    const std::string file = resolved(table_.at(line, column), root_);
    const auto name = parse_published_name(fs::path(file).filename().string());
    if (!name || (name->concealed != 0) != concealed) {
      throw_input("{}: {} is '{}', but must be named <person>_{}_<n>.png", table_.where(line),
                  column, one_line(table_.at(line, column), 80), concealed ? "b1b" : "n1n");
    }
    ImportRow row;
    row.picture.file = file;
    row.person = name->person;
    row.posture = posture_of_digit(postures_, name->digit, table_.where(line));
    row.concealed = name->concealed;
    row.where = table_.where(line);
    if (table_.has(visible_column) && !table_.at(line, visible_column).empty()) {
      row.visible.file = resolved(table_.at(line, visible_column), root_);
    }
    const auto [known, fresh] = place_.emplace(file, rows_.size());
    if (fresh) {
      rows_.push_back(row);
    } else if (!row.visible.file.empty()) {
      ImportPicture& visible = rows_[known->second].visible;
      if (visible.file.empty()) visible = row.visible;
      if (visible.file != row.visible.file) ++other_visible_;
    }
    return *name;
  }

  ImportList list() {
    std::stable_sort(rows_.begin(), rows_.end(), [](const ImportRow& a, const ImportRow& b) {
      return a.picture.file < b.picture.file;
    });
    ImportList list;
    list.rows = std::move(rows_);
    if (other_visible_ > 0) {
      list.notes.push_back(
          fmt::format("{} times a picture is paired with another visible picture than before; its "
                      "first is kept",
                      other_visible_));
    }
    return list;
  }

 private:
  const io::CsvTable& table_;
  fs::path root_;
  const PostureMap& postures_;
  std::vector<ImportRow> rows_;
  std::map<std::string, std::size_t> place_;
  uint64_t other_visible_ = 0;
};

int named_posture(const io::CsvTable& table, std::size_t line,
                  const std::optional<PostureMap>& postures) {
  const std::string& text = table.at(line, "posture");
  const auto& names = io::kPostureNames;
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  if (postures && text.size() == 1 && text[0] >= '1' && text[0] <= '5') {
    return posture_of_digit(*postures, text[0] - '0', table.where(line));
  }
  throw_input("{}: posture is '{}', but must be one of {}{}", table.where(line), one_line(text, 40),
              fmt::join(names, ", "), postures ? " or a digit of --posture-map" : "");
}

int named_condition(const io::CsvTable& table, std::size_t line) {
  const std::string& text = table.at(line, "condition");
  if (text == "concealed") return 1;
  if (text != "bare") {
    throw_input("{}: condition is '{}', but must be bare or concealed", table.where(line),
                one_line(text, 40));
  }
  return 0;
}

/// Labels of a NumPy file [count], each within [low, high].
std::vector<int64_t> read_label_array(const fs::path& file, uint64_t count, int64_t low,
                                      int64_t high) {
  const io::NpyFile array(file);
  if (array.shape().size() != 1 || array.rows() != count || !array.is_integer()) {
    throw_input("{}: is {} of {} rows, but must be whole numbers, one for each of the {} pictures",
                file.string(), array.type(), array.rows(), count);
  }
  std::vector<int64_t> labels;
  const auto values = array.read_rows(0, count);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<int64_t>(values[i]);
    if (value < low || value > high) {
      throw_input("{}: row {} is {}, but must lie between {} and {}", file.string(), i, value, low,
                  high);
    }
    labels.push_back(value);
  }
  return labels;
}

uint64_t require_pictures(const io::NpyFile& array) {
  const bool type = array.type() == "uint8" || array.type() == "uint16" || !array.is_integer();
  if (array.shape().size() != 3 || !type) {
    throw_input(
        "{}: is {} with {} axes, but pictures are [number][rows][columns] of uint8, uint16 or "
        "float",
        array.path().string(), array.type(), array.shape().size());
  }
  return array.rows();
}

}  // namespace

ImportList list_published_folder(const std::string& folder, const PostureMap& postures,
                                 const std::vector<std::string>& units,
                                 const std::string& visible_unit) {
  auto found = find_published(folder);
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::tie(a.unit, a.name.number) < std::tie(b.unit, b.name.number);
  });
  const auto wanted = chosen_units(folder, found, units, visible_unit);
  std::map<CellKey, std::vector<FoundPicture>> visible;
  for (const FoundPicture& picture : found) {
    const PublishedName& n = picture.name;
    if (picture.unit == visible_unit) visible[{n.person, n.digit, n.concealed}].push_back(picture);
  }
  ImportList list;
  list.kind = "published-naming";
  list.source = fs::path(folder).lexically_normal().filename().string();
  list.postures = postures;
  for (const FoundPicture& picture : found) {
    if (wanted.count(picture.unit) == 0) continue;
    const int posture = posture_of_digit(postures, picture.name.digit, picture.file);
    ImportRow row;
    row.picture.file = picture.file;
    row.visible = visible_of(visible, picture.name);
    row.person = picture.name.person;
    row.posture = posture;
    row.concealed = picture.name.concealed;
    list.rows.push_back(std::move(row));
  }
  return list;
}

ImportList list_triplets(const std::string& csv, const std::string& root,
                         const PostureMap& postures) {
  const io::CsvTable table = io::CsvTable::read(csv);
  table.require_columns({"anchor", "positive", "negative"},
                        {"visible_concealed", "visible_unconcealed", "visible_negative"});
  TripletPictures pictures(table, root_of(csv, root), postures);
  for (std::size_t line = 0; line < table.rows(); ++line) {
    const auto anchor = pictures.add(line, "anchor", "visible_concealed", true);
    const auto positive = pictures.add(line, "positive", "visible_unconcealed", false);
    const auto negative = pictures.add(line, "negative", "visible_negative", false);
    if (positive.person != anchor.person || positive.digit != anchor.digit) {
      throw_input("{}: positive is of person '{}', digit {}, but must be of the anchor's: '{}', {}",
                  table.where(line), positive.person, positive.digit, anchor.person, anchor.digit);
    }
    if (negative.person == anchor.person) {
      throw_input("{}: negative is of person '{}' as the anchor is, but must be of another",
                  table.where(line), negative.person);
    }
  }
  ImportList list = pictures.list();
  list.kind = "triplets";
  list.source = fs::path(csv).filename().string();
  list.postures = postures;
  return list;
}

ImportList list_labelled(const std::string& csv, const std::string& root,
                         const std::optional<PostureMap>& postures) {
  const io::CsvTable table = io::CsvTable::read(csv);
  table.require_columns({"file", "identity", "posture", "condition"}, {"visible"});
  const fs::path folder = root_of(csv, root);
  ImportList list{"labels", fs::path(csv).filename().string(), {}, {}, postures};
  std::set<std::string> files;
  for (std::size_t line = 0; line < table.rows(); ++line) {
    ImportRow row;
    row.where = table.where(line);
    row.picture.file = resolved(table.at(line, "file"), folder);
    if (!files.insert(row.picture.file).second) {
      throw_input("{}: the file {} is listed before", row.where, table.at(line, "file"));
    }
    row.person = table.at(line, "identity");
    if (row.person.empty()) throw_input("{}: identity is empty", row.where);
    row.posture = named_posture(table, line, postures);
    row.concealed = named_condition(table, line);
    if (table.has("visible") && !table.at(line, "visible").empty()) {
      row.visible.file = resolved(table.at(line, "visible"), folder);
    }
    list.rows.push_back(row);
  }
  return list;
}

ImportList list_arrays(const std::string& folder, const std::optional<PostureMap>& postures) {
  const fs::path root(folder);
  const uint64_t count = require_pictures(io::NpyFile(root / "image.npy"));
  const auto identity = read_label_array(root / "identity.npy", count, 0, INT32_MAX);
  const auto posture =
      read_label_array(root / "posture.npy", count, postures ? 1 : 0, postures ? 5 : 4);
  const auto concealed = read_label_array(root / "concealed.npy", count, 0, 1);
  std::vector<int64_t> visible(count, -1);
  const fs::path visible_file = root / "visible_image.npy";
  if (fs::exists(visible_file)) {
    const auto pictures = static_cast<int64_t>(require_pictures(io::NpyFile(visible_file)));
    visible = read_label_array(root / "visible_index.npy", count, -1, pictures - 1);
  }
  ImportList list{"numpy", root.lexically_normal().filename().string(), {}, {}, postures};
  for (uint64_t i = 0; i < count; ++i) {
    ImportRow row;
    row.picture = {(root / "image.npy").string(), static_cast<int64_t>(i)};
    if (visible[i] >= 0) row.visible = {visible_file.string(), visible[i]};
    row.person = std::to_string(identity[i]);
    row.posture = postures ? posture_of_digit(*postures, static_cast<int>(posture[i]), folder)
                           : static_cast<int>(posture[i]);
    row.concealed = static_cast<int>(concealed[i]);
    list.rows.push_back(row);
  }
  return list;
}

}  // namespace thz::data
