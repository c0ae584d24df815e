#pragma once

#include <string>
#include <vector>

#include "html.h"
#include "thz/report/report.h"

namespace thz::report::internal {

/// A grid of pictures with labels, axes, scale bar and colour scales, as a <figure>.
/// @throws thz::InputError if the cells do not fit the labels or an image is malformed.
std::string render_grid(const ImageGrid& grid);

/// The concealed input, its reconstruction and the truth side by side, one row an example.
std::string render_reconstructions(const std::vector<ReconstructionRow>& rows, double width_m);

/// A round length (1, 2 or 5 times a power of ten, m) near a quarter of the width.
double scale_bar_m(double width_m);

}  // namespace thz::report::internal
