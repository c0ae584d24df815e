// Twice-reflected paths, which the simulator leaves out: a slow, obvious tool, its closed form, and
// what it finds on heads: thz_sim_target_tests "[measure]" prints the table of
// docs/theory/simulator.md.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>

#include "support/test_scene.h"
#include "thz/core/constants.h"
#include "thz/core/parallel.h"
#include "thz/sim/layers.h"
#include "thz/sim/materials.h"
#include "thz/sim/posture.h"
#include "thz/sim/radar_budget.h"
#include "thz/sim/roughness.h"

using namespace thz;
using namespace thz::sim;
using namespace thz::test;

namespace {

constexpr double kR_m = 6.0;
const BeamOptions kBeam;

/// A ray that comes back over two reflections.
struct Bounce {
  Vec3 first, second;  // from the pivot
  double between_m = 0.0;
  double weight_m2 = 0.0;  // all but the fields and the phases
  double body_x_m = 0.0;   // of the first reflection
};

struct RayPath {
  bool found = false;
  Vec3 first_normal, second_normal, turned;  // unit; `turned` from first to second
  Bounce bounce;

  double length_m() const { return bounce.first.norm() + bounce.between_m + bounce.second.norm(); }
};

/// Power reflectivity by cosine of incidence.
using Reflectivity = double (*)(double);

/// Amplitude of the focused one-way mode; its square is two_way_field().
std::complex<double> one_way_field(const Vec3& axis, const Vec3& point) {
  const double along = point.dot(axis);
  const double rho2 = (point - along * axis).squaredNorm();
  const double z = along - kR_m, k = kBeam.wavenumber(), z_r = kBeam.rayleigh_range_m();
  const std::complex<double> j(0.0, 1.0);
  return std::sqrt(2.0 / kPi) / kBeam.waist_m / (1.0 - j * z / z_r) *
         std::exp(-j * k * (0.5 * rho2 / (z + j * z_r) + z));
}

/// Follows the rays of a grid over the field, both reflections by the mirror law; the second point
/// must see the pivot.
class DoubleBounces {
 public:
  DoubleBounces(const Surface& surface, const RigidPose& pose, const Vec2& half_m, double pitch_m)
      : surface_(surface),
        body_from_world_(pose.inverse()),
        pivot_in_body_(body_from_world_ * Vec3(0.0, 0.0, kR_m)),
        half_m_(half_m),
        pitch_m_(pitch_m),
        cols_(static_cast<int>(2.0 * half_m.x() / pitch_m)),
        rows_(static_cast<int>(2.0 * half_m.y() / pitch_m)),
        paths_(static_cast<std::size_t>(rows_) * static_cast<std::size_t>(cols_)) {
    parallel_for(static_cast<std::size_t>(rows_), 0, [&](std::size_t row) { follow_row(row); });
  }

  /// Weights of the rays whose neighbours took the same way: cell area, root of the spreading of
  /// its tube, Kirchhoff's obliquity at the second point, and the cell's own linear phase.
  std::vector<Bounce> bounces(Reflectivity reflectivity) const {
    std::vector<Bounce> list;
    for (int row = 1; row + 1 < rows_; ++row) {
      for (int col = 1; col + 1 < cols_; ++col) {
        const RayPath &path = at(row, col), &left = at(row, col - 1), &right = at(row, col + 1),
                      &above = at(row - 1, col), &below = at(row + 1, col);
        if (!path.found || !left.found || !right.found || !above.found || !below.found) continue;
        const Vec3 across = (right.bounce.second - left.bounce.second) / (2.0 * pitch_m_);
        const Vec3 down = (below.bounce.second - above.bounce.second) / (2.0 * pitch_m_);
        // The two sides of a crease are no tube.
        if (across.norm() > 20.0 || down.norm() > 20.0) continue;
        list.push_back(path.bounce);
        list.back().weight_m2 = weight(path, across, down, reflectivity) *
                                sinc(right.length_m() - left.length_m()) *
                                sinc(below.length_m() - above.length_m());
      }
    }
    return list;
  }

