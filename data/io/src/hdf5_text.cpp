// Texts and attributes of HDF5 files.
#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "hdf5_heap.h"
#include "hdf5_layout.h"
#include "hdf5_state.h"
#include "thz/core/error.h"
#include "thz/io/hdf5_file.h"

namespace thz::io {

using internal::Guard;
using internal::Handle;
using internal::Hdf5State;

namespace {

std::string label(const std::string& object, const std::string& key) {
  return "attribute " + key + " of " + object;
}

uint64_t extent_of(hid_t space) {
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  return count < 0 ? 0 : static_cast<uint64_t>(count);
}

/// Reads texts of fixed or variable length by `read(memory type, buffer)`.
std::optional<std::vector<std::string>> read_texts(const Hdf5State& state, hid_t file_type,
                                                   hid_t space,
                                                   const std::function<bool(hid_t, void*)>& read) {
  const uint64_t count = extent_of(space);
  if (H5Tget_class(file_type) != H5T_STRING) return std::nullopt;
  if (H5Tis_variable_str(file_type) > 0) {
    return internal::read_variable_texts(state, count, read);
  }
  constexpr uint64_t kMostCharacters = uint64_t{1} << 28;
  const std::size_t size = H5Tget_size(file_type);
  const uint64_t most = std::min(kMostCharacters, internal::most_bytes(state));
  if (size == 0 || count > most / size) return std::nullopt;
  std::vector<char> characters(count * size + 1, '\0');
  if (count != 0 && !read(file_type, characters.data())) return std::nullopt;
  std::vector<std::string> texts;
  for (uint64_t i = 0; i < count; ++i) {
    const char* begin = characters.data() + i * size;
    texts.emplace_back(begin, std::find(begin, begin + size, '\0'));
  }
  return texts;
}

Handle open_attribute(const Hdf5State& state, const std::string& object, const std::string& key) {
  internal::check_attributes(state, object);
  Handle attribute(
      H5Aopen_by_name(state.file.get(), object.c_str(), key.c_str(), H5P_DEFAULT, H5P_DEFAULT),
      H5Aclose);
  if (!attribute.ok()) state.fail(label(object, key), "is missing");
  // The library copies by type and extent, whatever the file has in store.
  const Handle type(H5Aget_type(attribute.get()), H5Tclose);
  const Handle space(H5Aget_space(attribute.get()), H5Sclose);
  const uint64_t stored = H5Aget_storage_size(attribute.get());
  const uint64_t each = internal::stored_bytes(type.get());
  if (each == 0 || stored % each != 0 || stored / each != extent_of(space.get())) {
    throw_input("{}: {} is damaged: its {} bytes do not fit its shape", state.name,
                label(object, key), stored);
  }
  return attribute;
}

void write_attribute(const Hdf5State& state, const std::string& object, const std::string& key,
                     hid_t type, const Handle& space, const void* value) {
  if (H5Aexists_by_name(state.file.get(), object.c_str(), key.c_str(), H5P_DEFAULT) > 0) {
    H5Adelete_by_name(state.file.get(), object.c_str(), key.c_str(), H5P_DEFAULT);
  }
  const Handle attribute(H5Acreate_by_name(state.file.get(), object.c_str(), key.c_str(), type,
                                           space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose);
  if (!attribute.ok() || H5Awrite(attribute.get(), type, value) < 0) {
    state.fail(label(object, key), "cannot be written");
  }
}

template <typename T>
T read_number(const Hdf5State& state, const std::string& object, const std::string& key,
              hid_t memory_type) {
  const Handle attribute = open_attribute(state, object, key);
  const Handle type(H5Aget_type(attribute.get()), H5Tclose);
  const Handle space(H5Aget_space(attribute.get()), H5Sclose);
  const H5T_class_t kind = H5Tget_class(type.get());
  T value{};
  internal::check_number(state, type.get(), label(object, key));
  if ((kind != H5T_INTEGER && kind != H5T_FLOAT) || extent_of(space.get()) != 1 ||
      H5Aread(attribute.get(), memory_type, &value) < 0) {
    throw_input("{}: {} is not a single number", state.name, label(object, key));
  }
  return value;
}

std::vector<std::string> read_attribute_texts(const Hdf5State& state, const std::string& object,
                                              const std::string& key) {
  const Handle attribute = open_attribute(state, object, key);
  const Handle type(H5Aget_type(attribute.get()), H5Tclose);
  const Handle space(H5Aget_space(attribute.get()), H5Sclose);
  const auto values = read_texts(state, type.get(), space.get(), [&](hid_t memory, void* out) {
    return H5Aread(attribute.get(), memory, out) >= 0;
  });
  if (!values) throw_input("{}: {} is not a readable text", state.name, label(object, key));
  return *values;
}

herr_t collect_name(hid_t, const char* name, const H5A_info_t*, void* client) {
  static_cast<std::vector<std::string>*>(client)->push_back(name);
  return 0;
}

/// Texts side by side, filled up with zeros to the longest. All are kept so, and not with variable
/// length, because the heap for the latter has no checksum and a turned bit there makes
/// the library crash.
struct FixedTexts {
  explicit FixedTexts(const std::vector<std::string>& values) : type(H5Tcopy(H5T_C_S1), H5Tclose) {
    std::size_t longest = 1;
    for (const std::string& value : values) longest = std::max(longest, value.size());
    H5Tset_size(type.get(), longest);
    H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    for (const std::string& value : values) {
      characters.append(value);
      characters.append(longest - value.size(), '\0');
    }
  }

  Handle type;
  std::string characters;
};

}  // namespace

template <>
void Hdf5File::write<std::string>(const std::string& path, const Shape& shape,
                                  const std::vector<std::string>& values, uint64_t) {
  const Guard guard;
  THZ_REQUIRE(shape.size() == 1 && shape[0] == values.size(), "texts are written as one list");
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links.get(), 1);
  const hsize_t extent = shape[0];
  const Handle space(H5Screate_simple(1, &extent, nullptr), H5Sclose);
  const FixedTexts texts(values);
  const Handle dataset(H5Dcreate2(state_->file.get(), path.c_str(), texts.type.get(), space.get(),
                                  links.get(), H5P_DEFAULT, H5P_DEFAULT),
                       H5Dclose);
  if (!dataset.ok() || (extent != 0 && H5Dwrite(dataset.get(), texts.type.get(), H5S_ALL, H5S_ALL,
                                                H5P_DEFAULT, texts.characters.data()) < 0)) {
    state_->fail(path, "cannot be written");
  }
}

template <>
std::vector<std::string> Hdf5File::read<std::string>(const std::string& path) const {
  const Guard guard;
  const hid_t dataset = internal::open_dataset(*state_, path);
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  // A fill value of variable length would be converted by the library, from a heap it believes.
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose);
  H5D_fill_value_t fill = H5D_FILL_VALUE_ERROR;
  H5Pfill_value_defined(creation.get(), &fill);
  const bool safe = fill == H5D_FILL_VALUE_DEFAULT || fill == H5D_FILL_VALUE_UNDEFINED ||
                    H5Tis_variable_str(type.get()) <= 0;
  const auto values = read_texts(*state_, type.get(), space.get(), [&](hid_t memory, void* out) {
    return safe && H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0;
  });
  if (!values) throw_input("{}: {} is not a readable list of texts", state_->name, path);
  return *values;
}

