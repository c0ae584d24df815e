#pragma once

#include <string>
#include <utility>
#include <vector>

#include "thz/core/image.h"

namespace thz::report {

/// One picture of a gallery with what it is filtered by.
struct GalleryItem {
  ImageF image;    ///< grey in [0, 1]
  ImageF visible;  ///< the paired visible picture; may be empty
  int identity = 0;
  std::string posture;
  std::string condition;
  std::string caption;  ///< a line more, e.g. the row and the fabric
};

struct Gallery {
  std::string title;
  std::string note;                                        ///< a paragraph; may be empty
  std::vector<std::pair<std::string, std::string>> facts;  ///< names and values beside the title
  std::vector<GalleryItem> items;
};

/// The gallery as one self-contained HTML page: pictures inline, filters by identity, posture and
/// condition, which also stand in the address after # (identity=3&posture=full-left), so that a
/// view can be linked. @throws thz::ContractError for an empty picture.
std::string render_gallery(const Gallery& gallery);

}  // namespace thz::report
