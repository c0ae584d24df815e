#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace thz::io {

/// One thing looked at and what came out.
struct DatasetCheck {
  std::string name;
  bool ok = false;
  std::string detail;  ///< what was found; the reason when not ok
};

/// Looks at everything a data set must be: readable, schema, shapes and types, checksums of all
/// chunks, content hash, finite values, ranges of images and labels, hashes of scene and plan,
/// visible pairs. For a folder in the making: each part, and which rows are missing. Never throws
/// for a bad file: the first check says why the others could not be made.
std::vector<DatasetCheck> verify_dataset(const std::filesystem::path& path);

bool all_ok(const std::vector<DatasetCheck>& checks);

/// JSON text for `dataset show`: header, counts per identity, posture and condition, statistics of
/// the pictures, hash; for a folder in the making, which parts are there. @throws InputError.
std::string describe_dataset(const std::filesystem::path& path);

}  // namespace thz::io
