#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace thz::io {

/// A NumPy array file (.npy, format versions 1 to 3), read a run of rows at a time. Element types:
/// bool, int and uint of 8 to 64 bits, float32 and float64, of either byte order, in C order;
/// anything else is refused by name. Source: numpy.lib.format, "NEP 1: a simple file format for
/// NumPy arrays".
class NpyFile {
 public:
  /// @throws InputError if the file is missing, foreign, of another type or order, or of another
  /// length than its header says.
  explicit NpyFile(const std::filesystem::path& path);
  ~NpyFile();
  NpyFile(NpyFile&&) noexcept;

  const std::filesystem::path& path() const;
  const std::vector<uint64_t>& shape() const;
  /// "uint8", "float32", ...
  const std::string& type() const;
  /// True for bool, int and uint.
  bool is_integer() const;
  /// Rows of the first axis.
  uint64_t rows() const;
  /// Elements a row.
  uint64_t row_size() const;
  /// Rows [first, first + count) as they are; whole numbers are exact up to 2^53.
  /// @throws InputError if they do not exist.
  std::vector<double> read_rows(uint64_t first, uint64_t count) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes float32 or int32 values in C order, version 1.0, whole or not at all. @throws InputError.
void write_npy(const std::filesystem::path& path, const std::vector<uint64_t>& shape,
               const std::vector<float>& values);
void write_npy(const std::filesystem::path& path, const std::vector<uint64_t>& shape,
               const std::vector<int32_t>& values);

}  // namespace thz::io
