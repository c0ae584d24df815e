#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/io/hdf5_file.h"
#include "thz/io/head_model_reader.h"

using Catch::Matchers::Contains;
using thz::InputError;
using thz::test::Scratch;
using namespace thz::io;

namespace {

/// A tetrahedron as a head model; `spoil` may replace arrays before they are written.
struct TinyHead {
  std::vector<float> mean = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1};
  std::vector<int32_t> triangles = {0, 2, 1, 0, 1, 3, 1, 2, 3, 0, 3, 2};
  std::vector<uint8_t> vertex_region = {0, 0, 0, 1};
  std::vector<std::string> regions = {"face", "neck"};
  std::vector<float> scale = {0.5F, 2.0F};
  std::string schema = "head-morphable/1";
  std::string units = "m (test)";

  void write(const std::filesystem::path& path) const {
    Hdf5File file = Hdf5File::create(path);
    file.set_text("/", "schema", schema);
    file.set_text("/", "units", units);
    file.set_text("/", "licence", "CC0");
    file.write<float>("/mean", {mean.size() / 3, 3}, mean);
    file.write<int32_t>("/triangles", {triangles.size() / 3, 3}, triangles);
    file.set_unsigned("/triangles", "outer_triangles", 3);
    file.write<uint8_t>("/vertex_region", {4}, vertex_region);
    file.write<uint8_t>("/triangle_region", {4}, {0, 0, 1, 1});
    file.write<std::string>("/region_names", {regions.size()}, regions);
    for (const std::string group : {"/identity", "/expression"}) {
      std::vector<int16_t> modes(24);
      modes[0] = 3;
      modes[12 + 11] = -4;
      file.write<int16_t>(group + "/modes", {2, 4, 3}, modes);
      file.write<float>(group + "/scale", {2}, scale);
      file.write<std::string>(group + "/names", {2}, {"one", "two"});
    }
    file.write<int32_t>("/landmarks/test", {2}, {0, 3});
    file.close();
  }
};

}  // namespace

TEST_CASE("a head model is read with its scales applied", "[io][head]") {
  const Scratch scratch;
  TinyHead().write(scratch / "h.h5");
  const HeadMorphableFile head = read_head_model(scratch / "h.h5");
  CHECK(head.num_vertices() == 4);
  CHECK(head.triangles[1] == std::array<int32_t, 3>{0, 1, 3});
  CHECK(head.outer_triangles == 3);
  CHECK(head.outer_vertices == 4);
  CHECK(head.identity.displacement_m[0][0] == 1.5F);
  CHECK(head.identity.displacement_m[1][11] == -8.0F);
  CHECK(head.expression.names[1] == "two");
  CHECK(head.landmarks.at("test") == std::vector<int32_t>{0, 3});
  CHECK(head.attributes.at("licence") == "CC0");
}

TEST_CASE("a broken head model names file, array and what is allowed", "[io][head]") {
  const Scratch scratch;
  TinyHead head;
  std::string wanted;
  SECTION("index") {
    head.triangles[4] = 9;
    wanted = "names vertex 9, but there are 4";
  }
  SECTION("negative index") {
    head.triangles[4] = -1;
    wanted = "names vertex -1";
  }
  SECTION("not finite") {
    head.mean[5] = NAN;
    wanted = "/mean";
  }
  SECTION("scale not finite") {
    head.scale[1] = INFINITY;
    wanted = "/identity/scale";
  }
  SECTION("region") {
    head.vertex_region[2] = 7;
    wanted = "region 7";
  }
  SECTION("shape") {
    head.vertex_region.resize(4);
    head.mean.resize(9);
    head.triangles = {0, 1, 2, 0, 2, 1, 0, 1, 2, 0, 1, 2};
    wanted = "/vertex_region";
  }
  SECTION("schema") {
    head.schema = "head-morphable/9";
    wanted = "head-morphable/1";
  }
  SECTION("units") {
    head.units = "mm";
    wanted = "metres";
  }
  head.write(scratch / "h.h5");
  CHECK_THROWS_WITH(read_head_model(scratch / "h.h5"), Contains("h.h5") && Contains(wanted));
}

TEST_CASE("a head model cut short or of another kind is refused", "[io][head][fuzz]") {
  const Scratch scratch;
  TinyHead().write(scratch / "h.h5");
  const std::string bytes = thz::test::slurp(scratch / "h.h5");
  for (std::size_t i = 0; i < 20; ++i) {
    thz::test::spill(scratch / "cut.h5", bytes.substr(0, bytes.size() * i / 20));
    CHECK_THROWS_AS(read_head_model(scratch / "cut.h5"), InputError);
  }
  CHECK_THROWS_WITH(read_head_model(scratch / "absent.h5"), Contains("absent.h5"));
}

// Figures of the files' own documentation: counts of vertices, triangles and modes.
TEST_CASE("the shipped head models read whole", "[io][head][data]") {
  const char* folder = std::getenv("THZ_DATA_DIR");
  if (folder == nullptr) {
    WARN("skipped: shipped head models (THZ_DATA_DIR is not set)");
    return;
  }
  const auto ict = read_head_model(std::filesystem::path(folder) / "ict-facekit-face.h5");
  CHECK(ict.num_vertices() == 14996);
  CHECK(ict.triangles.size() == 29860);
  CHECK(ict.outer_triangles == 24080);
  CHECK(ict.identity.names.size() == 100);
  CHECK(ict.expression.names.size() == 53);
  CHECK(ict.landmarks.at("multipie68").size() == 68);
  const auto artist = read_head_model(std::filesystem::path(folder) / "makehuman-head.h5");
  CHECK(artist.num_vertices() == 17941);
  CHECK(artist.triangles.size() == 35744);
  CHECK(artist.identity.names.size() == 146);
}
