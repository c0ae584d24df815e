#include "thz/core/rng.h"

#include <Random123/philox.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "normal_kernel.h"
#include "thz/core/constants.h"
#include "thz/core/version.h"

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

const internal::NormalKernel& normal_kernel() {
  const std::string set = instruction_set();
  if (set == "avx512") return internal::kNormalKernelAvx512;
  return set == "avx2" ? internal::kNormalKernelAvx2 : internal::kNormalKernelSse2;
}

}  // namespace

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
  const internal::NormalKernel& kernel = normal_kernel();
  used_ = 4;
  const auto fill = [&](uint64_t blocks, std::complex<float>* to) {
    while (blocks > 0) {
      // The kernel's counters have no carry into the second word.
      const uint64_t run = std::min(blocks, (uint64_t{1} << 32) - counter_[0]);
      kernel.fill(key_.data(), counter_.data(), static_cast<long>(run), variance,
                  reinterpret_cast<float*>(to));
      counter_[0] += static_cast<uint32_t>(run);
      if (counter_[0] == 0) ++counter_[1];
      blocks -= run;
      to += 2 * run;
    }
  };
  fill(count / 2, out);
  if (count % 2 == 0) return;
  std::complex<float> last[2];
  fill(1, last);
  out[count - 1] = last[0];
}

uint64_t Rng::index(uint64_t n) {
  // 64 bits against n < 2^32 leave a bias below 2^-32: far under anything measured here.
  const uint64_t high = bits();
  const uint64_t bits64 = (high << 32) | bits();
  return n == 0 ? 0 : bits64 % n;
}

void complex_normals_at(uint64_t seed, RngPurpose purpose, uint64_t entity, uint32_t sub_entity,
                        const uint64_t* elements, std::size_t count, std::complex<float>* out) {
  static_assert(sizeof(uint64_t) == sizeof(unsigned long long), "the kernel's words");
  std::array<uint32_t, 2> key;
  std::array<uint32_t, 4> counter;
  name_stream(seed, purpose, entity, sub_entity, key, counter);
  normal_kernel().at(key.data(), counter.data() + 2,
                     reinterpret_cast<const unsigned long long*>(elements),
                     static_cast<long>(count), 1.0f, reinterpret_cast<float*>(out));
}

std::complex<float> complex_normal_at(uint64_t seed, RngPurpose purpose, uint64_t entity,
                                      uint32_t sub_entity, uint64_t element) {
  std::complex<float> normal;
  complex_normals_at(seed, purpose, entity, sub_entity, &element, 1, &normal);
  return normal;
}

}  // namespace thz
