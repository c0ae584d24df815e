#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "thz/core/image.h"

/// From averaged power to the 64 x 64 picture, one function a stage, in this order:
///   average_power -> dewarp -> apply_mapping -> Roi -> resample_roi (docs/theory/imaging.md).
/// Power is received over transmitted power, linear, >= 0. Rows: 0 at +y; columns: 0 at -x.
namespace thz::data {

using Mask = Image<uint8_t>;  // 0 or 1

// --- 1. Frames ---------------------------------------------------------------------------------

/// Mean of frames [lines][samples] in linear power, summed in double.
/// @throws thz::InputError for no frames, unequal sizes, a power that is negative or not finite.
ImageF average_power(const std::vector<ImageF>& frames);

// --- 2. De-warp and up-sample ------------------------------------------------------------------

/// Square-pitch pixels over the field of view; pixel centres at (index + 1/2) of the pitch.
struct FieldGrid {
  int rows = 256;
  int cols = 256;
  double width_m = 0.45;   ///< along x
  double height_m = 0.45;  ///< along y
  double centre_x_m = 0.0;
  double centre_y_m = 0.0;

  double x_m(double col) const { return centre_x_m + ((col + 0.5) / cols - 0.5) * width_m; }
  double y_m(double row) const { return centre_y_m - ((row + 0.5) / rows - 0.5) * height_m; }
  double col(double x) const { return ((x - centre_x_m) / width_m + 0.5) * cols - 0.5; }
  double row(double y) const { return (0.5 - (y - centre_y_m) / height_m) * rows - 0.5; }
};

/// For each pixel of a FieldGrid the place in the frame that looked there: fractional line and
/// sample. A scanner with lag or distortion brings its own map, as far as it is known.
struct RasterMap {
  ImageF line;
  ImageF sample;
};

/// Uniform lines and samples that fill the field: what the ideal raster scans.
RasterMap ideal_raster_map(int lines, int samples, const FieldGrid& grid);

/// The frame on the field's grid, bilinear in linear power (any kernel with negative lobes would
/// ring below zero beside a glint); held constant beyond the frame's outermost samples.
/// @throws thz::InputError for a power that is negative or not finite.
ImageF dewarp(const ImageF& power, const RasterMap& map);

// --- 3. Grey mapping ---------------------------------------------------------------------------

enum class GreyKind : uint8_t {
  kPowerLaw,  ///< (p / p_ref)^gamma
  kLog,       ///< 1 + 10 log10(p / p_ref) / range_db, not below 0
  kLinear,    ///< p / p_ref
};

/// Frozen for a data set. Values above 1 pass on, and are clamped after the resampling.
struct GreyMapping {
  GreyKind kind = GreyKind::kPowerLaw;
  double reference_power = 1.0;  ///< p_ref, > 0; the power that becomes 1
  double gamma = 0.3;            ///< of kPowerLaw, in [0.01, 2]
  double range_db = 8.3;         ///< of kLog, in [0.1, 200]

  /// @throws thz::InputError naming the field, its value and what is allowed.
  void validate() const;
};

ImageF apply_mapping(const GreyMapping& mapping, const ImageF& power);

/// Nearest-rank percentile: the smallest value with at least percent % of all values at or below
/// it. No interpolation, so it commutes with every monotone mapping.
/// @param percent  in (0, 100].
double percentile(std::vector<float> values, double percent);

/// One image of the set a mapping is fitted to, both on one grid.
struct HeadPower {
  ImageF power;
  Mask head;
};

/// Published useful dynamic range of the instrument's image, 10 log10(P95 / P5) of grey.
inline constexpr double kPublishedDynamicRangeDb = 8.3;

/// p_ref and gamma pooled over a set: p_ref is the 99.5th percentile over the upper 70 % of each
/// head's rows (the neck glints brightest and would dim the face); gamma makes P95/P5 of the grey
/// over the heads equal to `dynamic_range_db`: gamma = dynamic_range_db / (10 log10(P95/P5) of
/// power).
/// @throws thz::InputError for no image, an empty head, or powers without spread.
GreyMapping fit_power_law(const std::vector<HeadPower>& set,
                          double dynamic_range_db = kPublishedDynamicRangeDb);

/// 10 log10(P95 / P5) of grey over the pixels of `head` (grey treated as power-like; X03: 8.3 dB is
/// a ratio of 6.7608).
/// @throws thz::InputError if the mask is empty or the 5th percentile is not positive.
double grey_dynamic_range_db(const ImageF& grey, const Mask& head);

// --- 4. Region of interest ---------------------------------------------------------------------

/// A rectangle of the field, metres; top is +y.
struct Roi {
  double left_m = -0.15;
  double right_m = 0.15;
  double bottom_m = -0.15;
  double top_m = 0.15;
};

enum class RoiKind : uint8_t {
  kFixed,     ///< the same crop for every image: nothing a real system lacks
  kDetected,  ///< square around what Otsu's threshold finds in the grey image
  kTruth,     ///< square around the true head; for tests only, and recorded
};

struct RoiOptions {
  RoiKind kind = RoiKind::kFixed;
  Roi fixed;  ///< of kFixed
  double margin =
      0.05;  ///< of kDetected and kTruth: border added, as a fraction of the longer side
};

/// The smallest square with a margin around the mask, shifted into the field where it would leave
/// it.
/// @throws thz::InputError if the mask is empty.
Roi roi_around(const Mask& mask, const FieldGrid& grid, double margin);

/// Silhouette of the head: Otsu's threshold of grey in 256 levels over [0, 1], closed 3 x 3.
Mask otsu_silhouette(const ImageF& grey);
/// The silhouette's largest 8-connected part with its holes kept; what `kDetected` encloses.
Mask largest_part(const Mask& mask);
/// Intersection over union; 1 if both are empty.
double silhouette_iou(const Mask& a, const Mask& b);

// --- 5. Bicubic reduction ----------------------------------------------------------------------

/// Crops to the ROI (at fractions of a pixel) and resamples to size x size by bicubic convolution
/// (Keys, IEEE Trans. ASSP 29(6), 1981, a = -1/2), on each axis stretched by the reduction factor
/// where it exceeds 1, so that no detail folds over; weights sum to 1; edges repeat. Clamped to
/// [0,1].
ImageF resample_roi(const ImageF& grey, const FieldGrid& grid, const Roi& roi, int size);

// --- All of it ---------------------------------------------------------------------------------

struct ImagingOptions {
  FieldGrid grid;
  GreyMapping mapping;
  RoiOptions roi;
  int size = 64;

  void validate() const;
};

struct ThzPicture {
  ImageF image;  ///< size x size, [0, 1]
  ImageF grey;   ///< grid.rows x grid.cols before crop and clamp
  Roi roi;       ///< the crop that was used
};

/// Averaged power [lines][samples] of an ideal raster to the picture.
/// @param true_head  on the grid; needed by RoiKind::kTruth only.
ThzPicture make_picture(const ImageF& averaged_power, const ImagingOptions& options,
                        const std::optional<Mask>& true_head = std::nullopt);

}  // namespace thz::data
