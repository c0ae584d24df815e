#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace thz::io::internal {

/// Holds a mesh file against what its own header promises, because the importer drops without a
/// word what it cannot use: a PLY body must be as long as its header says; `faces` loaded from a
/// glTF must be all its accessors list. Other kinds are not looked at. @throws InputError.
void check_mesh_promise(const std::filesystem::path& path, const std::string& extension,
                        std::size_t faces);

}  // namespace thz::io::internal
