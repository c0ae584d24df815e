#include "hdf5_header.h"

#include <algorithm>
#include <vector>

#include "hdf5_raw.h"

namespace thz::io::internal {
namespace {

constexpr uint64_t kContinuationMessage = 0x10;

/// The messages of one object header, block by block.
class ObjectHeader {
 public:
  ObjectHeader(const Hdf5State& state, const HeaderVisit& visit) : file_(state), visit_(visit) {}

  bool walk_all(uint64_t address) {
    if (!walk_first(address)) return false;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const auto [at, length] = blocks_[i];
      // Blocks do not overlap, so all of them are no longer than the file.
      if (length > file_.size() - walked_) return false;
      walked_ += length;
      const auto bytes = file_.read(at, length);
      if (!bytes || !walk_continuation(*bytes)) return false;
    }
    return true;
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
      HeaderMessage message;
      message.type = number_at(&bytes[at], checked_ ? 1 : 2);
      message.flags = number_at(&bytes[at + (checked_ ? 3 : 4)], 1);
      const uint64_t size = number_at(&bytes[at + (checked_ ? 1 : 2)], 2);
      at += head;
      if (size > end - at) return false;
      message.data = bytes.substr(at, size);
      if (!look(message)) return false;
      at += size;
    }
    return true;
  }

  bool look(const HeaderMessage& message) {
    const std::size_t address = file_.address_bytes(), length = file_.length_bytes();
    const std::string& data = message.data;
    if (message.type == kContinuationMessage && data.size() >= address + length) {
      blocks_.emplace_back(number_at(data.data(), address), number_at(&data[address], length));
    }
    return visit_(message);
  }

  RawFile file_;
  const HeaderVisit& visit_;
  bool checked_ = false;  ///< version 2, with signatures and checksums
  bool ordered_ = false;  ///< messages carry their order
  uint64_t walked_ = 0;
  std::vector<std::pair<uint64_t, uint64_t>> blocks_;  ///< address, length of continuations
};

}  // namespace

bool walk_header(const Hdf5State& state, uint64_t address, const HeaderVisit& visit) {
  return ObjectHeader(state, visit).walk_all(address);
}

}  // namespace thz::io::internal
