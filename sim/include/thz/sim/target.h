#pragma once

#include <complex>
#include <memory>
#include <optional>
#include <vector>

#include "thz/core/mesh.h"
#include "thz/sim/fabrics.h"
#include "thz/sim/garment.h"
#include "thz/sim/scatterers.h"
#include "thz/sim/scene.h"
#include "thz/sim/stage_clock.h"
#include "thz/sim/surface.h"

namespace thz::sim {

/// What a facet sends back, tabulated over cos(incidence) for the inner loops (linear
/// interpolation).
class ScatterTable {
 public:
  /// Layers with a rough face: co-polar reflection times the coherent factor, and sigma0.
  ScatterTable(const Stack& stack, const RoughnessModel& roughness, double frequency_hz);
  /// What a piece of cloth sends back.
  ScatterTable(const FabricSample& fabric, int layers, double frequency_hz);
  /// Diffuse only, sigma0(0) cos^2: hair and other loose media that give no mirror return.
  static ScatterTable diffuse_only(double sigma0);
  /// Nothing comes back.
  static ScatterTable absorber();
  /// What the crossed polarisation gets: no coherent return, sigma0 times `depolarisation`.
  /// @param depolarisation  cross- over co-polar power of the diffuse return, 0 to 1.
  ScatterTable cross_polar(double depolarisation) const;

  std::complex<double> coherent(double cos_incidence) const;
  double sigma0(double cos_incidence) const;
  bool has_coherent() const { return has_coherent_; }
  bool has_diffuse() const { return has_diffuse_; }

 private:
  ScatterTable() = default;
  template <typename Fill>
  void tabulate(Fill&& fill);

  std::vector<std::complex<float>> coherent_;
  std::vector<float> sigma0_;
  bool has_coherent_ = false;
  bool has_diffuse_ = false;
};

/// Cloth between the beam and the skin.
struct WornCloth {
  std::shared_ptr<const Surface> outer;  ///< outer face; material 0 is the cloth
  std::vector<LatticePoint> lattice;
  ScatterTable face = ScatterTable::absorber();
  FabricFaces faces{};
  std::shared_ptr<const ReflectionTable> table;  ///< transmission relative to the air displaced
  std::complex<double> excess_per_m;      ///< change of ln(transmission) per metre more cloth
  std::complex<double> excess_per_kg_m2;  ///< and per kg/m^2 of water, exact at the screen's most
  double thickness_m = 0.0;               ///< of all layers
  std::shared_ptr<const ClothScreen> screen;  ///< local thickness and water

  /// Elements of the lattice stand for the outer face (even) or the inner one (odd).
  bool is_back(uint64_t element) const { return (element & 1U) != 0; }
  /// What an element's sigma0 is multiplied by, so that both faces together have the cloth's.
  double face_gain(uint64_t element) const {
    return 2.0 * (is_back(element) ? faces.back_share : 1.0 - faces.back_share);
  }
  double face_depth_m(uint64_t element) const { return is_back(element) ? faces.depth_m : 0.0; }
};

/// The cloth of a shell for the beam. @param lattice_area_m2  as Surface::lattice.
WornCloth make_worn_cloth(const GarmentShell& shell, const FabricSample& fabric, int layers,
                          double frequency_hz, double lattice_area_m2);

/// A subject ready to be seen: body frame, immutable.
struct Target {
  std::shared_ptr<const Surface> body;  ///< null: points only
  std::vector<ScatterTable> materials;  ///< index of SurfaceHit::material
  std::vector<LatticePoint> lattice;    ///< of the body
  std::optional<WornCloth> cloth;
  struct Point {
    Vec3 position_m;
    double rcs_m2;
  };
  std::vector<Point> points;
};

/// Scatterers by mechanism; their sum is what the receiver sees.
struct ScatterParts {
  Scatterers coherent;  ///< mirror-like return of the body, points included
  Scatterers diffuse;   ///< relief, pores, hair of the body
  Scatterers cloth;     ///< both returns of the cloth's own face

  Scatterers all() const;
};

/// Key of the speckle of one capture.
struct SpeckleKey {
  uint64_t seed = 1;
  uint64_t capture = 0;
};

/// The speckle that an imager sees of a capture: the crossed polarisation has draws of its own.
SpeckleKey speckle_key(const Imager& imager, uint64_t seed, uint64_t capture);

/// Turns a target into what the imager's polarisation sees of it: nothing changes for the co-polar
/// one; for the crossed one smooth single bounces vanish and diffuse returns are weakened
/// (docs/theory/materials.md). Called by whatever makes targets.
void select_polarisation(const Imager& imager, Target& target);

/// A part of the plane z = 0 whose beams are of interest, without the beam's own reach.
struct FieldWindow {
  Vec2 center_m;
  Vec2 half_m;

  static FieldWindow whole(const Imager& imager) {
    return {Vec2::Zero(), 0.5 * imager.field_of_view_m};
  }
};

/// How far from its landing point, in the plane z = 0, a beam is followed by frames and probes:
/// three waists of a Gaussian (1e-8 of its centre), with aperture-level optics as far as the tables
/// reach (BeamTileOptions::half_width).
double beam_reach_m(const Imager& imager);

/// All that the beams of a window can light of the target at one instant.
///
/// Coherent part: one ray a cell of a grid regular in the plane z = 0, through the pivot; a cell is
///   gamma = Gamma(theta) T^2 a^2 dOmega sinc(k a_x dx) sinc(k a_y dy),
/// the exact integral of its linear phase; cells with a second difference of phase above
/// Sampling::refine_phase_rad or at a depth edge are cut into refine x refine with rays of their
/// own. Diffuse part: every visible element of the lattice is a circular Gaussian amplitude of
/// variance sigma0(theta) dA lambda^2 / 4 pi, fixed to the surface and keyed by (seed, capture). T
/// is the transmission of the cloth in front, twice through the same place.
/// @param times  if asked for, what the parts of a mapped surface took.
ScatterParts find_scatterers(const Target& target, const RigidPose& world_from_body,
                             const Imager& imager, const Sampling& sampling,
                             const FieldWindow& window, const SpeckleKey& speckle, int threads,
                             StageTimes* times = nullptr);

/// Analytic subjects (plane, sphere, ellipsoid, point) of a scene, with their pose.
Target make_analytic_target(const Scene& scene);
/// Where the scene puts a subject that is not a head: tilt about +x, then about +y, then position.
RigidPose subject_pose(const Subject& subject);
/// A mesh with the scene's material all over.
Target make_mesh_target(const Scene& scene, const Mesh& mesh);

}  // namespace thz::sim