 private:
  const RayPath& at(int row, int col) const {
    return paths_[static_cast<std::size_t>(row) * static_cast<std::size_t>(cols_) +
                  static_cast<std::size_t>(col)];
  }

  /// Of half the phase k (difference of paths over two cells) / 2 across the one cell.
  static double sinc(double difference_m) {
    const double x = 0.25 * kBeam.wavenumber() * difference_m;
    return std::abs(x) < 1e-9 ? 1.0 : std::sin(x) / x;
  }

  double weight(const RayPath& path, const Vec3& across, const Vec3& down,
                Reflectivity reflectivity) const {
    const Vec3 first = path.bounce.first.normalized(), second = path.bounce.second.normalized();
    const double range = path.bounce.first.norm();
    // a^2 dOmega for dx dy = 1: the foot plane is met under the ray's own angle.
    const double cell = range * range * std::pow(-first.z(), 3) / (kR_m * kR_m);
    const double spreading = std::abs(across.cross(down).dot(path.turned)) / cell;
    const double in = -path.second_normal.dot(path.turned), out = -path.second_normal.dot(second);
    const double reflected =
        std::sqrt(reflectivity(-path.first_normal.dot(first)) * reflectivity(in));
    return reflected * 0.5 * (in + out) / in * std::sqrt(spreading) * cell * pitch_m_ * pitch_m_;
  }

  void follow_row(std::size_t row) {
    const double y = half_m_.y() - (static_cast<double>(row) + 0.5) * pitch_m_;
    std::vector<Vec3> directions;
    for (int col = 0; col < cols_; ++col) {
      const Vec3 world(-half_m_.x() + (col + 0.5) * pitch_m_, y, -kR_m);
      directions.push_back(body_from_world_.rotation * world.normalized());
    }
    std::vector<SurfaceHit> hits;
    surface_.trace(pivot_in_body_, directions, hits);
    for (int col = 0; col < cols_; ++col) {
      const auto i = static_cast<std::size_t>(col);
      if (hits[i].is_hit()) {
        paths_[row * static_cast<std::size_t>(cols_) + i] = follow(directions[i], hits[i]);
      }
    }
  }

  RayPath follow(const Vec3& direction, const SurfaceHit& hit) const {
    constexpr double kOff_m = 0.1e-3;  // clear of the surface just left
    RayPath path;
    const Vec3 first = pivot_in_body_ + hit.range_m * direction;
    const Vec3 turned = direction - 2.0 * direction.dot(hit.normal) * hit.normal;
    std::vector<SurfaceHit> next, seen;
    surface_.trace(first + kOff_m * hit.normal, {turned}, next);
    if (!next[0].is_hit() || next[0].normal.dot(turned) >= 0.0) return path;
    const Vec3 second = first + kOff_m * hit.normal + next[0].range_m * turned;
    const Vec3 view = second - pivot_in_body_;
    if (next[0].normal.dot(view) >= 0.0) return path;
    surface_.trace(pivot_in_body_, {view.normalized()}, seen);
    if (!seen[0].is_hit() || seen[0].range_m < view.norm() - 0.3e-3) return path;
    const Mat3 to_world = body_from_world_.rotation.transpose();
    path.found = true;
    path.first_normal = to_world * hit.normal;
    path.second_normal = to_world * next[0].normal;
    path.turned = to_world * turned;
    path.bounce.first = to_world * (first - pivot_in_body_);
    path.bounce.second = to_world * view;
    path.bounce.body_x_m = first.x();
    path.bounce.between_m = (second - first).norm();
    return path;
  }

