#include "thz/model/augmentation.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "model/toy_data.h"

using namespace thz::model;

namespace {

using Pixels = std::vector<float>;

Pixels blob_at(double row, double col) {
  Pixels image(static_cast<std::size_t>(kImagePixels), 0.0f);
  test::add_blob(image.data(), row, col, 3.0, 1.0);
  return image;
}

Pixels moved(const Augmentation& a, const Pixels& image) {
  Pixels out(image.size());
  move_pixels(a, image.data(), out.data());
  return out;
}

double largest_difference(const Pixels& a, const Pixels& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, static_cast<double>(std::abs(a[i] - b[i])));
  }
  return largest;
}

// Bilinear sampling of a Gaussian of sigma s errs by at most h^2 / (8 s^2) per axis: 0.014 each.
constexpr double kInterpolation = 0.03;

}  // namespace

TEST_CASE(
    "rotation turns counter-clockwise as displayed, scale enlarges, shift moves down and right",
    "[model][augmentation]") {
  const double centre = 31.5;
  const Pixels right = blob_at(centre, centre + 12);
  Augmentation quarter;
  quarter.rotation_rad = thz::kPi / 2;
  CHECK(largest_difference(moved(quarter, right), blob_at(centre - 12, centre)) < kInterpolation);

  Augmentation shift;
  shift.shift = {3.5, -2.25};
  CHECK(largest_difference(moved(shift, right), blob_at(centre + 3.5, centre + 9.75)) <
        kInterpolation);

  Augmentation larger;
  larger.scale = 1.5;
  const Pixels scaled = moved(larger, right);
  // The peak moves from 12 to 18 pixels off the centre.
  CHECK(scaled[31 * kImageSide + 49] > 0.9f);
  CHECK(scaled[31 * kImageSide + 43] < 0.5f);
}

TEST_CASE("augmentation is a function of seed, step and slot and stays in range",
          "[model][augmentation]") {
  const Pixels image = blob_at(30, 30);
  Pixels a(image.size());
  Pixels b(image.size());
  int moves = 0;
  int noisy = 0;
  int stripes = 0;
  constexpr int kDraws = 2000;
  for (int step = 0; step < kDraws; ++step) {
    const Augmentation drawn = draw_augmentation("gentle", 5, step, 3);
    moves += drawn.moves_pixels() ? 1 : 0;
    noisy += drawn.noise_sd > 0.0 ? 1 : 0;
    stripes += static_cast<int>(drawn.stripes.size());
    CHECK(std::abs(drawn.rotation_rad) <= thz::deg_to_rad(10.0));
    CHECK(drawn.scale >= 0.9);
    CHECK(drawn.scale <= 1.1 / 0.9);
    for (const Stripe& stripe : drawn.stripes) {
      CHECK(stripe.width >= 2);
      CHECK(stripe.width <= 4);
      CHECK(stripe.first + stripe.width <= kImageSide);
    }
    if (step >= 20) continue;
    augment(drawn, 5, image.data(), a.data());
    augment(draw_augmentation("gentle", 5, step, 3), 5, image.data(), b.data());
    CHECK(a == b);
    for (const float v : a) REQUIRE((v >= 0.0f && v <= 1.0f));
  }
  // Four binomial standard deviations: sqrt(n p q).
  CHECK(std::abs(moves - 0.5 * kDraws) < 4 * std::sqrt(0.25 * kDraws));
  CHECK(std::abs(noisy - 0.5 * kDraws) < 4 * std::sqrt(0.25 * kDraws));
  CHECK(std::abs(stripes - 0.6 * kDraws) < 4 * std::sqrt(3 * 0.16 * kDraws));
  CHECK(draw_augmentation("gentle", 5, 1, 3).noise_key !=
        draw_augmentation("gentle", 5, 1, 4).noise_key);
}

TEST_CASE("a target is moved as its input but neither striped nor noisy", "[model][augmentation]") {
  Augmentation a;
  a.rotation_rad = 0.1;
  a.stripes = {{true, 5, 3}, {false, 40, 2}};
  a.noise_sd = 0.0;
  const Pixels image = blob_at(28, 35);
  Pixels input(image.size());
  augment(a, 1, image.data(), input.data());
  const Pixels target = moved(a, image);
  for (int r = 0; r < kImageSide; ++r) {
    for (int c = 0; c < kImageSide; ++c) {
      const auto i = static_cast<std::size_t>(r * kImageSide + c);
      const bool striped = (r >= 5 && r < 8) || c == 40 || c == 41;
      CHECK(input[i] == (striped ? 0.0f : target[i]));
    }
  }
  CHECK(moved(Augmentation{}, image) == image);
}

TEST_CASE("stronger levels do more, and gentle cuts nothing out", "[model][augmentation]") {
  struct Level {
    const char* name;
    double rotation_deg, shift_px;
    int patches_low, patches_high;  // of 1000 images
  };
  // Expected patches: 0; 300 + 150; 2 x 500 + 300. Four standard deviations of a binomial, 60.
  // Shifts: half the crop, enlarged, and 5 px.
  const auto level =
      GENERATE(Level{"slight", 3, 1.5, 0, 0}, Level{"gentle", 10, 3.6, 0, 0},
               Level{"medium", 15, 10.7, 390, 510}, Level{"strong", 20, 13, 1230, 1370});
  CAPTURE(level.name);
  int patches = 0;
  double rotation = 0.0, shift = 0.0;
  for (int slot = 0; slot < 1000; ++slot) {
    const Augmentation a = draw_augmentation(level.name, 5, 2, slot);
    rotation = std::max(rotation, std::abs(a.rotation_rad) * 180 / 3.14159265);
    shift = std::max({shift, std::abs(a.shift[0]), std::abs(a.shift[1])});
    patches += static_cast<int>(a.patches.size());
    for (const Patch& p : a.patches) {
      CHECK(p.first_row >= 0);
      CHECK(p.first_col >= 0);
      CHECK(p.first_row + p.height <= kImageSide);
      CHECK(p.first_col + p.width <= kImageSide);
    }
  }
  CHECK(patches >= level.patches_low);
  CHECK(patches <= level.patches_high);
  CHECK(rotation <= level.rotation_deg);
  CHECK(rotation > 0.9 * level.rotation_deg);
  CHECK(shift <= level.shift_px);
  CHECK(shift > 0.7 * level.shift_px);
}

TEST_CASE("a patch multiplies its rectangle", "[model][augmentation]") {
  const Pixels grey(static_cast<std::size_t>(kImagePixels), 0.5f);
  Augmentation a;
  a.patches = {{10, 20, 3, 4, 0.0f}, {40, 0, 2, kImageSide, 0.5f}};
  Pixels out(grey.size());
  augment(a, 1, grey.data(), out.data());
  double sum = 0.0;
  for (const float v : out) sum += v;
  CHECK(sum == Approx(0.5 * (64 * 64 - 12) - 0.25 * 128));
  CHECK(out[10 * 64 + 20] == 0.0f);
  CHECK(out[41 * 64 + 63] == 0.25f);
}
