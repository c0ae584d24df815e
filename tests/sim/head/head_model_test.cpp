#include "thz/sim/head_model.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;

namespace {

MorphableHead tetrahedron(std::size_t modes) {
  MorphableHead head;
  head.mean_m = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  head.triangles = {{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}};
  head.triangle_region = {0, 0, 1, 0};
  head.region_names = {"face", "neck"};
  head.outer_triangle_count = 4;
  for (std::size_t k = 0; k < modes; ++k) {
    std::vector<float> mode(12, 0.0f);
    mode[k % 12] = 0.5f;
    head.identity.displacement_m.push_back(mode);
    head.identity.names.push_back("mode");
  }
  head.expression.displacement_m = {std::vector<float>(12, 0.25f)};
  head.expression.names = {"smile"};
  return head;
}

}  // namespace

TEST_CASE("a linear head is its mean plus weighted modes", "[sim][head][model]") {
  const MorphableHead head = tetrahedron(2);
  const Mesh mesh = evaluate(head, {2.0f, -1.0f}, {0.5f});
  // Vertex 0: x gets 2 * 0.5, y gets -1 * 0.5, all get 0.5 * 0.25; exact in binary.
  CHECK(mesh.vertices[0] == Vec3(1.125, -0.375, 0.125));
  CHECK(mesh.vertices[1] == Vec3(1.125, 0.125, 0.125));
  CHECK(mesh.triangle_region == head.triangle_region);
  CHECK(evaluate(head, {}, {}).vertices == head.mean_m);
  CHECK_THROWS_AS(evaluate(head, {1, 1, 1}, {}), ContractError);
}

TEST_CASE("identity coefficients are standard normal, truncated, and keyed by person",
          "[sim][head][model]") {
  const MorphableHead head = tetrahedron(100);
  double sum = 0.0;
  double squares = 0.0;
  constexpr int kPeople = 200;
  for (uint64_t i = 0; i < kPeople; ++i) {
    for (float c : sample_identity(head, 5, i)) {
      CHECK(std::abs(c) <= 3.0f);
      sum += c;
      squares += c * c;
    }
  }
  // 20,000 draws: mean within 5 / sqrt(20000), variance 0.973 (truncated at 3) within 5
  // sqrt(2/20000).
  CHECK(std::abs(sum / 20000.0) < 0.036);
  CHECK(squares / 20000.0 == Approx(0.973).margin(0.05));
  CHECK(sample_identity(head, 5, 3) == sample_identity(head, 5, 3));
  CHECK(sample_identity(head, 5, 3) != sample_identity(head, 5, 4));
  CHECK(sample_identity(head, 5, 3) != sample_identity(head, 6, 3));
}

TEST_CASE("a broken head model is refused with its origin named", "[sim][head][model]") {
  CHECK_NOTHROW(validate(tetrahedron(2), "a.h5"));
  MorphableHead head = tetrahedron(2);
  head.triangles[1][2] = 4;
  CHECK_THROWS_WITH(validate(head, "a.h5"), Catch::Contains("a.h5: triangle 1 names vertex 4"));
  head = tetrahedron(2);
  head.mean_m[2].y() = std::nan("");
  CHECK_THROWS_WITH(validate(head, "a.h5"), Catch::Contains("mean vertex 2 is not finite"));
  head = tetrahedron(2);
  head.identity.displacement_m[1].pop_back();
  CHECK_THROWS_WITH(validate(head, "a.h5"), Catch::Contains("identity mode 1"));
  head = tetrahedron(2);
  head.triangle_region[3] = 2;
  CHECK_THROWS_WITH(validate(head, "a.h5"), Catch::Contains("triangle_region[3] is 2"));
  head = tetrahedron(2);
  head.outer_triangle_count = 5;
  CHECK_THROWS_AS(validate(head, "a.h5"), InputError);
}
