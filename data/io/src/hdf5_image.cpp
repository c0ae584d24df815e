#include "hdf5_image.h"

#include <cstdint>

#include "thz/core/error.h"

namespace thz::io::internal {
namespace {

// Superblock version 3 with 8-byte addresses: 8 signature, 4 version, sizes and flags, 4 addresses.
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kChecksumAt = 44;

uint32_t word_at(const std::string& bytes, std::size_t at) {
  uint32_t word = 0;
  for (std::size_t i = 4; i-- > 0;) word = (word << 8) | static_cast<uint8_t>(bytes[at + i]);
  return word;
}

uint32_t rotated(uint32_t x, int bits) { return (x << bits) | (x >> (32 - bits)); }

/// Checksum of the first 44 bytes: Bob Jenkins' lookup3 (hashlittle, 2006, public domain) for that
/// length, which is three mixed blocks of 12 bytes and a tail of 8.
uint32_t lookup3(const std::string& bytes) {
  uint32_t a = 0xDEADBEEF + static_cast<uint32_t>(kChecksumAt);
  uint32_t b = a;
  uint32_t c = a;
  const auto step = [](uint32_t& x, uint32_t& y, uint32_t& z, int bits) {
    x -= z;
    x ^= rotated(z, bits);
    z += y;
  };
  std::size_t at = 0;
  for (; at + 12 < kChecksumAt; at += 12) {
    a += word_at(bytes, at);
    b += word_at(bytes, at + 4);
    c += word_at(bytes, at + 8);
    step(a, b, c, 4);
    step(b, c, a, 6);
    step(c, a, b, 8);
    step(a, b, c, 16);
    step(b, c, a, 19);
    step(c, a, b, 4);
  }
  a += word_at(bytes, at);
  b += word_at(bytes, at + 4);
  const auto finish = [](uint32_t& x, uint32_t y, int bits) {
    x ^= y;
    x -= rotated(y, bits);
  };
  finish(c, b, 14);
  finish(a, c, 11);
  finish(b, a, 25);
  finish(c, b, 16);
  finish(a, c, 4);
  finish(b, a, 14);
  finish(c, b, 24);
  return c;
}

}  // namespace

void seal_superblock(std::string& image) {
  THZ_REQUIRE(image.size() > kChecksumAt + 4 && image[kVersionAt] == 3,
              "an HDF5 image with a superblock of version 3 is expected");
  const uint32_t checksum = lookup3(image);
  for (std::size_t i = 0; i < 4; ++i) {
    image[kChecksumAt + i] = static_cast<char>((checksum >> (8 * i)) & 0xFF);
  }
}

}  // namespace thz::io::internal
