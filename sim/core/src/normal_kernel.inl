// The kernel of random numbers for one instruction set; the including file defines
// THZ_KERNEL_TABLE. Plain loops for the compiler to vectorise, compiled without fused
// multiply-adds.

#include "normal_kernel.h"

namespace thz::internal {
namespace {

constexpr int kBlock = 64;  // worked on at a time: stays in the first cache

void philox_bits(const unsigned key[2], const unsigned counter[4], long blocks, unsigned* words) {
  alignas(64) unsigned a[kBlock], b[kBlock], c[kBlock], d[kBlock];
  for (long first = 0; first < blocks; first += kBlock) {
    const long count = blocks - first < kBlock ? blocks - first : kBlock;
    const unsigned start = counter[0] + static_cast<unsigned>(first);
    for (int i = 0; i < kBlock; ++i) {
      a[i] = start + static_cast<unsigned>(i);
      b[i] = counter[1];
      c[i] = counter[2];
      d[i] = counter[3];
    }
    unsigned key0 = key[0], key1 = key[1];
    for (int round = 0; round < 10; ++round) {
      for (int i = 0; i < kBlock; ++i) {
        const unsigned long long p = 0xD2511F53ULL * a[i], q = 0xCD9E8D57ULL * c[i];
        a[i] = static_cast<unsigned>(q >> 32) ^ b[i] ^ key0;
        b[i] = static_cast<unsigned>(q);
        c[i] = static_cast<unsigned>(p >> 32) ^ d[i] ^ key1;
        d[i] = static_cast<unsigned>(p);
      }
      key0 += 0x9E3779B9u;
      key1 += 0xBB67AE85u;
    }
    unsigned* out = words + 4 * first;
    for (long i = 0; i < count; ++i) {
      out[4 * i] = a[i];
      out[4 * i + 1] = b[i];
      out[4 * i + 2] = c[i];
      out[4 * i + 3] = d[i];
    }
  }
}

/// Natural logarithm of u in [2^-25, 1], relative error 1e-7 (Moshier, Cephes, logf).
inline float log_of_unit(float u) {
  int bits;
  __builtin_memcpy(&bits, &u, 4);
  // Mantissa in [sqrt(1/2), sqrt(2)).
  const int exponent = (bits - 0x3F3504F3) >> 23;
  const int mantissa_bits = bits - exponent * (1 << 23);
  float m;
  __builtin_memcpy(&m, &mantissa_bits, 4);
  const float x = m - 1.0f, z = x * x, e = static_cast<float>(exponent);
  float p = 7.0376836292e-2f * x - 1.1514610310e-1f;
  p = p * x + 1.1676998740e-1f;
  p = p * x - 1.2420140846e-1f;
  p = p * x + 1.4249322787e-1f;
  p = p * x - 1.6668057665e-1f;
  p = p * x + 2.0000714765e-1f;
  p = p * x - 2.4999993993e-1f;
  p = p * x + 3.3333331174e-1f;
  const float rest = p * x * z - 2.12194440e-4f * e - 0.5f * z;
  return x + rest + 0.693359375f * e;
}

void normals_of_bits(const unsigned* words, long count, float variance, float* out) {
#pragma GCC ivdep
  for (long i = 0; i < count; ++i) {
    // 24 bits are all a float in (0, 1] holds: the tail ends at |z|^2 = 17.3 of the mean power.
    const float u = (static_cast<float>(static_cast<int>(words[2 * i] >> 8)) + 0.5f) * 0x1.0p-24f;
    const float radius = __builtin_sqrtf(-variance * log_of_unit(u));
    // The angle in eighths of a turn either side of a quarter's multiple (Moshier, sinf and cosf).
    const int turn = static_cast<int>(words[2 * i + 1] >> 8);
    const int quarter = (turn + (1 << 21)) >> 22;
    const float x = static_cast<float>(turn - quarter * (1 << 22)) * (6.2831853f * 0x1.0p-24f);
    const float z = x * x;
    const float s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * x + x;
    const float c =
        ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z -
        0.5f * z + 1.0f;
    const bool odd = (quarter & 1) != 0;
    const float cosine = odd ? s : c, sine = odd ? c : s;
    out[2 * i] = radius * (((quarter + 1) & 2) != 0 ? -cosine : cosine);
    out[2 * i + 1] = radius * ((quarter & 2) != 0 ? -sine : sine);
  }
}

}  // namespace

const NormalKernel THZ_KERNEL_TABLE = {philox_bits, normals_of_bits};

}  // namespace thz::internal
