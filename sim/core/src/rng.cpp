#include "thz/core/rng.h"

#include <Random123/philox.h>

#include <cmath>

#include "thz/core/constants.h"

namespace thz {
namespace {

using Philox = r123::Philox4x32;

// 53 random bits in the open interval: the half step keeps 0 and 1 out.
double open_unit(uint32_t high, uint32_t low) {
  const uint64_t bits53 = ((static_cast<uint64_t>(high) << 32) | low) >> 11;
  return (static_cast<double>(bits53) + 0.5) * 0x1.0p-53;
}

// Key and counter words from the stream's name. The seed is the key; purpose, entity and
// sub-entity fill the upper counter words after mixing, the lowest two words count blocks.
void name_stream(uint64_t seed, RngPurpose purpose, uint64_t entity, uint32_t sub_entity,
                 std::array<uint32_t, 2>& key, std::array<uint32_t, 4>& counter) {
  const uint64_t mixed = mix_keys(
      mix_keys(entity, (static_cast<uint64_t>(purpose) << 32) | sub_entity), 0x7448A5FACEULL);
  key = {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
  counter = {0, 0, static_cast<uint32_t>(mixed), static_cast<uint32_t>(mixed >> 32)};
}

std::array<uint32_t, 4> philox(const std::array<uint32_t, 4>& counter,
                               const std::array<uint32_t, 2>& key) {
  Philox::ctr_type c = {{counter[0], counter[1], counter[2], counter[3]}};
  Philox::key_type k = {{key[0], key[1]}};
  const Philox::ctr_type r = Philox{}(c, k);
  return {r[0], r[1], r[2], r[3]};
}

}  // namespace

uint64_t mix_keys(uint64_t a, uint64_t b) {
  uint64_t z = a + 0x9E3779B97F4A7C15ULL * (b + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

Rng::Rng(uint64_t seed, RngPurpose purpose, uint64_t entity, uint32_t sub_entity) {
  name_stream(seed, purpose, entity, sub_entity, key_, counter_);
}

void Rng::refill() {
  block_ = philox(counter_, key_);
  used_ = 0;
  if (++counter_[0] == 0) ++counter_[1];
}

uint32_t Rng::bits() {
  if (used_ == 4) refill();
  return block_[static_cast<std::size_t>(used_++)];
}

void Rng::seek(uint64_t block) {
  counter_[0] = static_cast<uint32_t>(block);
  counter_[1] = static_cast<uint32_t>(block >> 32);
  used_ = 4;
  has_spare_ = false;
}

double Rng::uniform() {
  const uint32_t high = bits();
  const uint32_t low = bits();
  return open_unit(high, low);
}

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(uniform()));
  const double angle = 2.0 * kPi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

double Rng::truncated_normal(double mean, double standard_deviation, double limit) {
  double z = normal();
  while (std::abs(z) > limit) z = normal();
  return mean + standard_deviation * z;
}

std::complex<double> Rng::complex_normal() {
  const double re = normal();
  const double im = normal();
  return {re * std::sqrt(0.5), im * std::sqrt(0.5)};
}

void Rng::fill_complex_normal(std::complex<float>* out, std::size_t count, float variance) {
  for (std::size_t i = 0; i < count; ++i) {
    // 24 bits are all a float in (0, 1] holds: the tail ends at |z|^2 = 17.3 of the mean power.
    const float u = (static_cast<float>(bits() >> 8) + 0.5f) * 0x1.0p-24f;
    const float turn = static_cast<float>(bits() >> 8) * 0x1.0p-24f;
    const float radius = std::sqrt(-variance * std::log(u));
    const float angle = static_cast<float>(2.0 * kPi) * turn;
    out[i] = {radius * std::cos(angle), radius * std::sin(angle)};
  }
}

uint64_t Rng::index(uint64_t n) {
  // 64 bits against n < 2^32 leave a bias below 2^-32: far under anything measured here.
  const uint64_t high = bits();
  const uint64_t bits64 = (high << 32) | bits();
  return n == 0 ? 0 : bits64 % n;
}

std::complex<float> complex_normal_at(uint64_t seed, RngPurpose purpose, uint64_t entity,
                                      uint32_t sub_entity, uint64_t element) {
  std::array<uint32_t, 2> key;
  std::array<uint32_t, 4> counter;
  name_stream(seed, purpose, entity, sub_entity, key, counter);
  counter[0] = static_cast<uint32_t>(element);
  counter[1] = static_cast<uint32_t>(element >> 32);
  const auto block = philox(counter, key);
  const double radius = std::sqrt(-std::log(open_unit(block[0], block[1])));
  const double angle = 2.0 * kPi * open_unit(block[2], block[3]);
  return {static_cast<float>(radius * std::cos(angle)),
          static_cast<float>(radius * std::sin(angle))};
}

}  // namespace thz
