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

/// Samples of all runs as the published figure has them: concealed input, each run's
/// reconstruction, unconcealed target, one row a sample; empty without samples that all runs have.
ImageGrid layout_grid(const std::vector<ReportRun>& runs, double width_m);
/// layout_grid() as a <figure> under a heading, or nothing.
std::string render_layout(const std::vector<ReportRun>& runs, double width_m);

/// The worst pairs: concealed probe and unconcealed image, genuine ones first.
ImageGrid hard_pair_grid(const std::vector<HardPairRow>& pairs, double width_m);

/// A round length (1, 2 or 5 times a power of ten, m) near a quarter of the width.
double scale_bar_m(double width_m);

}  // namespace thz::report::internal
