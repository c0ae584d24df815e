#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "hdf5_state.h"

namespace thz::io::internal {

/// One message of an object's header, as it stands in the file.
struct HeaderMessage {
  uint64_t type = 0, flags = 0;
  std::string data;
};

/// False: what the message says cannot be.
using HeaderVisit = std::function<bool(const HeaderMessage& message)>;

/// Shows every message of the object header at `address`, read without the library (HDF5 file
/// format 3.0, section IV.A.1): what HDF5 1.10 believes of a message can be looked at before.
/// @return false where the header is damaged or `visit` says so.
bool walk_header(const Hdf5State& state, uint64_t address, const HeaderVisit& visit);

}  // namespace thz::io::internal
