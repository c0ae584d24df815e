#include <catch2/catch.hpp>
#include <cmath>

#include "io/io_support.h"
#include "io/old_hdf5.h"
#include "thz/core/config.h"
#include "thz/core/error.h"
#include "thz/io/hdf5_file.h"
#include "thz/io/mesh_reader.h"
#include "thz/io/npy.h"
#include "thz/io/split_file.h"

// What mutated inputs (tests/fuzz) have found: each of these crashed, hung or spoke in several
// lines.

using Catch::Matchers::Contains;
using thz::InputError;
using thz::test::OldFile;
using thz::test::Scratch;
using thz::test::slurp;
using thz::test::spill;
using namespace thz::io;

namespace {

void write_old(const std::filesystem::path& path) {
  OldFile file(path);
  file.text("/", "licence", "CC0 1.0");
  file.text("/", "nothing", "");
  file.texts("/names", {"forehead", "", "a longer name than the others"});
  file.array<float>("/packed", H5T_NATIVE_FLOAT, {4, 8}, std::vector<float>(32, 1.5F), H5D_CHUNKED);
  file.array<float>("/plain", H5T_NATIVE_FLOAT, {6}, {1, 2, 3, 4, 5, 6});
}

/// Reads all there is; true if it was sound.
bool read_all(const std::filesystem::path& path) {
  try {
    const Hdf5File file = Hdf5File::open(path);
    file.text("/", "licence");
    file.text("/", "nothing");
    file.read<std::string>("/names");
    file.read<float>("/packed");
    file.read<float>("/plain");
    return true;
  } catch (const InputError&) {
    return false;
  }
}

/// Every byte from `begin` on set to three hostile values in turn; how many were refused.
int spoil_each(const Scratch& scratch, const std::string& sound, std::size_t begin,
               std::size_t length) {
  int refused = 0;
  for (std::size_t at = begin; at < std::min(sound.size(), begin + length); ++at) {
    for (const char value : {'\0', '\x7F', '\xFF'}) {
      std::string bytes = sound;
      bytes[at] = value;
      spill(scratch / "bad.h5", bytes);
      refused += read_all(scratch / "bad.h5") ? 0 : 1;
    }
  }
  return refused;
}

std::string refusal(const Scratch& scratch, const std::string& name, const std::string& text) {
  spill(scratch / name, text);
  try {
    read_mesh(scratch / name);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

const std::string kPlyHeader =
    "property float x\nproperty float y\nproperty float z\nelement face 1\n";

}  // namespace

TEST_CASE("texts of variable length are read from foreign HDF5 files", "[io][hdf5]") {
  const Scratch scratch;
  write_old(scratch / "old.h5");
  const Hdf5File file = Hdf5File::open(scratch / "old.h5");
  CHECK(file.text("/", "licence") == "CC0 1.0");
  CHECK(file.text("/", "nothing").empty());
  CHECK(file.read<std::string>("/names") ==
        std::vector<std::string>{"forehead", "", "a longer name than the others"});
  CHECK(file.read<float>("/packed") == std::vector<float>(32, 1.5F));
}

TEST_CASE("texts are written with fixed length and come back", "[io][hdf5]") {
  const Scratch scratch;
  const std::vector<std::string> names = {"one", "", "zw\xC3\xB6lf"};
  Hdf5File file = Hdf5File::create(scratch / "new.h5");
  file.write<std::string>("/names", {3}, names);
  file.write<std::string>("/none", {0}, {});
  file.close();
  CHECK(slurp(scratch / "new.h5").find("GCOL") == std::string::npos);  // no heap
  const Hdf5File again = Hdf5File::open(scratch / "new.h5");
  CHECK(again.read<std::string>("/names") == names);
  CHECK(again.read<std::string>("/none").empty());
}

TEST_CASE("a damaged heap of texts is refused and crashes nothing", "[io][hdf5]") {
  const Scratch scratch;
  write_old(scratch / "old.h5");
  const std::string sound = slurp(scratch / "old.h5");
  REQUIRE(read_all(scratch / "old.h5"));
  const std::size_t heap = sound.find("GCOL");
  REQUIRE(heap != std::string::npos);
  CHECK(spoil_each(scratch, sound, heap, 64) > 20);
}

TEST_CASE("a damaged index of chunks or description of an array crashes nothing", "[io][hdf5]") {
  const Scratch scratch;
  write_old(scratch / "old.h5");
  const std::string sound = slurp(scratch / "old.h5");
  int trees = 0;
  for (std::size_t at = sound.find("TREE"); at != std::string::npos;
       at = sound.find("TREE", at + 1)) {
    spoil_each(scratch, sound, at, 64);
    ++trees;
  }
  CHECK(trees >= 2);  // of the group and of the chunks
  // A chunk that its filters make shorter than the array says: the library would copy past it.
  std::string bytes = sound;
  const std::size_t chunks = bytes.find(std::string("TREE\x01", 5));
  REQUIRE(chunks != std::string::npos);
  bytes[chunks + 24 + 4] = 1;  // filter mask: stored as it is, though it is packed
  spill(scratch / "bad.h5", bytes);
  CHECK_THROWS_WITH(Hdf5File::open(scratch / "bad.h5").read<float>("/packed"),
                    Contains("bad.h5") && Contains("/packed has a damaged chunk"));
}

TEST_CASE("PLY of either byte order is read, and a polygon is cut inside its outline",
          "[io][mesh]") {
  const Scratch scratch;
  // An arrow head: the fan from its first corner would leave the outline.
  const std::string body = "0 0 0\n2 1 0\n0 2 0\n1 1 0\n4 0 1 2 3\n";
  spill(scratch / "arrow.ply", "ply\nformat ascii 1.0\nelement vertex 4\n" + kPlyHeader +
                                   "property list uchar int vertex_index\nend_header\n" + body);
  const thz::Mesh arrow = read_mesh(scratch / "arrow.ply").mesh;
  REQUIRE(arrow.triangles.size() == 2);
  double area = 0.0;
  for (const auto& t : arrow.triangles) {
    const auto at = [&](std::size_t k) { return arrow.vertices[static_cast<std::size_t>(t[k])]; };
    const double signed_area = 0.5 * (at(1) - at(0)).cross(at(2) - at(0)).z();
    CHECK(signed_area > 0.0);
    area += signed_area;
  }
  CHECK(area == Approx(1.0));

  std::string big =
      "ply\nformat binary_big_endian 1.0\nelement vertex 3\nproperty short x\n"
      "property short y\nproperty short z\nelement face 1\n"
      "property list uchar uint vertex_indices\nend_header\n";
  for (const char value : {0, 0, 0, 3, 0, 0, 0, -1, 0}) {
    big += value < 0 ? '\xFF' : '\0';
    big += value;
  }
  big += '\3';
  for (const char index : {0, 1, 2}) big += std::string(3, '\0') + index;
  spill(scratch / "big.ply", big);
  const thz::Mesh mesh = read_mesh(scratch / "big.ply").mesh;
  CHECK(mesh.vertices.at(1).x() == 3.0);
  CHECK(mesh.vertices.at(2).y() == -1.0);
}

TEST_CASE("a PLY that hung or crashed the importer is refused in one sentence", "[io][mesh]") {
  const Scratch scratch;
  const std::string start = "ply\nformat ascii 1.0\nelement vertex 3\n" + kPlyHeader;
  const std::string list = "property list uchar int vertex_indices\nend_header\n";
  const std::string points = "0 0 0\n1 0 0\n0 1 0\n";
  struct Case {
    std::string text, wanted;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {start + list + points + "]0 1 2\n", "']0' in its body is not a number"},
      {start + "end_header\n" + points + "3 0 1 2\n", "face 0 has 0 vertices"},
      {start + list + points + "-1 0 1 2\n", "a list of its body has the length -1"},
      {start + list + points + "4000000000 0 1 2\n", "truncated"},
      {start + list + points + "3 0 1 1e999\n", "face 0 names vertex inf"},
      {start + "property list uchar int" + std::string(5000, '[') + " v\nend_header\n" + points,
       "unknown type 'int[[["},
  }));
  const std::string message = refusal(scratch, "m.ply", c.text);
  CHECK_THAT(message, Contains("m.ply") && Contains(c.wanted));
  CHECK(message.size() < 300);
}

