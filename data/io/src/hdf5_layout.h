#pragma once

#include <optional>

#include "hdf5_state.h"

namespace thz::io::internal {

/// True if the rows of the array whose object header lies at `address` are in other files (a
/// virtual array), told without the library: opening one, HDF5 1.10 reads the list of those files
/// from a heap without a checksum and crashes or loops for ever on a damaged one. Nothing where the
/// header is damaged. (HDF5 file format 3.0, sections IV.A.1 and IV.A.2.i.)
std::optional<bool> is_virtual(const Hdf5State& state, uint64_t address);

/// Before the library may open an array of a file on disk.
/// @throws thz::InputError if it is missing, virtual or behind a link into another file.
void check_layout(const Hdf5State& state, const std::string& path);

}  // namespace thz::io::internal
