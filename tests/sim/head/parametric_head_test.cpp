#include "thz/sim/parametric_head.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "sim/head/mesh_checks.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/sim/subdivision.h"

using namespace thz;
using namespace thz::sim;

namespace {

Vec3 point(const Mesh& mesh, const std::string& landmark) {
  return mesh.vertices[static_cast<std::size_t>(parametric_head_landmark(landmark))];
}

struct Folds {
  int flat_triangles = 0;  ///< area below 1e-3 mm2
  int turned_edges = 0;    ///< neighbours facing more than 120 degrees apart
};

Folds count_folds(const Mesh& mesh) {
  Folds folds;
  for (const auto& t : mesh.triangles)
    folds.flat_triangles += test::twice_area(mesh, t).norm() < 2e-9;
  for (const auto& [edge, normals] : test::edge_normals(mesh)) {
    folds.turned_edges += normals[0].dot(normals[1]) < -0.5;
  }
  return folds;
}

}  // namespace

TEST_CASE("the head is one closed surface of genus 0", "[sim][head]") {
  const Mesh mesh = build_parametric_head(mean_head_identity());
  CHECK(mesh.triangles.size() >= 20000);
  CHECK(mesh.triangles.size() <= 40000);
  CHECK(mesh.triangle_region.size() == mesh.triangles.size());
  CHECK(test::is_closed_and_oriented(mesh));
  CHECK(test::euler_characteristic(mesh) == 2);
  // A head with neck holds some 4 to 6 litres; positive means outward triangles.
  CHECK(test::volume(mesh) > 3.5e-3);
  CHECK(test::volume(mesh) < 7e-3);
}

TEST_CASE("the mean head sits in the frame of head-morphable/1", "[sim][head]") {
  const Mesh mesh = build_parametric_head(mean_head_identity());
  const Vec3 eyes = 0.5 * (point(mesh, "eye_center_left") + point(mesh, "eye_center_right"));
  CHECK(std::abs(eyes.x()) < 1e-9);
  CHECK(eyes.y() == Approx(0.0361).margin(0.002));           // a vertex spacing
  CHECK(eyes.z() == Approx(0.0799 + 0.0125).margin(0.002));  // front of a 12 mm eyeball with cornea
  CHECK(point(mesh, "pronasale").z() > point(mesh, "sellion").z());
  CHECK(point(mesh, "tragion_left").x() > 0.0);
  CHECK(point(mesh, "vertex").y() > 0.13);
}

TEST_CASE("people do not fold", "[sim][head]") {
  int turned = 0;
  for (uint64_t i = 0; i < 40; ++i) {
    CAPTURE(i);
    const Mesh mesh =
        build_parametric_head(sample_head_identity(11, i), sample_head_expression(11, i));
    const Folds folds = count_folds(mesh);
    CHECK(folds.flat_triangles == 0);
    // The face is a height field under a monotone warp and cannot cross itself; what turns this
    // sharply is a corner under the nose or an edge of the hair, in one head of eight.
    CHECK(folds.turned_edges <= 5);
    turned += folds.turned_edges;
    CHECK(test::volume(mesh) > 2.5e-3);
  }
  CHECK(turned <= 12);
}

TEST_CASE("a person is the same whenever made, and no other", "[sim][head]") {
  const HeadIdentity head = sample_head_identity(1, 17);
  const Mesh mesh = build_parametric_head(head);
  CHECK(build_parametric_head(sample_head_identity(1, 17)).vertices == mesh.vertices);
  CHECK(build_parametric_head(sample_head_identity(1, 18)).vertices != mesh.vertices);
  CHECK(build_parametric_head(sample_head_identity(2, 17)).vertices != mesh.vertices);
  CHECK(build_parametric_head(sample_head_identity(1, 18)).triangles == mesh.triangles);
}

TEST_CASE("an unknown parameter or landmark is refused", "[sim][head]") {
  CHECK_THROWS_AS(parametric_head_parameter_index("nose_colour"), InputError);
  CHECK_THROWS_AS(parametric_head_landmark("inion"), InputError);
  HeadIdentity head = mean_head_identity();
  head.parameters.pop_back();
  CHECK_THROWS_AS(build_parametric_head(head), ContractError);
}

TEST_CASE("paint covers a head as its regions do", "[sim][head]") {
  HeadIdentity head = sample_head_identity(4, 3);
  const PaintedHead built = build_painted_head(head);
  REQUIRE(built.paint.size() == built.mesh.vertices.size());
  for (const HeadPaint& p : built.paint) {
    for (const float share : {p.hair, p.brow, p.beard, p.lips, p.flush, p.dark, p.eye}) {
      REQUIRE(share >= 0.0f);
      REQUIRE(share <= 1.0f);
    }
  }
  // A shaved person: no hair, brow or beard on the bare head's vertices moves anything.
  head.hair.thickness_mm = 0.0f;
  head.face_hair.beard_thickness_mm = 0.0f;
  CHECK(build_parametric_head(head).vertices == build_bare_head(head).vertices);
}

