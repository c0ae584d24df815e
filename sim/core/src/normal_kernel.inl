// The kernel of random numbers for one instruction set; the including file defines THZ_LANES and
// THZ_KERNEL_TABLE. GCC vector extensions, compiled without fused multiply-adds: the same
// arithmetic, lane by lane, at 4, 8 or 16 lanes.

#include <immintrin.h>

#include "normal_kernel.h"

namespace thz::internal {
namespace {

typedef float Lanes __attribute__((vector_size(4 * THZ_LANES)));
typedef int IntLanes __attribute__((vector_size(4 * THZ_LANES)));
/// Words in the lower halves; what the upper halves hold does not matter.
typedef unsigned long long WordLanes __attribute__((vector_size(4 * THZ_LANES)));

constexpr int kBlockLanes = THZ_LANES / 2;
constexpr int kGroups = 2;  // worked on side by side: Philox is one long chain of products

/// 64-bit products of the lower halves.
inline WordLanes multiply(WordLanes a, WordLanes b) {
#if THZ_LANES == 16
  // With a mask of all lanes: GCC 12 warns of what the plain ones leave undefined.
  return reinterpret_cast<WordLanes>(
      _mm512_maskz_mul_epu32(0xFF, reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif THZ_LANES == 8
  return reinterpret_cast<WordLanes>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#else
  return reinterpret_cast<WordLanes>(
      _mm_mul_epu32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#endif
}

inline Lanes root(Lanes x) {
#if THZ_LANES == 16
  return _mm512_maskz_sqrt_ps(0xFFFF, x);
#elif THZ_LANES == 8
  return _mm256_sqrt_ps(x);
#else
  return _mm_sqrt_ps(x);
#endif
}

/// Counters, then random words, of kGroups times kBlockLanes blocks.
struct Blocks {
  WordLanes word[4][kGroups];
};

constexpr int kRounds = 10;

/// The keys of all rounds, in every lane.
struct RoundKeys {
  WordLanes key[kRounds][2];

  explicit RoundKeys(const unsigned first[2]) {
    unsigned key0 = first[0], key1 = first[1];
    for (auto& round : key) {
      round[0] = WordLanes{} + key0;
      round[1] = WordLanes{} + key1;
      key0 += 0x9E3779B9u;
      key1 += 0xBB67AE85u;
    }
  }
};

inline void philox(const RoundKeys& keys, Blocks& x) {
  const WordLanes m0 = WordLanes{} + 0xD2511F53u, m1 = WordLanes{} + 0xCD9E8D57u;
  for (const auto& key : keys.key) {
    for (int g = 0; g < kGroups; ++g) {
      const WordLanes p = multiply(x.word[0][g], m0), q = multiply(x.word[2][g], m1);
      x.word[0][g] = (q >> 32) ^ x.word[1][g] ^ key[0];
      x.word[1][g] = q;
      x.word[2][g] = (p >> 32) ^ x.word[3][g] ^ key[1];
      x.word[3][g] = p;
    }
  }
}

/// Words of two blocks' worth of lanes, those of `even` and `odd` in turn.
inline IntLanes pair_up(WordLanes even, WordLanes odd) {
  return reinterpret_cast<IntLanes>((even & 0xFFFFFFFFull) | (odd << 32));
}

/// Natural logarithm of u in [2^-32, 1], relative error 1e-7 (Moshier, Cephes, logf).
inline Lanes log_of_unit(Lanes u) {
  const IntLanes bits = reinterpret_cast<IntLanes>(u);
  // Mantissa in [sqrt(1/2), sqrt(2)).
  const IntLanes exponent = (bits - 0x3F3504F3) >> 23;
  const Lanes x = reinterpret_cast<Lanes>(bits - (exponent << 23)) - 1.0f;
  const Lanes z = x * x, e = __builtin_convertvector(exponent, Lanes);
  Lanes p = 7.0376836292e-2f * x - 1.1514610310e-1f;
  p = p * x + 1.1676998740e-1f;
  p = p * x - 1.2420140846e-1f;
  p = p * x + 1.4249322787e-1f;
  p = p * x - 1.6668057665e-1f;
  p = p * x + 2.0000714765e-1f;
  p = p * x - 2.4999993993e-1f;
  p = p * x + 3.3333331174e-1f;
  const Lanes rest = p * x * z - 2.12194440e-4f * e - 0.5f * z;
  return x + rest + 0.693359375f * e;
}

/// One normal a lane, stored re, im, re, im.
inline void store_normals(IntLanes radius_word, IntLanes angle_word, float variance, float* out) {
  // 31 bits, of which a float keeps the leading 24: the tail ends at |z|^2 = 22.2 of the mean
  // power, 6.7 standard deviations of a part.
  const IntLanes radius_bits = (radius_word >> 1) & 0x7FFFFFFF;
  const Lanes u = (__builtin_convertvector(radius_bits, Lanes) + 0.5f) * 0x1.0p-31f;
  const Lanes radius = root(-variance * log_of_unit(u));
  // The angle in eighths of a turn either side of a quarter's multiple (Moshier, sinf and cosf).
  const IntLanes turn = (angle_word >> 8) & 0xFFFFFF;
  const IntLanes quarter = (turn + (1 << 21)) >> 22;
  const Lanes x =
      __builtin_convertvector(turn - (quarter << 22), Lanes) * (6.2831853f * 0x1.0p-24f);
  const Lanes z = x * x;
  const Lanes s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * x + x;
  const Lanes c =
      ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z -
      0.5f * z + 1.0f;
  const IntLanes odd = (quarter & 1) != 0;
  // Signs: bit 1 of quarter + 1 for the cosine, of quarter for the sine.
  const IntLanes flip_re = ((quarter + 1) & 2) << 30, flip_im = (quarter & 2) << 30;
  const Lanes re =
      radius * reinterpret_cast<Lanes>(reinterpret_cast<IntLanes>(odd ? s : c) ^ flip_re);
  const Lanes im =
      radius * reinterpret_cast<Lanes>(reinterpret_cast<IntLanes>(odd ? c : s) ^ flip_im);
  // Pairs (re, im), lane by lane.
#if THZ_LANES == 4
  const Lanes first = __builtin_shufflevector(re, im, 0, 4, 1, 5);
  const Lanes second = __builtin_shufflevector(re, im, 2, 6, 3, 7);
#elif THZ_LANES == 8
  const Lanes first = __builtin_shufflevector(re, im, 0, 8, 1, 9, 2, 10, 3, 11);
  const Lanes second = __builtin_shufflevector(re, im, 4, 12, 5, 13, 6, 14, 7, 15);
#else
  const Lanes first = __builtin_shufflevector(re, im, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6,
                                              22, 7, 23);
  const Lanes second = __builtin_shufflevector(re, im, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29,
                                               14, 30, 15, 31);
#endif
  __builtin_memcpy(out, &first, sizeof first);
  __builtin_memcpy(out + THZ_LANES, &second, sizeof second);
}

/// Normals of a batch: their words first, then all of them, so that the chain of one does not wait
/// for that of the other.
constexpr int kBatch = 16;  // vectors
struct Batch {
  IntLanes radius_word[kBatch], angle_word[kBatch];

  void store(int vectors, float variance, float* out) const {
    for (int v = 0; v < vectors; ++v) {
      store_normals(radius_word[v], angle_word[v], variance, out + 2 * THZ_LANES * v);
    }
  }
};

/// Calls draw(first, batch) for batches of normals; of the last only what is asked for is kept.
template <typename Draw>
inline void in_batches(long count, float variance, float* out, const Draw& draw) {
  constexpr long kNumbers = kBatch * THZ_LANES;
  Batch batch;
  for (long first = 0; first < count; first += kNumbers) {
    draw(first, batch);
    float* to = out + 2 * first;
    const long left = count - first;
    if (left >= kNumbers) {
      batch.store(kBatch, variance, to);
      continue;
    }
    float rest[2 * kNumbers];
    batch.store(static_cast<int>((left + THZ_LANES - 1) / THZ_LANES), variance, rest);
    __builtin_memcpy(to, rest, static_cast<unsigned long>(2 * left) * sizeof(float));
  }
}

void fill(const unsigned key[2], const unsigned counter[4], long blocks, float variance,
          float* out) {
  const RoundKeys keys(key);
  WordLanes ramp;
  for (int i = 0; i < kBlockLanes; ++i) ramp[i] = static_cast<unsigned long long>(i);
  in_batches(2 * blocks, variance, out, [&](long first, Batch& batch) {
    const unsigned long long start = counter[0] + static_cast<unsigned long long>(first / 2);
    for (int v = 0; v < kBatch; v += kGroups) {
      Blocks x;
      for (int g = 0; g < kGroups; ++g) {
        x.word[0][g] = ramp + (start + static_cast<unsigned long long>((v + g) * kBlockLanes));
        for (int w = 1; w < 4; ++w) x.word[w][g] = WordLanes{} + counter[w];
      }
      philox(keys, x);
      for (int g = 0; g < kGroups; ++g) {
        batch.radius_word[v + g] = pair_up(x.word[0][g], x.word[2][g]);
        batch.angle_word[v + g] = pair_up(x.word[1][g], x.word[3][g]);
      }
    }
  });
}

void at(const unsigned key[2], const unsigned upper[2], const unsigned long long* elements,
        long count, float variance, float* out) {
  static_assert(kGroups == 2, "a block gives one normal: two groups fill the lanes");
  const RoundKeys keys(key);
  in_batches(count, variance, out, [&](long first, Batch& batch) {
    for (int v = 0; v < kBatch && first + v * THZ_LANES < count; ++v) {
      // Lanes i and i + 1 lie in the groups in turn, as pair_up wants them.
      unsigned long long number[kGroups][kBlockLanes];
      for (int i = 0; i < THZ_LANES; ++i) {
        const long n = first + v * THZ_LANES + i;
        number[i % kGroups][i / kGroups] = elements[n < count ? n : count - 1];
      }
      Blocks x;
      for (int g = 0; g < kGroups; ++g) {
        __builtin_memcpy(&x.word[0][g], number[g], sizeof(WordLanes));
        x.word[1][g] = x.word[0][g] >> 32;
        for (int w = 2; w < 4; ++w) x.word[w][g] = WordLanes{} + upper[w - 2];
      }
      philox(keys, x);
      batch.radius_word[v] = pair_up(x.word[0][0], x.word[0][1]);
      batch.angle_word[v] = pair_up(x.word[2][0], x.word[2][1]);
    }
  });
}

}  // namespace

const NormalKernel THZ_KERNEL_TABLE = {fill, at};

}  // namespace thz::internal
