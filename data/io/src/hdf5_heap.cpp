#include "hdf5_heap.h"

#include <algorithm>
#include <fstream>
#include <map>

namespace thz::io::internal {
namespace {

constexpr uint64_t kBlockHeadBytes = 16;
constexpr uint64_t kObjectHeadBytes = 16;
constexpr uint64_t kLongestBlock = uint64_t{1} << 30;

uint64_t number_at(const char* bytes, std::size_t width) {
  uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = (value << 8) | static_cast<uint8_t>(bytes[i]);
  return value;
}

/// "Conversion" of references into opaque bytes: both are 16 bytes long, nothing is to be done.
herr_t keep_reference(hid_t source, hid_t target, H5T_cdata_t* data, size_t, size_t, size_t, void*,
                      void*, hid_t) {
  if (data->command != H5T_CONV_INIT) return 0;
  data->need_bkg = H5T_BKG_NO;
  const bool fits = H5Tis_variable_str(source) > 0 && H5Tget_class(target) == H5T_OPAQUE &&
                    H5Tget_size(source) == kReferenceBytes &&
                    H5Tget_size(target) == kReferenceBytes;
  return fits ? 0 : -1;
}

/// Memory type that the references are read as; the conversion is made known once.
Handle reference_type() {
  Handle opaque(H5Tcreate(H5T_OPAQUE, kReferenceBytes), H5Tclose);
  static const bool known = [&opaque] {
    const Handle text = text_type();
    return H5Tregister(H5T_PERS_SOFT, "thz_reference", text.get(), opaque.get(), keep_reference) >=
           0;
  }();
  return known ? std::move(opaque) : Handle(-1, H5Tclose);
}

/// The heap blocks of one file, each read once.
class Heap {
 public:
  explicit Heap(const Hdf5State& state) : file_(state.path, std::ios::binary) {
    const Handle creation(H5Fget_create_plist(state.file.get()), H5Pclose);
    std::size_t address_bytes = 0, length_bytes = 0;
    H5Pget_sizes(creation.get(), &address_bytes, &length_bytes);
    hsize_t base = 0;
    H5Pget_userblock(creation.get(), &base);
    base_ = base;
    file_.seekg(0, std::ios::end);
    const auto end = file_.tellg();
    if (file_ && address_bytes == 8 && length_bytes == 8) size_ = static_cast<uint64_t>(end);
  }

  /// The first `length` bytes of an object; nothing where that is not inside its block.
  std::optional<std::string> object(uint64_t address, uint64_t index, uint64_t length) {
    const auto [found, is_new] = blocks_.try_emplace(address);
    Block& block = found->second;
    if (is_new) read_block(address, block);
    const auto place = block.objects.find(index);
    if (place == block.objects.end() || length > place->second.bytes) return std::nullopt;
    return block.bytes.substr(place->second.at, length);
  }

 private:
  struct Place {
    uint64_t at, bytes;
  };
  struct Block {
    std::string bytes;
    std::map<uint64_t, Place> objects;  ///< by index
  };

  /// Leaves the block without objects where there is none, or a damaged one.
  void read_block(uint64_t address, Block& block) {
    if (address > size_ || base_ > size_ - address) return;
    const uint64_t left = size_ - base_ - address;
    char head[kBlockHeadBytes] = {};
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(base_ + address));
    if (left < kBlockHeadBytes || !file_.read(head, kBlockHeadBytes)) return;
    const uint64_t size = number_at(head + 8, 8);
    const bool sound = std::equal(head, head + 4, "GCOL") && head[4] == 1 &&
                       size >= kBlockHeadBytes && size <= left && size <= kLongestBlock;
    // Blocks do not overlap, so all of them are no longer than the file.
    if (!sound || size > size_ - read_bytes_) return;
    read_bytes_ += size;
    block.bytes.resize(size);
    file_.seekg(static_cast<std::streamoff>(base_ + address));
    if (!file_.read(block.bytes.data(), static_cast<std::streamsize>(size))) return;
    for (uint64_t at = kBlockHeadBytes; at + kObjectHeadBytes <= size;) {
      const uint64_t index = number_at(&block.bytes[at], 2);
      const uint64_t bytes = number_at(&block.bytes[at + 8], 8);
      at += kObjectHeadBytes;
      if (index == 0 || bytes > size - at) break;  // free space, or damaged
      block.objects.try_emplace(index, Place{at, bytes});
      at += std::min(size - at, (bytes + 7) / 8 * 8);
    }
  }

  std::ifstream file_;
  uint64_t size_ = 0, base_ = 0, read_bytes_ = 0;
  std::map<uint64_t, Block> blocks_;
};

}  // namespace

std::optional<std::vector<std::string>> read_variable_texts(
    const Hdf5State& state, uint64_t count, const std::function<bool(hid_t, void*)>& read) {
  const Handle type = reference_type();
  if (!type.ok() || count > most_bytes(state) / kReferenceBytes) return std::nullopt;
  std::string references(count * kReferenceBytes, '\0');
  if (count != 0 && !read(type.get(), references.data())) return std::nullopt;
  Heap heap(state);
  std::vector<std::string> texts;
  uint64_t total = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const char* reference = &references[i * kReferenceBytes];
    const uint64_t length = number_at(reference, 4);
    // Damaged references may all name one long object.
    total += length;
    if (total > most_bytes(state)) return std::nullopt;
    std::optional<std::string> text = std::string();
    if (length > 0) {
      text = heap.object(number_at(reference + 4, 8), number_at(reference + 12, 4), length);
    }
    if (!text) return std::nullopt;
    text->resize(std::min(text->size(), text->find('\0')));
    texts.push_back(std::move(*text));
  }
  return texts;
}

}  // namespace thz::io::internal
