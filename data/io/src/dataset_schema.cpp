#include "dataset_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "thz/core/error.h"

namespace thz::io::internal {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kMostChunkRows = 256;
constexpr uint64_t kChunkBytes = uint64_t{4} << 20;

Json header_object(const DatasetHeader& header) {
  return {{"schema", kDatasetSchema},
          {"rows", header.rows},
          {"visible_rows", header.visible_rows},
          {"power_lines", header.power_lines},
          {"power_samples", header.power_samples},
          {"seed", header.seed},
          {"scene_toml", header.scene_toml},
          {"scene_sha256", header.scene_sha256},
          {"plan_toml", header.plan_toml},
          {"plan_sha256", header.plan_sha256},
          {"instruction_set", header.instruction_set},
          {"thzface_version", header.thzface_version},
          {"mapping_json", header.mapping_json},
          {"fabric_names", header.fabric_names},
          {"soft_biometric_names", header.soft_biometric_names},
          {"head_coefficient_names", header.head_coefficient_names},
          {"nuisance_names", header.nuisance_names}};
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string short_dump(const Json& json) {
  const std::string text = dump(json);
  constexpr std::size_t kMost = 60;
  return text.size() <= kMost ? text : text.substr(0, kMost) + "...";
}

/// One list of names as an attribute of an array.
struct NameList {
  const char* path;
  std::vector<std::string> DatasetHeader::*names;
};

constexpr NameList kNameLists[] = {
    {"/label/fabric", &DatasetHeader::fabric_names},
    {"/label/soft_biometrics", &DatasetHeader::soft_biometric_names},
    {"/provenance/head_coefficients", &DatasetHeader::head_coefficient_names},
    {"/provenance/nuisance", &DatasetHeader::nuisance_names},
};

int read_extent(const Hdf5File& file, const char* key) {
  const uint64_t value = file.unsigned_number("/", key);
  constexpr uint64_t kLargestSide = 1u << 20;
  if (value > kLargestSide) {
    throw_input("{}: attribute {} is {}, at most {} is allowed", file.name(), key, value,
                kLargestSide);
  }
  return static_cast<int>(value);
}

}  // namespace

uint64_t chunk_rows(const ColumnInfo& info, std::size_t element_bytes) {
  if (info.row_shape.size() < 2) return kChunkBytes / 64;  // label columns: one chunk as a rule
  return std::clamp(kChunkBytes / (info.row_size() * element_bytes), uint64_t{1}, kMostChunkRows);
}

std::string header_json(const DatasetHeader& header) { return dump(header_object(header)); }

void require_same_header(const DatasetHeader& found, const DatasetHeader& wanted,
                         const std::string& what) {
  const Json found_json = header_object(found);
  const Json wanted_json = header_object(wanted);
  // The hashes say it shortest where a long text differs.
  for (const char* key : {"seed", "plan_sha256", "scene_sha256"}) {
    if (found_json[key] != wanted_json[key]) {
      throw_input(
          "{} was made with {} {}, not {}; finish it as it was begun or choose another "
          "folder",
          what, key, short_dump(found_json[key]), short_dump(wanted_json[key]));
    }
  }
  for (const auto& [key, value] : wanted_json.items()) {
    if (found_json[key] != value) {
      throw_input(
          "{} was made with {} {}, not {}; finish it as it was begun or choose another "
          "folder",
          what, key, short_dump(found_json[key]), short_dump(value));
    }
  }
}

void write_header(Hdf5File& file, const DatasetHeader& header) {
  file.set_unsigned("/", "rows", header.rows);
  file.set_unsigned("/", "visible_rows", header.visible_rows);
  file.set_unsigned("/", "power_lines", static_cast<uint64_t>(header.power_lines));
  file.set_unsigned("/", "power_samples", static_cast<uint64_t>(header.power_samples));
  file.set_unsigned("/", "seed", header.seed);
  file.set_text("/", "scene_toml", header.scene_toml);
  file.set_text("/", "scene_sha256", header.scene_sha256);
  file.set_text("/", "plan_toml", header.plan_toml);
  file.set_text("/", "plan_sha256", header.plan_sha256);
  file.set_text("/", "instruction_set", header.instruction_set);
  file.set_text("/", "thzface_version", header.thzface_version);
  file.set_text("/", "mapping_json", header.mapping_json);
}

void write_names(Hdf5File& file, const DatasetHeader& header) {
  for (const NameList& list : kNameLists) {
    const auto& names = header.*list.names;
    if (!names.empty()) file.set_texts(list.path, "names", names);
  }
  file.set_texts("/label/posture", "names", kPostureNames);
  file.set_texts("/label/concealed", "names", {"bare", "concealed"});
  file.set_texts("/provenance/pose", "names", kPoseNames);
  file.set_text("/thz/image", "axes", "[row: elevation, down][column: azimuth]");
  file.set_text("/thz/image", "units", "grey, 0 to 1");
  if (header.power_lines > 0) {
    file.set_text("/thz/power", "axes", "[line][fast sample]");
    file.set_text("/thz/power", "units", "received over transmitted power");
  }
  if (header.visible_rows > 0) {
    file.set_text("/visible/image", "units", "grey, 0 to 1");
  }
}

DatasetHeader read_header(const Hdf5File& file) {
  DatasetHeader header;
  header.rows = file.unsigned_number("/", "rows");
  header.visible_rows = file.unsigned_number("/", "visible_rows");
  header.power_lines = read_extent(file, "power_lines");
  header.power_samples = read_extent(file, "power_samples");
  header.seed = file.unsigned_number("/", "seed");
  header.scene_toml = file.text("/", "scene_toml");
  header.scene_sha256 = file.text("/", "scene_sha256");
  header.plan_toml = file.text("/", "plan_toml");
  header.plan_sha256 = file.text("/", "plan_sha256");
  header.instruction_set = file.text("/", "instruction_set");
  header.thzface_version = file.text("/", "thzface_version");
  header.mapping_json = file.text("/", "mapping_json");
  for (const NameList& list : kNameLists) {
    if (file.has(list.path) && file.has_attribute(list.path, "names")) {
      header.*list.names = file.texts(list.path, "names");
    }
  }
  return header;
}

void ContentHash::add(const DatasetColumns& run) {
  for_each_column(header_, run, [&](const ColumnInfo& info, const auto& values) {
    using T = ElementOf<decltype(values)>;
    arrays_[info.path].add(values.data(), values.size() * sizeof(T));
    std::string& label = labels_[info.path];
    label = element_name<T>();
    for (const uint64_t extent : info.row_shape) label += fmt::format(" {}", extent);
  });
  rows_ += run.rows;
  visible_rows_ += run.visible_rows;
}

std::string ContentHash::hex() {
  Sha256 whole;
  whole.add(header_json(header_) + "\n");
  whole.add(fmt::format("rows {} visible {}\n", rows_, visible_rows_));
  for (auto& [path, hash] : arrays_) {
    whole.add(fmt::format("{} {} {}\n", path, labels_[path], hash.hex()));
  }
  return whole.hex();
}

void make_arrays(Hdf5File& file, const DatasetHeader& header, uint64_t rows, uint64_t visible_rows,
                 bool index) {
  const DatasetColumns none;
  for_each_column(header, none, [&](const ColumnInfo& info, const auto& values) {
    using T = ElementOf<decltype(values)>;
    if (index && is_picture(info)) return;
    const uint64_t count = info.visible ? visible_rows : rows;
    file.make<T>(info.path, with_rows(count, info.row_shape), chunk_rows(info, sizeof(T)));
  });
  write_names(file, header);
}

void write_run(Hdf5File& file, const DatasetHeader& header, const DatasetColumns& run,
               uint64_t first_row, uint64_t first_visible, bool index) {
  for_each_column(header, run, [&](const ColumnInfo& info, const auto& values) {
    if (index && is_picture(info)) return;
    const uint64_t count = info.visible ? run.visible_rows : run.rows;
    THZ_REQUIRE(values.size() == count * info.row_size(),
                std::string(info.path) + " has another size than its rows");
    file.write_rows(info.path, info.visible ? first_visible : first_row, count, values.data());
  });
}

void check_arrays(const Hdf5File& file, const DatasetHeader& header, uint64_t rows,
                  uint64_t visible_rows, const ColumnChoice& wanted_columns) {
  const DatasetColumns none;
  for_each_column(header, none, [&](const ColumnInfo& info, const auto& values) {
    using T = ElementOf<decltype(values)>;
    if (wanted_columns && !wanted_columns(info)) return;
    const std::string found = file.type_name(info.path);
    if (found != element_name<T>()) {
      throw_input("{}: {} is {}, but must be {}", file.name(), info.path, found, element_name<T>());
    }
    const Shape wanted = with_rows(info.visible ? visible_rows : rows, info.row_shape);
    const Shape shape = file.shape(info.path);
    if (shape != wanted) {
      throw_input("{}: {} has shape [{}], but must have [{}]", file.name(), info.path,
                  fmt::join(shape, ", "), fmt::join(wanted, ", "));
    }
  });
}

DatasetColumns read_run(const Hdf5File& file, const DatasetHeader& header, uint64_t first_row,
                        uint64_t rows, uint64_t first_visible, uint64_t visible_rows,
                        const ColumnChoice& wanted) {
  DatasetColumns run;
  run.rows = rows;
  run.visible_rows = visible_rows;
  for_each_column(header, run, [&](const ColumnInfo& info, auto& values) {
    if (wanted && !wanted(info)) return;
    const uint64_t count = info.visible ? visible_rows : rows;
    values.resize(count * info.row_size());
    file.read_rows(info.path, info.visible ? first_visible : first_row, count, values.data());
  });
  return run;
}

}  // namespace thz::io::internal
