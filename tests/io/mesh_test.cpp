#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/io/mesh_reader.h"

using Catch::Matchers::Contains;
using thz::InputError;
using thz::Mesh;
using thz::test::Scratch;
using thz::test::spill;
using namespace thz::io;

namespace {

const std::string kPoints = "v 0 0 0\nv 1 0 0\nv 0 1 0\n";

std::string ply(const std::string& body, int vertices = 3, int faces = 1) {
  return fmt::format(
      "ply\nformat ascii 1.0\nelement vertex {}\nproperty float x\nproperty float y\n"
      "property float z\nelement face {}\nproperty list uchar int vertex_indices\nend_header\n{}",
      vertices, faces, body);
}

std::string stl(const std::string& first_vertex) {
  return "solid x\nfacet normal 0 0 1\nouter loop\nvertex " + first_vertex +
         "\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid x\n";
}

/// A glTF document with its buffer in a file beside it; one node moved by 5 along x.
void write_gltf(const Scratch& scratch, const std::vector<float>& positions,
                const std::vector<uint16_t>& indices) {
  std::string data(positions.size() * 4 + indices.size() * 2, '\0');
  std::memcpy(data.data(), positions.data(), positions.size() * 4);
  std::memcpy(data.data() + positions.size() * 4, indices.data(), indices.size() * 2);
  spill(scratch / "m.bin", data);
  const auto split = positions.size() * 4;
  const nlohmann::json json = {
      {"asset", {{"version", "2.0"}}},
      {"scene", 0},
      {"scenes", {{{"nodes", {0}}}}},
      {"nodes", {{{"mesh", 0}, {"translation", {5, 0, 0}}}}},
      {"meshes", {{{"primitives", {{{"attributes", {{"POSITION", 0}}}, {"indices", 1}}}}}}},
      {"buffers", {{{"byteLength", data.size()}, {"uri", "m.bin"}}}},
      {"bufferViews",
       {{{"buffer", 0}, {"byteOffset", 0}, {"byteLength", split}},
        {{"buffer", 0}, {"byteOffset", split}, {"byteLength", indices.size() * 2}}}},
      {"accessors",
       {{{"bufferView", 0},
         {"componentType", 5126},
         {"count", positions.size() / 3},
         {"type", "VEC3"},
         {"min", {0, 0, 0}},
         {"max", {1, 1, 1}}},
        {{"bufferView", 1},
         {"componentType", 5123},
         {"count", indices.size()},
         {"type", "SCALAR"}}}}};
  spill(scratch / "m.gltf", json.dump());
}

}  // namespace

TEST_CASE("a mesh survives being written and read", "[io][mesh]") {
  const std::string name = GENERATE("m.obj", "m.ply");
  const Scratch scratch;
  Mesh mesh;
  mesh.vertices = {{0, 0, 0}, {0.1, 0, 0}, {0, 0.2, 0}, {0, 0, 0.3}};
  mesh.triangles = {{0, 2, 1}, {0, 1, 3}, {1, 2, 3}, {0, 3, 2}};
  write_mesh(scratch / name, mesh);
  const MeshFile file = read_mesh(scratch / name);
  REQUIRE(file.mesh.triangles.size() == 4);
  CHECK(file.mesh.vertices.size() == 4);
  CHECK(file.dropped_degenerate == 0);
  for (std::size_t t = 0; t < 4; ++t) {
    for (std::size_t k = 0; k < 3; ++k) {
      const auto& found = file.mesh.vertices[static_cast<std::size_t>(file.mesh.triangles[t][k])];
      const auto& wanted = mesh.vertices[static_cast<std::size_t>(mesh.triangles[t][k])];
      // Stored as float: half a unit in the last place of 0.3.
      CHECK((found - wanted).norm() < 2e-8);
    }
  }
}

TEST_CASE("polygons are cut, seams welded, units scaled, slivers dropped", "[io][mesh]") {
  const Scratch scratch;
  spill(scratch / "q.obj",
        "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nv 1 1 0\nv 0 0 0\nv 2 0 0\n"
        "f 1 2 3 4\nusemtl b\nf 6 5 4\nf 1 2 7\nl 1 2\n");
  const MeshFile file = read_mesh(scratch / "q.obj", 0.01);
  CHECK(file.mesh.triangles.size() == 3);
  CHECK(file.dropped_degenerate == 1);  // 1 2 7 lie on one line
  // The copies 5 and 6 are welded to 3 and 1; 7 belongs to the sliver alone.
  CHECK(file.mesh.vertices.size() == 5);
  CHECK((file.mesh.vertices[1] - thz::Vec3(0.01, 0, 0)).norm() < 1e-9);
}

