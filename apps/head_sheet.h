#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "thz/core/progress.h"

namespace thz::apps {

/// Identities 0, 1, ... of a scene's head, as the camera and the imager see them.
struct HeadSheet {
  std::string scene;  ///< a TOML file
  std::size_t count = 20;
  std::size_t columns = 5;
  int pixels = 96;  ///< a side of a visible picture, even
  int threads = 0;
  std::optional<uint64_t> seed;
};

/// Writes two contact sheets beside `path`: NAME.png makes NAME-visible.png and, all of one grey
/// mapping, NAME-340ghz.png (or whatever the scene's frequency is). @return both. @throws
/// InputError.
std::vector<std::string> write_head_sheet(const HeadSheet& sheet, const std::string& path,
                                          const ProgressFn& progress, const CancelToken* cancel);

}  // namespace thz::apps
