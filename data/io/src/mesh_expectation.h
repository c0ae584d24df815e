#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace thz::io::internal {

// Mesh files held against what their own headers promise: the importer drops without a word what
// it cannot use, and runs for ever on a PLY whose header is cut.

/// The header must be whole and the body as long as it says. @throws InputError.
void check_ply(const std::filesystem::path& path);

/// `faces` that were loaded must be all that the accessors list. @throws InputError.
void check_gltf(const std::filesystem::path& path, const std::string& extension, std::size_t faces);

}  // namespace thz::io::internal