TEST_CASE("hair raises the scalp and covers no face", "[sim][head]") {
  HeadIdentity head = mean_head_identity();
  head.hair.thickness_mm = head.hair.side_thickness_mm = 5.0f;
  const Mesh bare = build_bare_head(head);
  const Mesh haired = build_parametric_head(head);
  CHECK((point(haired, "vertex") - point(bare, "vertex")).y() == Approx(0.005).epsilon(0.15));
  for (const char* name : {"glabella", "pronasale", "cheekbone_left", "pogonion", "tragion_left"}) {
    CAPTURE(name);
    // The edge of the hair fades out near the ear: a fifth of a millimetre.
    CHECK((point(haired, name) - point(bare, name)).norm() < 2e-4);
  }
  std::map<uint8_t, double> area;
  for (std::size_t t = 0; t < haired.triangles.size(); ++t) {
    area[haired.triangle_region[t]] += 0.5 * test::twice_area(haired, haired.triangles[t]).norm();
  }
  const auto square_cm = [&](HeadRegion r) { return 1e4 * area[static_cast<uint8_t>(r)]; };
  CHECK(square_cm(HeadRegion::kHair) > 350.0);
  CHECK(square_cm(HeadRegion::kHair) < 800.0);
  CHECK(square_cm(HeadRegion::kLips) > 5.0);
  CHECK(square_cm(HeadRegion::kLips) < 18.0);
  CHECK(square_cm(HeadRegion::kEye) > 2.0);
  CHECK(square_cm(HeadRegion::kEye) < 8.0);
}

TEST_CASE("soft biometrics belong to the person, not to the capture", "[sim][head]") {
  const HeadIdentity head = sample_head_identity(4, 2);
  const auto values = soft_biometrics(head);
  // Remembered, and not mistaken for another's.
  CHECK(values != soft_biometrics(sample_head_identity(4, 3)));
  CHECK(values == soft_biometrics(head));
  REQUIRE(values.size() == soft_biometric_names().size());
  const auto measured = measure_head(build_bare_head(head));
  std::map<std::string, float> by_name;
  for (std::size_t i = 0; i < values.size(); ++i) {
    CAPTURE(soft_biometric_names()[i]);
    CHECK(std::isfinite(values[i]));
    by_name[soft_biometric_names()[i]] = values[i];
    for (std::size_t m = 0; m < measured.size(); ++m) {
      if (head_measures()[m].name == soft_biometric_names()[i]) {
        CHECK(values[i] == Approx(measured[m]));
      }
    }
  }
  for (const char* name : {"sex_female", "nose_breadth_mm", "face_width_mm", "eye_opening_mm"}) {
    CHECK(by_name.count(name) == 1);
  }
  HeadIdentity bald = head;
  bald.hair.thickness_mm = bald.hair.side_thickness_mm = 0.0f;
  bald.hair.baldness = 1.0f;
  const auto shorn = soft_biometrics(bald);
  const auto at = [](const char* name) {
    const auto& names = soft_biometric_names();
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  CHECK(shorn[at("baldness")] > values[at("baldness")]);
  CHECK(shorn[at("neck_circumference_mm")] == values[at("neck_circumference_mm")]);
}

TEST_CASE("two people differ by millimetres over the face, not only in size", "[sim][head]") {
  constexpr std::size_t kPeople = 60;
  std::vector<std::vector<Vec3>> faces(kPeople);
  const Mesh mean = build_bare_head(mean_head_identity());
  const auto normals = test::area_weighted_normals(mean);
  parallel_for(kPeople, 0, [&](std::size_t i) {
    faces[i] = build_bare_head(sample_head_identity(21, i)).vertices;
  });
  double nearest_sum = 0.0;
  for (std::size_t i = 0; i < kPeople; ++i) {
    double nearest = 1.0;
    for (std::size_t j = 0; j < kPeople; ++j) {
      if (i == j) continue;
      double sum = 0.0;
      int count = 0;
      for (std::size_t v = 0; v < normals.size(); ++v) {
        const Vec3& p = mean.vertices[v];
        if (p.z() < 0.05 || p.y() < -0.08 || p.y() > 0.1) continue;
        sum += std::pow((faces[i][v] - faces[j][v]).dot(normals[v]), 2);
        ++count;
      }
      nearest = std::min(nearest, std::sqrt(sum / count));
    }
    nearest_sum += nearest;
  }
  // Scanned people, 1000 of them: nearest neighbour 1.86 mm (raw frame, along the normal).
  CHECK(nearest_sum / kPeople > 1.7e-3);
}
