#include "thz/io/safetensors.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <tuple>

#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/io/atomic_file.h"

namespace thz::io {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr char kMetadataKey[] = "__metadata__";
// The reference implementation's limit.
constexpr uint64_t kMostHeaderBytes = 100000000;

template <typename T>
const std::vector<T>& values_of(const Tensor& tensor, const char* wanted) {
  const auto* values = std::get_if<std::vector<T>>(&tensor.values);
  if (values == nullptr) throw_input("a tensor holds another type than {}", wanted);
  return *values;
}

const char* dtype_of(const Tensor& tensor) {
  static const char* const kNames[] = {"F32", "I64", "U8"};
  return kNames[tensor.values.index()];
}

std::size_t element_bytes(const Tensor& tensor) {
  return std::visit([](const auto& v) { return sizeof(v[0]); }, tensor.values);
}

std::size_t value_count(const Tensor& tensor) {
  return std::visit([](const auto& v) { return v.size(); }, tensor.values);
}

/// Product of the shape; throws if it is negative or overflows `most`.
uint64_t shape_count(const std::string& name, const std::vector<int64_t>& shape, uint64_t most) {
  uint64_t count = 1;
  for (const int64_t extent : shape) {
    if (extent < 0) throw_input("tensor '{}' has a negative extent", name);
    if (extent != 0 && count > most / static_cast<uint64_t>(extent)) {
      throw_input("tensor '{}' claims more elements than the file holds", name);
    }
    count *= static_cast<uint64_t>(extent);
  }
  return count;
}

/// Where one tensor's bytes lie, from the start of the data.
struct Extent {
  uint64_t begin, end;
  std::string name;
};

Tensor empty_tensor(const std::string& name, const std::string& dtype) {
  Tensor tensor;
  if (dtype == "F32") {
    tensor.values = std::vector<float>();
  } else if (dtype == "I64") {
    tensor.values = std::vector<int64_t>();
  } else if (dtype == "U8") {
    tensor.values = std::vector<uint8_t>();
  } else {
    throw_input("tensor '{}' is of type {}; allowed are F32, I64, U8", name, dtype);
  }
  return tensor;
}

Tensor read_tensor(const std::string& name, const Json& entry, std::string_view data,
                   std::vector<Extent>& extents) {
  Tensor tensor = empty_tensor(name, entry.at("dtype").get<std::string>());
  for (const Json& extent : entry.at("shape")) {
    if (!extent.is_number_integer()) throw_input("tensor '{}' has a broken shape", name);
    tensor.shape.push_back(extent.get<int64_t>());
  }
  const Json& offsets = entry.at("data_offsets");
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned()) {
    throw_input("tensor '{}' has no two data_offsets", name);
  }
  const auto begin = offsets[0].get<uint64_t>();
  const auto end = offsets[1].get<uint64_t>();
  if (begin > end || end > data.size()) {
    throw_input("tensor '{}' lies at bytes {} to {}, but the data has {} bytes (truncated?)", name,
                begin, end, data.size());
  }
  const uint64_t bytes = end - begin;
  if (shape_count(name, tensor.shape, data.size() + 1) * element_bytes(tensor) != bytes) {
    throw_input("tensor '{}' has {} bytes, which does not fit its shape and type", name, bytes);
  }
  std::visit(
      [&](auto& values) {
        values.resize(bytes / sizeof(values[0]));
        if (bytes > 0) std::memcpy(values.data(), data.data() + begin, bytes);
      },
      tensor.values);
  extents.push_back({begin, end, name});
  return tensor;
}

// The format asks for data without overlap and without holes.
void check_extents(std::vector<Extent>& extents, uint64_t data_bytes) {
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  uint64_t next = 0;
  for (const Extent& extent : extents) {
    if (extent.begin < next) throw_input("tensor '{}' overlaps another one", extent.name);
    if (extent.begin > next)
      throw_input("{} bytes before tensor '{}' belong to no tensor", extent.begin - next,
                  extent.name);
    next = extent.end;
  }
  if (next != data_bytes) throw_input("{} bytes at the end belong to no tensor", data_bytes - next);
}

uint64_t header_length(std::string_view bytes) {
  if (bytes.size() < kLengthBytes) throw_input("too short ({} bytes)", bytes.size());
  uint64_t length = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) {
    length = (length << 8) | static_cast<uint8_t>(bytes[i]);
  }
  if (length > kMostHeaderBytes || length > bytes.size() - kLengthBytes) {
    throw_input("its header claims {} bytes, more than the file holds (foreign or truncated)",
                length);
  }
  return length;
}

Safetensors parse(std::string_view bytes) {
  const uint64_t length = header_length(bytes);
  const std::string_view header = bytes.substr(kLengthBytes, length);
  const std::string_view data = bytes.substr(kLengthBytes + length);
  const Json json = Json::parse(header.begin(), header.end());
  if (!json.is_object()) throw_input("its header is no JSON object");
  Safetensors content;
  std::vector<Extent> extents;
  for (const auto& [name, entry] : json.items()) {
    if (name == kMetadataKey) {
      content.metadata = entry.get<std::map<std::string, std::string>>();
    } else {
      content.tensors.emplace(name, read_tensor(name, entry, data, extents));
    }
  }
  check_extents(extents, data.size());
  return content;
}

std::string make_header(const Safetensors& content) {
  Json json = Json::object();
  if (!content.metadata.empty()) json[kMetadataKey] = content.metadata;
  uint64_t offset = 0;
  for (const auto& [name, tensor] : content.tensors) {
    THZ_REQUIRE(name != kMetadataKey, "a tensor may not be called __metadata__");
    THZ_REQUIRE(shape_count(name, tensor.shape, UINT64_MAX / 16) == value_count(tensor),
                "shape of tensor '" + name + "' does not fit its values");
    const uint64_t end = offset + value_count(tensor) * element_bytes(tensor);
    json[name] = {
        {"dtype", dtype_of(tensor)}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = json.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // data begins at a multiple of 8
  return text;
}

}  // namespace

const std::vector<float>& Tensor::floats() const { return values_of<float>(*this, "F32"); }
const std::vector<int64_t>& Tensor::ints() const { return values_of<int64_t>(*this, "I64"); }
const std::vector<uint8_t>& Tensor::bytes() const { return values_of<uint8_t>(*this, "U8"); }

const Tensor& Safetensors::at(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw_input("there is no tensor '{}'", name);
  return found->second;
}

void write_safetensors(const fs::path& path, const Safetensors& content) {
  const std::string header = make_header(content);
  std::string bytes;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    bytes.push_back(static_cast<char>((header.size() >> (8 * i)) & 0xFF));
  }
  bytes += header;
  for (const auto& [name, tensor] : content.tensors) {
    std::visit(
        [&](const auto& values) {
          bytes.append(reinterpret_cast<const char*>(values.data()),
                       values.size() * sizeof(values[0]));
        },
        tensor.values);
  }
  write_file(path, bytes);
}

Safetensors read_safetensors(const fs::path& path) {
  const std::string bytes = read_file(path);
  try {
    return parse(bytes);
  } catch (const Json::exception& e) {
    throw_input("{}: not a safetensors file: {}", path.string(), one_line(e.what()));
  } catch (const InputError& e) {
    throw_input("{}: not a readable safetensors file: {}", path.string(), one_line(e.what()));
  }
}

}  // namespace thz::io
