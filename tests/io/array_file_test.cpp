#include "thz/io/array_file.h"

#include <hdf5.h>

#include <catch2/catch.hpp>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/io/hdf5_file.h"
#include "thz/io/npy.h"

using namespace thz::io;
using Catch::Contains;
using thz::test::Scratch;
using thz::test::spill;

TEST_CASE("one array is the same from a NumPy and from an HDF5 file", "[io][array]") {
  const Scratch scratch;
  std::vector<float> values;
  for (int i = 0; i < 24; ++i) values.push_back(0.25F * static_cast<float>(i));
  const std::string npy = scratch / "a.npy", h5 = scratch / "a.h5";
  write_npy(npy, {4, 2, 3}, values);
  {
    auto file = Hdf5File::create(h5);
    file.write<float>("/some/images", {4, 2, 3}, values, 2);
    file.close();
  }
  for (const std::string& place : {npy, h5, h5 + ":/some/images"}) {
    CAPTURE(place);
    const ArrayFile array(place);
    CHECK(array.shape() == std::vector<uint64_t>{4, 2, 3});
    CHECK(array.shape_text() == "4 x 2 x 3");
    CHECK(array.type() == "float32");
    CHECK_FALSE(array.is_integer());
    CHECK(array.row_size() == 6);
    CHECK(array.read_rows(3, 1) == std::vector<double>{4.5, 4.75, 5.0, 5.25, 5.5, 5.75});
    CHECK(array.read().size() == 24);
    CHECK_THROWS_WITH(array.read_rows(3, 2), Contains("no rows 3 to 5"));
    CHECK_THROWS_WITH(array.read_labels(), Contains("4 x 2 x 3"));
  }
}

TEST_CASE("labels are whole numbers, bool of h5py among them", "[io][array]") {
  const Scratch scratch;
  const std::string path = scratch / "l.h5";
  {
    auto file = Hdf5File::create(path);
    file.write<uint8_t>("/byte", {3}, {0, 1, 255});
    file.write<double>("/number", {2}, {1.0, 2.5});
    file.write<int64_t>("/huge", {1}, {int64_t{1} << 40});
    file.write<std::string>("/text", {1}, {"seven"});
    file.close();
  }
  CHECK(ArrayFile(path + ":/byte").read_labels() == std::vector<int32_t>{0, 1, 255});
  CHECK(ArrayFile(path + ":/byte").is_integer());
  CHECK_THROWS_WITH(ArrayFile(path + ":/number").read_labels(), Contains("row 1 is 2.5"));
  CHECK_THROWS_WITH(ArrayFile(path + ":/huge").read_labels(), Contains("1099511627776"));
  CHECK_THROWS_WITH(ArrayFile(path + ":/text"), Contains("'text'"));
  // As h5py writes numpy.bool_: an enumeration of FALSE and TRUE.
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t type = H5Tenum_create(H5T_NATIVE_INT8);
  int8_t name = 0;
  H5Tenum_insert(type, "FALSE", &name);
  H5Tenum_insert(type, "TRUE", &(name = 1));
  const hsize_t count = 3;
  const hid_t space = H5Screate_simple(1, &count, nullptr);
  const hid_t set = H5Dcreate2(file, "/bool", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const int8_t truth[] = {1, 0, 1};
  REQUIRE(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, truth) >= 0);
  H5Dclose(set);
  H5Sclose(space);
  H5Tclose(type);
  H5Fclose(file);
  const ArrayFile array(path + ":/bool");
  CHECK(array.type() == "bool");
  CHECK(array.is_integer());
  CHECK(array.read_labels() == std::vector<int32_t>{1, 0, 1});
}

TEST_CASE("what is no array is told from one that is meant", "[io][array]") {
  const Scratch scratch;
  const std::string h5 = scratch / "two.h5";
  {
    auto file = Hdf5File::create(h5);
    file.write<float>("/a", {1}, {1.0F});
    file.write<float>("/b", {1}, {1.0F});
    file.close();
  }
  CHECK_THROWS_WITH(ArrayFile(h5), Contains("holds 2 data sets") && Contains("/a, /b"));
  CHECK_THROWS_WITH(ArrayFile(h5 + ":/c"), Contains("no data set /c") && Contains("/a, /b"));
  CHECK_THROWS_WITH(ArrayFile(scratch / "none.npy"), Contains("none.npy"));
  CHECK_THROWS_WITH(ArrayFile((scratch / "none.h5").string() + ":/a"), Contains("none.h5"));
  CHECK_THROWS_WITH(ArrayFile(scratch.path().string()), Contains("folder"));
  spill(scratch / "words.txt", "not an array");
  CHECK_THROWS_WITH(ArrayFile(scratch / "words.txt"), Contains("not a NumPy"));
  write_npy(scratch / "empty.npy", {0, 4}, std::vector<float>{});
  CHECK_THROWS_WITH(ArrayFile(scratch / "empty.npy"), Contains("0 x 4"));
}
