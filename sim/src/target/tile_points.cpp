#include "tile_points.h"

#include <algorithm>
#include <cmath>

#include "ray_quadrature.h"
#include "thz/core/constants.h"
#include "thz/core/version.h"

namespace thz::sim::internal {
const TileKernel& tile_kernel() {
  const std::string set = instruction_set();
  if (set == "avx512") return kTileKernelAvx512;
  return set == "avx2" ? kTileKernelAvx2 : kTileKernelSse2;
}

RayFrame ray_frame(const RigidPose& world_from_body, double standoff_m) {
  const RigidPose inverse = world_from_body.inverse();
  RayFrame rays;
  for (int c = 0; c < 3; ++c) {
    rays.origin_m[c] = static_cast<float>(inverse.translation_m[c]);
    rays.axis_x[c] = static_cast<float>(inverse.rotation(c, 0));
    rays.axis_y[c] = static_cast<float>(inverse.rotation(c, 1));
    rays.axis_z[c] = static_cast<float>(inverse.rotation(c, 2));
  }
  rays.standoff_m = static_cast<float>(standoff_m);
  return rays;
}

TaperNodes::TaperNodes(const Sampling& sampling)
    : cos_end(std::cos(deg_to_rad(sampling.taper_end_deg))) {
  constexpr int kNodes = 1024;
  for (int i = 0; i < kNodes; ++i) {
    cos_incidence.push_back(cos_end + (1.0 - cos_end) * i / (kNodes - 1));
    weight.push_back(coherent_taper(sampling, cos_incidence.back()));
  }
}

TaperedReflection::TaperedReflection(const ScatterTable& material, const TaperNodes& taper)
    : reflects_(material.has_coherent()),
      cos_end_(static_cast<float>(taper.cos_end)),
      scale_(static_cast<float>((static_cast<double>(taper.weight.size()) - 1.0) /
                                (1.0 - taper.cos_end))),
      nodes_(taper.weight.size()) {
  if (!reflects_) return;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i] = std::complex<float>(material.coherent(taper.cos_incidence[i]) * taper.weight[i]);
  }
}

PropagationTable::PropagationTable(std::complex<double> exponent, double x0, double low,
                                   double high, int nodes)
    : low_(static_cast<float>(low)) {
  const double step = (high - low) / (nodes - 1.0);
  per_x_ = static_cast<float>(1.0 / step);
  per_node_ = std::complex<float>(exponent * step);
  for (int i = 0; i < nodes; ++i) nodes_.emplace_back(std::exp(exponent * (low + step * i - x0)));
}

std::complex<float> PropagationTable::operator()(float x) const {
  const float position = (x - low_) * per_x_;
  const int node = static_cast<int>(position + 0.5f);
  const std::complex<float> e = per_node_ * (position - static_cast<float>(node));
  return nodes_[static_cast<std::size_t>(node)] * (1.0f + e + 0.5f * e * e);
}

namespace {
// 11 rad over the unit of the factor, more than any fabric of ours has, and 5 rad of water.
constexpr int kThicknessNodes = 513;
constexpr int kWaterNodes = 129;
}  // namespace

ClothPhase::ClothPhase(const WornCloth& cloth)
    : thickness_(cloth.excess_per_m * cloth.thickness_m, 1.0, ClothScreen::kLeastFactor,
                 ClothScreen::kMostFactor, kThicknessNodes),
      water_(cloth.excess_per_kg_m2, 0.0, 0.0, std::max(cloth.screen->most_water_kg_m2(), 1e-6),
             kWaterNodes) {}

TilePoints::TilePoints(const TileKernel& kernel, const RayFrame& rays, const FootGrid& grid,
                       const Sampling& sampling, const Imager& imager)
    : kernel_(kernel),
      rays_(rays),
      grid_(grid),
      sampling_(sampling),
      wavenumber_(static_cast<float>(imager.beam.wavenumber())),
      frame_{static_cast<float>(grid.x0_m), static_cast<float>(grid.y0_m),
             static_cast<float>(grid.pitch_m)},
      cells_(new Cells),
      run_(new PatchRun) {
  const int n = sampling.refine;
  const float step = 1.0f / static_cast<float>(n);
  for (int i = 0; i < n * n; ++i) {
    part_dx_.push_back(step * (static_cast<float>(i % n) - 0.5f * static_cast<float>(n - 1)));
    part_dy_.push_back(step * (static_cast<float>(i / n) - 0.5f * static_cast<float>(n - 1)));
  }
}

