#pragma once

#include "hdf5_state.h"

namespace thz::io::internal {

/// Before the library may open an array of a file on disk.
/// @throws thz::InputError if it is missing, behind a link into another file, or virtual: HDF5 1.10
/// reads the list of files behind a virtual array from a heap without a checksum as it opens it,
/// and crashes or loops for ever on a damaged one.
void check_layout(const Hdf5State& state, const std::string& path);

/// Before the library may look for attributes of an object: it decodes all of them, and reads past
/// one whose parts are longer than it. An object that is missing passes.
/// @throws thz::InputError if the object is behind a link into another file or an attribute is
/// damaged.
void check_attributes(const Hdf5State& state, const std::string& object);

}  // namespace thz::io::internal
