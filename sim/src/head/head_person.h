#pragma once

#include <vector>

#include "head_face.h"
#include "head_form.h"
#include "thz/sim/parametric_head.h"

namespace thz::sim::internal {

/// The relief of one person that no measure is solved for.
HeadForm imposed_form(const HeadIdentity& identity);

/// Random relief of a person at every vertex of head_grid(), mm along the base normals, and the
/// lean of the nose, a tangent.
struct PersonRelief {
  std::vector<double> field_mm;
  double nose_lean = 0.0;
};
PersonRelief relief_of(const HeadIdentity& identity);

/// Places vertices of one head.
class HeadMaker {
 public:
  explicit HeadMaker(const HeadForm& form);

  /// The skin of vertex `v` of the left half or the mid-line, without random relief, not warped.
  Vec3 sculpt(std::size_t v, SurfaceMarks& marks) const;
  /// Adds random relief to a sculpted vertex of either side.
  static void roughen(const PersonRelief& relief, std::size_t v, const SurfaceMarks& marks,
                      Vec3& p);
  Vec3 warp(const Vec3& p) const { return warper_(p); }

 private:
  HeadForm form_;
  NoseShape nose_;
  HeadWarper warper_;
};

}  // namespace thz::sim::internal
