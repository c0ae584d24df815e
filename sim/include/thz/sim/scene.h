#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "thz/core/config.h"
#include "thz/core/mesh.h"
#include "thz/sim/fabrics.h"
#include "thz/sim/garment.h"
#include "thz/sim/glasses.h"
#include "thz/sim/gregorian.h"
#include "thz/sim/integrator.h"
#include "thz/sim/layers.h"
#include "thz/sim/parametric_head.h"
#include "thz/sim/posture.h"
#include "thz/sim/radar_budget.h"
#include "thz/sim/raw_radar.h"
#include "thz/sim/roughness.h"
#include "thz/sim/scanner.h"

namespace thz::sim {

/// How the power in the range gate becomes one number a pixel.
enum class Detector { kPeak, kEnergy };

/// The linear polarisation that is received: the transmitted one, or the one across it.
enum class Polarisation { kCo, kCross };

/// How the beam is known: a Gaussian of a given waist, or what the reflectors make of the feed.
enum class OpticsKind { kGaussian, kAperture };

/// The instrument: beam, scanner, radar. Defaults are the published 340 GHz imager's.
struct Imager {
  BeamOptions beam;
  OpticsKind optics = OpticsKind::kGaussian;
  GregorianDesign design;  ///< `[optics]`; its main_to_target_m is standoff_m
  double standoff_m = 6.0;
  Vec2 field_of_view_m{0.45, 0.45};
  int lines = 64;
  int samples_per_line = 256;
  int frames = 3;             ///< averaged in linear power
  bool noise = true;          ///< receiver noise on or off
  ScannerOptions scanner;     ///< how the raster is really run
  RadarOptions radar;         ///< chirp, losses, noise, leakage, ADC
  bool raw = false;           ///< every pulse's samples instead of the equivalent noise a bin
  RawRadarOptions raw_radar;  ///< `[raw]`: the receiver's imperfections, for either mode
  Vec2 gate_m{-0.21, 0.04};   ///< z of the range gate's far and near end
  Detector detector = Detector::kPeak;
  Polarisation polarisation = Polarisation::kCo;
  /// Cross- over co-polar power of a diffuse return, dB (docs/theory/materials.md).
  double depolarisation_db = -10.0;

  ScanGeometry scan() const {
    return ScanGeometry(standoff_m, field_of_view_m, lines, samples_per_line);
  }
  /// Range bins over the gate, two a range cell (an FFT padded to twice its length).
  RangeAxis range_axis() const;
};

enum class SubjectKind { kHead, kMesh, kPlane, kSphere, kEllipsoid, kPoint };

struct Subject {
  SubjectKind kind = SubjectKind::kHead;
  Vec3 position_m = Vec3::Zero();
  Vec2 tilt_deg = Vec2::Zero();        ///< about +x, then about +y
  double radius_m = 0.08;              ///< sphere
  Vec3 semi_axes_m{0.08, 0.08, 0.08};  ///< ellipsoid
  Vec2 size_m{0.6, 0.6};               ///< plane
  double rcs_m2 = 1e-4;                ///< point
  double scale = 1.0;                  ///< mesh: metres a unit of the file
  bool smooth = true;                  ///< mesh: curved patches, or facets as they are
  std::string file;                    ///< mesh: path as written in the scene
  std::string material = "skin";
  std::string roughness = "skin";
  std::string model = "parametric";  ///< head: "parametric" or a head-morphable file
  int64_t identity = 0;
  bool mean_head = false;  ///< head: the mean one with mean looks, whatever the identity; what is
                           ///< drawn for a capture stays
  Posture posture = Posture::kFrontCenter;
  int64_t capture = 0;
  bool jitter = true;         ///< head: pose and motion drawn per capture
  PostureJitter pose_jitter;  ///< spread of the pose about its posture
  ExpressionLaw expression;   ///< head: the face of a capture; parametric heads alone move theirs
};

struct Garment {
  bool worn = false;
  std::string fabric = "acrylic";
  bool nominal = false;  ///< the fabric of the catalogue, no spread of the sample
  FabricPrior prior;     ///< of the sample
  GarmentOptions cut;
};

/// How finely a scene is sampled; `[sampling]`.
struct Sampling {
  double ray_pitch_m = 0.3e-3;    ///< of the ray grid, in the plane z = 0
  int refine = 2;                 ///< cells with curved phase or an edge are cut refine x refine
  double refine_phase_rad = 0.1;  ///< second difference of phase above which a cell is refined
  double taper_begin_deg = 18.0;  ///< the coherent part of facets steeper than this fades ...
  double taper_end_deg = 28.0;    ///< ... to nothing here
  double lattice_area_m2 = 2e-6;  ///< surface an element of the diffuse lattice stands for
  int subdivision = 2;            ///< Loop steps of a mesh before tracing
  int nodes_per_cell = 3;         ///< depth nodes a range cell (RangeAxis::nodes_per_cell)
};

/// Grey mapping and region of interest; applied by the imaging library.
struct ImageSettings {
  std::string mapping = "power-law";  ///< power-law | log | linear
  double reference_db = 0.0;  ///< 10 lg p_ref, received over transmitted power; 0: from the frame
  double gamma = 0.0;         ///< 0: from the frame
  double dynamic_range_db = 25.0;  ///< log mapping
  int size = 64;
  std::string roi = "fixed";  ///< fixed | detected | truth
  Vec2 roi_size_m{0.32, 0.32};
  Vec2 roi_center_m{0.0, 0.0};
};

struct Scene {
  Imager imager;
  Subject subject;
  Garment garment;
  Sampling sampling;
  ImageSettings image;
  std::map<std::string, Stack> materials;             ///< `[materials.NAME]`
  std::map<std::string, RoughnessModel> roughnesses;  ///< `[roughness.NAME]`
  uint64_t seed = 1;
  std::string toml;    ///< as written
  std::string sha256;  ///< of the text
  GlassesOptions glasses;
};

/// Reads a scene (schema "thzface-scene/1"; keys in docs/formats/scene.md).
/// @throws thz::InputError for anything unknown, of the wrong type or out of range.
Scene parse_scene(ConfigTable root);

/// A material of the scene or a named one. @throws thz::InputError naming what is allowed.
Stack find_material(const Scene& scene, const std::string& name);
RoughnessModel find_roughness(const Scene& scene, const std::string& name);

}  // namespace thz::sim
