#pragma once

#include <memory>
#include <vector>

#include "head_cover.h"
#include "head_person.h"

namespace thz::sim::internal {

/// A person's skin at rest, before expression and warp, and what finishes it.
struct SolvedHead {
  HeadMaker maker;
  std::vector<Vec3> points_mm;      ///< [V] of head_grid(), random relief included
  std::vector<SurfaceMarks> marks;  ///< [V]
  std::vector<Vec3> skin_mm;        ///< [V] the points, warped
};

/// With hair, brows and beard.
struct CoveredHead {
  std::shared_ptr<const SolvedHead> solved;
  HeadCover cover;
};

/// Every number that makes a person, as one list.
std::vector<float> identity_key(const HeadIdentity& identity);

/// The head of a person, solved for once: the last few dozen are remembered (head_recent.h).
std::shared_ptr<const SolvedHead> solved_head(const HeadIdentity& identity);
std::shared_ptr<const CoveredHead> covered_head(const HeadIdentity& identity);

}  // namespace thz::sim::internal
