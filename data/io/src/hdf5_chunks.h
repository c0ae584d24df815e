#pragma once

#include <string>

#include "hdf5_state.h"

namespace thz::io::internal {

/// Holds the chunks of an array against its shape: every one must become just as many bytes as a
/// chunk has once its filters (deflate, shuffle, fletcher32) are undone, and lie inside the file.
/// HDF5 1.10 copies a whole chunk out of whatever the filters gave. Packed chunks are unpacked for
/// it, once.
/// @throws thz::InputError for a damaged chunk, another filter, or more than 20,000 chunks.
void check_chunks(const Hdf5State& state, hid_t dataset, hid_t properties, const std::string& path);

}  // namespace thz::io::internal
