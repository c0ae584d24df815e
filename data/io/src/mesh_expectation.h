#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace thz::io::internal {

// Mesh files held against what they promise themselves: the importer drops without a word what it
// cannot use.

/// `faces` that were loaded must be all that the accessors list. @throws InputError.
void check_gltf(const std::filesystem::path& path, const std::string& extension, std::size_t faces);

}  // namespace thz::io::internal
