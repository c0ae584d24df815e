#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "hdf5_handle.h"
#include "thz/io/hdf5_file.h"

namespace thz::io::internal {

/// What an open Hdf5File holds.
struct Hdf5State {
  Hdf5State(hid_t id, std::string shown) : file(id, H5Fclose), name(std::move(shown)) {}

  Handle file;
  std::string name;  ///< how messages call the file
  /// Arrays stay open, and with them their chunk caches; closed before the file.
  mutable std::map<std::string, Handle> datasets;

  /// Throws InputError "FILE: OBJECT WHAT: reason from HDF5".
  [[noreturn]] void fail(const std::string& object, const std::string& what) const;
};

/// Opens or finds an array; the state keeps it.
hid_t open_dataset(const Hdf5State& state, const std::string& path);

/// True if the rows of an array lie in other files.
bool is_virtual(hid_t dataset);

/// Throws InputError if a virtual array gave the value that stands for rows of a missing file.
void require_found(const Hdf5State& state, hid_t dataset, const std::string& path,
                   const float* values, std::size_t count);
/// Only floats are ever virtual.
template <typename T>
void require_found(const Hdf5State&, hid_t, const std::string&, const T*, std::size_t) {}

/// More bytes than this an array of the file cannot honestly have.
uint64_t most_bytes(const Hdf5State& state);

}  // namespace thz::io::internal

namespace thz::io {

struct Hdf5File::State : internal::Hdf5State {
  using Hdf5State::Hdf5State;
};

}  // namespace thz::io
