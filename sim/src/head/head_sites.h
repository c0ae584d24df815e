#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim::internal {

/// Places of the face whose slope and curvature belong to a person: where a specular return sits.
enum Site : std::size_t {
  kNoseTipSite,
  kBridgeSite,
  kSellionSite,
  kGlabellaSite,
  kForeheadSite,
  kPhiltrumSite,
  kUpperLipSite,
  kLowerLipSite,
  kChinSite,
  kMidlineSites,
  kBrowSite = kMidlineSites,
  kForeheadSideSite,
  kTempleSite,
  kCheekboneSite,
  kCheekSite,
  kZygomaSite,
  kJawSite,
  kSiteCount,
};

/// What a site's curvature knob bends.
enum class Bend { kUpDown, kAcross, kRound };

/// A site on the mean head before the warps, left side, mm.
struct SitePlace {
  Vec3 centre;
  double azimuth_deg;    ///< of the nominal outward normal, 0 forwards, 90 to the left
  double elevation_deg;  ///< of the nominal outward normal
  double fit_radius;     ///< vertices within it make the quadric
  double width;          ///< of the relief that tilts and bends the site
  Bend bend;

  Vec3 normal() const;
  Vec3 across() const;  ///< tangent towards growing azimuth
  Vec3 up() const;      ///< tangent towards growing elevation
};

const std::array<SitePlace, kSiteCount>& site_places();

/// Smooth relief that tilts and bends the sites; all zero does nothing.
struct SiteRelief {
  std::array<double, kSiteCount> turn{};  ///< tangent, turns the normal outwards
  std::array<double, kSiteCount> lift{};  ///< tangent, turns the normal upwards
  std::array<double, kSiteCount> bend{};  ///< 1/mm, more convex
};

/// Moves a point of the left half.
void apply_site_relief(const SiteRelief& relief, Vec3& p);

/// Slope and curvature of a patch.
struct SiteShape {
  double azimuth_deg = 0.0;
  double elevation_deg = 0.0;
  double vertical = 0.0;    ///< curvature up and down, 1/mm, convex positive
  double horizontal = 0.0;  ///< curvature across
  double largest = 0.0;     ///< principal curvature of larger value
  double mean = 0.0;
};

/// Least-squares quadric h = c + a u + b v + (k u^2 + 2 l u v + m v^2) / 2 through `points` about
/// `centre` in the nominal frame of the site; its gradient gives the normal, its shape operator the
/// curvatures. Needs six points or more.
SiteShape fit_site(Site site, const Vec3& centre, const std::vector<Vec3>& points);

}  // namespace thz::sim::internal
