#pragma once

#include <cstdint>
#include <map>
#include <set>
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
  mutable std::set<std::string> sound_attributes;  ///< objects whose attributes were looked at
  /// Arrays stay open, and with them their chunk caches; closed before the file.
  mutable std::map<std::string, Handle> datasets;

  /// Throws InputError "FILE: OBJECT WHAT: reason from HDF5".
  [[noreturn]] void fail(const std::string& object, const std::string& what) const;
};

/// Opens or finds an array; the state keeps it.
hid_t open_dataset(const Hdf5State& state, const std::string& path);

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
