#!/usr/bin/env python3
"""Reference values of the image metrics by scikit-image (Debian: python3-skimage, 0.19.3).

    python3 tests/eval/golden_images.py > tests/eval/golden_images.h

The images are made of whole-number arithmetic and sines, so that golden_image() of the tests makes
the same ones. An image is waves plus noise of a linear congruential generator.
"""
import math

import numpy
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity


def image(rows, cols, seed, noise, low, high):
    """rows x cols numbers in [low, high]; noise is its share of the range."""
    state, out = seed, numpy.empty((rows, cols))
    for r in range(rows):
        for c in range(cols):
            state = (1664525 * state + 1013904223) % 2**32
            wave = 0.5 + 0.25 * math.sin(0.31 * r + seed) + 0.25 * math.cos(0.23 * c)
            out[r, c] = low + (high - low) * ((1 - noise) * wave + noise * state / 2**32)
    return out


def case(name, rows, cols, noise_a, noise_b, low, high, whole):
    a = image(rows, cols, 1, noise_a, low, high)
    b = image(rows, cols, 2, noise_b, low, high)
    if whole:
        a, b = (numpy.floor(x).astype(numpy.uint8) for x in (a, b))
    span = 255 if whole else max(1.0, high - low)
    ssim = structural_similarity(a, b, gaussian_weights=True, sigma=1.5,
                                 use_sample_covariance=False, data_range=span)
    values = (ssim, peak_signal_noise_ratio(a, b, data_range=span), mean_squared_error(a, b),
              numpy.abs(a.astype(float) - b).mean())
    numbers = ", ".join(f"{v:.15g}" for v in values)
    whole = "true" if whole else "false"
    print(f'    {{"{name}", {rows}, {cols}, {noise_a}, {noise_b}, {low}, {high}, {whole},\n'
          f"     {numbers}}},")


print("#pragma once\n\n// Made by golden_images.py, which says how.\n"
      "namespace thz::eval::testing {\n\n"
      "struct GoldenImages {\n"
      "  const char* name;\n"
      "  int rows, cols;\n"
      "  double noise_a, noise_b, low, high;\n"
      "  bool whole;  // bytes\n"
      "  double ssim, psnr_db, mse, mae;\n"
      "};\n\n"
      "// clang-format off\n"
      "inline constexpr GoldenImages kGoldenImages[] = {")
case("smooth", 19, 23, 0.0, 0.0, 0.0, 1.0, False)
case("noisy", 64, 64, 0.5, 0.2, 0.0, 1.0, False)
case("nearly black", 33, 48, 0.9, 0.9, 0.0, 0.02, False)
case("signed", 40, 31, 0.3, 0.3, -1.0, 1.0, False)
case("bytes", 64, 64, 0.4, 0.4, 0.0, 256.0, True)
print("};\n// clang-format on\n\n}  // namespace thz::eval::testing")
