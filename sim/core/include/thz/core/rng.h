#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace thz {

/// What a random stream is for. Values are stored in no file but define every result: never
/// renumber.
enum class RngPurpose : uint32_t {
  kIdentity = 1,  ///< bones and appearance of a person
  kExpression = 2,
  kPosture = 3,   ///< pose jitter of a capture
  kMotion = 4,    ///< micro-motion between the frames of a capture
  kSpeckle = 5,   ///< diffuse scatter of a surface in one capture
  kGarment = 6,   ///< cut, gaps, folds of a garment in one capture
  kFabric = 7,    ///< the sample of cloth (loss, thickness) in one capture
  kNuisance = 8,  ///< gain, moisture, instrument drift in one capture
  kNoise = 9,     ///< receiver noise
  kCamera = 10,   ///< lamps, sensor noise of the visible picture
  kSplit = 11,    ///< splits of a data set
  kSampler = 12,  ///< order of training batches
  kAugmentation = 13,
  kBootstrap = 14,
  kPlan = 15,  ///< rows of a data set
  kInitialisation = 16,
  kScanner = 17,  ///< jitter and wobble of the galvo pair in one frame
  kGlasses = 18,  ///< who wears glasses, and which frame
  kTest = 99,
};

/// Counter-based random numbers (Philox 4x32-10; Salmon et al., SC'11), keyed by
/// (run seed, purpose, entity, sub-entity): streams are independent, need no order, and adding one
/// moves no other. The distributions are ours, so results do not depend on the C++ library.
class Rng {
 public:
  Rng(uint64_t seed, RngPurpose purpose, uint64_t entity = 0, uint32_t sub_entity = 0);

  uint32_t bits();
  /// Uniform in the open interval (0, 1), 53 bits.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Standard normal (Box-Muller).
  double normal();
  double normal(double mean, double standard_deviation) {
    return mean + standard_deviation * normal();
  }
  /// Normal, redrawn until within `limit` standard deviations.
  double truncated_normal(double mean, double standard_deviation, double limit);
  /// Circular complex normal with E|z|^2 = 1.
  std::complex<double> complex_normal();
  /// `count` circular complex normals with E|z|^2 = variance, in float: for receiver noise by the
  /// million, the same bits on every processor. Two are made of each block of the stream, from the
  /// next whole block on: other numbers than complex_normal()'s. seek(n) goes to numbers 2n and
  /// 2n + 1 of a fresh stream. The tail is right to 6 standard deviations of a part and
  /// ends at 6.7.
  void fill_complex_normal(std::complex<float>* out, std::size_t count, float variance);
  /// Uniform integer in [0, n).
  uint64_t index(uint64_t n);
  /// Jumps to the given block of the stream, so that element i can be drawn alone.
  void seek(uint64_t block);

 private:
  void refill();

  std::array<uint32_t, 2> key_;
  std::array<uint32_t, 4> counter_;
  std::array<uint32_t, 4> block_{};
  int used_ = 4;
  bool has_spare_ = false;
  double spare_ = 0.0;
};

/// Circular complex normals (E|z|^2 = 1), each a pure function of its element's number and the name
/// of the field: for fields on a lattice, of which only what is seen is drawn.
/// @param elements  [count], in any order. @param out  [count].
void complex_normals_at(uint64_t seed, RngPurpose purpose, uint64_t entity, uint32_t sub_entity,
                        const uint64_t* elements, std::size_t count, std::complex<float>* out);
/// One of them, the same bits.
std::complex<float> complex_normal_at(uint64_t seed, RngPurpose purpose, uint64_t entity,
                                      uint32_t sub_entity, uint64_t element);

/// Fisher-Yates shuffle with our own generator.
template <typename Container>
void shuffle(Container& items, Rng& rng) {
  for (uint64_t i = items.size(); i > 1; --i) {
    using std::swap;
    swap(items[i - 1], items[rng.index(i)]);
  }
}

/// Mixes two keys into one 64-bit key (SplitMix64 finaliser); for entities made of several numbers.
inline uint64_t mix_keys(uint64_t a, uint64_t b) {
  uint64_t z = a + 0x9E3779B97F4A7C15ULL * (b + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

}  // namespace thz
