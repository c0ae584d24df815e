// Flat cloth before a mirror, through the frame's own path: what each fabric takes from a beam that
// passes it twice, the phase it adds, and where its own two faces answer from.
#include "support/flat_cloth.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "support/test_scene.h"
#include "thz/core/constants.h"
#include "thz/sim/materials.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

constexpr double kSheet_m = 0.15;
constexpr double kStitchRms = 0.08, kFoldRms = 0.06;  // the scene's defaults

/// A mirror at the focus; cloth 5 mm before it if there is a fabric.
struct Bench {
  Scene scene = scene_of("[imager]\nnoise = false\nframes = 1\n");
  Target target;

  Bench() {
    const Mesh mirror = flat_sheet(kSheet_m, 0.0);
    target.body =
        make_mesh_surface(mirror, std::vector<int32_t>(mirror.triangles.size(), 0), {0, true});
    target.materials = {ScatterTable(perfect_conductor(), roughness_model("off"), frequency_hz())};
  }
  double frequency_hz() const { return scene.imager.beam.frequency_hz; }

  void hang(const FabricSample& fabric, int layers, const GarmentShell& shell) {
    target.cloth = make_worn_cloth(shell, fabric, layers, frequency_hz(), 1e-4);
    target.cloth->face = ScatterTable::absorber();  // only what passes
  }
  void hang(const FabricSample& fabric, int layers, double stitch_rms, double fold_rms,
            double water_kg_m2 = 0.0) {
    hang(
        fabric, layers,
        flat_cloth(kSheet_m, 5e-3, layers * fabric.thickness_m, stitch_rms, fold_rms, water_kg_m2));
  }
  std::complex<double> coupling(const Vec2& foot) const {
    return probe(scene.imager, scene.sampling, target, {RigidPose{}}, {1, 0}, foot, 0, 1).coupling;
  }
};

/// Mean over five places of the power left, one way, dB.
double measured_loss_db(const FabricSample& fabric, int layers) {
  const Bench bare;
  Bench bench;
  bench.hang(fabric, layers, kStitchRms, kFoldRms);
  double mean = 0.0;
  for (const Vec2& foot : {Vec2(0.0, 0.0), Vec2(-0.02, -0.02), Vec2(0.02, -0.02), Vec2(-0.02, 0.02),
                           Vec2(0.02, 0.02)}) {
    // At the same place: away from the axis the mirror leans.
    mean += std::norm(bench.coupling(foot) / bare.coupling(foot)) / 5.0;
  }
  return -5.0 * std::log10(mean);
}

struct LossRange {
  const char* fabric;
  int layers;
  double low_db, high_db;
};

}  // namespace

TEST_CASE("a beam that passes flat cloth twice loses what its fabric may take",
          "[sim][target][physics]") {
  // Engineering ranges of one-way loss at 340 GHz, all within the 3 dB that Bjarnason et al. (2004)
  // found up to 300 GHz but for leather; for the ski mask no range has been given, its neighbours'
  // is taken.
  const LossRange ranges[] = {
      {"cotton", 1, 0.3, 1.0},   {"denim", 1, 1.0, 3.0},   {"wool", 1, 1.0, 3.5},
      {"acrylic", 1, 0.5, 1.5},  {"acrylic", 2, 1.0, 3.0}, {"fleece", 1, 0.3, 1.2},
      {"ski-mask", 1, 0.2, 1.2}, {"nylon", 1, 0.2, 0.7},   {"leather", 1, 2.0, 5.0}};
  std::string table;
  for (const LossRange& row : ranges) {
    CAPTURE(row.fabric, row.layers);
    const FabricSample fabric = nominal_sample(find_fabric(row.fabric));
    const double layers_db = one_way_loss_db(fabric, row.layers, 340e9);
    const double measured_db = measured_loss_db(fabric, row.layers);
    CHECK(measured_db > row.low_db);
    CHECK(measured_db < row.high_db);
    // Stitches, finer than the beam, leave exp(-4 sigma^2) of the power of both passes; folds,
    // coarser than it, hardly bend the front, and shift the mean of five places by 0.1 dB.
    const double k = 2.0 * kPi * 340e9 / kSpeedOfLight;
    const double index = refractive_index(fabric_permittivity(fabric, 340e9)).real();
    const double sigma = kStitchRms * k * (index - 1.0) * row.layers * fabric.thickness_m;
    const double expected_db = layers_db + 10.0 * std::log10(std::exp(1.0)) * 2.0 * sigma * sigma;
    CHECK(measured_db == Approx(expected_db).margin(0.12));
    table += fmt::format("{} x{}: layers {:.2f}, through the screen {:.2f} dB\n", row.fabric,
                         row.layers, layers_db, measured_db);
  }
  WARN(table);
}