  const Surface& surface_;
  RigidPose body_from_world_;
  Vec3 pivot_in_body_;
  Vec2 half_m_;
  double pitch_m_;
  int cols_, rows_;
  std::vector<RayPath> paths_;
};

/// a = sum u(first) u(second) e^{-jk r12} weight.
std::complex<double> coupling(const std::vector<Bounce>& bounces, const Vec3& axis) {
  const double reach = 3.0 * kBeam.waist_m;
  std::complex<double> sum = 0.0;
  for (const Bounce& b : bounces) {
    if ((b.first - b.first.dot(axis) * axis).norm() > reach ||
        (b.second - b.second.dot(axis) * axis).norm() > reach) {
      continue;
    }
    sum += one_way_field(axis, b.first) * one_way_field(axis, b.second) *
           std::polar(b.weight_m2, -kBeam.wavenumber() * b.between_m);
  }
  return sum;
}

double mirror(double) { return 1.0; }

/// What skin with its relief reflects by the mirror law, mean of the polarisations.
double mirror_part_of_skin(double cos_incidence) {
  static const ReflectionTable table(named_material("skin", 340e9), 340e9);
  const double kept =
      coherent_amplitude_factor(roughness_model("skin"), cos_incidence, kBeam.wavenumber());
  return table.power_reflectivity(static_cast<float>(cos_incidence)) * kept * kept;
}

/// Two plates of 0.1 x 0.1 m that meet at a right angle in the crease x = z = 0 and open to +z.
Mesh dihedral() {
  const double a = 0.1 / std::sqrt(2.0), h = 0.05;
  Mesh mesh;
  mesh.vertices = {{-a, -h, a}, {0, -h, 0}, {0, h, 0}, {-a, h, a},
                   {0, -h, 0},  {a, -h, a}, {a, h, a}, {0, h, 0}};
  mesh.triangles = {{0, 1, 2}, {0, 2, 3}, {4, 5, 6}, {4, 6, 7}};
  return mesh;
}

}  // namespace

TEST_CASE("the field of the double-bounce tool is the beam's", "[sim][target]") {
  const Vec3 axis = Vec3(0.02, -0.03, -6.0).normalized();
  const Vec3 point(0.025, -0.02, -6.1);
  const auto u = one_way_field(axis, point);
  const auto squared = two_way_field(kBeam, kR_m, axis, point.normalized(), point.norm());
  CHECK(std::abs(u * u - squared) < 1e-6 * std::abs(squared));
}

TEST_CASE("a right-angled dihedral mirrors the beam about its crease", "[sim][target][physics]") {
  // The double bounce is a flat mirror in the crease that turns x over: a = int u(x - s) u(-x - s),
  // |a|^2 = exp(-4 s^2 / w0^2).
  const auto surface =
      make_mesh_surface(dihedral(), std::vector<int32_t>(4, 0), {0, false, nullptr, true});
  const DoubleBounces tool(*surface, {}, {0.025, 0.025}, 0.125e-3);
  const auto bounces = tool.bounces(mirror);
  for (const double s : {0.0, 3e-3, 6e-3}) {
    const double expected = std::exp(-4.0 * s * s / (kBeam.waist_m * kBeam.waist_m));
    const Vec3 axis = Vec3(s, 0.004, -kR_m).normalized();
    CAPTURE(s);
    // The rays that start 0.1 mm from the crease and a column of them beside it make no tube: 0.15
    // of the field's 9.5 mm are missing, 3 % of the power.
    CHECK(std::norm(coupling(bounces, axis)) == Approx(expected).epsilon(0.04));
  }
}

