#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace thz::io {

/// An array of numbers of anybody's making, read a run of rows at a time: a NumPy file (.npy), or a
/// data set of an HDF5 file.
class ArrayFile {
 public:
  /// @param place  "FILE.npy", "FILE.h5:/path/in/the/file", or "FILE.h5" if it holds one data set
  /// only. What a file is tells its content, not its name.
  /// @throws InputError if the file is missing, of another kind, damaged, holds no such data set
  /// (its sets are then named), or one of other elements than bool, int, uint and float.
  explicit ArrayFile(const std::string& place);
  ~ArrayFile();
  ArrayFile(ArrayFile&&) noexcept;

  /// As given: what messages call the array.
  const std::string& name() const { return name_; }
  const std::vector<uint64_t>& shape() const;
  /// "2 x 64 x 64", for messages.
  std::string shape_text() const;
  /// "bool", "uint8", "float32", ...; a bool of h5py is "bool", too.
  const std::string& type() const;
  /// True for bool, int and uint.
  bool is_integer() const;
  uint64_t rows() const { return shape().front(); }
  /// Elements a row.
  uint64_t row_size() const;

  /// Rows [first, first + count); whole numbers are exact up to 2^53.
  /// @throws InputError if they do not exist or cannot be read.
  std::vector<double> read_rows(uint64_t first, uint64_t count) const;
  /// All of it. @throws InputError, also for more than 2^28 numbers.
  std::vector<double> read() const;
  /// One label a row. @throws InputError unless it is one column of whole numbers within int32.
  std::vector<int32_t> read_labels() const;

 private:
  struct Source;
  std::string name_;
  std::unique_ptr<Source> source_;
};

}  // namespace thz::io
