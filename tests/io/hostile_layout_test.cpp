#include <algorithm>
#include <catch2/catch.hpp>

#include "io/io_support.h"
#include "io/old_hdf5.h"
#include "thz/io/hdf5_file.h"

// Where arrays and attributes of a foreign file lie, and what they claim to be: found by mutated
// inputs (tests/fuzz) or written by hand.

using Catch::Matchers::Contains;
using thz::test::OldFile;
using thz::test::Scratch;
using thz::test::slurp;
using thz::test::spill;
using namespace thz::io;

namespace {

/// An array of two rows that lie in "a.h5", which need not be there, with an object header of the
/// oldest version as h5py writes it.
void write_old_virtual(const std::filesystem::path& path) {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST);
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  const hsize_t extent = 2;
  const hid_t space = H5Screate_simple(1, &extent, nullptr);
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_virtual(properties, space, "a.h5", "/a", space);
  H5Dclose(H5Dcreate2(file, "/a", H5T_NATIVE_FLOAT, space, H5P_DEFAULT, properties, H5P_DEFAULT));
  H5Pclose(properties);
  H5Sclose(space);
  H5Fclose(file);
  H5Pclose(access);
}

}  // namespace

TEST_CASE("a virtual array is refused before the library looks at its list of files",
          "[io][hdf5]") {
  const Scratch scratch;
  const bool old = GENERATE(false, true);
  if (old) {
    write_old_virtual(scratch / "v.h5");
  } else {
    Hdf5File file = Hdf5File::create(scratch / "v.h5");
    file.make_virtual("/a", {2}, {{"a.h5", 2}});
    file.close();
  }
  std::string bytes = slurp(scratch / "v.h5");
  CHECK((bytes.find("OHDR") == std::string::npos) == old);
  const std::size_t heap = bytes.find("GCOL");
  REQUIRE(heap != std::string::npos);
  const bool damaged = GENERATE(false, true);
  // As found by mutated inputs: the library runs through such a list until it crashes.
  if (damaged)
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(heap) + 32, bytes.end(), '\x7F');
  spill(scratch / "v.h5", bytes);
  const Hdf5File file = Hdf5File::open(scratch / "v.h5");
  const auto refused = Contains("the rows of /a lie in other files (a virtual array)");
  std::vector<float> row(1);
  CHECK_THROWS_WITH(file.read<float>("/a"), refused);
  CHECK_THROWS_WITH(file.read_rows("/a", 0, 1, row.data()), refused);
  CHECK_THROWS_WITH(file.shape("/a"), refused);
  CHECK_THROWS_WITH(file.attributes("/a"), refused);
  CHECK(file.datasets() == std::vector<std::string>{"/a"});
  CHECK(file.has("/a"));
}

