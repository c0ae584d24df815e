#pragma once

#include <string>
#include <vector>

#include "html.h"
#include "thz/report/report.h"

namespace thz::report::internal {

/// A grid of pictures with labels, axes, scale bar and colour scales, as a <figure>.
/// @throws thz::InputError if the cells do not fit the labels or an image is malformed.
std::string render_grid(const ImageGrid& grid);

/// What the imager's pictures of one page share.
struct PictureScale {
  double width_m = 0.0;      ///< as ImageGrid::width_m
  std::string colour_label;  ///< as ImageGrid::colour_label
};
/// The band is named only where it is known.
PictureScale picture_scale(const ReportInput& input);

/// The concealed input, its reconstruction and the truth side by side, one row a kind of example;
/// without samples, which are in the layout.
ImageGrid reconstruction_grid(const std::vector<ReconstructionRow>& rows,
                              const PictureScale& scale);
/// reconstruction_grid() as a <figure>, or nothing.
std::string render_reconstructions(const std::vector<ReconstructionRow>& rows,
                                   const PictureScale& scale);

/// Those whose pictures can stand beside those of the first run with samples: they have samples of
/// the same rows, so were tested on the same split. Empty without samples.
std::vector<const ReportRun*> layout_runs(const std::vector<ReportRun>& runs);
/// Samples of layout_runs() as the published figure has them: concealed input, each run's
/// reconstruction, unconcealed target, one row a sample; empty without samples that all of them
/// have.
ImageGrid layout_grid(const std::vector<ReportRun>& runs, const PictureScale& scale);
/// layout_grid() as a <figure> under a heading, or nothing.
std::string render_layout(const std::vector<ReportRun>& runs, const PictureScale& scale);

/// The worst pairs: concealed probe and unconcealed image, genuine ones first.
ImageGrid hard_pair_grid(const std::vector<HardPairRow>& pairs, const PictureScale& scale);

/// A round length (1, 2 or 5 times a power of ten, m) near a quarter of the width.
double scale_bar_m(double width_m);

}  // namespace thz::report::internal
