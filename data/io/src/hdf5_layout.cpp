#include "hdf5_layout.h"

#include <optional>

#include "hdf5_header.h"
#include "hdf5_raw.h"
#include "thz/core/error.h"

namespace thz::io::internal {
namespace {

constexpr uint64_t kLayoutMessage = 0x08, kAttributeMessage = 0x0C;
constexpr uint64_t kVirtualClass = 3;
constexpr uint64_t kShared = 2;  ///< message flag: what follows is a pointer to the message

/// Type and place of an object of the file itself; nothing if there is none.
std::optional<H5O_info_t> find_object(const Hdf5State& state, const std::string& path) {
  H5O_info_t root, object;
  if (H5Oget_info2(state.file.get(), &root, H5O_INFO_BASIC) < 0 ||
      H5Oget_info_by_name2(state.file.get(), path.c_str(), &object, H5O_INFO_BASIC, H5P_DEFAULT) <
          0) {
    return std::nullopt;
  }
  if (object.fileno != root.fileno) {
    throw_input("{}: {} is a link into another file, which is not followed", state.name, path);
  }
  return object;
}

/// Values of a dataspace message (section IV.A.2.b); nothing if it is damaged.
std::optional<uint64_t> points_of(const std::string& space, std::size_t extent_bytes) {
  if (space.size() < 4) return std::nullopt;
  const uint64_t version = number_at(&space[0], 1), rank = number_at(&space[1], 1);
  if (version == 2 && number_at(&space[3], 1) == 2) return 0;  // a null space
  const std::size_t head = version == 1 ? 8 : 4;
  if (space.size() < head + rank * extent_bytes) return std::nullopt;
  uint64_t points = 1;
  for (uint64_t i = 0; i < rank; ++i) {
    const uint64_t extent = number_at(&space[head + i * extent_bytes], extent_bytes);
    if (extent != 0 && points > UINT32_MAX / extent) return std::nullopt;
    points *= extent;
  }
  return points;
}

/// Are the parts of an attribute message inside it (section IV.A.2.m)?
bool is_sound_attribute(const std::string& data, std::size_t extent_bytes) {
  if (data.size() < 9) return false;
  const uint64_t version = number_at(&data[0], 1), flags = number_at(&data[1], 1);
  uint64_t at = version == 3 ? 9 : 8;
  std::string parts[3];  // name, type, space
  for (std::size_t i = 0; i < 3; ++i) {
    const uint64_t size = number_at(&data[2 + 2 * i], 2);
    const uint64_t padded = version == 1 ? (size + 7) / 8 * 8 : size;
    if (padded > data.size() - at) return false;
    parts[i] = data.substr(at, size);
    at += padded;
  }
  if (parts[0].find('\0') == std::string::npos) return false;
  // A type that is kept elsewhere has its size there.
  if (version > 1 && (flags & 3U) != 0) return true;
  const auto points = points_of(parts[2], extent_bytes);
  if (!points || parts[1].size() < 8) return false;
  const uint64_t each = number_at(&parts[1][4], 4);
  return each == 0 || *points <= (data.size() - at) / each;
}

}  // namespace

void check_layout(const Hdf5State& state, const std::string& path) {
  const auto object = find_object(state, path);
  if (!object) state.fail(path, "is missing or damaged");
  if (object->type != H5O_TYPE_DATASET) return;
  bool elsewhere = false;
  const bool sound = walk_header(state, object->addr, [&](const HeaderMessage& message) {
    const std::string& data = message.data;
    // Since version 3 the class is the second byte, before it was the third (section IV.A.2.i).
    if (message.type == kLayoutMessage && data.size() >= 3) {
      elsewhere = elsewhere || number_at(&data[data[0] >= 3 ? 1 : 2], 1) == kVirtualClass;
    }
    return true;
  });
  if (!sound) throw_input("{}: {} has a damaged header", state.name, path);
  if (elsewhere) {
    throw_input("{}: the rows of {} lie in other files (a virtual array), which are not read so",
                state.name, path);
  }
}

void check_attributes(const Hdf5State& state, const std::string& object) {
  if (state.path.empty() || state.sound_attributes.count(object) > 0) return;
  const auto found = find_object(state, object);
  if (!found) return;
  const std::size_t extent_bytes = RawFile(state).length_bytes();
  const bool sound = walk_header(state, found->addr, [&](const HeaderMessage& message) {
    return message.type != kAttributeMessage || (message.flags & kShared) != 0 ||
           is_sound_attribute(message.data, extent_bytes);
  });
  if (!sound) throw_input("{}: {} has a damaged header", state.name, object);
  state.sound_attributes.insert(object);
}

}  // namespace thz::io::internal
