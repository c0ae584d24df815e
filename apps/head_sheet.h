#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "thz/core/progress.h"

namespace thz::apps {

/// Identities 0, 1, ... of a scene's head, as the camera and the imager see them.
struct HeadSheet {
  std::string scene;  ///< a TOML file
  std::size_t count = 20;
  std::size_t columns = 10;
  int threads = 0;
  std::optional<uint64_t> seed;
};

/// Writes a contact sheet: rows of visible pictures, below each the pictures of the imager, all of
/// one grey mapping. @throws InputError.
void write_head_sheet(const HeadSheet& sheet, const std::string& path, const ProgressFn& progress,
                      const CancelToken* cancel);

}  // namespace thz::apps
