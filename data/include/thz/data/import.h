#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "thz/core/progress.h"
#include "thz/data/published_names.h"

/// Pictures of other people's making become a data set (docs/formats/exchange.md): a source is
/// listed first, which looks at names and labels alone, then its pictures are read, cropped,
/// brought to 64 x 64 and written.
namespace thz::data {

/// A PNG file, or row `index` of a NumPy array file.
struct ImportPicture {
  std::string file;  ///< empty: none
  int64_t index = -1;
};

/// One capture to bring in.
struct ImportRow {
  ImportPicture picture;
  ImportPicture visible;
  std::string person;
  int posture = 0;    ///< index into io::kPostureNames
  int concealed = 0;  ///< 0 bare, 1 concealed
  std::string where;  ///< "FILE:LINE" that asked for it; empty for folders
};

/// All of a source; captures of a cell (person, posture, condition) keep their order.
struct ImportList {
  std::string kind;    ///< "published-naming", "triplets", "labels" or "numpy"
  std::string source;  ///< name of the folder or file, for the record
  std::vector<ImportRow> rows;
  std::vector<std::string> notes;  ///< sentences about what was left aside
  std::optional<PostureMap> postures;
};

/// `<person>/<unit>/<person>_<code>_<n>.png`, code b1b ... b5b concealed, n1n ... n5n bare.
/// @param units         which to take; may be empty where there is but one
/// @param visible_unit  unit of the visible pictures; empty: none
/// @throws InputError naming the file: another name, person or depth, a picture that is no PNG, a
/// digit that the map does not have.
ImportList list_published_folder(const std::string& folder, const PostureMap& postures,
                                 const std::vector<std::string>& units,
                                 const std::string& visible_unit);

/// A CSV of triplets: columns anchor, positive, negative and, optional, visible_concealed,
/// visible_unconcealed, visible_negative; paths relative to `root` (empty: the CSV's folder);
/// labels follow from the published names. Each picture becomes one row. @throws InputError with
/// the line: names that are no published ones, a positive of another person or posture, a negative
/// of the same person.
ImportList list_triplets(const std::string& csv, const std::string& root,
                         const PostureMap& postures);

/// A CSV of labels: columns file, identity, posture, condition and, optional, visible. Postures are
/// names, or digits where a map is given; conditions "bare" or "concealed". @throws InputError with
/// the line.
ImportList list_labelled(const std::string& csv, const std::string& root,
                         const std::optional<PostureMap>& postures);

/// A folder of NumPy files: image [N][rows][cols] (uint8, uint16, or float in [0, 1]), identity,
/// posture, concealed [N], optional visible_image [M][rows][cols] with visible_index [N] (-1:
/// none). Postures are label numbers 0 to 4 unless a map is given. @throws InputError naming the
/// file.
ImportList list_arrays(const std::string& folder, const std::optional<PostureMap>& postures);

/// What part of a picture is taken.
struct ImportCrop {
  bool centre = false;                       ///< the largest square in the middle
  std::optional<std::array<int, 4>> box_px;  ///< left, top, width, height
};
/// "centre" or "LEFT,TOP,WIDTH,HEIGHT". @throws InputError.
ImportCrop parse_crop(const std::string& text);

struct ImportOptions {
  ImportCrop crop;    ///< of the 340 GHz pictures; visible ones that are not square are cut
                      ///< in the middle
  bool luma = false;  ///< colour becomes luminance instead of being refused
  bool complete_only = false;  ///< leave out (person, posture) without both conditions
  ProgressFn progress;
  const CancelToken* cancel = nullptr;
};

struct ImportReport {
  uint64_t rows = 0;
  uint64_t visible_rows = 0;
  std::map<int32_t, std::string> people;  ///< number in the data set -> name in the source
  std::vector<std::string> missing;       ///< "person X, front-left: no concealed picture"
  uint64_t left_out = 0;                  ///< rows dropped by `complete_only`
  int fewest_captures = 0;                ///< of any (person, posture, condition) there is
  std::vector<std::string> notes;
};

/// Reads the pictures and writes the data set, whole or not at all. People whose names are all
/// whole numbers keep them; others are numbered in the order of their names. What nobody knows
/// (seed, scene, pose) is 0, empty and NaN.
/// @throws InputError naming the picture: unreadable, of another shape than square after the crop,
/// under 16 pixels, coloured, values outside [0, 1]; Cancelled.
ImportReport import_dataset(ImportList list, const ImportOptions& options,
                            const std::filesystem::path& file);

}  // namespace thz::data
