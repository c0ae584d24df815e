#pragma once

#include <string>
#include <vector>

#include "thz/core/image.h"

namespace thz::eval {

/// Window of the structural similarity: Gaussian of 11 x 11 taps, standard deviation 1.5 px, unit
/// sum.
inline constexpr int kSsimWindow = 11;
inline constexpr int kSsimBorder = kSsimWindow / 2;
inline constexpr double kSsimSigma_px = 1.5;
/// Stabilising constants (K1 L)^2 and (K2 L)^2 for a data range of L = 1.
inline constexpr double kSsimC1 = 0.01 * 0.01;
inline constexpr double kSsimC2 = 0.03 * 0.03;

/// Averages of PSNR over pairs cap each pair here, so that one identical pair does not make the
/// mean infinite (float images in [0, 1] resolve no more).
inline constexpr double kPsnrCap_db = 100.0;

/// Structural similarity at every window that lies wholly inside the images.
///
///   SSIM = (2 mu_a mu_b + C1)(2 s_ab + C2) / ((mu_a^2 + mu_b^2 + C1)(s_a^2 + s_b^2 + C2))
///
/// with Gaussian-weighted moments, population variances. Source: Wang, Bovik, Sheikh, Simoncelli,
/// IEEE Trans. Image Process. 13, 600 (2004), eq. (13).
/// @param a, b  grey in [0, 1] (data range 1), equal shapes, both sides at least 11 px, finite.
/// @return [rows - 10][cols - 10]; element (r, c) belongs to the window centred on pixel (r + 5, c
/// + 5).
/// @throws thz::InputError on unequal shapes, an image smaller than the window, or NaN/infinity.
ImageD ssim_map(const ImageF& a, const ImageF& b);
ImageD ssim_map(const ImageD& a, const ImageD& b);

/// Mean of ssim_map(): the 'W-SSIM' of the tables. The border of 5 px carries no window of its own
/// and is left out, as scikit-image does with gaussian_weights and use_sample_covariance = false.
double ssim(const ImageF& a, const ImageF& b);

/// 10 log10(1 / mean((a - b)^2)), dB; +infinity for equal images. Throws as ssim_map(), any size.
double psnr_db(const ImageF& a, const ImageF& b);

/// Sobel gradient magnitude sqrt((g_x^2 + g_y^2) / 2), kernels [1 2 1]/4 x [-1 0 1], so that it
/// lies in [0, 1] for grey in [0, 1]; interior pixels only: [rows - 2][cols - 2].
ImageF sobel_magnitude(const ImageF& image);

/// SSIM of the Sobel magnitudes; images of at least 13 px a side.
double edge_ssim(const ImageF& a, const ImageF& b);

/// Mean absolute difference of the Sobel magnitudes.
double edge_mae(const ImageF& a, const ImageF& b);

/// What is told of two images of anybody's making.
struct ImageScores {
  double ssim = 0.0;     ///< mean of ssim_map() of the images over the data range
  double psnr_db = 0.0;  ///< 10 log10(R^2 / mse), +infinity for equal images
  double mse = 0.0;      ///< mean squared difference, in the images' own unit squared
  double mae = 0.0;      ///< mean absolute difference, in the images' own unit
  double edge_ssim = 0.0, edge_mae = 0.0;  ///< of the images over the data range, in float
};

/// All of them, in double but for the edges.
/// @param a, b  of equal shapes, at least 13 px a side
/// @param data_range  R > 0: largest possible minus smallest possible value (255 for bytes)
/// @throws thz::InputError for other shapes, NaN or infinity, and for a constant image: its
/// structure, which SSIM compares, is not there.
ImageScores score_images(const ImageD& a, const ImageD& b, double data_range);

/// A named rectangle of pixels, half open: rows [row, row + rows), columns [col, col + cols).
struct Region {
  std::string name;
  int row = 0;
  int col = 0;
  int rows = 0;
  int cols = 0;
};

/// Pixels of a region of the face: the union of `inside` minus the union of `outside`.
struct RegionMask {
  std::string name;
  std::vector<Region> inside;
  std::vector<Region> outside;
};

struct RegionalScore {
  std::string name;
  double ssim = 0.0;     ///< mean of ssim_map() over windows centred in the region
  double psnr_db = 0.0;  ///< over the pixels of the region, capped at kPsnrCap_db
};

/// SSIM and PSNR over each region. Throws InputError where a region holds no window centre or
/// leaves the image.
std::vector<RegionalScore> regional_scores(const ImageF& a, const ImageF& b,
                                           const std::vector<RegionMask>& regions);

/// Throws InputError, naming `what`, unless the image is non-empty, its data matches rows x cols,
/// and every pixel is finite.
void require_valid_image(const ImageF& image, const std::string& what);

}  // namespace thz::eval
