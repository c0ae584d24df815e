#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <string>
#include <vector>

#include "thz/core/config.h"
#include "thz/sim/frame.h"
#include "thz/sim/person.h"
#include "thz/sim/scene.h"
#include "thz/sim/target.h"

/// Scenes from a few lines of TOML, and the statistics that several tests of frames take.
namespace thz::test {

inline sim::Scene scene_of(const std::string& toml) {
  return sim::parse_scene(
      ConfigTable::parse("schema = \"thzface-scene/1\"\n" + toml, "test scene"));
}

/// A person of a scene, standing there, dressed if the scene says so.
struct StandingHead {
  sim::Person person;
  sim::Target target;
  std::vector<RigidPose> poses;
  sim::CaptureKey key;
};

/// @param concealed_key  draws of the pose and speckle as for the dressed or the bare capture.
inline StandingHead stand(const sim::Scene& scene, const sim::MorphableHead* model,
                          bool concealed_key) {
  const auto identity = static_cast<uint64_t>(scene.subject.identity);
  const uint64_t key = sim::capture_entity(identity, scene.subject.posture, concealed_key, 0);
  StandingHead head;
  head.person = sim::make_person(model, scene.subject, scene.seed, key);
  sim::put_on_glasses(head.person, scene.glasses, scene.subject, scene.seed, key);
  if (scene.garment.worn) {
    const sim::Worn worn = sim::dress(head.person, scene.garment, scene.seed, key);
    head.target = sim::make_person_target(scene, head.person, &worn);
  } else {
    head.target = sim::make_person_target(scene, head.person, nullptr);
  }
  head.poses =
      sim::pose_person(head.person, scene, scene.subject.posture, scene.seed, key).world_from_body;
  head.key = {scene.seed, key};
  return head;
}

struct Moments {
  double mean = 0.0;
  double std = 0.0;
  double contrast() const { return std / mean; }
};

template <typename Values>
Moments moments(const Values& values) {
  double sum = 0.0, squares = 0.0;
  for (const auto v : values) sum += static_cast<double>(v);
  const auto n = static_cast<double>(values.size());
  const double mean = sum / n;
  for (const auto v : values)
    squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
  return {mean, std::sqrt(squares / (n - 1.0))};
}

/// Error of `other` over the power of `truth`, all range bins, dB.
inline double nmse_db(const sim::RangeFrame& truth, const sim::RangeFrame& other) {
  double error = 0.0, power = 0.0;
  for (std::size_t b = 0; b < truth.bins.size(); ++b) {
    for (std::size_t i = 0; i < truth.bins[b].size(); ++i) {
      const std::complex<double> t(truth.bins[b].data[i]);
      error += std::norm(t - std::complex<double>(other.bins[b].data[i]));
      power += std::norm(t);
    }
  }
  return 10.0 * std::log10(error / power);
}

/// Differences in dB over the pixels of `truth` within `range_db` of its peak, sorted.
inline std::vector<double> differences_db(const ImageF& truth, const ImageF& other,
                                          double range_db) {
  const float peak = *std::max_element(truth.data.begin(), truth.data.end());
  const double floor = peak * std::pow(10.0, -0.1 * range_db);
  std::vector<double> differences;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth.data[i] < floor) continue;
    differences.push_back(
        std::abs(10.0 * std::log10(static_cast<double>(other.data[i]) / truth.data[i])));
  }
  std::sort(differences.begin(), differences.end());
  return differences;
}

/// Nearest-rank quantile of sorted values.
inline double quantile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace thz::test