void TilePoints::clear() {
  for (auto* list : {&x_, &y_, &near_, &zeta_, &facing_, &weight_}) list->clear();
  material_.clear();
  cell_.clear();
  hidden_.clear();
  factor_.clear();
}

void TilePoints::add(float x, float y, float nearness) {
  x_.push_back(x);
  y_.push_back(y);
  near_.push_back(nearness);
}

std::size_t TilePoints::grow(std::size_t more) {
  const std::size_t before = x_.size();
  shrink(before + more);
  return before;
}

void TilePoints::shrink(std::size_t count) {
  for (auto* list : {&x_, &y_, &near_, &zeta_, &facing_, &weight_}) list->resize(count);
  material_.resize(count);
  cell_.resize(count);
}

void TilePoints::cover(const MappedSurface& surface, std::size_t tile, std::vector<float>& x,
                       std::vector<float>& y) {
  const std::size_t count = x.size();
  const auto whole = static_cast<std::size_t>(padded_to_lanes(static_cast<int>(count)));
  x.resize(whole, x.back());
  y.resize(whole, y.back());
  part_near_.resize(whole);
  part_facet_.resize(whole);
  const ViewFacets& facets = surface.facets;
  kernel_.cover_points(facets.facets(), facets.begin(tile), facets.count(tile), x.data(), y.data(),
                       static_cast<long>(whole), part_near_.data(), part_facet_.data());
  x.resize(count);
  y.resize(count);
}

void TilePoints::hide(const MappedSurface& surface, std::size_t tile) {
  // A point is hidden if the surface lies this much in front of it: more than the distance between
  // the curved patch and its facets, less than any feature. Nearness is z / (R - z).
  constexpr float kHiddenBy_m = 1.5e-3f;
  cover(surface, tile, x_, y_);
  hidden_.resize(x_.size());
  for (std::size_t i = 0; i < x_.size(); ++i) {
    const float margin = kHiddenBy_m * (1.0f + near_[i]) * (1.0f + near_[i]) / rays_.standoff_m;
    hidden_[i] = part_near_[i] > near_[i] + margin ? 1 : 0;
  }
}

void TilePoints::cover_by_cloth(const MappedSurface& surface, std::size_t tile) {
  // Cells know what lies in front of them, and their parts are under the same facet or next to it.
  part_x_.clear();
  part_y_.clear();
  alone_.clear();
  pending_.clear();
  for (std::size_t i = 0; i < x_.size(); ++i) {
    const int cell = cell_.empty() ? -1 : cell_[i];
    if (cell < 0) {
      if (hidden(i)) continue;
      part_x_.push_back(x_[i]);
      part_y_.push_back(y_[i]);
      alone_.push_back(static_cast<int>(i));
    } else if (cells_->covered[cell] != 0) {
      pending_.push_back({x_[i], y_[i], cells_->cloth_facet[cell], static_cast<int>(i)});
    }
  }
  if (alone_.empty()) return;
  cover(surface, tile, part_x_, part_y_);
  for (std::size_t p = 0; p < alone_.size(); ++p) {
    const auto i = static_cast<std::size_t>(alone_[p]);
    if (part_facet_[p] < 0 || part_near_[p] <= near_[i]) continue;
    pending_.push_back({x_[i], y_[i], part_facet_[p], alone_[p]});
  }
}

void TilePoints::pass_cloth(const WornCloth& cloth, const ClothPhase& phase,
                            const MappedSurface& surface, std::size_t tile) {
  if (surface.facets.count(tile) == 0) return;
  cover_by_cloth(surface, tile);
  factor_.assign(x_.size(), 1.0f);
  on_surface(surface, pending_, 1, [&](const PatchRun& run, std::size_t first, int count) {
    float thickness[kRun], water[kRun];
    cloth.screen->evaluate(run.triangle, run.u, run.v, run.point_m[0], run.point_m[1],
                           run.point_m[2], static_cast<std::size_t>(count), thickness, water);
    for (int i = 0; i < count; ++i) {
      const std::complex<float> once =
          cloth.table->transmission(std::abs(run.facing[i])).mean * phase(thickness[i], water[i]);
      factor_[static_cast<std::size_t>(pending_[first + static_cast<std::size_t>(i)].cell)] =
          once * once;
    }
  });
}

}  // namespace thz::sim::internal