bool Hdf5File::has_attribute(const std::string& object, const std::string& key) const {
  const Guard guard;
  internal::check_attributes(*state_, object);
  return H5Aexists_by_name(state_->file.get(), object.c_str(), key.c_str(), H5P_DEFAULT) > 0;
}

void Hdf5File::set_text(const std::string& object, const std::string& key,
                        const std::string& value) {
  const Guard guard;
  const FixedTexts texts({value});
  write_attribute(*state_, object, key, texts.type.get(), Handle(H5Screate(H5S_SCALAR), H5Sclose),
                  texts.characters.data());
}

void Hdf5File::set_texts(const std::string& object, const std::string& key,
                         const std::vector<std::string>& values) {
  const Guard guard;
  const FixedTexts texts(values);
  const hsize_t extent = values.size();
  write_attribute(*state_, object, key, texts.type.get(),
                  Handle(H5Screate_simple(1, &extent, nullptr), H5Sclose), texts.characters.data());
}

void Hdf5File::set_unsigned(const std::string& object, const std::string& key, uint64_t value) {
  const Guard guard;
  write_attribute(*state_, object, key, H5T_NATIVE_UINT64, Handle(H5Screate(H5S_SCALAR), H5Sclose),
                  &value);
}

void Hdf5File::set_number(const std::string& object, const std::string& key, double value) {
  const Guard guard;
  write_attribute(*state_, object, key, H5T_NATIVE_DOUBLE, Handle(H5Screate(H5S_SCALAR), H5Sclose),
                  &value);
}

std::string Hdf5File::text(const std::string& object, const std::string& key) const {
  const Guard guard;
  const auto values = read_attribute_texts(*state_, object, key);
  if (values.size() != 1) throw_input("{}: {} is not one text", state_->name, label(object, key));
  return values.front();
}

std::vector<std::string> Hdf5File::texts(const std::string& object, const std::string& key) const {
  const Guard guard;
  return read_attribute_texts(*state_, object, key);
}

uint64_t Hdf5File::unsigned_number(const std::string& object, const std::string& key) const {
  const Guard guard;
  return read_number<uint64_t>(*state_, object, key, H5T_NATIVE_UINT64);
}

double Hdf5File::number(const std::string& object, const std::string& key) const {
  const Guard guard;
  return read_number<double>(*state_, object, key, H5T_NATIVE_DOUBLE);
}

std::vector<std::string> Hdf5File::attributes(const std::string& object) const {
  const Guard guard;
  if (!state_->path.empty()) internal::check_layout(*state_, object);
  internal::check_attributes(*state_, object);
  const Handle handle(H5Oopen(state_->file.get(), object.c_str(), H5P_DEFAULT), H5Oclose);
  std::vector<std::string> names;
  if (!handle.ok() ||
      H5Aiterate2(handle.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &names) < 0) {
    state_->fail(object, "cannot be listed");
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace thz::io