TEST_CASE("even cloth before a mirror multiplies the return by its transmission squared",
          "[sim][target][physics]") {
  Bench bench;
  const std::complex<double> bare = bench.coupling({0.0, 0.0});
  for (const Fabric& catalogued : fabric_catalogue()) {
    CAPTURE(catalogued.id);
    const FabricSample fabric = nominal_sample(catalogued);
    bench.hang(fabric, 1, 0.0, 0.0);
    const double f = bench.frequency_hz();
    const double k = 2.0 * kPi * f / kSpeedOfLight;
    const std::complex<double> once =
        stack_response(fabric_stack(fabric, 1, f), 1.0, f).t_s *
        std::polar(1.0, k * fabric.thickness_m);  // relative to the air displaced
    const std::complex<double> ratio = bench.coupling({0.0, 0.0}) / bare;
    // Magnitude and phase: rays lean by up to 0.2 degrees, tables interpolate to 1e-4.
    CHECK(std::abs(ratio - once * once) < 1e-3);
  }
}

TEST_CASE("thicker and damp cloth act on both passes", "[sim][target][physics]") {
  const FabricSample fabric = nominal_sample(find_fabric("acrylic"));
  Bench bench;
  bench.hang(fabric, 1, 0.0, 0.0);
  const std::complex<double> dry = bench.coupling({0.0, 0.0});
  constexpr double kWater = 0.04;
  bench.hang(fabric, 1, 0.0, 0.0, kWater);
  const std::complex<double> wet = bench.coupling({0.0, 0.0});
  const double f = bench.frequency_hz();
  CHECK(std::abs(wet / dry - std::exp(2.0 * damp_propagation(fabric, 1, kWater, f))) < 1e-3);

  // A hem all over: every place is less than its width from a rim.
  GarmentShell hemmed = flat_cloth(kSheet_m, 5e-3, fabric.thickness_m, 0.0, 0.0);
  ClothRidges ridges;
  ridges.hem_width_m = 12e-3;
  ridges.hem_factor = 2.0;
  std::vector<ClothVertex> vertices = hemmed.screen.vertices();
  for (ClothVertex& v : vertices) v.rim_m = 0.0f;
  hemmed.screen = ClothScreen(hemmed.screen.noise(), ridges, vertices, hemmed.outer.triangles);
  bench.hang(fabric, 1, hemmed);
  const std::complex<double> once =
      stack_response(fabric_stack(fabric, 2, f), 1.0, f).t_s /
      stack_response(fabric_stack(fabric, 1, f), 1.0, f).t_s *
      std::polar(1.0, bench.scene.imager.beam.wavenumber() * fabric.thickness_m);
  // Two layers in contact are the hem; the closed form leaves out their changed round trips, twice
  // the face's 0.14 % of power.
  CHECK(std::abs(bench.coupling({0.0, 0.0}) / dry - once * once) < 8e-3);
}

TEST_CASE("the cloth's front and back answer from their own range bins",
          "[sim][target][statistics]") {
  // 100 GHz of chirp tell the faces of two layers of wool, 6.4 mm apart, asunder.
  const Scene scene = scene_of(
      "[imager]\nnoise = false\nframes = 1\nbandwidth_hz = 1e11\nlines = 24\n"
      "samples_per_line = 24\nfield_of_view_m = [0.12, 0.12]\ngate_m = [-0.02, 0.01]\n");
  FabricSample wool = nominal_sample(find_fabric("wool"));
  wool.face_sigma_h_m = 300e-6;
  const double f = scene.imager.beam.frequency_hz;
  Target target;
  target.cloth =
      make_worn_cloth(flat_cloth(0.18, 0.0, 2.0 * wool.thickness_m, 0.0, 0.0), wool, 2, f, 1e-6);
  const ScatterParts parts = find_scatterers(target, {}, scene.imager, scene.sampling,
                                             FieldWindow::whole(scene.imager), {1, 1}, 1);
  const RangeAxis axis = scene.imager.range_axis();
  const RangeFrame frame = sum_frame(scene.imager.beam, scene.imager.scan(), parts.cloth, axis, {});
  std::vector<double> power;
  for (const ImageC& bin : frame.bins) {
    power.push_back(0.0);
    for (const auto& a : bin.data) power.back() += double{std::norm(a)};
  }
  const auto near = [&](double range_m) {
    return static_cast<std::size_t>(std::lround((range_m - axis.first_m) / axis.spacing_m));
  };
  const double depth_m = refractive_index(fabric_permittivity(wool, f)).real() * 6e-3;
  const std::size_t front = near(6.0), back = near(6.0 + depth_m),
                    between = near(6.0 + 0.5 * depth_m);
  for (const std::size_t face : {front, back}) {
    // The peak of a face is its own bin or, between two, the other one.
    const auto low = power.begin() + static_cast<std::ptrdiff_t>(face) - 2;
    const auto peak = static_cast<std::size_t>(std::max_element(low, low + 5) - power.begin());
    CHECK(std::abs(static_cast<double>(peak) - static_cast<double>(face)) <= 1.0);
    CHECK(power[face] > 30.0 * power[between]);
  }
  // The back is seen through the yarn twice: 2 x 2.75 dB and a little more of absorption alone.
  const double two_way_db = 2.0 * absorption_loss_db(wool, 2, f);
  // Some 200 independent grains a face: 7 % each, 0.45 dB of the ratio; three of them.
  CHECK(10.0 * std::log10(power[front] / power[back]) == Approx(two_way_db).margin(1.4));
}
