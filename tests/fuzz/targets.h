#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "io/io_support.h"
#include "mutator.h"

namespace thz::fuzz {

/// One kind of input: sound examples of it, and everything that reads it.
struct Target {
  std::string name;
  std::string extension;  ///< of the file, with the dot
  Material material;
  std::vector<std::string> seeds;
  /// Reads the file through each reader there is; returns or throws as those do.
  std::function<void(const std::filesystem::path&)> read;
};

/// All kinds, their examples made by the project's own writers or written out by hand.
/// @param scratch  a folder that is there, for files on the way.
std::vector<Target> make_targets(const std::filesystem::path& scratch);

/// The content of a file, which goes.
inline std::string taken_bytes(const std::filesystem::path& path) {
  std::string bytes = test::slurp(path);
  std::filesystem::remove(path);
  return bytes;
}

/// Parts of `make_targets`.
void add_text_targets(std::vector<Target>& targets);
void add_mesh_targets(std::vector<Target>& targets);
void add_hdf5_targets(const std::filesystem::path& scratch, std::vector<Target>& targets);
void add_other_targets(const std::filesystem::path& scratch, std::vector<Target>& targets);
void add_index_target(const std::filesystem::path& scratch, std::vector<Target>& targets);
void add_table_targets(const std::filesystem::path& scratch, std::vector<Target>& targets);

}  // namespace thz::fuzz
