#include "hdf5_chunks.h"

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "hdf5_heap.h"
#include "thz/core/error.h"

namespace thz::io::internal {
namespace {

// Looking up a chunk by its number walks the index from its start.
constexpr hsize_t kMostChunks = 20000;
constexpr uint64_t kLongestChunk = uint64_t{1} << 30;
constexpr uint64_t kChecksumBytes = 4;

/// The filters in the order of writing; nothing if there is one that we do not know.
std::optional<std::vector<H5Z_filter_t>> filters_of(hid_t properties) {
  std::vector<H5Z_filter_t> filters;
  const int count = H5Pget_nfilters(properties);
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0, config = 0;
    size_t values = 0;
    const H5Z_filter_t filter = H5Pget_filter2(properties, static_cast<unsigned>(i), &flags,
                                               &values, nullptr, 0, nullptr, &config);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
        filter != H5Z_FILTER_FLETCHER32) {
      return std::nullopt;
    }
    filters.push_back(filter);
  }
  return count < 0 ? std::nullopt : std::make_optional(filters);
}

/// What zlib makes of `packed`, up to `most` bytes; nothing where it is damaged or longer.
std::optional<std::string> inflated(const std::string& packed, uint64_t most) {
  std::string plain(most, '\0');
  uLongf length = most;
  const int status =
      uncompress(reinterpret_cast<Bytef*>(plain.data()), &length,
                 reinterpret_cast<const Bytef*>(packed.data()), static_cast<uLong>(packed.size()));
  if (status != Z_OK) return std::nullopt;
  plain.resize(length);
  return plain;
}

/// One chunk as it is stored.
struct StoredChunk {
  std::vector<hsize_t> offset;
  unsigned mask = 0;  ///< filters that were left out
  haddr_t address = 0;
  hsize_t bytes = 0;
};

/// Bytes of the chunk after its filters; nothing where it is damaged.
std::optional<uint64_t> plain_bytes(hid_t dataset, const std::vector<H5Z_filter_t>& filters,
                                    const StoredChunk& chunk, uint64_t wanted) {
  const auto is_on = [&](std::size_t i) { return (chunk.mask >> i & 1U) == 0; };
  uint64_t bytes = chunk.bytes;
  std::optional<std::string> content;  // read only if it must be unpacked
  for (std::size_t i = filters.size(); i-- > 0;) {
    if (!is_on(i)) continue;
    if (filters[i] == H5Z_FILTER_FLETCHER32) {
      if (bytes < kChecksumBytes) return std::nullopt;
      bytes -= kChecksumBytes;
      if (content) content->resize(bytes);
    } else if (filters[i] == H5Z_FILTER_DEFLATE) {
      if (!content) {
        content.emplace(chunk.bytes, '\0');
        uint32_t mask = 0;
        if (H5Dread_chunk(dataset, H5P_DEFAULT, chunk.offset.data(), &mask, content->data()) < 0) {
          return std::nullopt;
        }
        content->resize(bytes);
      }
      content = inflated(*content, wanted + filters.size() * kChecksumBytes);
      if (!content) return std::nullopt;
      bytes = content->size();
    }
  }
  return bytes;
}

/// Bytes of one chunk in full; nothing where its shape is not the array's kind of shape.
std::optional<uint64_t> chunk_bytes(hid_t properties, hid_t space, hid_t type) {
  hsize_t extent[H5S_MAX_RANK] = {};
  const int rank = H5Pget_chunk(properties, H5S_MAX_RANK, extent);
  if (rank <= 0 || rank != H5Sget_simple_extent_ndims(space)) return std::nullopt;
  uint64_t bytes = stored_bytes(type);
  for (int i = 0; i < rank; ++i) {
    if (extent[i] == 0 || bytes == 0 || extent[i] > kLongestChunk / bytes) return std::nullopt;
    bytes *= extent[i];
  }
  return bytes;
}

}  // namespace

void check_chunks(const Hdf5State& state, hid_t dataset, hid_t properties,
                  const std::string& path) {
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  const auto filters = filters_of(properties);
  if (!filters) {
    throw_input(
        "{}: {} is packed by a filter that is not read; allowed are deflate, shuffle and "
        "fletcher32",
        state.name, path);
  }
  const auto wanted = chunk_bytes(properties, space.get(), type.get());
  hsize_t count = 0;
  if (!wanted || H5Dget_num_chunks(dataset, space.get(), &count) < 0) {
    state.fail(path, "has damaged chunks");
  }
  if (count > kMostChunks) {
    throw_input("{}: {} has {} chunks, at most {} are read", state.name, path, count, kMostChunks);
  }
  hsize_t file_bytes = 0;
  H5Fget_filesize(state.file.get(), &file_bytes);
  StoredChunk chunk;
  chunk.offset.resize(H5S_MAX_RANK);
  for (hsize_t i = 0; i < count; ++i) {
    const bool found = H5Dget_chunk_info(dataset, space.get(), i, chunk.offset.data(), &chunk.mask,
                                         &chunk.address, &chunk.bytes) >= 0;
    const bool inside =
        found && chunk.bytes <= file_bytes && chunk.address <= file_bytes - chunk.bytes;
    const auto bytes = inside ? plain_bytes(dataset, *filters, chunk, *wanted) : std::nullopt;
    if (!bytes || *bytes != *wanted) {
      throw_input("{}: {} has a damaged chunk, number {}", state.name, path, i);
    }
  }
}

}  // namespace thz::io::internal
