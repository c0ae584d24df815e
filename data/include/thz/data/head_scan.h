#pragma once

#include <filesystem>
#include <vector>

#include "thz/sim/head_import.h"

namespace thz::data {

/// Marked points of a scan: CSV with the columns name, x, y, z, in the units of the mesh.
/// @throws thz::InputError naming file and line.
std::vector<sim::NamedPoint> read_landmarks(const std::filesystem::path& path);

/// Reads a scan (any mesh file that io reads), repairs it and brings it into the head frame.
/// @param landmarks  a file for read_landmarks; empty: aligned without.
/// @throws thz::InputError naming the file; docs/theory/scans.md lists what is refused.
sim::ImportedHead import_head_scan(const std::filesystem::path& mesh,
                                   const std::filesystem::path& landmarks,
                                   const sim::HeadImportOptions& options = {});

}  // namespace thz::data
