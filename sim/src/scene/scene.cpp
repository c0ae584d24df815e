#include "thz/sim/scene.h"

#include <algorithm>
#include <cmath>

#include "parse_garment.h"
#include "parse_glasses.h"
#include "parse_optics.h"
#include "parse_raw.h"
#include "parse_tools.h"
#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/sim/fabrics.h"
#include "thz/sim/materials.h"

namespace thz::sim {

using internal::located;
using internal::pair;
using internal::triple;

namespace {

/// 4 GB of complex numbers.
constexpr double kMostFrameValues = 5e8;
/// Elements of the diffuse lattice, some 100 bytes each.
constexpr double kMostElements = 1e8;
/// Nothing passive at these frequencies is nearer to zero; at zero the field inside is undefined.
constexpr double kLeastPermittivity = 0.01;
/// Deep enough for any cloth or body; thicker is a substrate.
constexpr double kMostThickness_m = 0.1;

void parse_radar(ConfigTable& t, Imager& imager) {
  RadarOptions& radar = imager.radar;
  radar.chirp.centre_hz = imager.beam.frequency_hz;
  radar.chirp.bandwidth_hz = t.number("bandwidth_hz", 10e9, {1e8, 1e11});
  radar.chirp.duration_s = t.number("chirp_s", 50e-6, {1e-6, 1e-2});
  radar.window = window_kind(t.choice("window", "hann", {"hann"}));
  radar.transmit_power_w = t.number("transmit_power_w", 7e-3, {1e-9, 10.0});
  radar.noise_temperature_k = t.number("noise_temperature_k", 3000.0, {0.0, 1e7});
  radar.coupler_directivity_db = t.number("coupler_directivity_db", 25.0, {0.0, 80.0});
  radar.phase_noise_dbc_hz = t.number("phase_noise_dbc_hz", -107.0, {-250.0, 0.0});
  imager.raw = t.choice("radar", "direct", {"direct", "raw"}) == "raw";
  radar.adc_rate_hz = t.number("adc_rate_hz", radar.adc_rate_hz, {1e4, 1e10});
  radar.adc_bits = static_cast<int>(t.integer("adc_bits", 14, 1, 24));
  const double floor_dbm = t.number("effective_floor_dbm", NAN, {-200.0, 0.0});
  if (std::isfinite(floor_dbm)) radar.effective_floor_dbm = floor_dbm;
  located(t, "bandwidth_hz", [&] { radar.validate(); });
  imager.gate_m = pair(t, "gate_m", imager.gate_m, {-2.0, 2.0});
  if (imager.gate_m.x() >= imager.gate_m.y()) {
    t.fail("gate_m", "the far end must lie below the near end: [far, near] in metres of z");
  }
  imager.polarisation = t.choice("polarisation", "co", {"co", "cross"}) == "cross"
                            ? Polarisation::kCross
                            : Polarisation::kCo;
  imager.depolarisation_db = t.number("depolarisation_db", imager.depolarisation_db, {-100.0, 0.0});
  imager.detector = t.choice("detector", "peak", {"peak", "energy"}) == "peak" ? Detector::kPeak
                                                                               : Detector::kEnergy;
}

Imager parse_imager(ConfigTable t) {
  Imager imager;
  imager.beam.frequency_hz = t.number("frequency_hz", 340e9, {30e9, 3e12});
  imager.beam.waist_m = t.number("waist_m", 7.585e-3, {1e-3, 0.1});
  imager.standoff_m = t.number("standoff_m", 6.0, {0.5, 100.0});
  imager.optics = t.choice("optics", "gaussian", {"gaussian", "aperture"}) == "aperture"
                      ? OpticsKind::kAperture
                      : OpticsKind::kGaussian;
  imager.field_of_view_m = pair(t, "field_of_view_m", imager.field_of_view_m, {0.01, 2.0});
  imager.lines = static_cast<int>(t.integer("lines", 64, 2, 1024));
  imager.samples_per_line = static_cast<int>(t.integer("samples_per_line", 256, 2, 4096));
  imager.frames = static_cast<int>(t.integer("frames", 3, 1, 100));
  imager.noise = t.boolean("noise", true);
  parse_radar(t, imager);
  const double values =
      double{1} * imager.lines * imager.samples_per_line * imager.range_axis().bins;
  if (values > kMostFrameValues) {
    t.fail("lines",
           fmt::format("lines x samples_per_line x range bins of the gate give {:.3g} values "
                       "a frame, at most {:g} are allowed",
                       values, kMostFrameValues));
  }
  return imager;
}

/// A design that is written or used must be one that can be built; the default one need not fit the
/// stand-off distance of a scene that has no use for it.
void check_design(const Imager& imager, ConfigTable& root) {
  const auto build = [&] { Gregorian{imager.design}; };
  if (root.has("optics")) {
    located(root.table("optics"), "", build);
  } else if (imager.optics == OpticsKind::kAperture) {
    located(root.table("imager"), "optics", build);
  }
}

ScannerOptions parse_scanner(ConfigTable t, int lines, const GregorianDesign& design) {
  ScannerOptions s;
  s.mirror_separation_m = design.galvo_separation_m;
  s.relay_magnification = design.main_to_first_focus_m / design.sub_focal_m;
  if (t.has("mirror_separation_m")) {
    t.fail("mirror_separation_m",
           "is the distance that optics.galvo_separation_m gives; write it there");
  }
  const std::vector<std::string> modes = {"ideal", "half-cycle", "interlaced"};
  const std::string mode = t.choice("mode", "ideal", modes);
  s.mode = static_cast<ScanMode>(std::find(modes.begin(), modes.end(), mode) - modes.begin());
  s.fast_drive = t.choice("fast_drive", "triangle", {"triangle", "sine"}) == "sine"
                     ? ScanDrive::kSine
                     : ScanDrive::kTriangle;
  s.fast_hz = t.number("fast_hz", s.fast_hz, {0.01, 1e4});
  s.used_amplitude = t.number("used_amplitude", s.used_amplitude, {0.1, 1.0});
  s.turn_s = t.number("turn_s", std::min(s.turn_s, 0.5 / s.fast_hz), {0.0, 0.5 / s.fast_hz});
  s.retrace_share = t.number("retrace_share", s.retrace_share, {0.0, 0.9});
  s.lag_deg = t.number("lag_deg", s.lag_deg, {-30.0, 30.0});
  s.lag_residual_deg = t.number("lag_residual_deg", s.lag_residual_deg, {-30.0, 30.0});
  s.trigger_jitter_s = t.number("trigger_jitter_s", s.trigger_jitter_s, {0.0, 1e-3});
  s.wobble_rad = t.number("wobble_rad", s.wobble_rad, {0.0, 0.01});
  s.relay_magnification = t.number("relay_magnification", s.relay_magnification, {0.1, 100.0});
  if (s.mode != ScanMode::kIdeal && lines % 2 != 0) {
    t.fail("mode",
           fmt::format("\"{}\" scans an even number of lines, imager.lines is {}", mode, lines));
  }
  return s;
}

SubjectKind parse_kind(ConfigTable& t) {
  const std::vector<std::string> names = {"head", "mesh", "plane", "sphere", "ellipsoid", "point"};
  const std::string name = t.choice("kind", "head", names);
  const auto place = std::find(names.begin(), names.end(), name) - names.begin();
  return static_cast<SubjectKind>(place);
}

/// smile, jaw_open, brow_raise: their means, and how much they change from capture to capture.
ExpressionLaw parse_expression(ConfigTable& t, bool parametric) {
  ExpressionLaw law;
  law.mean = triple(t, "expression", law.mean, {-1.0, 1.0});
  if (law.mean[1] < 0.0) t.fail("expression", "jaw_open, the second number, must not be negative");
  law.sd = triple(t, "expression_jitter", law.sd, {0.0, 0.5});
  for (const char* key : {"expression", "expression_jitter"}) {
    if (!parametric && t.has(key)) t.fail(key, "moves the faces of model \"parametric\" only");
  }
  return law;
}

// Only the keys of the subject's own kind are read, so that a key of another kind is refused.
Subject parse_subject(ConfigTable t) {
  Subject s;
  s.kind = parse_kind(t);
  s.position_m = triple(t, "position_m", s.position_m, {-10.0, 10.0});
  if (s.kind == SubjectKind::kPoint) {
    s.rcs_m2 = t.number("rcs_m2", s.rcs_m2, {0.0, 1e6});
    return s;
  }
  s.tilt_deg = pair(t, "tilt_deg", s.tilt_deg, {-180.0, 180.0});
  const bool person = s.kind == SubjectKind::kHead;
  s.material = t.text("material", person || s.kind == SubjectKind::kMesh ? "skin" : "pec");
  s.roughness = t.text("roughness", s.material == "skin" ? "skin" : "off");
  if (s.kind == SubjectKind::kSphere) s.radius_m = t.number("radius_m", 0.08, {1e-4, 1.0});
  if (s.kind == SubjectKind::kEllipsoid) {
    s.semi_axes_m = triple(t, "semi_axes_m", s.semi_axes_m, {1e-4, 1.0});
  }
  if (s.kind == SubjectKind::kPlane) s.size_m = pair(t, "size_m", s.size_m, {1e-3, 5.0});
  if (s.kind == SubjectKind::kMesh) {
    s.file = t.required_text("file");
    if (s.file.empty()) t.fail("file", "must be the path of a mesh");
    s.scale = t.number("scale", 1.0, {1e-6, 1e6});
    s.smooth = t.boolean("smooth", true);
  }
  if (person) {
    s.model = t.text("model", "parametric");
    if (s.model.empty()) t.fail("model", "must be \"parametric\" or the path of a head model");
    s.identity = t.integer("identity", 0, 0, int64_t{1} << 40);
    s.mean_head = t.boolean("mean_head", false);
    s.capture = t.integer("capture", 0, 0, int64_t{1} << 40);
    s.posture = parse_posture(
        t.choice("posture", "front-center",
                 {"front-left", "front-center", "front-right", "full-left", "full-right"}));
    s.jitter = t.boolean("jitter", true);
    const PostureJitter& j = s.pose_jitter;
    const Vec3 angles =
        triple(t, "jitter_deg", Vec3(j.yaw_deg, j.pitch_deg, j.roll_deg), {0.0, 45.0});
    const Vec3 shifts = triple(t, "jitter_m", Vec3(j.x_m, j.y_m, j.z_m), {0.0, 0.2});
    s.pose_jitter = {angles.x(), angles.y(), angles.z(), shifts.x(), shifts.y(), shifts.z()};
    s.expression = parse_expression(t, s.model == "parametric");
  }
  return s;
}

Sampling parse_sampling(ConfigTable t) {
  Sampling s;
  s.ray_pitch_m = t.number("ray_pitch_m", s.ray_pitch_m, {0.02e-3, 5e-3});
  s.refine = static_cast<int>(t.integer("refine", s.refine, 1, 16));
  s.refine_phase_rad = t.number("refine_phase_rad", s.refine_phase_rad, {1e-3, 100.0});
  s.taper_begin_deg = t.number("taper_begin_deg", s.taper_begin_deg, {1.0, 89.0});
  s.taper_end_deg = t.number("taper_end_deg", s.taper_end_deg, {1.0, 89.0});
  if (s.taper_end_deg <= s.taper_begin_deg) t.fail("taper_end_deg", "must exceed taper_begin_deg");
  s.lattice_area_m2 = t.number("lattice_area_m2", s.lattice_area_m2, {1e-9, 1e-3});
  s.subdivision = static_cast<int>(t.integer("subdivision", s.subdivision, 0, 3));
  s.nodes_per_cell = static_cast<int>(t.integer("nodes_per_cell", s.nodes_per_cell, 1, 32));
  return s;
}

ImageSettings parse_image(ConfigTable t) {
  ImageSettings image;
  image.mapping = t.choice("mapping", image.mapping, {"power-law", "log", "linear"});
  image.reference_db = t.number("reference_db", image.reference_db, {-300.0, 0.0});
  image.gamma = t.number("gamma", image.gamma, {0.0, 1.0});
  image.dynamic_range_db = t.number("dynamic_range_db", image.dynamic_range_db, {1.0, 120.0});
  image.size = static_cast<int>(t.integer("size", image.size, 8, 1024));
  image.roi = t.choice("roi", image.roi, {"fixed", "detected", "truth"});
  image.roi_size_m = pair(t, "roi_size_m", image.roi_size_m, {0.01, 2.0});
  image.roi_center_m = pair(t, "roi_center_m", image.roi_center_m, {-1.0, 1.0});
  return image;
}

/// [materials.NAME]: layers = [[eps', eps'', thickness_m], ...], backing = air | conductor |
/// dielectric, substrate = [eps', eps''].
Stack parse_material(ConfigTable t) {
  Stack stack;
  const auto flat = t.numbers("layers", {}, 0, {0.0, 1e4});
  if (flat.size() % 3 != 0) {
    t.fail("layers", "must be a flat list of triples: eps', eps'', thickness in metres, ...");
  }
  for (std::size_t i = 0; i + 2 < flat.size(); i += 3) {
    if (std::hypot(flat[i], flat[i + 1]) < kLeastPermittivity || flat[i + 2] > kMostThickness_m) {
      t.fail("layers",
             fmt::format("each |eps' - j eps''| must be at least {:g} and each thickness at "
                         "most {:g} m",
                         kLeastPermittivity, kMostThickness_m));
    }
    stack.layers.push_back({{flat[i], -flat[i + 1]}, flat[i + 2]});
  }
  const std::string backing = t.choice("backing", "air", {"air", "conductor", "dielectric"});
  const auto substrate = t.numbers("substrate", {1.0, 0.0}, 2, {0.0, 1e6});
  if (std::hypot(substrate[0], substrate[1]) < kLeastPermittivity) {
    t.fail("substrate", fmt::format("|eps' - j eps''| must be at least {:g}", kLeastPermittivity));
  }
  stack.backing = backing == "air"         ? Backing::kAir
                  : backing == "conductor" ? Backing::kConductor
                                           : Backing::kDielectric;
  stack.substrate_permittivity = {substrate[0], -substrate[1]};
  return stack;
}

RoughnessModel parse_roughness(ConfigTable t, const std::string& name) {
  RoughnessModel model;
  model.name = name;
  model.sigma_h_m = t.number("sigma_h_m", 0.0, {0.0, 0.01});
  model.correlation_m = t.number("correlation_m", 1e-3, {1e-6, 0.1});
  model.lambert_albedo = t.number("lambert_albedo", 0.0, {0.0, 1.0});
  model.coherent = t.boolean("coherent", true);
  return model;
}

double largest_area_m2(const Subject& s) {
  const double pi = 3.141592653589793;
  switch (s.kind) {
    case SubjectKind::kPlane:
      return s.size_m.x() * s.size_m.y();
    case SubjectKind::kSphere:
      return 4.0 * pi * s.radius_m * s.radius_m;
    case SubjectKind::kEllipsoid:
      return 4.0 * pi * std::pow(s.semi_axes_m.maxCoeff(), 2);
    default:
      return 0.3;  // a head
  }
}

/// The converter must follow the beat of the farthest depth that is gathered.
void check_beats(const Scene& scene) {
  RangeAxis axis = scene.imager.range_axis();
  axis.nodes_per_cell = scene.sampling.nodes_per_cell;
  const RangeAxis nodes = depth_axis(axis);
  check_converter(scene.imager.radar, scene.imager.raw_radar, nodes.bin_m(nodes.bins - 1));
}

/// What no single table can tell.
void check_together(const Scene& scene, ConfigTable root) {
  ConfigTable subject = root.table("subject");
  if (scene.garment.worn && scene.subject.kind != SubjectKind::kHead) {
    root.fail("garment", "a balaclava needs a subject of kind head");
  }
  if (scene.glasses.share > 0.0 && scene.subject.kind != SubjectKind::kHead) {
    root.fail("glasses", "glasses need a subject of kind head");
  }
  if (scene.subject.position_m.z() >= scene.imager.standoff_m) {
    subject.fail("position_m", fmt::format("z must stay below imager.standoff_m ({:g}), where the "
                                           "imager stands",
                                           scene.imager.standoff_m));
  }
  if (scene.imager.raw) {
    located(root.table("imager"), "adc_rate_hz", [&] { check_beats(scene); });
  }
  if (scene.subject.kind == SubjectKind::kPoint) return;
  located(subject, "material", [&] { find_material(scene, scene.subject.material); });
  located(subject, "roughness", [&] { find_roughness(scene, scene.subject.roughness); });
  const double elements = largest_area_m2(scene.subject) / scene.sampling.lattice_area_m2;
  if (scene.subject.roughness != "off" && elements > kMostElements) {
    throw_input(
        "{}: sampling.lattice_area_m2 is {:g}, but gives {:.2g} elements on this subject, at "
        "most {:g} are allowed",
        root.table("sampling").where("lattice_area_m2"), scene.sampling.lattice_area_m2, elements,
        kMostElements);
  }
}

}  // namespace

RangeAxis Imager::range_axis() const {
  RangeAxis axis;
  axis.cell_m = radar.chirp.range_cell_m();
  axis.spacing_m = 0.5 * axis.cell_m;
  axis.first_m = standoff_m - gate_m.y();
  axis.bins = static_cast<int>(std::ceil((gate_m.y() - gate_m.x()) / axis.spacing_m - 1e-9)) + 1;
  return axis;
}

Scene parse_scene(ConfigTable root) {
  Scene scene;
  scene.toml = root.source_text();
  scene.sha256 = sha256_hex(scene.toml);
  root.choice("schema", "thzface-scene/1", {"thzface-scene/1"});
  root.text("title", "");
  scene.imager = parse_imager(root.table("imager"));
  scene.imager.raw_radar = internal::parse_raw(root.table("raw"), scene.imager.raw);
  scene.imager.design = internal::parse_optics(root.table("optics"), scene.imager.standoff_m);
  check_design(scene.imager, root);
  scene.imager.scanner =
      parse_scanner(root.table("scanner"), scene.imager.lines, scene.imager.design);
  scene.subject = parse_subject(root.table("subject"));
  scene.garment = internal::parse_garment(root.table("garment"), root.has("garment"));
  scene.glasses = internal::parse_glasses(root.table("glasses"), root.has("glasses"));
  scene.sampling = parse_sampling(root.table("sampling"));
  scene.image = parse_image(root.table("image"));
  ConfigTable materials = root.table("materials");
  for (const auto& name : materials.keys()) {
    scene.materials[name] = parse_material(materials.table(name));
  }
  ConfigTable roughnesses = root.table("roughness");
  for (const auto& name : roughnesses.keys()) {
    scene.roughnesses[name] = parse_roughness(roughnesses.table(name), name);
  }
  scene.seed = static_cast<uint64_t>(
      root.table("random").integer("seed", 1, 0, std::numeric_limits<int64_t>::max()));
  root.finish();
  check_together(scene, root);
  return scene;
}

Stack find_material(const Scene& scene, const std::string& name) {
  const auto own = scene.materials.find(name);
  if (own != scene.materials.end()) return own->second;
  for (const Fabric& fabric : fabric_catalogue()) {
    if (fabric.id == name) {
      return fabric_stack(nominal_sample(fabric), 1, scene.imager.beam.frequency_hz);
    }
  }
  std::string allowed;
  for (const auto& known : material_names()) {
    if (known == name) return named_material(name, scene.imager.beam.frequency_hz);
    allowed += known + ", ";
  }
  throw_input(
      "subject.material is '{}', but must be one of {}a fabric or a [materials.NAME] of the "
      "scene",
      name, allowed);
}

RoughnessModel find_roughness(const Scene& scene, const std::string& name) {
  const auto own = scene.roughnesses.find(name);
  if (own != scene.roughnesses.end()) return own->second;
  std::string allowed;
  for (const auto& known : roughness_names()) {
    if (known == name) return roughness_model(name);
    allowed += known + ", ";
  }
  throw_input("subject.roughness is '{}', but must be one of {}or a [roughness.NAME] of the scene",
              name, allowed);
}

}  // namespace thz::sim
