#include "thz/io/ict_facekit.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"
#include "thz/io/head_model_writer.h"

using Catch::Matchers::Contains;
using thz::InputError;
using thz::test::Scratch;
using namespace thz::io;

namespace {

/// A pyramid of quads and triangles in centimetres, two identities, one expression.
struct TinyFaceKit {
  Scratch scratch;

  TinyFaceKit() {
    write("generic_neutral_mesh.obj", 0.0, 0.0);
    write("identity000.obj", 1.0, 0.0);
    write("identity001.obj", 0.0, -2.0);
    write("jawOpen.obj", 0.5, 0.5);
    write_file(scratch / "vertex_indices.json",
               R"({"expressions": ["jawOpen"], "idx_to_landmark_verts": [0, 4],
                   "regions": {"face": [0, 3], "mouth_socket": [4, 4]}})");
  }

  /// Moves the apex.
  void write(const std::string& name, double x, double y) const {
    write_file(scratch / name,
               fmt::format("# test\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nv {} {} 3\n"
                           "vt 0 0\nf 1/1 4/1 3/1 2/1\nf 1/1 2/1 5/1\nf 2 3 5\nf 3 4 5\nf 4 1 -1\n",
                           x, y));
  }
};

}  // namespace

TEST_CASE("an ICT-FaceKit folder becomes a head model", "[io][head]") {
  const TinyFaceKit kit;
  const HeadMorphableFile head = read_ict_facekit(kit.scratch / ".");
  REQUIRE(head.num_vertices() == 5);
  CHECK(head.mean_m[14] == Approx(0.03));  // centimetres
  REQUIRE(head.triangles.size() == 6);     // the quad is cut in two
  CHECK(head.outer_triangles == 2);        // the others touch the socket
  CHECK(head.triangles[0] == std::array<int32_t, 3>{0, 3, 2});
  REQUIRE(head.identity.names == std::vector<std::string>{"identity000", "identity001"});
  CHECK(head.identity.displacement_m[0][12] == Approx(0.01));
  CHECK(head.identity.displacement_m[1][13] == Approx(-0.02));
  CHECK(head.expression.displacement_m[0][12] == Approx(0.005));
  CHECK(head.landmarks.at("source") == std::vector<int32_t>{0, 4});
}

TEST_CASE("an imported head model survives its file", "[io][head]") {
  const TinyFaceKit kit;
  const HeadMorphableFile head = read_ict_facekit(kit.scratch / ".");
  write_head_model(kit.scratch / "kit.h5", head);
  const HeadMorphableFile again = read_head_model(kit.scratch / "kit.h5");
  CHECK(again.mean_m == head.mean_m);
  CHECK(again.triangles == head.triangles);
  CHECK(again.region_names == head.region_names);
  CHECK(again.landmarks == head.landmarks);
  CHECK(again.attributes.at("licence") == "MIT");
  for (std::size_t k = 0; k < 2; ++k) {
    for (std::size_t i = 0; i < 15; ++i) {
      // Half a count of 32767 for the largest displacement, 20 mm.
      CHECK(std::abs(again.identity.displacement_m[k][i] - head.identity.displacement_m[k][i]) <=
            0.51F * 0.02F / 32767.0F);
    }
  }
}

TEST_CASE("a broken ICT-FaceKit folder is refused with the reason", "[io][head]") {
  const TinyFaceKit kit;
  const auto refused = [&] { read_ict_facekit(kit.scratch / "."); };
  SECTION("a mesh of another topology") {
    write_file(kit.scratch / "identity001.obj", "v 0 0 0\n");
    CHECK_THROWS_WITH(refused(), Contains("identity001.obj") && Contains("1 vertices"));
  }
  SECTION("a face without its vertex") {
    write_file(kit.scratch / "generic_neutral_mesh.obj", "v 0 0 0\nv 1 0 0\nf 1 2 3\n");
    CHECK_THROWS_WITH(refused(), Contains("line 3") && Contains("vertex 3"));
  }
  SECTION("a vertex that is no number") {
    write_file(kit.scratch / "generic_neutral_mesh.obj", "v 0 nan 0\n");
    CHECK_THROWS_WITH(refused(), Contains("line 1"));
  }
  SECTION("an expression without its mesh") {
    write_file(kit.scratch / "vertex_indices.json", R"({"expressions": ["smile"]})");
    CHECK_THROWS_WITH(refused(), Contains("smile.obj"));
  }
  SECTION("an index that is no JSON") {
    write_file(kit.scratch / "vertex_indices.json", "faces");
    CHECK_THROWS_AS(refused(), InputError);
  }
  SECTION("no identity at all") {
    std::filesystem::remove(kit.scratch / "identity000.obj");
    CHECK_THROWS_WITH(refused(), Contains("identity000.obj"));
  }
}