TEST_CASE("foreign text in a refusal stays on one short line", "[io][core]") {
  const Scratch scratch;
  const std::string long_lines = std::string(3000, 'x') + "\n" + std::string(3000, 'y');
  const std::string mesh = refusal(
      scratch, "m.stl", "solid x\nfacet normal 0 0 1\nouter loop\nvertex " + long_lines + "\n");
  CHECK_THAT(mesh, Contains("m.stl") && !Contains("\n"));
  CHECK(mesh.size() < 400);
  spill(scratch / "s.json", "{\"schema\": \"" + std::string(3000, 'x') + "\001");
  CHECK_THROWS_WITH(read_split(scratch / "s.json"), Contains("s.json") && !Contains("\n"));
  thz::ConfigTable table = thz::ConfigTable::parse("a = \"one\\ntwo\"\n", "t.toml");
  CHECK_THROWS_WITH(table.number("a", 0.0, {0.0, 1.0}), Contains("one two") && !Contains("\n"));
}

TEST_CASE("a number whose bits lie outside its bytes is refused", "[io][hdf5]") {
  const Scratch scratch;
  {
    OldFile file(scratch / "old.h5");
    file.array<int32_t>("/counts", H5T_NATIVE_INT32, {2}, {1, 2});
  }
  std::string bytes = slurp(scratch / "old.h5");
  // Type message of a signed 32-bit integer: class and version, flags, size 4, bit offset 0,
  // precision 32 (HDF5 file format 3.0, section IV.A.2.d).
  const std::string type("\x10\x08\0\0\4\0\0\0\0\0\x20\0", 12);
  const std::size_t at = bytes.find(type);
  REQUIRE(at != std::string::npos);
  bytes[at + 9] = '\x7F';  // bit offset 32512
  spill(scratch / "bad.h5", bytes);
  CHECK_THROWS_WITH(Hdf5File::open(scratch / "bad.h5").read<double>("/counts"),
                    Contains("/counts") && Contains("damaged"));
}