TEST_CASE("arrays are found behind a user block, with short addresses, and in long headers",
          "[io][hdf5]") {
  const Scratch scratch;
  const bool short_addresses = GENERATE(false, true), old = GENERATE(false, true);
  const hid_t creation = H5Pcreate(H5P_FILE_CREATE), access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_userblock(creation, 512);
  if (short_addresses) H5Pset_sizes(creation, 4, 4);
  H5Pset_libver_bounds(access, old ? H5F_LIBVER_EARLIEST : H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  const hid_t file = H5Fcreate((scratch / "a.h5").c_str(), H5F_ACC_TRUNC, creation, access);
  const hsize_t extent = 2;
  const hid_t space = H5Screate_simple(1, &extent, nullptr);
  const hid_t array =
      H5Dcreate2(file, "/a", H5T_NATIVE_FLOAT, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const std::vector<float> values = {1.0F, 2.0F};
  H5Dwrite(array, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  // More than one block of the header holds.
  for (char name = 'a'; name < 'h'; ++name) {
    const hid_t attribute = H5Acreate2(array, std::string(200, name).c_str(), H5T_NATIVE_FLOAT,
                                       space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, H5T_NATIVE_FLOAT, values.data());
    H5Aclose(attribute);
  }
  H5Dclose(array);
  H5Sclose(space);
  H5Fclose(file);
  H5Pclose(access);
  H5Pclose(creation);
  CHECK(Hdf5File::open(scratch / "a.h5").read<float>("/a") == values);
}

TEST_CASE("a link into another file is not followed", "[io][hdf5]") {
  const Scratch scratch;
  {
    Hdf5File file = Hdf5File::create(scratch / "other.h5");
    file.write<float>("/a", {2}, {1.0F, 2.0F});
    file.close();
  }
  const hid_t file =
      H5Fcreate((scratch / "link.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_external("other.h5", "/a", file, "/a", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/b", file, "/b", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  CHECK_THROWS_WITH(Hdf5File::open(scratch / "link.h5").read<float>("/a"),
                    Contains("/a") && Contains("another file"));
  CHECK_THROWS_WITH(Hdf5File::open(scratch / "link.h5").read<float>("/b"), Contains("/b"));
}

TEST_CASE("an array that was never written may not claim more than the file can hold",
          "[io][hdf5]") {
  const Scratch scratch;
  {
    Hdf5File file = Hdf5File::create(scratch / "wide.h5");
    file.make<float>("/a", {uint64_t{1} << 33, 8}, 256);
    file.close();
  }
  std::vector<float> row(8);
  CHECK_THROWS_WITH(Hdf5File::open(scratch / "wide.h5").read_rows("/a", 0, 1, row.data()),
                    Contains("/a claims 68719476736 elements"));
}

TEST_CASE("an attribute whose stored bytes do not fit its type is refused", "[io][hdf5]") {
  const Scratch scratch;
  {
    OldFile file(scratch / "old.h5");
    file.text("/", "licence", "CC0 1.0");
  }
  std::string bytes = slurp(scratch / "old.h5");
  // Datatype message of version 1: class of variable length, a text, of 16 bytes (HDF5 file format
  // 3.0, section IV.A.2.d). The library would take as many from a store of 9.
  const std::string type("\x19\x01\0\0\x10\0\0\0", 8);
  const std::size_t at = bytes.find(type);
  REQUIRE(at != std::string::npos);
  bytes[at + 4] = 9;
  spill(scratch / "bad.h5", bytes);
  CHECK(Hdf5File::open(scratch / "old.h5").text("/", "licence") == "CC0 1.0");
  CHECK_THROWS_WITH(Hdf5File::open(scratch / "bad.h5").text("/", "licence"),
                    Contains("licence") && Contains("do not fit its shape"));
}

TEST_CASE("an attribute whose parts are longer than its message is refused", "[io][hdf5]") {
  const Scratch scratch;
  {
    OldFile file(scratch / "old.h5");
    file.text("/", "licence", "CC0 1.0");
  }
  const std::string whole = slurp(scratch / "old.h5");
  const auto changed = [&](const std::string& what, std::size_t at, char value) {
    std::string bytes = whole;
    const std::size_t found = bytes.find(what);
    REQUIRE(found != std::string::npos);
    bytes[found + at] = value;
    return bytes;
  };
  // A name without an end; lengths of name, type and space (behind version 1, reserved); a type of
  // 4096 bytes more. The library reads past the message for each.
  const std::string head("\1\0\x08\0\x14\0\x08\0licence\0", 16);
  for (const std::string& bytes :
       {changed(head, 15, 'x'), changed(head, 3, 1), changed(head, 5, 1), changed(head, 7, 1),
        changed(std::string("\x19\x01\0\0\x10\0\0\0", 8), 5, 0x10)}) {
    spill(scratch / "bad.h5", bytes);
    const Hdf5File file = Hdf5File::open(scratch / "bad.h5");
    CHECK_THROWS_WITH(file.has_attribute("/", "licence"), Contains("/ has a damaged header"));
    CHECK_THROWS_WITH(file.text("/", "licence"), Contains("/ has a damaged header"));
    CHECK_THROWS_WITH(file.attributes("/"), Contains("/ has a damaged header"));
  }
  CHECK_FALSE(Hdf5File::open(scratch / "old.h5").has_attribute("/nothing", "licence"));
}
