#pragma once

#include <hdf5.h>

#include <complex>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

namespace thz::io::internal {

/// An HDF5 identifier that closes itself.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&&) = delete;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  hid_t get() const { return id_; }
  bool ok() const { return id_ >= 0; }
  /// False if closing failed, which is where a full disk may show.
  bool reset() { return id_ < 0 || close_(std::exchange(id_, -1)) >= 0; }

 private:
  hid_t id_;
  Close close_;
};

/// Held around every call into the library, which is not made for threads; also keeps it from
/// printing its error stack.
class Guard {
 public:
  Guard();

 private:
  std::lock_guard<std::recursive_mutex> lock_;
};

/// What HDF5's error stack says was the cause: the system's own words where there are any.
std::string hdf5_reason();

/// Element type in memory for the C++ types of Hdf5File; the caller closes it.
template <typename T>
Handle memory_type();
template <>
Handle memory_type<int8_t>();
template <>
Handle memory_type<uint8_t>();
template <>
Handle memory_type<int16_t>();
template <>
Handle memory_type<uint16_t>();
template <>
Handle memory_type<int32_t>();
template <>
Handle memory_type<uint32_t>();
template <>
Handle memory_type<int64_t>();
template <>
Handle memory_type<uint64_t>();
template <>
Handle memory_type<float>();
template <>
Handle memory_type<double>();
template <>
Handle memory_type<std::complex<float>>();

/// UTF-8 text of variable length.
Handle text_type();

}  // namespace thz::io::internal