namespace {

constexpr double kEar_m = 0.06;  // ears stand further out than this, nose and cheeks do not

struct Measured {
  double energy_db = 0.0;     ///< all doubly reflected power over all of the image's
  double brightest_db = 0.0;  ///< brightest double bounce over the image's 99.5th percentile
  double over_20_db = 0.0, over_10_db = 0.0, over_0_db = 0.0;  ///< shares of the pixels seen
  Vec2 place_m = Vec2::Zero();                                 ///< foot point of the brightest
  int pixels = 0, bounces = 0;
};

enum class Part { kFace, kEars };

std::vector<Bounce> of_part(const std::vector<Bounce>& bounces, Part part) {
  std::vector<Bounce> list;
  for (const Bounce& b : bounces) {
    if ((std::abs(b.body_x_m) > kEar_m) == (part == Part::kEars)) list.push_back(b);
  }
  return list;
}

/// Double bounces against the image that the simulator makes of the head, on the same raster.
Measured compare(const std::vector<Bounce>& bounces, const Scene& scene, const ImageF& single) {
  ImageD twice(single.rows, single.cols);
  parallel_for(static_cast<std::size_t>(single.rows), 0, [&](std::size_t l) {
    const int line = static_cast<int>(l);
    for (int s = 0; s < single.cols; ++s) {
      const ScanGeometry scan = scene.imager.scan();
      twice(line, s) = std::norm(coupling(bounces, scan.direction(scan.foot_m(line, s))));
    }
  });
  const double loss = two_way_loss(scene.imager);
  std::vector<double> sorted(single.data.begin(), single.data.end());
  std::sort(sorted.begin(), sorted.end());
  const double reference = sorted[sorted.size() * 995 / 1000];
  Measured result;
  result.bounces = static_cast<int>(bounces.size());
  double once_sum = 0.0, twice_sum = 0.0, brightest = 0.0;
  for (std::size_t i = 0; i < single.size(); ++i) {
    const double once = double{single.data[i]}, double_bounce = loss * twice.data[i];
    once_sum += once;
    twice_sum += double_bounce;
    if (double_bounce > brightest) {
      const int column = static_cast<int>(i) % single.cols;
      result.place_m = scene.imager.scan().foot_m(static_cast<int>(i) / single.cols, column);
      brightest = double_bounce;
    }
    if (once < 1e-4 * reference) continue;
    ++result.pixels;
    result.over_20_db += double_bounce > 0.01 * once;
    result.over_10_db += double_bounce > 0.1 * once;
    result.over_0_db += double_bounce > once;
  }
  result.energy_db = db_from_ratio(twice_sum / once_sum);
  result.brightest_db = db_from_ratio(brightest / reference);
  for (double* share : {&result.over_20_db, &result.over_10_db, &result.over_0_db}) {
    *share *= 100.0 / result.pixels;
  }
  return result;
}

/// One bare head without jitter; prints a line for its face and one for its ears.
void measure_head(const std::string& posture, int identity, double pitch_m) {
  const Scene scene = scene_of(
      "[imager]\nnoise = false\nframes = 1\nsamples_per_line = 64\n[subject]\nkind = 'head'\n"
      "jitter = false\nidentity = " +
      std::to_string(identity) + "\nposture = '" + posture + "'\n");
  const StandingHead head = stand(scene, nullptr, false);
  const ImageF single =
      simulate_capture(scene.imager, scene.sampling, head.target, {head.poses[0]}, head.key, {})
          .power;
  const DoubleBounces tool(*head.target.body, head.poses[0], {0.16, 0.17}, pitch_m);
  const std::vector<Bounce> all = tool.bounces(mirror_part_of_skin);
  for (const Part part : {Part::kFace, Part::kEars}) {
    const Measured m = compare(of_part(all, part), scene, single);
    std::printf(
        "%d %-12s %s, rays %.1f mm: energy %.1f dB, brightest %.1f dB "
        "at (%.0f, %.0f) mm; over -20, -10, 0 dB: "
        "%.2f, %.2f, %.2f %% of %d pixels; %d rays\n",
        identity, posture.c_str(), part == Part::kFace ? "face" : "ears", 1e3 * pitch_m,
        m.energy_db, m.brightest_db, 1e3 * m.place_m.x(), 1e3 * m.place_m.y(), m.over_20_db,
        m.over_10_db, m.over_0_db, m.pixels, m.bounces);
    std::fflush(stdout);
  }
}

}  // namespace

TEST_CASE("what double bounces on bare heads amount to", "[.][measure]") {
  for (const int identity : {7, 21}) {
    for (int p = 0; p < kPostureCount; ++p) {
      for (const double pitch_m : {0.2e-3, 0.1e-3}) {
        measure_head(posture_name(static_cast<Posture>(p)), identity, pitch_m);
      }
    }
  }
}
