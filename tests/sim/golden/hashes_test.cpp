// The deterministic stages bit by bit: scatterers of a head (map), their sum (sum), the picture of
// a capture (image), on one, two and three threads and with every instruction set of the processor,
// against committed SHA-256. Bits belong to a compiler, its options and the C library's elementary
// functions, so the hashes carry their names and another combination is skipped by name.
// THZ_GOLDEN_UPDATE=1 adds or renews those of this one (docs/validation.md).
#include <gnu/libc-version.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <map>

#include "support/test_scene.h"
#include "thz/core/rng.h"
#include "thz/core/sha256.h"
#include "thz/core/version.h"
#include "thz/data/imaging.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

const std::string kHashFile = std::string(THZ_SOURCE_DIR) + "/tests/sim/golden/hashes.txt";

template <typename T>
void add(Sha256& hash, const std::vector<T>& values) {
  hash.add(values.data(), values.size() * sizeof(T));
}

void add(Sha256& hash, const Scatterers& s) {
  add(hash, s.direction);
  add(hash, s.range_m);
  add(hash, s.gamma);
}

struct DressedHead {
  Scene scene = scene_of(
      "[imager]\nlines = 32\nsamples_per_line = 64\n[subject]\nkind = 'head'\nidentity = 7\n"
      "posture = 'front-right'\n[garment]\nfabric = 'acrylic'\n[sampling]\nsubdivision = 1\n");
  StandingHead head = stand(scene, nullptr, true);
};

std::string map_hash(const DressedHead& subject, int threads) {
  const StandingHead& head = subject.head;
  const ScatterParts parts = find_scatterers(
      head.target, head.poses[0], subject.scene.imager, subject.scene.sampling,
      FieldWindow::whole(subject.scene.imager), {head.key.seed, head.key.capture}, threads);
  Sha256 hash;
  add(hash, parts.coherent);
  add(hash, parts.diffuse);
  add(hash, parts.cloth);
  return hash.hex();
}

/// Scatterers all over the field and the gate, summed either way.
std::string sum_hash(const DressedHead& subject, int threads) {
  const Imager& imager = subject.scene.imager;
  Rng rng(1, RngPurpose::kTest, 77);
  Scatterers cloud;
  for (int i = 0; i < 3000; ++i) {
    // One draw a statement: compilers evaluate arguments in different orders.
    const double y_m = rng.uniform(-0.25, 0.25);
    const Vec2 foot(rng.uniform(-0.25, 0.25), y_m);
    const double range_m = imager.standoff_m + rng.uniform(-0.04, 0.2);
    cloud.add(imager.scan().direction(foot), range_m, 1e-6 * rng.complex_normal());
  }
  Sha256 hash;
  for (const SumMethod method : {SumMethod::kProduct, SumMethod::kDirect}) {
    FrameSumOptions options;
    options.threads = threads;
    options.method = method;
    const RangeFrame frame =
        sum_frame(imager.beam, imager.scan(), cloud, imager.range_axis(), options);
    for (const ImageC& bin : frame.bins) add(hash, bin.data);
  }
  return hash.hex();
}

std::string image_hash(const DressedHead& subject, int threads) {
  CaptureOptions options;
  options.threads = threads;
  const StandingHead& head = subject.head;
  const Capture capture = simulate_capture(subject.scene.imager, subject.scene.sampling,
                                           head.target, head.poses, head.key, options);
  data::GreyMapping mapping;
  mapping.reference_power = 1e-3;
  Sha256 hash;
  add(hash, capture.power.data);
  add(hash, data::apply_mapping(mapping, capture.power).data);
  return hash.hex();
}

/// Everything that may change bits and nothing that must not.
std::string combination(const std::string& instructions) {
  const bool fused = __builtin_cpu_supports("fma") != 0;
  return fmt::format("{} gcc-{} {} glibc-{}{}", instructions, __VERSION__, THZ_BUILD_KIND,
                     gnu_get_libc_version(), fused ? "-fma" : "");
}

/// Lines of `combination | stage | hash`.
std::map<std::string, std::string> read_hashes() {
  std::map<std::string, std::string> hashes;
  std::ifstream file(kHashFile);
  for (std::string line; std::getline(file, line);) {
    const std::size_t last = line.rfind(" | ");
    if (last != std::string::npos) hashes[line.substr(0, last)] = line.substr(last + 3);
  }
  return hashes;
}

void write_hashes(const std::map<std::string, std::string>& hashes) {
  std::ofstream file(kHashFile);
  for (const auto& [name, hash] : hashes) file << name << " | " << hash << "\n";
}

/// Instruction sets by THZ_SIMD, put back whatever happens.
class ForcedSet {
 public:
  explicit ForcedSet(const char* set) { setenv("THZ_SIMD", set, 1); }
  ~ForcedSet() { unsetenv("THZ_SIMD"); }
  ForcedSet(const ForcedSet&) = delete;
  ForcedSet& operator=(const ForcedSet&) = delete;
};

}  // namespace

TEST_CASE("deterministic stages give their bits on any number of threads", "[sim][golden]") {
  const std::string widest = instruction_set();
  const std::map<std::string, int> rank = {{"sse2", 0}, {"avx2", 1}, {"avx512", 2}};
  const DressedHead subject;
  auto hashes = read_hashes();
  const bool renew = std::getenv("THZ_GOLDEN_UPDATE") != nullptr;
  using Stage = std::string (*)(const DressedHead&, int);
  const std::pair<const char*, Stage> stages[] = {
      {"map", map_hash}, {"sum", sum_hash}, {"image", image_hash}};
  for (const char* set : {"sse2", "avx2", "avx512"}) {
    if (rank.at(set) > rank.at(widest)) {
      WARN("skipped: this processor has no " << set);
      continue;
    }
    const ForcedSet forced(set);
    for (const auto& [name, stage] : stages) {
      const std::string key = combination(set) + " | " + name;
      const std::string hash = stage(subject, 1);
      CAPTURE(key);
      CHECK(stage(subject, 2) == hash);
      CHECK(stage(subject, 3) == hash);
      if (renew) hashes[key] = hash;
      const auto known = hashes.find(key);
      if (known == hashes.end()) {
        WARN("skipped: unknown compiler or options, no hash for " << key);
        continue;
      }
      CHECK(hash == known->second);
    }
  }
  if (renew) {
    write_hashes(hashes);
    WARN("renewed " << kHashFile);
  }
}
