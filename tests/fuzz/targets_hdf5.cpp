// HDF5 files: our own with checksums throughout, and foreign ones of the oldest format, which have
// none and keep texts of variable length.
#include "io/io_support.h"
#include "io/old_hdf5.h"
#include "targets.h"
#include "thz/core/error.h"
#include "thz/io/dataset_check.h"
#include "thz/io/dataset_index.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/dataset_writer.h"
#include "thz/io/hdf5_file.h"
#include "thz/io/head_model_reader.h"
#include "thz/io/stage_dump.h"

namespace thz::fuzz {
namespace {

namespace fs = std::filesystem;
using test::OldFile;

std::string old_head_model(const fs::path& scratch, H5D_layout_t layout) {
  const fs::path path = scratch / "old.h5";
  {
    OldFile file(path);
    file.text("/", "schema", "head-morphable/1");
    file.text("/", "units", "m (test)");
    file.text("/", "licence", "CC0 1.0, a text long enough to fill some of the heap");
    file.array<float>("/mean", H5T_NATIVE_FLOAT, {4, 3}, {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1},
                      layout);
    file.array<int32_t>("/triangles", H5T_NATIVE_INT32, {4, 3},
                        {0, 2, 1, 0, 1, 3, 1, 2, 3, 0, 3, 2}, layout);
    file.array<uint8_t>("/vertex_region", H5T_NATIVE_UINT8, {4}, {0, 0, 0, 1});
    file.array<uint8_t>("/triangle_region", H5T_NATIVE_UINT8, {4}, {0, 0, 1, 1});
    file.texts("/region_names", {"face", "neck"});
    for (const std::string group : {"/identity", "/expression"}) {
      file.group(group.c_str());
      std::vector<int16_t> modes(24, 1);
      file.array((group + "/modes").c_str(), H5T_NATIVE_INT16, {2, 4, 3}, modes, layout);
      file.array<float>((group + "/scale").c_str(), H5T_NATIVE_FLOAT, {2}, {0.5F, 2.0F});
      file.texts((group + "/names").c_str(), {"one", "two"});
    }
    file.group("/landmarks");
    file.array<int32_t>("/landmarks/test", H5T_NATIVE_INT32, {2}, {0, 3});
  }
  return taken_bytes(path);
}

std::string new_head_model(const fs::path& scratch) {
  const fs::path path = scratch / "new.h5";
  io::Hdf5File file = io::Hdf5File::create(path);
  file.set_text("/", "schema", "head-morphable/1");
  file.set_text("/", "units", "metres");
  file.write<float>("/mean", {4, 3}, {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1});
  file.write<int32_t>("/triangles", {4, 3}, {0, 2, 1, 0, 1, 3, 1, 2, 3, 0, 3, 2});
  file.set_unsigned("/triangles", "outer_triangles", 3);
  file.write<uint8_t>("/vertex_region", {4}, {0, 0, 0, 1});
  file.write<uint8_t>("/triangle_region", {4}, {0, 0, 1, 1});
  file.write<std::string>("/region_names", {2}, {"face", "neck"});
  for (const std::string group : {"/identity", "/expression"}) {
    file.write<int16_t>(group + "/modes", {2, 4, 3}, std::vector<int16_t>(24, 2), 1);
    file.write<float>(group + "/scale", {2}, {1.0F, 2.0F});
    file.write<std::string>(group + "/names", {2}, {"one", "two"});
  }
  file.close();
  return taken_bytes(path);
}

void write_small_dataset(const fs::path& path, const io::DatasetHeader& header) {
  std::vector<io::DatasetRow> rows;
  for (uint64_t n = 0; n < header.rows; ++n) rows.push_back(test::small_row(header, n));
  io::write_dataset(path, header, rows,
                    {test::small_visible(header, 0), test::small_visible(header, 1)});
}

std::string dataset_bytes(const fs::path& scratch, bool power) {
  write_small_dataset(scratch / "d.h5", test::small_header(4, 2, power));
  return taken_bytes(scratch / "d.h5");
}

/// An index of a whole data set, which stays in the folder where the inputs are read.
std::string index_bytes(const fs::path& scratch) {
  const io::DatasetHeader header = test::small_header(4, 2, true);
  const fs::path source = scratch / "source.h5", path = scratch / "i.h5";
  write_small_dataset(source, header);
  const io::DatasetReader reader(source);
  io::write_dataset_index(path, header, 1, [&](std::size_t) { return reader.read_all(true); },
                          {{source, header.rows, header.visible_rows, reader.content_sha256()}});
  return taken_bytes(path);
}

std::string stage_bytes(const fs::path& scratch) {
  const fs::path path = scratch / "s.h5";
  ImageD image(5, 7, 0.25);
  io::write_stage_dump(
      path,
      {io::stage_image("frame/power", test::noise_image(1, 1, 8, 9), "1", "[line][sample]"),
       io::stage_image("map/values", image, "m", "[row][column]")},
      {{"scene_toml", "schema = \"thzface-scene/1\""}});
  return taken_bytes(path);
}

std::string old_stage_bytes(const fs::path& scratch) {
  const fs::path path = scratch / "o.h5";
  {
    OldFile file(path);
    file.text("/", "schema", "thzface-stages/1");
    file.group("/frame");
    file.array("/frame/power", H5T_NATIVE_FLOAT, {8, 9}, std::vector<float>(72, 0.5F), H5D_CHUNKED);
    file.group("/map");
    file.array("/map/values", H5T_NATIVE_DOUBLE, {5, 7}, std::vector<double>(35, 0.5));
  }
  return taken_bytes(path);
}

/// Everything of a file by name, as texts and as numbers.
void read_everything(const fs::path& path) {
  const io::Hdf5File file = io::Hdf5File::open(path);
  for (const std::string& key : file.attributes("/")) {
    try {
      file.texts("/", key);
    } catch (const InputError&) {
      file.number("/", key);
    }
  }
  for (const std::string& array : file.datasets()) {
    file.chunk(array);
    const std::string type = file.type_name(array);
    if (type == "text") {
      file.read<std::string>(array);
    } else {
      file.read<double>(array);
    }
  }
}

void read_dataset(const fs::path& path) {
  for (const auto& check : io::verify_dataset(path)) {
    if (!check.ok) throw InputError(check.detail);
  }
  const io::DatasetReader reader(path);
  reader.read_all(true);
  reader.read_images({0});
  reader.read_row(0);
  io::describe_dataset(path);
}

}  // namespace

void add_hdf5_targets(const fs::path& scratch, std::vector<Target>& targets) {
  const std::string old_head = old_head_model(scratch, H5D_CONTIGUOUS);
  const std::string old_chunked = old_head_model(scratch, H5D_CHUNKED);
  const auto read_stage = [](const fs::path& path) {
    io::read_stage_image(path, "frame/power");
    io::read_stage_image(path, "map/values");
  };
  targets.push_back(
      {"head model", ".h5", Material::kBinary, {new_head_model(scratch)}, [](const fs::path& path) {
         io::read_head_model(path);
       }});
  targets.push_back({"old head model",
                     ".h5",
                     Material::kBinary,
                     {old_head, old_chunked},
                     [](const fs::path& path) { io::read_head_model(path); }});
  targets.push_back({"old hdf5",
                     ".h5",
                     Material::kBinary,
                     {old_head, old_chunked, old_stage_bytes(scratch)},
                     read_everything});
  targets.push_back({"data set",
                     ".h5",
                     Material::kBinary,
                     {dataset_bytes(scratch, false), dataset_bytes(scratch, true)},
                     read_dataset});
  targets.push_back({"stages",
                     ".h5",
                     Material::kBinary,
                     {stage_bytes(scratch), old_stage_bytes(scratch)},
                     read_stage});
}

void add_index_target(const fs::path& scratch, std::vector<Target>& targets) {
  targets.push_back(
      {"index", ".h5", Material::kBinary, {index_bytes(scratch)}, [](const fs::path& path) {
         try {
           read_everything(path);
         } catch (const InputError&) {
           // Its virtual arrays are refused as such, in a sound index too.
         }
         read_dataset(path);
       }});
}

}  // namespace thz::fuzz
