#include "hole_patch.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "thz/core/constants.h"

namespace thz::sim::internal {
namespace {

double area(const Vec3& a, const Vec3& b, const Vec3& c) {
  return 0.5 * (b - a).cross(c - a).norm();
}

/// Interior angle at `apex` over the edge from a to b.
double angle_over(const Vec3& apex, const Vec3& a, const Vec3& b) {
  return std::atan2((a - apex).cross(b - apex).norm(), (a - apex).dot(b - apex));
}

std::size_t index(int32_t i) { return static_cast<std::size_t>(i); }

/// Corner of the triangle that is neither of the edge's.
int32_t apex_of(const std::array<int32_t, 3>& triangle, const EdgeUse& edge) {
  for (const int32_t v : triangle) {
    if (v != edge.low && v != edge.high) return v;
  }
  return -1;
}

/// Swaps edges whose opposite angles exceed 180 degrees (Delaunay); each triangle once a pass.
bool swap_edges(const std::vector<Vec3>& points, TriangleList& triangles,
                const TakenChords& taken) {
  const std::vector<EdgeUse> edges = sorted_edges(triangles);
  TakenChords present = taken;
  for (const EdgeUse& use : edges) present.insert({use.low, use.high});
  std::vector<uint8_t> touched(triangles.size(), 0);
  bool changed = false;
  for_each_edge(edges, [&](const EdgeUse* use, std::size_t count) {
    if (count != 2) return;
    const std::size_t s = index(use[0].triangle), t = index(use[1].triangle);
    if (touched[s] || touched[t]) return;
    const EdgeUse& forward = use[0].forward ? use[0] : use[1];
    const EdgeUse& backward = use[0].forward ? use[1] : use[0];
    const int32_t left = apex_of(triangles[index(forward.triangle)], *use);
    const int32_t right = apex_of(triangles[index(backward.triangle)], *use);
    const Vec3 &a = points[index(use->low)], &b = points[index(use->high)];
    const double sum =
        angle_over(points[index(left)], a, b) + angle_over(points[index(right)], a, b);
    if (sum <= kPi * (1.0 + 1e-6)) return;
    if (present.count({std::min(left, right), std::max(left, right)}) > 0) return;
    triangles[index(forward.triangle)] = {use->low, right, left};
    triangles[index(backward.triangle)] = {use->high, left, right};
    touched[s] = touched[t] = 1;
    present.insert({std::min(left, right), std::max(left, right)});
    changed = true;
  });
  return changed;
}

void relax(const std::vector<Vec3>& points, TriangleList& triangles, const TakenChords& taken) {
  constexpr int kPasses = 30;
  for (int pass = 0; pass < kPasses && swap_edges(points, triangles, taken); ++pass) {
  }
}

}  // namespace

TriangleList least_area_triangles(const std::vector<Vec3>& loop, const TakenChords& taken) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const std::size_t n = loop.size();
  std::vector<double> cost(n * n, 0.0);
  std::vector<std::size_t> best(n * n, 0);
  for (std::size_t gap = 2; gap < n; ++gap) {
    for (std::size_t i = 0; i + gap < n; ++i) {
      const std::size_t k = i + gap;
      cost[i * n + k] = kNever;
      if (taken.count({static_cast<int32_t>(i), static_cast<int32_t>(k)}) > 0) continue;
      for (std::size_t m = i + 1; m < k; ++m) {
        const double sum = cost[i * n + m] + cost[m * n + k] + area(loop[i], loop[m], loop[k]);
        if (sum < cost[i * n + k]) {
          cost[i * n + k] = sum;
          best[i * n + k] = m;
        }
      }
    }
  }
  if (cost[n - 1] == kNever) return {};
  TriangleList triangles;
  std::vector<std::array<std::size_t, 2>> chords = {{0, n - 1}};
  while (!chords.empty()) {
    const auto [i, k] = chords.back();
    chords.pop_back();
    if (k - i < 2) continue;
    const std::size_t m = best[i * n + k];
    triangles.push_back(
        {static_cast<int32_t>(i), static_cast<int32_t>(m), static_cast<int32_t>(k)});
    chords.push_back({i, m});
    chords.push_back({m, k});
  }
  return triangles;
}

void refine_patch(std::vector<Vec3>& points, TriangleList& triangles, std::size_t rim,
                  const TakenChords& taken) {
  // Wanted length of edges at every point: of the rim there, inwards interpolated.
  std::vector<double> length;
  for (std::size_t i = 0; i < rim; ++i) {
    length.push_back(0.5 * ((points[(i + 1) % rim] - points[i]).norm() +
                            (points[(i + rim - 1) % rim] - points[i]).norm()));
  }
  const double mean = std::accumulate(length.begin(), length.end(), 0.0) / static_cast<double>(rim);
  length.resize(points.size(), mean);
  relax(points, triangles, taken);
  constexpr int kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    const std::size_t before = triangles.size();
    for (std::size_t t = 0; t < before; ++t) {
      const auto [a, b, c] = triangles[t];
      const Vec3 centre = (points[index(a)] + points[index(b)] + points[index(c)]) / 3.0;
      const double wanted = (length[index(a)] + length[index(b)] + length[index(c)]) / 3.0;
      bool coarse = true;
      for (const int32_t v : {a, b, c}) {
        const double reach = std::sqrt(2.0) * (centre - points[index(v)]).norm();
        coarse = coarse && reach > wanted && reach > length[index(v)];
      }
      if (!coarse) continue;
      const auto added = static_cast<int32_t>(points.size());
      points.push_back(centre);
      length.push_back(wanted);
      triangles[t] = {a, b, added};
      triangles.push_back({b, c, added});
      triangles.push_back({c, a, added});
    }
    if (triangles.size() == before) return;
    relax(points, triangles, taken);
  }
}

}  // namespace thz::sim::internal
