// Arrays whose rows lie in other files (HDF5's virtual data sets).
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "hdf5_state.h"
#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/io/hdf5_file.h"

namespace thz::io {

using internal::Guard;
using internal::Handle;

namespace {

// An index of an index is sound; one that names itself would have the library recurse for ever.
constexpr int kMostVirtualDepth = 4;

Handle space_of(const Shape& shape) {
  const std::vector<hsize_t> extent(shape.begin(), shape.end());
  return Handle(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                H5Sclose);
}

/// A text of the library, which gives its length when asked with no room.
template <typename Get>
std::string virtual_text(const Get& get) {
  const ssize_t length = get(nullptr, 0);
  std::string text(static_cast<std::size_t>(std::max<ssize_t>(length, 0)) + 1, '\0');
  if (length > 0) get(text.data(), text.size());
  text.pop_back();
  return text;
}

std::string virtual_file(hid_t properties, std::size_t i) {
  return virtual_text([&](char* text, std::size_t room) {
    return H5Pget_virtual_filename(properties, i, text, room);
  });
}

hssize_t selected(hid_t space) { return H5Sget_select_npoints(Handle(space, H5Sclose).get()); }

std::filesystem::path virtual_place(const internal::Hdf5State& state, const std::string& name) {
  return std::filesystem::absolute(state.path).parent_path() / name;
}

bool is_there(const std::filesystem::path& place) {
  std::error_code error;  // a damaged name can be longer than any name may be
  return std::filesystem::exists(place, error);
}

/// How many values of a virtual array mapping `i` gives, once they are found where it points.
uint64_t check_mapping(const internal::Hdf5State& state, hid_t properties, std::size_t i,
                       const std::string& path) {
  const hssize_t given = selected(H5Pget_virtual_vspace(properties, i));
  const std::filesystem::path place = virtual_place(state, virtual_file(properties, i));
  if (given >= 0 && !is_there(place)) return static_cast<uint64_t>(given);  // told of when read
  const std::string shown = one_line(place.lexically_normal().string());
  const std::string array = virtual_text([&](char* text, std::size_t room) {
    return H5Pget_virtual_dsetname(properties, i, text, room);
  });
  const Handle access(H5Fget_access_plist(state.file.get()), H5Pclose);
  internal::Hdf5State source(H5Fopen(place.c_str(), H5F_ACC_RDONLY, access.get()), shown);
  source.path = place;
  source.virtual_depth = state.virtual_depth + 1;
  if (!source.file.ok() || array != path || source.virtual_depth > kMostVirtualDepth) {
    throw_input("{}: {} takes rows from '{}' of {}, which is no file of such an array", state.name,
                path, one_line(array, 40), shown);
  }
  const hid_t dataset = internal::open_dataset(source, path);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const hssize_t there = H5Sget_simple_extent_npoints(space.get());
  // "All of it" is stored without an extent.
  const Handle from(H5Pget_virtual_srcspace(properties, i), H5Sclose);
  const bool all =
      H5Sget_select_type(from.get()) == H5S_SEL_ALL || H5Sget_select_npoints(from.get()) == there;
  if (there < 0 || !all || given != there ||
      static_cast<uint64_t>(there) > internal::most_bytes(source) / H5Tget_size(type.get())) {
    throw_input("{}: {} is damaged: it does not take what {} has", state.name, path, shown);
  }
  internal::check_number(source, type.get(), path);
  return static_cast<uint64_t>(there);
}

}  // namespace

void internal::check_virtual(const Hdf5State& state, hid_t dataset, hid_t properties,
                             const std::string& path) {
  std::size_t count = 0;
  if (H5Pget_virtual_count(properties, &count) < 0) state.fail(path, "cannot be read");
  uint64_t given = 0;
  for (std::size_t i = 0; i < count; ++i) given += check_mapping(state, properties, i, path);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  const hssize_t points = H5Sget_simple_extent_npoints(space.get());
  if (points < 0 || given != static_cast<uint64_t>(points)) {
    throw_input("{}: {} is damaged: the files behind it have {} of its {} values", state.name, path,
                given, points);
  }
}

bool internal::is_virtual(hid_t dataset) {
  const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
  return H5Pget_layout(properties.get()) == H5D_VIRTUAL;
}

void internal::require_files(const Hdf5State& state, hid_t dataset, const std::string& path) {
  if (!is_virtual(dataset)) return;
  const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
  std::size_t count = 0;
  H5Pget_virtual_count(properties.get(), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto place = virtual_place(state, virtual_file(properties.get(), i));
    if (is_there(place)) continue;
    throw_input("{}: {} has rows whose file {} is missing", state.name, path,
                one_line(place.lexically_normal().string()));
  }
}

void internal::require_found(const Hdf5State& state, hid_t dataset, const std::string& path,
                             const float* values, std::size_t count) {
  if (!is_virtual(dataset)) return;
  if (std::any_of(values, values + count, [](float v) { return std::isnan(v); })) {
    throw_input("{}: {} has rows whose file is missing or cannot be read", state.name, path);
  }
}

void Hdf5File::make_virtual(const std::string& path, const Shape& shape,
                            const std::vector<VirtualRows>& sources) {
  THZ_REQUIRE(!shape.empty(), "a virtual array has rows");
  const Guard guard;
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links.get(), 1);
  const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties.get(), false);
  // HDF5 fills rows of a missing file silently: what nobody can take for data.
  const float unknown = std::numeric_limits<float>::quiet_NaN();
  H5Pset_fill_value(properties.get(), H5T_NATIVE_FLOAT, &unknown);
  const Handle whole = space_of(shape);
  bool ok = true;
  uint64_t first = 0;
  for (const VirtualRows& source : sources) {
    Shape part = shape;
    part[0] = source.rows;
    std::vector<hsize_t> start(shape.size(), 0);
    start[0] = first;
    first += source.rows;
    if (source.rows == 0) continue;
    const std::vector<hsize_t> count(part.begin(), part.end());
    const Handle from = space_of(part);
    const Handle to(H5Scopy(whole.get()), H5Sclose);
    ok = ok && H5Sselect_hyperslab(to.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                                   nullptr) >= 0;
    ok = ok && H5Pset_virtual(properties.get(), to.get(), source.file.c_str(), path.c_str(),
                              from.get()) >= 0;
  }
  THZ_REQUIRE(first == shape[0], "the sources of a virtual array must add up to its rows");
  Handle dataset(ok ? H5Dcreate2(state_->file.get(), path.c_str(), H5T_IEEE_F32LE, whole.get(),
                                 links.get(), properties.get(), H5P_DEFAULT)
                    : -1,
                 H5Dclose);
  if (!dataset.ok()) state_->fail(path, "cannot be written");
  state_->datasets.emplace(path, std::move(dataset));
}

std::vector<std::string> Hdf5File::virtual_files(const std::string& path) const {
  const Guard guard;
  const hid_t dataset = internal::open_dataset(*state_, path);
  std::vector<std::string> files;
  if (!internal::is_virtual(dataset)) return files;
  const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
  std::size_t count = 0;
  if (H5Pget_virtual_count(properties.get(), &count) < 0) state_->fail(path, "cannot be read");
  for (std::size_t i = 0; i < count; ++i) {
    const std::string file = virtual_file(properties.get(), i);
    if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
  }
  return files;
}

}  // namespace thz::io
