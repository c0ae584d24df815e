#include "head_solved.h"

#include <deque>
#include <mutex>
#include <utility>

#include "head_grid.h"
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
  SolvedHead head{HeadMaker(solve_form(identity, relief)), {}, {}};
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
  return head;
}

/// The latest heads, a megabyte each. Threads that miss the same person at once both solve.
class SolvedHeads {
 public:
  std::shared_ptr<const SolvedHead> find(const std::vector<float>& key) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [known, head] : heads_) {
      if (known == key) return head;
    }
    return nullptr;
  }
  void keep(std::vector<float> key, std::shared_ptr<const SolvedHead> head) {
    const std::lock_guard<std::mutex> lock(mutex_);
    heads_.emplace_front(std::move(key), std::move(head));
    if (heads_.size() > kMost) heads_.pop_back();
  }

 private:
  static constexpr std::size_t kMost = 32;
  std::mutex mutex_;
  std::deque<std::pair<std::vector<float>, std::shared_ptr<const SolvedHead>>> heads_;
};

}  // namespace

std::shared_ptr<const SolvedHead> solved_head(const HeadIdentity& identity) {
  static SolvedHeads heads;
  std::vector<float> key = shape_key(identity);
  if (auto known = heads.find(key)) return known;
  auto made = std::make_shared<const SolvedHead>(solve_head(identity));
  heads.keep(std::move(key), made);
  return made;
}

}  // namespace thz::sim::internal
