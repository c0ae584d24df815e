#include "head_solved.h"

#include <utility>

#include "head_grid.h"
#include "head_recent.h"
#include "head_solve.h"

namespace thz::sim::internal {
namespace {

/// Every number the shape depends on.
std::vector<float> shape_key(const HeadIdentity& identity) {
  std::vector<float> key = {identity.age_years};
  for (const auto* part :
       {&identity.parameters, &identity.residual, &identity.asymmetry, &identity.meso}) {
    key.push_back(static_cast<float>(part->size()));
    key.insert(key.end(), part->begin(), part->end());
  }
  return key;
}

SolvedHead solve_head(const HeadIdentity& identity) {
  const HeadGrid& grid = head_grid();
  const PersonRelief relief = relief_of(identity);
  SolvedHead head{HeadMaker(solve_form(identity, relief)), {}, {}, {}};
  head.points_mm.resize(grid.base_mm.size());
  head.marks.resize(grid.base_mm.size());
  const auto place = [&](std::size_t v, Vec3 p) {
    HeadMaker::roughen(relief, v, head.marks[v], p);
    head.points_mm[v] = p;
  };
  for (std::size_t v = 0; v < grid.base_mm.size(); ++v) {
    if (grid.base_mm[v].x() < 0.0) continue;  // the right half is the mirror image
    const Vec3 p = head.maker.sculpt(v, head.marks[v]);
    place(v, p);
    const auto m = static_cast<std::size_t>(grid.mirror[v]);
    if (m == v) continue;
    head.marks[m] = head.marks[v];
    place(m, p.cwiseProduct(Vec3(-1.0, 1.0, 1.0)));
  }
  for (const Vec3& p : head.points_mm) head.skin_mm.push_back(head.maker.warp(p));
  return head;
}

}  // namespace

std::vector<float> identity_key(const HeadIdentity& identity) {
  const HeadHair& h = identity.hair;
  const FaceHair& f = identity.face_hair;
  static_assert(sizeof(HeadHair) == 9 * sizeof(float) && sizeof(FaceHair) == 5 * sizeof(float),
                "every number belongs into the key");
  std::vector<float> key = shape_key(identity);
  key.insert(key.end(),
             {identity.female ? 1.0f : 0.0f, h.thickness_mm, h.side_thickness_mm, h.hairline_mm,
              h.recession_mm, h.peak_mm, h.nape_drop_mm, h.parting, h.baldness, h.grey,
              f.brow_density, f.brow_thickness_mm, f.beard, f.moustache, f.beard_thickness_mm});
  return key;
}

std::shared_ptr<const SolvedHead> solved_head(const HeadIdentity& identity) {
  static Recent<SolvedHead> heads;
  return heads.get(shape_key(identity), [&] { return solve_head(identity); });
}

std::shared_ptr<const CoveredHead> covered_head(const HeadIdentity& identity) {
  static Recent<CoveredHead> heads;
  return heads.get(identity_key(identity), [&] {
    auto solved = solved_head(identity);
    HeadCover cover = cover_head(identity, solved->marks);
    return CoveredHead{std::move(solved), std::move(cover)};
  });
}

}  // namespace thz::sim::internal
