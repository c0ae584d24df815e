#include <algorithm>
#include <cmath>
#include <map>

#include "head_grid.h"
#include "head_measures.h"
#include "head_shape.h"

namespace thz::sim::internal {
namespace {

/// Gives every vertex asked for one slot.
class SlotMaker {
 public:
  SlotMaker() : mean_(sculpt_head(HeadShape{}).vertices_mm) {}

  std::size_t slot(int32_t vertex) {
    const auto [at, fresh] = slots_.emplace(vertex, vertices_.size());
    if (fresh) vertices_.push_back(vertex);
    return at->second;
  }

  const Vec3& mean(int32_t vertex) const { return mean_[static_cast<std::size_t>(vertex)]; }

  /// Left-half vertices of the mean head that fulfil a condition.
  template <typename Condition>
  std::vector<std::size_t> where(bool midline_only, const Condition& condition) {
    std::vector<std::size_t> found;
    const HeadGrid& grid = head_grid();
    for (std::size_t v = 0; v < mean_.size(); ++v) {
      const bool central = grid.mirror[v] == static_cast<int32_t>(v);
      if ((midline_only && !central) || grid.base_mm[v].x() < 0.0 || grid.on_cap[v]) continue;
      if (condition(mean_[v])) found.push_back(slot(static_cast<int32_t>(v)));
    }
    return found;
  }

  /// Mid-line vertices between two heights, upwards; front or back of the head.
  std::vector<std::size_t> profile(double low, double high, bool front) {
    auto slots = where(
        true, [&](const Vec3& p) { return p.y() > low && p.y() < high && (p.z() > 0.0) == front; });
    std::sort(slots.begin(), slots.end(),
              [&](std::size_t a, std::size_t b) { return at(a).y() < at(b).y(); });
    return slots;
  }

  /// Half of the ring of vertices around the head that lies nearest to a height of the base.
  std::vector<std::size_t> ring(double height) {
    const HeadGrid& grid = head_grid();
    double level = 0.0;
    for (const Vec3& p : grid.base_mm) {
      if (std::abs(p.y() - height) < std::abs(level - height)) level = p.y();
    }
    std::vector<int32_t> members;
    for (std::size_t v = 0; v < grid.base_mm.size(); ++v) {
      const Vec3& p = grid.base_mm[v];
      if (std::abs(p.y() - level) < 1e-6 && p.x() >= 0.0 && !grid.on_cap[v]) {
        members.push_back(static_cast<int32_t>(v));
      }
    }
    const auto azimuth = [&](int32_t v) {
      const Vec3& p = grid.base_mm[static_cast<std::size_t>(v)];
      return std::atan2(p.x(), p.z());
    };
    std::sort(members.begin(), members.end(),
              [&](int32_t a, int32_t b) { return azimuth(a) < azimuth(b); });
    std::vector<std::size_t> slots;
    for (const int32_t v : members) slots.push_back(slot(v));
    return slots;
  }

  int32_t nearest(const Vec3& place, bool midline) const {
    int32_t best = 0;
    double distance = 1e9;
    for (std::size_t v = 0; v < mean_.size(); ++v) {
      const bool central = head_grid().mirror[v] == static_cast<int32_t>(v);
      if (midline && !central) continue;
      const double d = (mean_[v] - place).norm();
      if (d < distance) {
        distance = d;
        best = static_cast<int32_t>(v);
      }
    }
    return best;
  }

  const Vec3& at(std::size_t slot) const { return mean(vertices_[slot]); }
  std::vector<int32_t> vertices() const { return vertices_; }

 private:
  std::vector<Vec3> mean_;
  std::map<int32_t, std::size_t> slots_;
  std::vector<int32_t> vertices_;
};

MeasureVertices choose_measure_vertices() {
  SlotMaker make;
  MeasureVertices m;
  for (std::size_t i = 0; i < kLandmarkCount; ++i) {
    m.landmark[i] = make.slot(landmark_vertices()[i]);
  }
  for (std::size_t i = 0; i < kSiteCount; ++i) {
    const SitePlace& place = site_places()[i];
    const int32_t middle = make.nearest(place.centre, i < kMidlineSites);
    const Vec3 centre = make.mean(middle);
    m.site_centre[i] = make.slot(middle);
    m.site[i] =
        make.where(false, [&](const Vec3& p) { return (p - centre).norm() < place.fit_radius; });
  }
  m.nose_profile = make.profile(-6.0, 16.0, true);
  m.brow_profile = make.profile(49.0, 68.0, true);
  m.occiput = make.profile(15.0, 95.0, false);
  m.top = make.where(true, [](const Vec3& p) { return p.y() > 125.0; });
  const Vec3 alare = make.mean(landmark_vertices()[kAlare]);
  m.wing = make.where(false, [&](const Vec3& p) { return (p - alare).norm() < 4.5; });
  m.arch = make.where(false, [](const Vec3& p) {
    return p.x() > 50.0 && p.y() > -6.0 && p.y() < 26.0 && p.z() > 28.0 && p.z() < 64.0;
  });
  m.vault = make.where(false, [](const Vec3& p) {
    return p.x() > 60.0 && p.y() > 48.0 && p.y() < 95.0 && p.z() < 35.0 && p.z() > -50.0;
  });
  m.ear = make.where(false, [](const Vec3& p) {
    return p.x() > 70.0 && std::abs(p.y() - kEarCentreYMm) < 32.0 && p.z() < 12.0 && p.z() > -24.0;
  });
  // Outwards from the sellion along its row of vertices.
  const double row =
      head_grid().base_mm[static_cast<std::size_t>(landmark_vertices()[kSellion])].y();
  std::vector<std::pair<double, int32_t>> outwards;
  for (std::size_t v = 0; v < head_grid().base_mm.size(); ++v) {
    const Vec3& p = head_grid().base_mm[v];
    if (std::abs(p.y() - row) < 1e-6 && p.x() >= 0.0 && p.x() < 40.0 && p.z() > 0.0) {
      outwards.emplace_back(p.x(), static_cast<int32_t>(v));
    }
  }
  std::sort(outwards.begin(), outwards.end());
  for (const auto& [x, v] : outwards) m.root_row.push_back(make.slot(v));
  m.larynx_ring = make.ring(-106.0);
  m.base_ring = make.ring(-131.0);
  m.head_ring = make.ring(66.0);
  m.vertex = make.vertices();
  return m;
}

}  // namespace

const MeasureVertices& measure_vertices() {
  static const MeasureVertices vertices = choose_measure_vertices();
  return vertices;
}

}  // namespace thz::sim::internal
