#pragma once

// Made by golden_images.py, which says how.
namespace thz::eval::testing {

struct GoldenImages {
  const char* name;
  int rows, cols;
  double noise_a, noise_b, low, high;
  bool whole;  // bytes
  double ssim, psnr_db, mse, mae;
};

// clang-format off
inline constexpr GoldenImages kGoldenImages[] = {
    {"smooth", 19, 23, 0.0, 0.0, 0.0, 1.0, false,
     0.497184509142379, 15.2299512590718, 0.0299919617881789, 0.156539153163693},
    {"noisy", 64, 64, 0.5, 0.2, 0.0, 1.0, false,
     0.195288780728777, 13.8884380362218, 0.040846626703744, 0.164356073807512},
    {"nearly black", 33, 48, 0.9, 0.9, 0.0, 0.02, false,
     0.93865068093404, 42.6083795802323, 5.4848157369092e-05, 0.00602191687062995},
    {"signed", 40, 31, 0.3, 0.3, -1.0, 1.0, false,
     0.0918725875292256, 15.5133876089361, 0.112388333218576, 0.273933896896658},
    {"bytes", 64, 64, 0.4, 0.4, 0.0, 256.0, true,
     0.175918995195195, 14.2923822559931, 2420.14916992188, 39.901611328125},
};
// clang-format on

}  // namespace thz::eval::testing
