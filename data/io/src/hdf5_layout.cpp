#include "hdf5_layout.h"

#include <algorithm>
#include <vector>

#include "hdf5_raw.h"
#include "thz/core/error.h"

namespace thz::io::internal {
namespace {

constexpr uint64_t kLayoutMessage = 0x08, kContinuationMessage = 0x10;
constexpr uint64_t kVirtualClass = 3;

/// The messages of one object header, block by block.
class ObjectHeader {
 public:
  explicit ObjectHeader(const Hdf5State& state) : file_(state) {}

  std::optional<bool> has_virtual_layout(uint64_t address) {
    if (!walk_first(address)) return std::nullopt;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const auto [at, length] = blocks_[i];
      // Blocks do not overlap, so all of them are no longer than the file.
      if (length > file_.size() - walked_) return std::nullopt;
      walked_ += length;
      const auto bytes = file_.read(at, length);
      if (!bytes || !walk_continuation(*bytes)) return std::nullopt;
    }
    return virtual_;
  }

 private:
  /// The first block, behind a prefix of either version.
  bool walk_first(uint64_t address) {
    constexpr uint64_t kLongestPrefix = 34, kOldPrefix = 16;
    const auto head = file_.read(address, std::min(kLongestPrefix, file_.left(address)));
    if (!head || head->size() < kOldPrefix) return false;
    checked_ = head->compare(0, 4, "OHDR") == 0;
    if (!checked_) {
      if ((*head)[0] != 1) return false;
      return walk_block(address + kOldPrefix, number_at(&(*head)[8], 4));
    }
    const auto flags = static_cast<unsigned char>((*head)[5]);
    const std::size_t at =
        6U + ((flags & 0x20U) != 0 ? 16U : 0U) + ((flags & 0x10U) != 0 ? 4U : 0U);
    const std::size_t width = std::size_t{1} << (flags & 3U);
    ordered_ = (flags & 4U) != 0;
    if (at + width > head->size()) return false;
    return walk_block(address + at + width, number_at(&(*head)[at], width));
  }

  bool walk_block(uint64_t address, uint64_t length) {
    const auto bytes = file_.read(address, length);
    return bytes && walk(*bytes, 0, bytes->size());
  }

  bool walk_continuation(const std::string& bytes) {
    constexpr std::size_t kSignature = 4, kChecksum = 4;
    if (!checked_) return walk(bytes, 0, bytes.size());
    return bytes.size() >= kSignature + kChecksum && bytes.compare(0, 4, "OCHK") == 0 &&
           walk(bytes, kSignature, bytes.size() - kChecksum);
  }

  bool walk(const std::string& bytes, std::size_t at, std::size_t end) {
    const std::size_t head = checked_ ? (ordered_ ? 6 : 4) : 8;
    while (end - at >= head) {
      const uint64_t type = number_at(&bytes[at], checked_ ? 1 : 2);
      const uint64_t size = number_at(&bytes[at + (checked_ ? 1 : 2)], 2);
      at += head;
      if (size > end - at) return false;
      look(type, bytes.substr(at, size));
      at += size;
    }
    return true;
  }

  void look(uint64_t type, const std::string& data) {
    // Since version 3 the class is the second byte, before it was the third.
    if (type == kLayoutMessage && data.size() >= 3) {
      virtual_ = virtual_ || number_at(&data[data[0] >= 3 ? 1 : 2], 1) == kVirtualClass;
    }
    const std::size_t address = file_.address_bytes(), length = file_.length_bytes();
    if (type == kContinuationMessage && data.size() >= address + length) {
      blocks_.emplace_back(number_at(data.data(), address), number_at(&data[address], length));
    }
  }

  RawFile file_;
  bool checked_ = false;  ///< version 2, with signatures and checksums
  bool ordered_ = false;  ///< messages carry their order
  bool virtual_ = false;
  uint64_t walked_ = 0;
  std::vector<std::pair<uint64_t, uint64_t>> blocks_;  ///< address, length of continuations
};

}  // namespace

std::optional<bool> is_virtual(const Hdf5State& state, uint64_t address) {
  return ObjectHeader(state).has_virtual_layout(address);
}

void check_layout(const Hdf5State& state, const std::string& path) {
  H5O_info_t root, object;
  if (H5Oget_info2(state.file.get(), &root, H5O_INFO_BASIC) < 0 ||
      H5Oget_info_by_name2(state.file.get(), path.c_str(), &object, H5O_INFO_BASIC, H5P_DEFAULT) <
          0) {
    state.fail(path, "is missing or damaged");
  }
  if (object.fileno != root.fileno) {
    throw_input("{}: {} is a link into another file, which is not followed", state.name, path);
  }
  if (object.type != H5O_TYPE_DATASET) return;
  const std::optional<bool> elsewhere = is_virtual(state, object.addr);
  if (!elsewhere) throw_input("{}: {} has a damaged header", state.name, path);
  if (*elsewhere) {
    throw_input("{}: the rows of {} lie in other files (a virtual array), which are not read so",
                state.name, path);
  }
}

}  // namespace thz::io::internal
