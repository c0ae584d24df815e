#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "thz/core/mesh.h"
#include "thz/sim/cloth_screen.h"

/// A knitted balaclava over a head. See docs/theory/garment.md.
namespace thz::sim {

/// The head to dress, in its own frame: +x its left, +y up, +z out of the face, metres.
struct HeadShape {
  const Mesh* mesh = nullptr;
  std::array<Vec3, 2> eye_centres_m = {Vec3(-0.031, 0.0361, 0.0799), Vec3(0.031, 0.0361, 0.0799)};
  /// Where the lips meet; none: GarmentOptions::mouth_drop_m below the middle of the eyes.
  std::optional<Vec3> mouth_m;
};

enum class GarmentOpening { kEyes, kThreeHoles };

/// Where the cloth is sewn together: nowhere, from the crown down to the nape, or over the crown
/// from one side of the neck to the other.
enum class GarmentSeam { kNone, kSagittal, kSides };

struct GarmentOptions {
  GarmentOpening opening = GarmentOpening::kEyes;
  int layers = 1;                ///< 1 or 2, in contact
  double gap_mean_low_m = 2e-3;  ///< the capture's mean gap is uniform between these
  double gap_mean_high_m = 4e-3;
  double gap_rms_m = 0.8e-3;  ///< variation of the gap over one garment
  double gap_minimum_m = 0.5e-3;
  double fold_correlation_low_m = 20e-3;  ///< scale of folds, uniform between these
  double fold_correlation_high_m = 60e-3;
  double stitch_correlation_low_m = 1e-3;  ///< scale of stitches, uniform between these
  double stitch_correlation_high_m = 3e-3;
  double stitch_thickness_rms = 0.08;  ///< relative thickness variation at the scale of stitches
  double fold_thickness_rms = 0.06;    ///< and at the scale of folds
  double stretch = 1.0;        ///< thickness goes as girth^-stretch about its mean; 0: not at all
  double hem_width_m = 12e-3;  ///< turned over along every rim; 0: raw edges
  double hem_factor = 2.0;     ///< thickness there over that of the cloth
  GarmentSeam seam = GarmentSeam::kSagittal;
  double seam_width_m = 5e-3;
  double seam_factor = 1.8;             ///< thickness there over that of the cloth
  double damp_kg_m2 = 0.060;            ///< water at the mouth after long breathing, all layers
  double damp_least_share = 1.0 / 6.0;  ///< a capture holds a share of it, uniform from here to 1
  double damp_radius_m = 25e-3;         ///< where water has fallen to 1/e
  double opening_half_width_m = 0.052;
  double opening_half_height_m = 0.021;
  double hole_half_width_m = 0.021;  ///< three holes: each eye
  double hole_half_height_m = 0.014;
  double mouth_drop_m = 0.068;  ///< three holes: mouth below the middle of the eyes
  double mouth_half_width_m = 0.030;
  double mouth_half_height_m = 0.013;
  double opening_jitter = 0.06;  ///< standard deviation of the opening's size, relative
  double slip_m = 3e-3;          ///< standard deviation of the opening's shift, both ways
  double tilt_deg = 2.0;         ///< standard deviation of its roll
  double collar_drop_m = 0.165;  ///< lower rim below the eyes; at a shorter neck's end if need be
  int subdivision = 5;           ///< of the icosahedral template; 5 gives edges of about 5 mm

  /// InputError, one sentence, for the first value out of range.
  void validate() const;
};

/// What was drawn for a capture.
struct GarmentDraw {
  double mean_gap_m = 0.0;
  double fold_correlation_m = 0.0;
  double stitch_correlation_m = 0.0;
  double opening_scale = 1.0;
  double slip_x_m = 0.0;
  double slip_y_m = 0.0;
  double tilt_rad = 0.0;
  double water_kg_m2 = 0.0;  ///< at the mouth
};

/// The garment of one capture, in the head's frame.
struct GarmentShell {
  Mesh outer;                          ///< outer face of the cloth
  std::vector<Vec3> vertex_normals;    ///< [outer.vertices], outward, unit
  std::vector<int32_t> form_triangle;  ///< [outer.triangles], triangle of the form it is cut from
  double thickness_m = 0.0;            ///< nominal, of all layers
  GarmentDraw draw;
  ClothScreen screen;  ///< local thickness and water
};

/// What lies beneath a garment.
struct GarmentAir {
  std::vector<double> gap_m;           ///< [outer.vertices], air between inner face and skin
  std::vector<int32_t> head_triangle;  ///< [outer.triangles], triangle of the head beneath, or −1
};

/// The part that depends on the head alone: the taut membrane over it, which bridges hollows (eye
/// sockets, beside the nose, under the lip, behind the ears, under the chin). Build once a head
/// shape, dress once a capture. Safe to share between threads.
class BalaclavaForm {
 public:
  /// @throws thz::InputError if the mesh is empty or ends above half of collar_drop_m.
  BalaclavaForm(const HeadShape& head, const GarmentOptions& options);
  ~BalaclavaForm();
  BalaclavaForm(BalaclavaForm&&) noexcept;
  BalaclavaForm& operator=(BalaclavaForm&&) noexcept;

  /// The garment of a capture: keyed by (seed, RngPurpose::kGarment, capture), deterministic. No
  /// point of the outer face is closer to the skin than the thickness.
  /// @param fabric_thickness_m  of one layer, > 0.
  GarmentShell dress(double fabric_thickness_m, uint64_t seed, uint64_t capture) const;

  /// What lies beneath a shell that this form dressed: a ray a vertex and a triangle, which a
  /// simulation has no use for.
  GarmentAir beneath(const GarmentShell& shell) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace thz::sim
