#include "thz/io/array_file.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>

#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/io/hdf5_file.h"
#include "thz/io/npy.h"

namespace thz::io {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMostNumbers = uint64_t{1} << 28;

/// File and data set of a place; the latter empty if it names a file alone.
std::pair<std::string, std::string> split_place(const std::string& place) {
  const std::size_t colon = place.rfind(":/");
  // A file may have any name; "a:/b" is a path too.
  if (colon == std::string::npos || fs::exists(place)) return {place, ""};
  return {place.substr(0, colon), place.substr(colon + 1)};
}

/// The data set meant, which must be there.
std::string chosen_dataset(const Hdf5File& file, const std::string& wanted) {
  const std::vector<std::string> all = file.datasets();
  const std::string listed = one_line(fmt::format("{}", fmt::join(all, ", ")), 300);
  if (wanted.empty() && all.size() == 1) return all.front();
  if (wanted.empty()) {
    throw_input("{}: holds {} data sets; say which as {}:/PATH; it has: {}", file.name(),
                all.size(), file.name(), listed);
  }
  if (!file.has(wanted)) {
    throw_input("{}: holds no data set {}; it has: {}", file.name(), wanted, listed);
  }
  return wanted;
}

bool is_whole_type(const std::string& type) {
  return type == "bool" || type.rfind("int", 0) == 0 || type.rfind("uint", 0) == 0;
}

}  // namespace

struct ArrayFile::Source {
  std::optional<NpyFile> npy;
  std::optional<Hdf5File> hdf5;
  std::string dataset;
  Shape shape;
  std::string type;
};

ArrayFile::ArrayFile(const std::string& place) : name_(place), source_(std::make_unique<Source>()) {
  const auto [path, dataset] = split_place(place);
  if (fs::is_directory(path)) {
    throw_input("{}: is a folder; an array is FILE.npy or FILE.h5:/PATH", path);
  }
  Source& s = *source_;
  if (is_hdf5(path)) {
    s.hdf5.emplace(Hdf5File::open(path));
    s.dataset = chosen_dataset(*s.hdf5, dataset);
    s.shape = s.hdf5->shape(s.dataset);
    s.type = s.hdf5->type_name(s.dataset);
    name_ = path + ":" + s.dataset;
    if (!is_whole_type(s.type) && s.type.rfind("float", 0) != 0) {
      throw_input("{}: holds elements of type '{}'; bool, int, uint and float are allowed", name_,
                  s.type);
    }
    if (s.shape.empty()) throw_input("{}: holds a single number; an array is expected", name_);
  } else {
    if (!dataset.empty()) {
      throw_input("{}: no readable HDF5 file, so there is no {} in it", path, dataset);
    }
    s.npy.emplace(path);
    s.shape = s.npy->shape();
    s.type = s.npy->type();
  }
  if (rows() == 0 || row_size() == 0) {
    throw_input("{}: is empty: its shape is {}", name_, shape_text());
  }
}

ArrayFile::~ArrayFile() = default;
ArrayFile::ArrayFile(ArrayFile&&) noexcept = default;

const std::vector<uint64_t>& ArrayFile::shape() const { return source_->shape; }
std::string ArrayFile::shape_text() const { return fmt::format("{}", fmt::join(shape(), " x ")); }
const std::string& ArrayFile::type() const { return source_->type; }
bool ArrayFile::is_integer() const { return is_whole_type(type()); }

uint64_t ArrayFile::row_size() const {
  uint64_t size = 1;
  for (std::size_t i = 1; i < shape().size(); ++i) size *= shape()[i];
  return size;
}

std::vector<double> ArrayFile::read_rows(uint64_t first, uint64_t count) const {
  if (source_->npy) return source_->npy->read_rows(first, count);
  if (first > rows() || count > rows() - first) {
    throw_input("{}: has no rows {} to {}", name_, first, first + count);
  }
  if (count > kMostNumbers / row_size()) {
    throw_input("{}: {} numbers are more than are read at once", name_, count * row_size());
  }
  std::vector<double> values(count * row_size());
  source_->hdf5->read_rows(source_->dataset, first, count, values.data());
  return values;
}

std::vector<double> ArrayFile::read() const {
  if (rows() > kMostNumbers / row_size()) {
    throw_input("{}: {} are more numbers than are read at once ({} at most)", name_, shape_text(),
                kMostNumbers);
  }
  return read_rows(0, rows());
}

std::vector<int32_t> ArrayFile::read_labels() const {
  if (row_size() != 1) {
    throw_input("{}: is of shape {}, but labels are one number a row", name_, shape_text());
  }
  const std::vector<double> values = read();
  std::vector<int32_t> labels;
  labels.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double v = values[i];
    constexpr double kMost = std::numeric_limits<int32_t>::max();
    if (!(std::abs(v) <= kMost) || v != std::floor(v)) {
      throw_input("{}: row {} is {}, but labels are whole numbers within +-{}", name_, i, v, kMost);
    }
    labels.push_back(static_cast<int32_t>(v));
  }
  return labels;
}

}  // namespace thz::io
