#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

#include "hdf5_state.h"

namespace thz::io::internal {

/// An unsigned number of `width` bytes as HDF5 stores it, the lowest first.
uint64_t number_at(const char* bytes, std::size_t width);

/// The bytes of an open file, read beside the library and held against the file's size. Addresses
/// are those of the library: they count from where HDF5 begins in the file.
class RawFile {
 public:
  /// Empty where the file is not on disk.
  explicit RawFile(const Hdf5State& state);

  uint64_t size() const { return size_; }
  std::size_t address_bytes() const { return address_bytes_; }
  std::size_t length_bytes() const { return length_bytes_; }
  /// Bytes from `address` to the end of the file.
  uint64_t left(uint64_t address) const { return address > size_ ? 0 : size_ - address; }
  /// Nothing where the file does not have that many bytes.
  std::optional<std::string> read(uint64_t address, uint64_t length);

 private:
  std::ifstream file_;
  uint64_t base_ = 0, size_ = 0;
  std::size_t address_bytes_ = 0, length_bytes_ = 0;
};

}  // namespace thz::io::internal
