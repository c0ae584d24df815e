#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hdf5_state.h"

namespace thz::io::internal {

/// A reference as HDF5 stores it with addresses of 8 bytes: length, address of the heap block,
/// index of the object within it (HDF5 file format 3.0, sections III.E and VIII.D).
constexpr std::size_t kReferenceBytes = 16;

/// Texts of variable length, read without the library's own heap: HDF5 1.10 believes what a damaged
/// one says and then crashes or loops for ever. The library hands over the references as they
/// stand in the file, and the heap blocks are read here, every size and index held against the
/// file.
/// @param read  (memory type, buffer): H5Dread or H5Aread of the whole array.
/// @param count  of texts.
/// @return nothing where a reference or the heap is damaged; throws nothing.
std::optional<std::vector<std::string>> read_variable_texts(
    const Hdf5State& state, uint64_t count, const std::function<bool(hid_t, void*)>& read);

}  // namespace thz::io::internal
