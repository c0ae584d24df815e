// An array's description held against the file, before the library believes it.
#include "hdf5_chunks.h"
#include "hdf5_heap.h"
#include "hdf5_state.h"
#include "thz/core/error.h"

namespace thz::io::internal {
namespace {

uint64_t file_bytes(const Hdf5State& state) {
  hsize_t size = 0;
  H5Fget_filesize(state.file.get(), &size);
  return size;
}

/// Do the bit fields of a number lie inside its bytes, and inside each other?
bool is_sound_number(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  if (kind == H5T_ENUM) {
    const Handle base(H5Tget_super(type), H5Tclose);
    return base.ok() && H5Tget_class(base.get()) == H5T_INTEGER && is_sound_number(base.get());
  }
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) return false;
  constexpr std::size_t kMostBytes = 16;
  const std::size_t bytes = H5Tget_size(type), precision = H5Tget_precision(type);
  const int offset = H5Tget_offset(type);
  if (bytes == 0 || bytes > kMostBytes || precision == 0 || offset < 0 || precision > 8 * bytes ||
      static_cast<std::size_t>(offset) > 8 * bytes - precision) {
    return false;
  }
  if (kind == H5T_INTEGER) return true;
  std::size_t sign = 0, exponent = 0, exponent_bits = 0, mantissa = 0, mantissa_bits = 0;
  if (H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits) < 0) {
    return false;
  }
  const auto inside = [precision](std::size_t at, std::size_t bits) {
    return bits > 0 && bits <= precision && at <= precision - bits;
  };
  return inside(sign, 1) && inside(exponent, exponent_bits) && inside(mantissa, mantissa_bits);
}

/// A number, or a complex one: two floats side by side.
bool is_sound(hid_t type) {
  if (H5Tget_class(type) != H5T_COMPOUND) return is_sound_number(type);
  if (H5Tget_nmembers(type) != 2) return false;
  for (unsigned i = 0; i < 2; ++i) {
    const Handle member(H5Tget_member_type(type, i), H5Tclose);
    if (!member.ok() || !is_sound_number(member.get())) return false;
  }
  return true;
}

}  // namespace

void check_number(const Hdf5State& state, hid_t type, const std::string& object) {
  if (!is_sound(type)) {
    throw_input("{}: {} holds no numbers of a kind that is read, or is damaged", state.name,
                object);
  }
}

uint64_t most_bytes(const Hdf5State& state) {
  // Deflate packs at most some 1000 : 1; real arrays stay far below 64 : 1.
  return (uint64_t{64} << 20) + 64 * file_bytes(state);
}

uint64_t stored_bytes(hid_t type) {
  return H5Tis_variable_str(type) > 0 ? kReferenceBytes : H5Tget_size(type);
}

void check_storage(const Hdf5State& state, hid_t dataset, const std::string& path) {
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  const hssize_t points = H5Sget_simple_extent_npoints(space.get());
  const uint64_t each = stored_bytes(type.get());
  // Also of values that were never written, which take no room in the file.
  if (points < 0 || each == 0 || static_cast<uint64_t>(points) > most_bytes(state) / each) {
    throw_input("{}: {} claims {} elements, more than the file can hold", state.name, path, points);
  }
  const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
  const H5D_layout_t layout = H5Pget_layout(properties.get());
  if (layout == H5D_CHUNKED) return check_chunks(state, dataset, properties.get(), path);
  if (layout != H5D_CONTIGUOUS && layout != H5D_COMPACT) {
    throw_input("{}: {} is laid out in a way that is not read (damaged?)", state.name, path);
  }
  const uint64_t stored = H5Dget_storage_size(dataset);
  bool holds = stored / each == static_cast<uint64_t>(points) && stored % each == 0;
  bool inside = true;
  if (layout == H5D_CONTIGUOUS && H5Pget_external_count(properties.get()) == 0) {
    const haddr_t offset = H5Dget_offset(dataset);
    const uint64_t size = file_bytes(state);
    // Without an address: values never written, which read as fill values.
    holds = holds || (offset == HADDR_UNDEF && stored == 0);
    inside = offset == HADDR_UNDEF || (offset <= size && stored <= size - offset);
  }
  if (!holds || !inside) {
    throw_input("{}: {} is damaged: its {} bytes {}", state.name, path, stored,
                inside ? "do not fit its shape" : "lie outside the file");
  }
}

}  // namespace thz::io::internal
