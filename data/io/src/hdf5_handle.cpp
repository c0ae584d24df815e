#include "hdf5_handle.h"

#include <complex>
#include <cstdint>

namespace thz::io::internal {
namespace {

std::recursive_mutex& library_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

// Walked from the outermost call inwards, so the last description is the cause.
herr_t keep_innermost(unsigned, const H5E_error2_t* error, void* client) {
  if (error->desc != nullptr && *error->desc != '\0') {
    *static_cast<std::string*>(client) = error->desc;
  }
  return 0;
}

Handle copy_of(hid_t type) { return Handle(H5Tcopy(type), H5Tclose); }

}  // namespace

Guard::Guard() : lock_(library_mutex()) {
  // Left to itself the library closes everything at exit, and dies there of a file whose disk was
  // full; our files are closed by their owners.
  static const herr_t no_exit_handler = H5dont_atexit();
  (void)no_exit_handler;
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5Eclear2(H5E_DEFAULT);
}

std::string hdf5_reason() {
  std::string text = "unknown cause";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_innermost, &text);
  // "..., errno = 28, error message = 'No space left on device', buf = ..." -> the quoted words.
  static const std::string kMark = "error message = '";
  const std::size_t begin = text.find(kMark);
  if (begin == std::string::npos) return text;
  const std::size_t from = begin + kMark.size();
  return text.substr(from, text.find('\'', from) - from);
}

template <>
Handle memory_type<int8_t>() {
  return copy_of(H5T_NATIVE_INT8);
}
template <>
Handle memory_type<uint8_t>() {
  return copy_of(H5T_NATIVE_UINT8);
}
template <>
Handle memory_type<int16_t>() {
  return copy_of(H5T_NATIVE_INT16);
}
template <>
Handle memory_type<uint16_t>() {
  return copy_of(H5T_NATIVE_UINT16);
}
template <>
Handle memory_type<int32_t>() {
  return copy_of(H5T_NATIVE_INT32);
}
template <>
Handle memory_type<uint32_t>() {
  return copy_of(H5T_NATIVE_UINT32);
}
template <>
Handle memory_type<int64_t>() {
  return copy_of(H5T_NATIVE_INT64);
}
template <>
Handle memory_type<uint64_t>() {
  return copy_of(H5T_NATIVE_UINT64);
}
template <>
Handle memory_type<float>() {
  return copy_of(H5T_NATIVE_FLOAT);
}
template <>
Handle memory_type<double>() {
  return copy_of(H5T_NATIVE_DOUBLE);
}
template <>
Handle memory_type<std::complex<float>>() {
  // Field names as h5py expects them of a complex number.
  Handle type(H5Tcreate(H5T_COMPOUND, sizeof(std::complex<float>)), H5Tclose);
  H5Tinsert(type.get(), "r", 0, H5T_NATIVE_FLOAT);
  H5Tinsert(type.get(), "i", sizeof(float), H5T_NATIVE_FLOAT);
  return type;
}

Handle text_type() {
  Handle type = copy_of(H5T_C_S1);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

}  // namespace thz::io::internal
