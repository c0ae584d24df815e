#pragma once

#include <string>
#include <vector>

#include "thz/core/progress.h"
#include "thz/data/subject_files.h"
#include "thz/sim/scene.h"

namespace thz::data {

/// One refinement tried: a knob at `coarse` against the same knob at `fine`, all others held.
struct ConvergeStep {
  std::string knob;  ///< key of [sampling]
  double coarse = 0.0;
  double fine = 0.0;
  double change_db = 0.0;  ///< NMSE of the noise-free complex frame, relative to the finer one
};

/// What `converge_sampling` found.
struct ConvergeReport {
  std::vector<ConvergeStep> steps;  ///< in the order they were tried
  sim::Sampling sampling;           ///< the coarsest sampling tried that stands still
  bool reached = false;             ///< every knob's next refinement changes less than the target
};

struct ConvergeOptions {
  double target_db = -35.0;
  /// Refinements of one knob before it is given up.
  int most_steps = 4;
  int threads = 0;
  const CancelToken* cancel = nullptr;
  ProgressFn progress;  ///< (frames made, most frames there can be)
};

/// Refines ray pitch (halved), refinement of curved cells (doubled), subdivision (one more step)
/// and depth nodes a range cell (half as many more) of a scene, one at a time from the scene's own
/// values, until the next finer value of each changes frame 0 by less than the target:
///   10 lg sum |a_coarse - a_fine|^2 / sum |a_fine|^2 over all range bins and scan positions,
/// coherent, diffuse and cloth parts together, without noise. A knob that does not apply to the
/// subject (subdivision of a sphere) stands still at once.
/// @throws thz::InputError as stage_scene does; thz::Cancelled.
ConvergeReport converge_sampling(const sim::Scene& scene, const SubjectFiles& files,
                                 const ConvergeOptions& options);

}  // namespace thz::data
