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
  std::string name;            ///< how messages call the file
  std::filesystem::path path;  ///< on disk, of a file that was opened; else empty
  int virtual_depth = 0;       ///< virtual arrays that led to this file
  /// Arrays stay open, and with them their chunk caches; closed before the file.
  mutable std::map<std::string, Handle> datasets;

  /// Throws InputError "FILE: OBJECT WHAT: reason from HDF5".
  [[noreturn]] void fail(const std::string& object, const std::string& what) const;
};

/// Opens or finds an array; the state keeps it.
hid_t open_dataset(const Hdf5State& state, const std::string& path);

/// True if the rows of an array lie in other files.
bool is_virtual(hid_t dataset);

/// @throws thz::InputError unless each file that is there behind a virtual array has a sound array
/// of the same name with just the values that are taken from it.
void check_virtual(const Hdf5State& state, hid_t dataset, hid_t properties,
                   const std::string& path);

/// Throws InputError if a file behind a virtual array is missing: its values would be counted, and
/// given room, by what the index says alone.
void require_files(const Hdf5State& state, hid_t dataset, const std::string& path);

/// Throws InputError if a virtual array gave the value that stands for rows of a missing file.
void require_found(const Hdf5State& state, hid_t dataset, const std::string& path,
                   const float* values, std::size_t count);
/// Only floats are ever virtual.
template <typename T>
void require_found(const Hdf5State&, hid_t, const std::string&, const T*, std::size_t) {}
/// Bytes of one value in the file: of a text of variable length the type tells the size of a
/// pointer, the file holds a reference.
uint64_t stored_bytes(hid_t type);

/// The library copies by an array's shape, and runs past what a damaged file has in store for it.
/// @throws thz::InputError for an array whose stored bytes are neither none nor all, or lie outside
/// the file.
void check_storage(const Hdf5State& state, hid_t dataset, const std::string& path);

/// The library moves the bits of a number by what its type says of them, wherever that is.
/// @throws thz::InputError for a type that is neither a sound integer or float nor two of them.
void check_number(const Hdf5State& state, hid_t type, const std::string& object);

/// More bytes than this an array of the file cannot honestly have.
uint64_t most_bytes(const Hdf5State& state);

}  // namespace thz::io::internal

namespace thz::io {

struct Hdf5File::State : internal::Hdf5State {
  using Hdf5State::Hdf5State;
};

}  // namespace thz::io
