#include "hdf5_heap.h"

#include <algorithm>
#include <map>

#include "hdf5_raw.h"

namespace thz::io::internal {
namespace {

constexpr uint64_t kBlockHeadBytes = 16;
constexpr uint64_t kObjectHeadBytes = 16;
constexpr uint64_t kLongestBlock = uint64_t{1} << 30;

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
  explicit Heap(const Hdf5State& state) : file_(state) {}

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
    const bool wide = file_.address_bytes() == 8 && file_.length_bytes() == 8;
    const auto head = wide ? file_.read(address, kBlockHeadBytes) : std::nullopt;
    if (!head) return;
    const uint64_t size = number_at(&(*head)[8], 8);
    const bool sound = head->compare(0, 4, "GCOL") == 0 && (*head)[4] == 1 &&
                       size >= kBlockHeadBytes && size <= kLongestBlock;
    // Blocks do not overlap, so all of them are no longer than the file.
    if (!sound || size > file_.size() - read_bytes_) return;
    auto content = file_.read(address, size);
    if (!content) return;
    read_bytes_ += size;
    block.bytes = std::move(*content);
    for (uint64_t at = kBlockHeadBytes; at + kObjectHeadBytes <= size;) {
      const uint64_t index = number_at(&block.bytes[at], 2);
      const uint64_t bytes = number_at(&block.bytes[at + 8], 8);
      at += kObjectHeadBytes;
      if (index == 0 || bytes > size - at) break;  // free space, or damaged
      block.objects.try_emplace(index, Place{at, bytes});
      at += std::min(size - at, (bytes + 7) / 8 * 8);
    }
  }

  RawFile file_;
  uint64_t read_bytes_ = 0;
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
