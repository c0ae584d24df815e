#include "thz/sim/subdivision.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "thz/core/constants.h"
#include "thz/core/error.h"

namespace thz::sim {
namespace {

/// Directed half-edges sorted by their undirected key, and what each undirected edge is.
struct EdgeTable {
  struct Edge {
    int32_t a = 0;  ///< a < b
    int32_t b = 0;
    int32_t opposite[2] = {-1, -1};
    int32_t triangle_count = 0;
    bool is_crease() const { return triangle_count != 2; }
  };
  std::vector<Edge> edges;
  std::vector<std::array<int32_t, 3>> triangle_edges;  ///< edge of corners (0,1), (1,2), (2,0)
};

EdgeTable make_edge_table(const std::vector<std::array<int32_t, 3>>& triangles, int32_t vertices) {
  struct HalfEdge {
    int32_t a, b, opposite, triangle, slot;
  };
  std::vector<HalfEdge> half;
  half.reserve(3 * triangles.size());
  for (std::size_t t = 0; t < triangles.size(); ++t) {
    for (int s = 0; s < 3; ++s) {
      const int32_t a = triangles[t][s];
      const int32_t b = triangles[t][(s + 1) % 3];
      THZ_REQUIRE(a >= 0 && a < vertices && b >= 0 && b < vertices,
                  "a triangle names a vertex outside the mesh");
      half.push_back(
          {std::min(a, b), std::max(a, b), triangles[t][(s + 2) % 3], static_cast<int32_t>(t), s});
    }
  }
  std::sort(half.begin(), half.end(), [](const HalfEdge& x, const HalfEdge& y) {
    return std::tie(x.a, x.b, x.triangle, x.slot) < std::tie(y.a, y.b, y.triangle, y.slot);
  });
  EdgeTable table;
  table.triangle_edges.resize(triangles.size());
  for (const HalfEdge& h : half) {
    if (table.edges.empty() || table.edges.back().a != h.a || table.edges.back().b != h.b) {
      table.edges.push_back({h.a, h.b, {-1, -1}, 0});
    }
    EdgeTable::Edge& edge = table.edges.back();
    if (edge.triangle_count < 2) edge.opposite[edge.triangle_count] = h.opposite;
    ++edge.triangle_count;
    table.triangle_edges[static_cast<std::size_t>(h.triangle)][static_cast<std::size_t>(h.slot)] =
        static_cast<int32_t>(table.edges.size()) - 1;
  }
  return table;
}

/// Neighbours of every vertex, and those of them across crease edges.
struct VertexRing {
  std::vector<int32_t> begin;  ///< [V + 1] into neighbour
  std::vector<int32_t> neighbour;
  std::vector<std::array<int32_t, 2>> crease;  ///< [V], valid when crease_count == 2
  std::vector<int32_t> crease_count;           ///< [V]
};

VertexRing make_vertex_ring(const EdgeTable& table, int32_t vertices) {
  const auto n = static_cast<std::size_t>(vertices);
  VertexRing ring;
  ring.begin.assign(n + 1, 0);
  ring.crease.assign(n, {-1, -1});
  ring.crease_count.assign(n, 0);
  for (const auto& e : table.edges) {
    ++ring.begin[static_cast<std::size_t>(e.a) + 1];
    ++ring.begin[static_cast<std::size_t>(e.b) + 1];
  }
  for (std::size_t v = 0; v < n; ++v) ring.begin[v + 1] += ring.begin[v];
  ring.neighbour.resize(static_cast<std::size_t>(ring.begin[n]));
  std::vector<int32_t> next(ring.begin.begin(), ring.begin.end() - 1);
  for (const auto& e : table.edges) {
    for (const auto& [from, to] : {std::pair{e.a, e.b}, std::pair{e.b, e.a}}) {
      const auto v = static_cast<std::size_t>(from);
      ring.neighbour[static_cast<std::size_t>(next[v]++)] = to;
      if (!e.is_crease()) continue;
      if (ring.crease_count[v] < 2)
        ring.crease[v][static_cast<std::size_t>(ring.crease_count[v])] = to;
      ++ring.crease_count[v];
    }
  }
  return ring;
}

/// Loop's weight of each neighbour of an interior vertex of valence n.
double loop_beta(int32_t n) {
  const double c = 3.0 / 8.0 + 0.25 * std::cos(2.0 * kPi / n);
  return (5.0 / 8.0 - c * c) / n;
}

/// Neighbours of every vertex in counter-clockwise order; empty where the fan is not a closed disc.
std::vector<std::vector<int32_t>> ordered_rings(
    const std::vector<std::array<int32_t, 3>>& triangles, int32_t vertex_count) {
  std::vector<std::vector<std::pair<int32_t, int32_t>>> next(
      static_cast<std::size_t>(vertex_count));
  for (const auto& t : triangles) {
    for (std::size_t s = 0; s < 3; ++s) {
      next[static_cast<std::size_t>(t[s])].push_back({t[(s + 1) % 3], t[(s + 2) % 3]});
    }
  }
  std::vector<std::vector<int32_t>> rings(next.size());
  for (std::size_t v = 0; v < next.size(); ++v) {
    if (next[v].empty()) continue;
    std::vector<int32_t> ring{next[v][0].first};
    bool closed = false;
    for (std::size_t step = 0; step < next[v].size() && !closed; ++step) {
      const int32_t at = ring.back();
      int found = 0;
      int32_t to = -1;
      for (const auto& [from, target] : next[v]) {
        if (from == at) {
          ++found;
          to = target;
        }
      }
      if (found != 1) break;
      closed = to == ring.front();
      if (!closed) ring.push_back(to);
    }
    if (closed && ring.size() == next[v].size()) rings[v] = std::move(ring);
  }
  return rings;
}

}  // namespace

LoopStencil make_loop_stencil(const std::vector<std::array<int32_t, 3>>& triangles,
                              int32_t vertex_count) {
  const EdgeTable table = make_edge_table(triangles, vertex_count);
  const VertexRing ring = make_vertex_ring(table, vertex_count);
  LoopStencil stencil;
  stencil.coarse_vertices = vertex_count;
  stencil.row_begin.push_back(0);
  const auto put = [&](int32_t column, double weight) {
    stencil.column.push_back(column);
    stencil.weight.push_back(weight);
  };
  const auto end_row = [&] {
    stencil.row_begin.push_back(static_cast<int32_t>(stencil.column.size()));
  };
  for (int32_t v = 0; v < vertex_count; ++v) {
    const auto i = static_cast<std::size_t>(v);
    const int32_t valence = ring.begin[i + 1] - ring.begin[i];
    if (ring.crease_count[i] == 2) {
      put(v, 0.75);
      put(ring.crease[i][0], 0.125);
      put(ring.crease[i][1], 0.125);
    } else if (ring.crease_count[i] > 0 || valence < 3) {
      put(v, 1.0);
    } else {
      const double beta = loop_beta(valence);
      put(v, 1.0 - valence * beta);
      for (int32_t k = ring.begin[i]; k < ring.begin[i + 1]; ++k) {
        put(ring.neighbour[static_cast<std::size_t>(k)], beta);
      }
    }
    end_row();
  }
  for (const auto& e : table.edges) {
    const bool crease = e.is_crease();
    put(e.a, crease ? 0.5 : 0.375);
    put(e.b, crease ? 0.5 : 0.375);
    if (!crease) {
      put(e.opposite[0], 0.125);
      put(e.opposite[1], 0.125);
    }
    end_row();
  }
  stencil.triangles.reserve(4 * triangles.size());
  for (std::size_t t = 0; t < triangles.size(); ++t) {
    const auto& [a, b, c] = triangles[t];
    const int32_t ab = vertex_count + table.triangle_edges[t][0];
    const int32_t bc = vertex_count + table.triangle_edges[t][1];
    const int32_t ca = vertex_count + table.triangle_edges[t][2];
    stencil.triangles.push_back({a, ab, ca});
    stencil.triangles.push_back({ab, b, bc});
    stencil.triangles.push_back({ca, bc, c});
    stencil.triangles.push_back({ab, bc, ca});
  }
  return stencil;
}

std::vector<Vec3> refine(const LoopStencil& stencil, const std::vector<Vec3>& vertices) {
  THZ_REQUIRE(static_cast<int32_t>(vertices.size()) == stencil.coarse_vertices,
              "the stencil was built for another number of vertices");
  std::vector<Vec3> refined(static_cast<std::size_t>(stencil.refined_vertices()));
  for (std::size_t v = 0; v < refined.size(); ++v) {
    Vec3 sum = Vec3::Zero();
    for (int32_t k = stencil.row_begin[v]; k < stencil.row_begin[v + 1]; ++k) {
      const auto i = static_cast<std::size_t>(k);
      sum += stencil.weight[i] * vertices[static_cast<std::size_t>(stencil.column[i])];
    }
    refined[v] = sum;
  }
  return refined;
}

Mesh subdivide(const Mesh& mesh, int levels) {
  THZ_REQUIRE(levels >= 0, "levels must not be negative");
  Mesh fine = mesh;
  for (int level = 0; level < levels; ++level) {
    const LoopStencil stencil =
        make_loop_stencil(fine.triangles, static_cast<int32_t>(fine.vertices.size()));
    Mesh next;
    next.vertices = refine(stencil, fine.vertices);
    next.triangles = stencil.triangles;
    next.triangle_region.reserve(4 * fine.triangle_region.size());
    for (uint8_t region : fine.triangle_region) {
      next.triangle_region.insert(next.triangle_region.end(), 4, region);
    }
    fine = std::move(next);
  }
  return fine;
}

LimitStencil make_limit_stencil(const std::vector<std::array<int32_t, 3>>& triangles,
                                int32_t vertex_count) {
  const EdgeTable table = make_edge_table(triangles, vertex_count);
  const VertexRing ring = make_vertex_ring(table, vertex_count);
  const auto rings = ordered_rings(triangles, vertex_count);
  LimitStencil stencil;
  stencil.triangles = triangles;
  stencil.row_begin.push_back(0);
  for (std::size_t v = 0; v < rings.size(); ++v) {
    if (ring.crease_count[v] == 2) {
      stencil.entries.push_back({static_cast<int32_t>(v), 2.0 / 3.0, 0.0, 0.0});
      for (const int32_t neighbour : ring.crease[v]) {
        stencil.entries.push_back({neighbour, 1.0 / 6.0, 0.0, 0.0});
      }
    } else if (ring.crease_count[v] == 0 && rings[v].size() >= 3) {
      const auto n = static_cast<int32_t>(rings[v].size());
      const double chi = 1.0 / (3.0 / (8.0 * loop_beta(n)) + n);
      stencil.entries.push_back({static_cast<int32_t>(v), 1.0 - n * chi, 0.0, 0.0});
      for (int32_t k = 0; k < n; ++k) {
        const double angle = 2.0 * kPi * k / n;
        stencil.entries.push_back(
            {rings[v][static_cast<std::size_t>(k)], chi, std::cos(angle), std::sin(angle)});
      }
    } else {
      stencil.entries.push_back({static_cast<int32_t>(v), 1.0, 0.0, 0.0});
    }
    stencil.row_begin.push_back(static_cast<int32_t>(stencil.entries.size()));
  }
  return stencil;
}

namespace {

/// Where a node of a coarse triangle's grid is found: a child and one of its corners.
struct PatchNodePlace {
  std::size_t child;
  std::size_t corner;
};

PatchNodePlace place_patch_node(int levels, int i, int j) {
  // In steps of the finest grid, halved from level to level; children as make_loop_stencil numbers.
  std::size_t child = 0;
  for (int side = 1 << levels; side > 1; side /= 2) {
    const int half = side / 2;
    const int w = side - i - j;
    std::size_t quarter = 3;
    if (w >= half) {
      quarter = 0;
    } else if (i >= half) {
      quarter = 1;
      i -= half;
    } else if (j >= half) {
      quarter = 2;
      j -= half;
    } else {
      const int old_i = i;
      i = half - w;
      j = half - old_i;
    }
    child = 4 * child + quarter;
  }
  return {child, i == 1 ? std::size_t{1} : (j == 1 ? std::size_t{2} : std::size_t{0})};
}

std::vector<int32_t> make_patch_nodes(const std::vector<std::array<int32_t, 3>>& fine_triangles,
                                      int levels) {
  const int side = 1 << levels;
  std::vector<PatchNodePlace> places;
  for (int j = 0; j <= side; ++j) {
    for (int i = 0; i + j <= side; ++i) places.push_back(place_patch_node(levels, i, j));
  }
  const std::size_t children = std::size_t{1} << (2 * levels);
  std::vector<int32_t> nodes;
  for (std::size_t first = 0; first < fine_triangles.size(); first += children) {
    for (const auto& place : places) {
      nodes.push_back(fine_triangles[first + place.child][place.corner]);
    }
  }
  return nodes;
}

std::vector<std::array<int32_t, 3>> make_across(
    const std::vector<std::array<int32_t, 3>>& triangles, int32_t vertex_count) {
  const EdgeTable table = make_edge_table(triangles, vertex_count);
  std::vector<std::array<int32_t, 2>> sides(table.edges.size(), {-1, -1});
  for (std::size_t t = 0; t < triangles.size(); ++t) {
    for (const int32_t e : table.triangle_edges[t]) {
      auto& [one, other] = sides[static_cast<std::size_t>(e)];
      (one < 0 ? one : other) = static_cast<int32_t>(t);
    }
  }
  std::vector<std::array<int32_t, 3>> across(triangles.size(), {-1, -1, -1});
  for (std::size_t t = 0; t < triangles.size(); ++t) {
    for (std::size_t c = 0; c < 3; ++c) {
      const auto e = static_cast<std::size_t>(table.triangle_edges[t][c]);
      if (table.edges[e].is_crease()) continue;
      across[t][c] = sides[e][0] == static_cast<int32_t>(t) ? sides[e][1] : sides[e][0];
    }
  }
  return across;
}

}  // namespace

SmoothingPlan make_smoothing_plan(const std::vector<std::array<int32_t, 3>>& triangles,
                                  int32_t vertex_count, int levels) {
  SmoothingPlan plan;
  plan.coarse_triangles = triangles;
  plan.across = make_across(triangles, vertex_count);
  std::vector<std::array<int32_t, 3>> fine = triangles;
  for (int level = 0; level < levels; ++level) {
    plan.steps.push_back(make_loop_stencil(fine, vertex_count));
    fine = plan.steps.back().triangles;
    vertex_count = plan.steps.back().refined_vertices();
  }
  plan.patch_nodes = make_patch_nodes(fine, levels);
  plan.limit = make_limit_stencil(fine, vertex_count);
  return plan;
}

std::shared_ptr<const SmoothingPlan> SmoothingPlanCache::get(
    const std::vector<std::array<int32_t, 3>>& triangles, int32_t vertex_count, int levels) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!plan_ || static_cast<int>(plan_->steps.size()) != levels ||
      plan_->coarse_triangles != triangles) {
    plan_ = std::make_shared<SmoothingPlan>(make_smoothing_plan(triangles, vertex_count, levels));
  }
  return plan_;
}

}  // namespace thz::sim