TEST_CASE("node transforms of glTF are applied", "[io][mesh]") {
  const Scratch scratch;
  write_gltf(scratch, {0, 0, 0, 1, 0, 0, 0, 1, 0}, {0, 1, 2});
  const MeshFile file = read_mesh(scratch / "m.gltf");
  REQUIRE(file.mesh.triangles.size() == 1);
  CHECK(file.mesh.vertices[0].x() == 5.0);
}

TEST_CASE("a broken mesh is one sentence that names the file", "[io][mesh]") {
  const Scratch scratch;
  struct Case {
    std::string name, text, wanted;
  };
  const Case c = GENERATE(values<Case>({
      {"idx.obj", kPoints + "f 1 2 9\n", "out of range"},
      {"neg.obj", kPoints + "f 1 2 3\nf 1 2 -9\n", "out of range"},
      {"zero.obj", kPoints + "f 0 1 2\n", "index"},
      {"words.obj", kPoints + "f a b c\n", "index"},
      {"nan.obj", "v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "finite"},
      {"inf.obj", "v inf 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "finite"},
      {"big.obj", "v 1e999 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "finite"},
      {"none.obj", kPoints, "no triangles"},
      {"line.obj", kPoints + "l 1 2\n", "no triangles"},
      {"flat.obj", "v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", "no triangles with an area"},
      {"empty.obj", "", "not a readable mesh"},
      {"text.obj", "hello there, this is a letter\n", "no triangles"},
      {"idx.ply", ply("0 0 0\n1 0 0\n0 1 0\n3 0 1 9\n"), "names vertex 9"},
      {"neg.ply", ply("0 0 0\n1 0 0\n0 1 0\n3 0 1 -2\n"), "names vertex -2"},
      {"nan.ply", ply("nan 0 0\n1 0 0\n0 1 0\n3 0 1 2\n"), "finite"},
      {"cut.ply", ply("0 0 0\n1 0 0\n"), "truncated"},
      {"cut2.ply", ply("0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n", 3, 2), "truncated"},
      {"text.ply", "hello", "not a readable mesh"},
      {"head.ply", "ply\nformat ascii 1.0\nelement vertex 3\nend_header\n", "truncated"},
      {"word.ply", "ply\nformat ascii 1.0\nelament vertex 3\nend_header\n", "elament"},
      {"nan.stl", stl("nan 0 0"), "finite"},
      {"cut.stl", stl("0 0 0").substr(0, 70), "not a readable mesh"},
      {"text.stl", "hello", "not a readable mesh"},
      {"text.glb", "hello", "not a readable mesh"},
      {"a.gltf", "{}", "not a readable mesh"},
      {"mesh.fbx", "x", "allowed are .obj, .ply, .stl, .gltf, .glb"},
  }));
  spill(scratch / c.name, c.text);
  CHECK_THROWS_WITH(read_mesh(scratch / c.name), Contains(c.name) && Contains(c.wanted));
  CHECK_THROWS_AS(read_mesh(scratch / c.name), InputError);
}

TEST_CASE("a glTF whose index is broken in one triangle is refused", "[io][mesh]") {
  const Scratch scratch;
  write_gltf(scratch, {0, 0, 0, 1, 0, 0, 0, 1, 0}, {0, 1, 2, 0, 1, 9});
  CHECK_THROWS_AS(read_mesh(scratch / "m.gltf"), InputError);
  write_gltf(scratch, {NAN, 0, 0, 1, 0, 0, 0, 1, 0}, {0, 1, 2});
  CHECK_THROWS_WITH(read_mesh(scratch / "m.gltf"), Contains("finite"));
  write_gltf(scratch, {0, 0, 0, 1, 0, 0, 0, 1, 0}, {0, 1, 2});
  std::filesystem::remove(scratch / "m.bin");
  CHECK_THROWS_AS(read_mesh(scratch / "m.gltf"), InputError);
}

TEST_CASE("no cut of a binary mesh crashes or passes silently", "[io][mesh][fuzz]") {
  const Scratch scratch;
  Mesh mesh;
  mesh.vertices = {{0, 0, 0}, {0.1, 0, 0}, {0, 0.2, 0}, {0, 0, 0.3}};
  mesh.triangles = {{0, 2, 1}, {0, 1, 3}, {1, 2, 3}, {0, 3, 2}};
  write_mesh(scratch / "m.ply", mesh);
  const std::string bytes = thz::test::slurp(scratch / "m.ply");
  for (std::size_t length = 0; length < bytes.size(); length += 3) {
    spill(scratch / "cut.ply", bytes.substr(0, length));
    CAPTURE(length, bytes.size());
    CHECK_THROWS_AS(read_mesh(scratch / "cut.ply"), InputError);
  }
  CHECK_THROWS_WITH(read_mesh(scratch / "absent.obj"), Contains("No such file"));
  CHECK_THROWS_AS(write_mesh(scratch / "m.stl", mesh), InputError);
}
