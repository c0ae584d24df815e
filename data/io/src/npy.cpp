#include "thz/io/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <map>
#include <string_view>

#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/io/atomic_file.h"

namespace thz::io {

namespace fs = std::filesystem;

namespace {

constexpr char kNpyMagic[] = "\x93NUMPY";
constexpr std::size_t kNpyMagicBytes = 6;
constexpr std::size_t kMostNpyHeader = std::size_t{1} << 20;
constexpr uint64_t kMostNpyElements = uint64_t{1} << 40;
/// The header ends at a multiple of this (NEP 1).
constexpr std::size_t kNpyAlignment = 64;

struct NpyType {
  const char* name;
  std::size_t bytes;
};

/// Types by their code without the byte order.
const std::map<std::string, NpyType>& npy_types() {
  static const std::map<std::string, NpyType> types = {
      {"b1", {"bool", 1}},   {"i1", {"int8", 1}},    {"u1", {"uint8", 1}},  {"i2", {"int16", 2}},
      {"u2", {"uint16", 2}}, {"i4", {"int32", 4}},   {"u4", {"uint32", 4}}, {"i8", {"int64", 8}},
      {"u8", {"uint64", 8}}, {"f4", {"float32", 4}}, {"f8", {"float64", 8}}};
  return types;
}

template <typename T>
double native(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<double>(value);
}

/// One element of the machine's own byte order.
double npy_element(const std::string& code, const char* bytes) {
  if (code == "b1" || code == "u1") return native<uint8_t>(bytes);
  if (code == "i1") return native<int8_t>(bytes);
  if (code == "i2") return native<int16_t>(bytes);
  if (code == "u2") return native<uint16_t>(bytes);
  if (code == "i4") return native<int32_t>(bytes);
  if (code == "u4") return native<uint32_t>(bytes);
  if (code == "i8") return native<int64_t>(bytes);
  if (code == "u8") return native<uint64_t>(bytes);
  if (code == "f4") return native<float>(bytes);
  return native<double>(bytes);
}

std::string_view without_spaces(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

/// What stands behind `'key':` in the header's dictionary, between `open` (0: from the first
/// character on) and `close`.
std::string npy_value(std::string_view header, const std::string& key, char open, char close,
                      const std::string& shown) {
  const std::string name = "'" + key + "'";
  const std::size_t at = header.find(name);
  std::string_view rest;
  if (at != std::string_view::npos) rest = without_spaces(header.substr(at + name.size()));
  if (!rest.empty() && rest.front() == ':') rest = without_spaces(rest.substr(1));
  const bool begun = !rest.empty() && (open == 0 || rest.front() == open);
  if (begun && open != 0) rest.remove_prefix(1);
  const std::size_t end = begun ? rest.find(close) : std::string_view::npos;
  if (end == std::string_view::npos) {
    throw_input("{}: a NumPy header without a readable '{}'", shown, key);
  }
  return std::string(rest.substr(0, end));
}

std::vector<uint64_t> npy_shape(const std::string& text, const std::string& shown) {
  std::vector<uint64_t> shape;
  uint64_t elements = 1;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    if (*at == ' ' || *at == ',') {
      ++at;
      continue;
    }
    uint64_t extent = 0;
    const auto [stop, error] = std::from_chars(at, end, extent);
    if (error == std::errc::invalid_argument) {
      throw_input("{}: a NumPy header without a readable 'shape'", shown);
    }
    const bool fits = error == std::errc() && extent <= kMostNpyElements &&
                      (extent == 0 || elements <= kMostNpyElements / extent);
    if (!fits) throw_input("{}: shape ({}) is too large", shown, one_line(text, 80));
    elements *= extent;
    shape.push_back(extent);
    at = stop;
  }
  return shape;
}

template <typename T>
void write_npy_values(const fs::path& path, const std::vector<uint64_t>& shape,
                      const std::vector<T>& values, const char* type) {
  uint64_t elements = 1;
  std::string extents;
  for (const uint64_t extent : shape) {
    elements *= extent;
    extents += std::to_string(extent) + ", ";
  }
  THZ_REQUIRE(elements == values.size(), "the shape of a NumPy array does not fit its values");
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, extents);
  const std::size_t begin = kNpyMagicBytes + 4;
  header.resize((begin + header.size() + kNpyAlignment) / kNpyAlignment * kNpyAlignment - begin,
                ' ');
  header.back() = '\n';
  std::string bytes(kNpyMagic, kNpyMagicBytes);
  bytes += {'\x01', '\x00', static_cast<char>(header.size() & 0xFF),
            static_cast<char>(header.size() >> 8)};
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  write_file(path, bytes);
}

}  // namespace

struct NpyFile::State {
  fs::path path;
  mutable std::ifstream file;
  std::vector<uint64_t> shape;
  std::string code;  ///< "f4", ...
  std::string name;
  std::size_t element_bytes = 0;
  bool swapped = false;
  uint64_t data_at = 0;

