#include "thz/io/dataset_reader.h"

#include <algorithm>
#include <numeric>

#include "dataset_file.h"
#include "dataset_parts.h"
#include "thz/core/error.h"

namespace thz::io {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kImageFloats = uint64_t{kDatasetImageSize} * kDatasetImageSize;

bool is_dataset_file(const fs::path& path) {
  if (!is_hdf5(path)) return false;
  try {
    const Hdf5File file = Hdf5File::open(path);
    return file.has_attribute("/", "schema") &&
           file.text("/", "schema") == internal::kDatasetSchema;
  } catch (const InputError&) {
    return false;
  }
}

std::size_t count_parts(const fs::path& folder) {
  std::error_code error;
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder / internal::kPartsFolder, error)) {
    if (entry.path().extension() == ".h5") ++count;
  }
  return count;
}

fs::path find_in_folder(const fs::path& folder) {
  const fs::path usual = folder / "dataset.h5";
  if (fs::exists(usual)) return usual;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && is_dataset_file(entry.path())) found.push_back(entry.path());
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    throw_input("{}: holds {} data sets; name one of the files", folder.string(), found.size());
  }
  const std::size_t parts = count_parts(folder);
  if (parts > 0 || fs::exists(folder / internal::kPartsFolder)) {
    throw_input("{}: the data set is not finished ({} part files); continue with dataset generate",
                folder.string(), parts);
  }
  throw_input("{}: holds no data set; a finished dataset.h5 is expected", folder.string());
}

}  // namespace

fs::path find_dataset(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    throw_input("{}: there is no such file or folder; a data set is expected", path.string());
  }
  return fs::is_directory(path) ? find_in_folder(path) : path;
}

struct DatasetReader::State {
  explicit State(const fs::path& file) : path(file), data(file) {
    content_sha256 = data.file().text("/", internal::kHashKey);
    if (data.file().has_attribute("/", "created_utc")) {
      created = data.file().text("/", "created_utc");
    }
  }

  fs::path path;
  internal::DatasetFile data;
  std::string content_sha256;
  std::string created;
};

DatasetReader::DatasetReader(const fs::path& path)
    : state_(std::make_unique<State>(find_dataset(path))) {}

DatasetReader::~DatasetReader() = default;
DatasetReader::DatasetReader(DatasetReader&&) noexcept = default;

const DatasetHeader& DatasetReader::header() const { return state_->data.header(); }
const fs::path& DatasetReader::path() const { return state_->path; }
const std::string& DatasetReader::content_sha256() const { return state_->content_sha256; }
const std::string& DatasetReader::created() const { return state_->created; }

DatasetColumns DatasetReader::read_labels() const {
  return state_->data.read_run(0, rows(), 0, visible_rows(), [](const internal::ColumnInfo& info) {
    return !internal::is_picture(info);
  });
}

DatasetColumns DatasetReader::read_all(bool with_power) const {
  return read_run(0, rows(), 0, visible_rows(), with_power);
}

DatasetColumns DatasetReader::read_run(uint64_t first_row, uint64_t rows, uint64_t first_visible,
                                       uint64_t visible_rows, bool with_power) const {
  return state_->data.read_run(first_row, rows, first_visible, visible_rows,
                               [&](const internal::ColumnInfo& info) {
                                 return with_power || info.path != std::string("/thz/power");
                               });
}

std::vector<float> DatasetReader::read_images(const std::vector<uint64_t>& wanted) const {
  std::vector<float> images(wanted.size() * kImageFloats);
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // In file order every chunk is read and checked once, whatever order was asked for.
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
  for (const std::size_t slot : order) {
    if (wanted[slot] >= rows()) {
      throw_input("{}: there is no row {}; rows 0 to {} exist", path().string(), wanted[slot],
                  static_cast<int64_t>(rows()) - 1);
    }
    state_->data.read_pictures("/thz/image", wanted[slot], 1, images.data() + slot * kImageFloats);
  }
  return images;
}

std::vector<float> DatasetReader::read_images() const {
  std::vector<float> images(rows() * kImageFloats);
  state_->data.read_pictures("/thz/image", 0, rows(), images.data());
  return images;
}

std::vector<float> DatasetReader::read_visible_images() const {
  std::vector<float> images(visible_rows() * kImageFloats);
  state_->data.read_pictures("/visible/image", 0, visible_rows(), images.data());
  return images;
}

ImageF DatasetReader::read_power(uint64_t row) const {
  if (!has_power()) throw_input("{}: holds no /thz/power", path().string());
  ImageF power(header().power_lines, header().power_samples);
  state_->data.read_pictures("/thz/power", row, 1, power.data.data());
  return power;
}

DatasetRow DatasetReader::read_row(uint64_t row) const {
  if (row >= rows()) {
    throw_input("{}: there is no row {}; the data set has {} rows", path().string(), row, rows());
  }
  return row_of(header(), read_run(row, 1), 0);
}

VisibleRow DatasetReader::read_visible(uint64_t index) const {
  if (index >= visible_rows()) {
    throw_input("{}: there is no visible picture {}; the data set has {}", path().string(), index,
                visible_rows());
  }
  const DatasetColumns run = read_run(0, 0, index, 1);
  VisibleRow row;
  row.image = ImageF(kDatasetImageSize, kDatasetImageSize);
  row.image.data = run.visible_image;
  row.identity = run.visible_identity.front();
  row.posture = run.visible_posture.front();
  row.concealed = run.visible_concealed.front();
  return row;
}

std::string internal::computed_sha256(const DatasetReader& reader) {
  const DatasetHeader& header = reader.header();
  ContentHash hash(header);
  constexpr uint64_t kRun = 256;
  const uint64_t longest = std::max(header.rows, header.visible_rows);
  for (uint64_t first = 0; first < longest; first += kRun) {
    const uint64_t row = std::min(first, header.rows);
    const uint64_t visible = std::min(first, header.visible_rows);
    hash.add(reader.read_run(row, std::min(kRun, header.rows - row), visible,
                             std::min(kRun, header.visible_rows - visible)));
  }
  if (longest == 0) hash.add(DatasetColumns{});
  return hash.hex();
}

}  // namespace thz::io
