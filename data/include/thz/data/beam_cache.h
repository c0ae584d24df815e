#pragma once

#include <filesystem>
#include <memory>

#include "thz/core/progress.h"
#include "thz/sim/beam_tiles.h"
#include "thz/sim/scene.h"

namespace thz::data {

/// Where tables of beams are kept: $THZ_CACHE_DIR, else $XDG_CACHE_HOME/thzface, else
/// $HOME/.cache/thzface; empty (nothing is kept) if THZ_CACHE_DIR is "off" or none is set.
std::filesystem::path beam_cache_folder();

/// Name of the tables of an imager: SHA-256 over everything that they are made of (design,
/// frequency, raster, range, options, version of the format, instruction set).
std::string beam_key(const sim::Imager& imager, const sim::BeamTileOptions& options);

/// Tables of the imager's aperture-level beam; null for Gaussian optics. Taken from memory, else
/// from the cache's file, else made and written there. A file that is damaged or another's is not
/// trusted but replaced; a cache that cannot be written does no harm. May be called from several
/// threads: one makes, the others wait.
/// @throws thz::InputError for a design that cannot be built or does not reach the field;
///   thz::Cancelled.
std::shared_ptr<const sim::BeamTiles> aperture_beam(const sim::Imager& imager, int threads = 0,
                                                    const ProgressFn& progress = {},
                                                    const CancelToken* cancel = nullptr);

/// The same without the memory: from the folder's file, else made and written there.
/// @param folder  where files are kept; empty: nowhere.
std::shared_ptr<const sim::BeamTiles> kept_beam(const sim::Imager& imager,
                                                const sim::BeamTileOptions& options,
                                                const std::filesystem::path& folder,
                                                int threads = 0, const ProgressFn& progress = {},
                                                const CancelToken* cancel = nullptr);

/// One file of tables, written whole or not at all. @throws thz::InputError.
void write_beam(const std::filesystem::path& path, const std::string& key,
                const sim::BeamTiles& beam);
/// @throws thz::InputError where the file is not whole or its key is another.
sim::BeamTiles read_beam(const std::filesystem::path& path, const std::string& key);

}  // namespace thz::data
