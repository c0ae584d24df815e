#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace thz::architecture {

/// What the house rules say about the tree below a folder: which library may include what, how long
/// a file may be, what must not be written in it.
struct Report {
  std::vector<std::string> violations;  ///< "FILE:LINE: what is wrong", sorted by file
  int files = 0;                        ///< text files read
  int includes = 0;                     ///< #include lines judged
};

/// Reads every source, header, script and document of the repository at `root`.
Report inspect(const std::filesystem::path& root);

}  // namespace thz::architecture
