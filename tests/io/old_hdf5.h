#pragma once

#include <hdf5.h>

#include <filesystem>
#include <vector>

namespace thz::test {

/// Writes arrays and texts as old programs do: format of HDF5 1.6, texts of variable length.
class OldFile {
 public:
  explicit OldFile(const std::filesystem::path& path) {
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
    file_ = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    text_ = H5Tcopy(H5T_C_S1);
    H5Tset_size(text_, H5T_VARIABLE);
  }
  ~OldFile() {
    H5Tclose(text_);
    H5Fclose(file_);
  }
  OldFile(const OldFile&) = delete;
  OldFile& operator=(const OldFile&) = delete;

  void group(const char* name) {
    H5Gclose(H5Gcreate2(file_, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
  template <typename T>
  void array(const char* path, hid_t type, std::vector<hsize_t> shape, const std::vector<T>& data,
             H5D_layout_t layout = H5D_CONTIGUOUS) {
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_layout(properties, layout);
    if (layout == H5D_CHUNKED) {
      H5Pset_chunk(properties, static_cast<int>(shape.size()), shape.data());
      H5Pset_deflate(properties, 4);
    }
    const hid_t set = H5Dcreate2(file_, path, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data.data());
    H5Dclose(set);
    H5Pclose(properties);
    H5Sclose(space);
  }
  void texts(const char* path, const std::vector<const char*>& values) {
    array(path, text_, {values.size()}, values);
  }
  void text(const char* object, const char* key, const char* value) {
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute =
        H5Acreate_by_name(file_, object, key, text_, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, text_, &value);
    H5Aclose(attribute);
    H5Sclose(space);
  }

 private:
  hid_t file_, text_;
};

}  // namespace thz::test
