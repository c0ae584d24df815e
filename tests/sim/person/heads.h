#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include "support/test_scene.h"
#include "thz/data/subject_files.h"

namespace thz::test {

/// A head without noise in one frame, a sample every 7 mm as the lines are. `more`: further TOML.
inline sim::Scene head_scene(int identity, const std::string& posture,
                             const std::string& more = "") {
  return scene_of(
      "[imager]\nnoise = false\nframes = 1\nsamples_per_line = 64\n[subject]\nkind = 'head'\n"
      "identity = " +
      std::to_string(identity) + "\nposture = '" + posture + "'\n" + more);
}

/// The morphable head of THZ_DATA_DIR; null where the variable is not set.
inline std::shared_ptr<const sim::MorphableHead> model_from_environment() {
  const char* folder = std::getenv("THZ_DATA_DIR");
  if (folder == nullptr) return nullptr;
  return data::load_head_model(std::string(folder) + "/ict-facekit-face.h5");
}

inline sim::Capture shoot(const sim::Scene& scene, const StandingHead& head,
                          const sim::Sampling& sampling) {
  sim::CaptureOptions options;
  options.keep_parts = true;
  return sim::simulate_capture(scene.imager, sampling, head.target, {head.poses[0]}, head.key,
                               options);
}

}  // namespace thz::test
