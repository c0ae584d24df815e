#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "thz/core/progress.h"
#include "thz/data/published_names.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/split_file.h"

namespace thz::data {

struct ExportOptions {
  std::string unit = "thz";              ///< folder of the 340 GHz pictures below each person
  std::string visible_unit = "visible";  ///< the same of the visible ones
  uint64_t seed = 1;                     ///< of the draw of positives and negatives
  /// Triplets within each list of the split instead of over all rows; may be null.
  const io::Split* split = nullptr;
  ProgressFn progress;
  const CancelToken* cancel = nullptr;
};

struct ExportReport {
  uint64_t pictures = 0;
  uint64_t visible_pictures = 0;
  std::vector<std::string> files;      ///< CSV files, relative to the folder
  std::vector<uint64_t> triplet_rows;  ///< lines of each triplets file, in order of `files`
};

/// Writes the data set as published trainers read it: `<person>/<unit>/<person>_<code>_<n>.png`
/// (8-bit grey; visible pictures in their own unit), `labels.csv` (what `list_labelled` reads), and
/// `triplets.csv`, or `triplets-train.csv`, `-validation`, `-test` with a split: for each concealed
/// picture and each other person one line of anchor, positive (bare, same person and posture) and
/// negative (bare, the other person, same posture), drawn by the seed, with the visible columns
/// where all rows have their picture. Paths are relative to the folder.
/// @throws InputError if the folder is there and not empty or cannot be written, or a posture of
/// the data set has no digit in `postures`.
ExportReport export_published(const io::DatasetReader& dataset, const PostureMap& postures,
                              const std::filesystem::path& folder, const ExportOptions& options);

/// Writes what `list_arrays` reads: image.npy, identity.npy, posture.npy (0 to 4), concealed.npy,
/// and visible_image.npy with visible_index.npy where there are any.
ExportReport export_arrays(const io::DatasetReader& dataset, const std::filesystem::path& folder);

}  // namespace thz::data