TEST_CASE("an array inside its own header that has lost its bytes is refused", "[io][hdf5]") {
  const Scratch scratch;
  {
    OldFile file(scratch / "old.h5");
    file.array<int32_t>("/counts", H5T_NATIVE_INT32, {3}, {1, 2, 3}, H5D_COMPACT);
  }
  CHECK(Hdf5File::open(scratch / "old.h5").read<int32_t>("/counts") ==
        std::vector<int32_t>{1, 2, 3});
  std::string bytes = slurp(scratch / "old.h5");
  // Layout message of version 3: class compact, 12 bytes, which follow (HDF5 file format 3.0,
  // section IV.A.2.i).
  const std::string layout("\x03\0\x0C\0\x01\0\0\0\x02", 9);
  const std::size_t at = bytes.find(layout);
  REQUIRE(at != std::string::npos);
  for (const char left : {0, 8}) {  // without any the library would copy from a null pointer
    bytes[at + 2] = left;
    spill(scratch / "bad.h5", bytes);
    CHECK_THROWS_WITH(Hdf5File::open(scratch / "bad.h5").read<int32_t>("/counts"),
                      Contains("/counts is damaged") && Contains("do not fit its shape"));
  }
}

TEST_CASE("a NumPy header of any length is refused and crashes nothing", "[io][npy]") {
  const Scratch scratch;
  const auto refused = [&](const std::string& header) {
    std::string bytes("\x93NUMPY\x02\0", 8);
    for (int shift = 0; shift < 32; shift += 8) {
      bytes += static_cast<char>(header.size() >> shift & 0xFF);
    }
    spill(scratch / "a.npy", bytes + header);
    try {
      NpyFile(scratch / "a.npy");
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  const std::string long_text(500000, ' '), start = "{'descr': '<f4', 'fortran_order': False, ";
  const auto c = GENERATE_COPY(values<std::string>(
      {start + "'shape': (" + long_text + "9" + std::string(500000, '9') + ",)}",
       start + "'shape': (1," + long_text + "x)}", "{'descr': '\n" + long_text + "'}",
       "{'descr'" + long_text, "{'descr': '<f4', 'fortran_order':" + long_text + "Maybe, }"}));
  const std::string message = refused(c);
  CHECK_THAT(message, Contains("a.npy") && !Contains("\n"));
  CHECK(message.size() < 400);
}
