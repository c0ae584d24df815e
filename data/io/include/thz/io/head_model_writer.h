#pragma once

#include <filesystem>

#include "thz/io/head_model_reader.h"

namespace thz::io {

/// Writes schema head-morphable/1, whole or not at all; modes as 16-bit counts with one scale a
/// mode (32767 counts for its largest displacement). @throws InputError.
void write_head_model(const std::filesystem::path& path, const HeadMorphableFile& head);

}  // namespace thz::io
