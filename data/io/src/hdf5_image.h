#pragma once

#include <string>

namespace thz::io::internal {

/// Renews the checksum of the superblock (version 3) of a file image. H5Fget_file_image takes the
/// "open for writing" mark out of it but leaves the checksum as it was, and nobody could open the
/// file (HDF5 1.10.8; HDF5 File Format Specification 3.0, section II.A).
void seal_superblock(std::string& image);

}  // namespace thz::io::internal