  std::string read(std::size_t count) const {
    std::string bytes(count, '\0');
    if (!file.read(bytes.data(), static_cast<std::streamsize>(count))) {
      throw_input("{}: the file ends too early", path.string());
    }
    return bytes;
  }
  std::string read_header();
  void parse(const std::string& header);
};

std::string NpyFile::State::read_header() {
  const std::string start = read(kNpyMagicBytes + 2);
  if (start.compare(0, kNpyMagicBytes, kNpyMagic, kNpyMagicBytes) != 0) {
    throw_input("{}: not a NumPy array file (.npy)", path.string());
  }
  const int version = start[kNpyMagicBytes];
  if (version < 1 || version > 3) {
    throw_input("{}: is of NumPy format version {}, but 1 to 3 are known", path.string(), version);
  }
  const std::string count = read(version == 1 ? 2 : 4);
  std::size_t length = 0;
  for (std::size_t i = count.size(); i-- > 0;)
    length = length << 8 | static_cast<uint8_t>(count[i]);
  if (length > kMostNpyHeader) throw_input("{}: has a header of {} bytes", path.string(), length);
  const std::string header = read(length);
  data_at = static_cast<uint64_t>(file.tellg());
  return header;
}

void NpyFile::State::parse(const std::string& header) {
  const std::string shown = path.string();
  const std::string type = npy_value(header, "descr", '\'', '\'', shown);
  const auto known = type.empty() ? npy_types().end() : npy_types().find(type.substr(1));
  if (known == npy_types().end() || std::string("<>|=").find(type[0]) == std::string::npos) {
    throw_input("{}: holds elements of type '{}'; bool, int, uint, float32 and float64 are allowed",
                shown, one_line(type, 40));
  }
  code = known->first;
  name = known->second.name;
  element_bytes = known->second.bytes;
  swapped = type[0] == '>' && element_bytes > 1;
  // True or False: both end in the first 'e'.
  const std::string order = npy_value(header, "fortran_order", 0, 'e', shown);
  if (order != "Tru" && order != "Fals") {
    throw_input("{}: a NumPy header without a readable 'fortran_order'", shown);
  }
  if (order == "Tru") {
    throw_input("{}: is in Fortran order; save numpy.ascontiguousarray(a) instead", shown);
  }
  shape = npy_shape(npy_value(header, "shape", '(', ')', shown), shown);
  if (shape.empty()) throw_input("{}: holds a single number; an array is expected", shown);
  uint64_t bytes = element_bytes;
  for (const uint64_t extent : shape) bytes *= extent;
  const uint64_t found = fs::file_size(path) - data_at;
  if (found != bytes) {
    throw_input("{}: holds {} bytes of data, but its header says {}", shown, found, bytes);
  }
}

NpyFile::NpyFile(const fs::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->file.open(path, std::ios::binary);
  if (!state_->file || fs::is_directory(path)) {
    throw_input("{}: cannot be read: no such readable file", path.string());
  }
  state_->parse(state_->read_header());
}

NpyFile::~NpyFile() = default;
NpyFile::NpyFile(NpyFile&&) noexcept = default;

const fs::path& NpyFile::path() const { return state_->path; }
const std::vector<uint64_t>& NpyFile::shape() const { return state_->shape; }
const std::string& NpyFile::type() const { return state_->name; }
bool NpyFile::is_integer() const { return state_->code[0] != 'f'; }
uint64_t NpyFile::rows() const { return state_->shape.front(); }

uint64_t NpyFile::row_size() const {
  uint64_t size = 1;
  for (std::size_t i = 1; i < state_->shape.size(); ++i) size *= state_->shape[i];
  return size;
}

std::vector<double> NpyFile::read_rows(uint64_t first, uint64_t count) const {
  if (first > rows() || count > rows() - first) {
    throw_input("{}: has no rows {} to {}", path().string(), first, first + count);
  }
  const std::size_t width = state_->element_bytes;
  state_->file.clear();
  state_->file.seekg(static_cast<std::streamoff>(state_->data_at + first * row_size() * width));
  std::string bytes = state_->read(count * row_size() * width);
  std::vector<double> values(count * row_size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    char* at = bytes.data() + i * width;
    if (state_->swapped) std::reverse(at, at + width);
    values[i] = npy_element(state_->code, at);
  }
  return values;
}

void write_npy(const fs::path& path, const std::vector<uint64_t>& shape,
               const std::vector<float>& values) {
  write_npy_values(path, shape, values, "<f4");
}

void write_npy(const fs::path& path, const std::vector<uint64_t>& shape,
               const std::vector<int32_t>& values) {
  write_npy_values(path, shape, values, "<i4");
}

}  // namespace thz::io
