#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace thz::io {

/// One named array; the type of `values` is the stored type (F32, I64 or U8).
struct Tensor {
  std::vector<int64_t> shape;  ///< empty: a single number
  std::variant<std::vector<float>, std::vector<int64_t>, std::vector<uint8_t>> values;

  const std::vector<float>& floats() const;   ///< @throws InputError if of another type
  const std::vector<int64_t>& ints() const;   ///< @throws InputError if of another type
  const std::vector<uint8_t>& bytes() const;  ///< @throws InputError if of another type
};

/// Content of a safetensors file: 8 bytes header length (little endian), JSON header, data.
struct Safetensors {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;

  /// @throws InputError if there is no such tensor.
  const Tensor& at(const std::string& name) const;
};

/// Whole or not at all; the same content gives the same bytes. @throws InputError.
void write_safetensors(const std::filesystem::path& path, const Safetensors& content);

/// @throws InputError if the file is missing, truncated, foreign, has overlapping or stray data,
/// sizes that do not fit or types other than F32, I64, U8.
Safetensors read_safetensors(const std::filesystem::path& path);

}  // namespace thz::io
