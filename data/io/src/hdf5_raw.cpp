#include "hdf5_raw.h"

namespace thz::io::internal {

uint64_t number_at(const char* bytes, std::size_t width) {
  uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = (value << 8) | static_cast<uint8_t>(bytes[i]);
  return value;
}

RawFile::RawFile(const Hdf5State& state) : file_(state.path, std::ios::binary) {
  const Handle creation(H5Fget_create_plist(state.file.get()), H5Pclose);
  H5Pget_sizes(creation.get(), &address_bytes_, &length_bytes_);
  hsize_t base = 0;
  H5Pget_userblock(creation.get(), &base);
  base_ = base;
  file_.seekg(0, std::ios::end);
  const auto end = file_.tellg();
  if (file_ && static_cast<uint64_t>(end) > base_) size_ = static_cast<uint64_t>(end) - base_;
}

std::optional<std::string> RawFile::read(uint64_t address, uint64_t length) {
  if (length > left(address)) return std::nullopt;
  std::string bytes(length, '\0');
  file_.clear();
  file_.seekg(static_cast<std::streamoff>(base_ + address));
  if (!file_.read(bytes.data(), static_cast<std::streamsize>(length))) return std::nullopt;
  return bytes;
}

}  // namespace thz::io::internal
