#pragma once

#include <array>
#include <cstdint>

#include "thz/core/mesh.h"
#include "thz/sim/layers.h"

/// Spectacles on a head. See docs/theory/glasses.md.
namespace thz::sim {

enum class GlassesFrame : uint8_t { kMetal, kPlastic, kEither };

/// `[glasses]` of a scene.
struct GlassesOptions {
  /// Share of the identities that wear them; drawn once an identity. 0: nobody.
  double share = 0.0;
  GlassesFrame frame = GlassesFrame::kEither;  ///< kEither: drawn once an identity
  double lens_width_m = 0.050;
  double bridge_m = 0.018;  ///< least distance between the lenses
  double lens_height_m = 0.036;
  double lens_thickness_m = 2.0e-3;
  double lens_index = 1.65;
  double lens_absorption_per_m = 250.0;  ///< power, at the scene's frequency
  double curve_radius_m = 0.088;         ///< of the front face; 6 dioptres of a tool of index 1.53
  double pantoscopic_deg = 8.0;          ///< the lens's normal points that far below the horizon
  double vertex_distance_m = 0.013;      ///< cornea to lens, more where brow or cheek need it
};

/// Glasses fitted to one head, in its frame.
struct Glasses {
  GlassesFrame frame_kind = GlassesFrame::kMetal;
  Mesh frame;                      ///< closed tubes: two rims, bridge, temples
  Mesh lenses;                     ///< front faces of both, open at the rims
  double vertex_distance_m = 0.0;  ///< as fitted
};

/// Whether that person wears glasses, and which frame: RngPurpose::kGlasses.
struct GlassesDraw {
  bool worn = false;
  GlassesFrame frame = GlassesFrame::kMetal;
};
GlassesDraw draw_glasses(const GlassesOptions& options, uint64_t seed, uint64_t identity);

/// Lens centres before the pupils, 3 mm below; moved forwards as a whole until rims and lenses
/// clear the skin by 1 mm; temples back to above the ears, outside the skin.
/// @param corneas_m  foremost points of the right and the left eye.
/// @param frame  kMetal or kPlastic.
Glasses fit_glasses(const Mesh& head, const std::array<Vec3, 2>& corneas_m,
                    const GlassesOptions& options, GlassesFrame frame);

/// A lens as a slab in air; the frame as an opaque half-space or conductor.
Stack lens_stack(const GlassesOptions& options, double frequency_hz);
Stack frame_stack(GlassesFrame frame, double frequency_hz);

}  // namespace thz::sim
