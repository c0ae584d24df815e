#pragma once

#include <memory>
#include <vector>

#include "head_person.h"

namespace thz::sim::internal {

/// A person's skin at rest, before expression and warp, and what finishes it.
struct SolvedHead {
  HeadMaker maker;
  std::vector<Vec3> points_mm;      ///< [V] of head_grid(), random relief included
  std::vector<SurfaceMarks> marks;  ///< [V]
};

/// The head of a person, solved for once: the last few dozen are remembered, because a data set
/// asks for the same person in every capture. What is remembered changes no result.
std::shared_ptr<const SolvedHead> solved_head(const HeadIdentity& identity);

}  // namespace thz::sim::internal
