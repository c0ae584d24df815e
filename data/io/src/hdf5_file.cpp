#include "thz/io/hdf5_file.h"

#include <algorithm>
#include <complex>
#include <fstream>
#include <numeric>

#include "hdf5_handle.h"
#include "hdf5_image.h"
#include "hdf5_layout.h"
#include "hdf5_state.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"

namespace thz::io {

using internal::Guard;
using internal::Handle;
using internal::hdf5_reason;
using internal::memory_type;
using internal::text_type;

namespace {

// Room for a few whole chunks of images while rows are read one by one.
constexpr std::size_t kChunkCacheBytes = 32u << 20;
constexpr std::size_t kChunkCacheSlots = 10007;
constexpr std::size_t kMemoryStep = std::size_t{1} << 20;
// A damaged header can claim any size; nothing we read as one array comes near this.
constexpr uint64_t kMostElements = uint64_t{1} << 36;

Handle file_access() {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  // As HDF5 opens the files behind a virtual array: one process may have the same file open both
  // ways, and with another degree the second one fails without a word. All objects are closed
  // before the file.
  H5Pset_fclose_degree(access.get(), H5F_CLOSE_WEAK);
  // Since 1.10 every structure of a file carries a checksum, so that a turned bit is an error and
  // not a crash inside the library.
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_LATEST);
  H5Pset_cache(access.get(), 0, kChunkCacheSlots, kChunkCacheBytes, 0.75);
  return access;
}

/// No time stamps on the root either: the same content gives the same bytes.
Handle file_creation() {
  Handle properties(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties.get(), false);
  return properties;
}

Shape shape_of(hid_t space) {
  const int rank = H5Sget_simple_extent_ndims(space);
  std::vector<hsize_t> extent(static_cast<std::size_t>(std::max(rank, 0)));
  if (rank > 0) H5Sget_simple_extent_dims(space, extent.data(), nullptr);
  return Shape(extent.begin(), extent.end());
}

uint64_t element_count(const Shape& shape) {
  uint64_t count = 1;
  for (const uint64_t extent : shape) {
    if (extent != 0 && count > kMostElements / extent) return kMostElements + 1;
    count *= extent;
  }
  return count;
}

Handle make_space(const Shape& shape) {
  const std::vector<hsize_t> extent(shape.begin(), shape.end());
  return Handle(shape.empty()
                    ? H5Screate(H5S_SCALAR)
                    : H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                H5Sclose);
}

Handle creation_properties(const Shape& shape, uint64_t chunk_rows) {
  Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  // No time stamps: the same content gives the same bytes.
  H5Pset_obj_track_times(properties.get(), false);
  if (chunk_rows == 0 || element_count(shape) == 0) return properties;
  std::vector<hsize_t> chunk(shape.begin(), shape.end());
  chunk[0] = std::min<hsize_t>(chunk[0], chunk_rows);
  H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data());
  H5Pset_fletcher32(properties.get());
  return properties;
}

std::string describe_type(hid_t type) {
  const std::size_t bits = 8 * H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      return (H5Tget_sign(type) == H5T_SGN_NONE ? "uint" : "int") + std::to_string(bits);
    case H5T_FLOAT:
      return "float" + std::to_string(bits);
    case H5T_COMPOUND:
      return H5Tget_nmembers(type) == 2 ? "complex" + std::to_string(bits) : "other";
    case H5T_STRING:
      return "text";
    case H5T_ENUM:  // how h5py writes bool
      return bits == 8 && H5Tget_nmembers(type) == 2 ? "bool" : "other";
    default:
      return "other";
  }
}

// H5Literate callback over links; types are looked at by the caller.
herr_t collect_dataset(hid_t object, const char* name, const H5O_info_t* info, void* client) {
  (void)object;
  if (info->type == H5O_TYPE_DATASET) {
    static_cast<std::vector<std::string>*>(client)->push_back("/" + std::string(name));
  }
  return 0;
}

}  // namespace

hid_t internal::open_dataset(const Hdf5State& state, const std::string& path) {
  const auto found = state.datasets.find(path);
  if (found != state.datasets.end()) return found->second.get();
  if (!state.path.empty()) check_layout(state, path);
  Handle dataset(H5Dopen2(state.file.get(), path.c_str(), H5P_DEFAULT), H5Dclose);
  if (!dataset.ok()) state.fail(path, "is missing or damaged");
  if (!state.path.empty()) check_storage(state, dataset.get(), path);
  return state.datasets.emplace(path, std::move(dataset)).first->second.get();
}

void internal::Hdf5State::fail(const std::string& object, const std::string& what) const {
  throw_input("{}: {} {}: {}", name, object, what, hdf5_reason());
}

Hdf5File::Hdf5File(std::unique_ptr<State> state) : state_(std::move(state)) {}
Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;

Hdf5File& Hdf5File::operator=(Hdf5File&& other) noexcept {
  const Guard guard;  // closes what this was
  state_ = std::move(other.state_);
  return *this;
}

Hdf5File::~Hdf5File() {
  const Guard guard;
  state_.reset();
}

const std::string& Hdf5File::name() const { return state_->name; }

Hdf5File Hdf5File::create(const std::filesystem::path& path, const std::string& name) {
  const Guard guard;
  const std::string shown = name.empty() ? path.string() : name;
  const Handle access = file_access();
  const Handle creation = file_creation();
  auto state = std::make_unique<State>(
      H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), shown);
  if (!state->file.ok()) throw_input("{}: cannot be written: {}", shown, hdf5_reason());
  return Hdf5File(std::move(state));
}

Hdf5File Hdf5File::create_in_memory(const std::string& name) {
  const Guard guard;
  const Handle access = file_access();
  H5Pset_fapl_core(access.get(), kMemoryStep, false);
  const Handle creation = file_creation();
  auto state = std::make_unique<State>(
      H5Fcreate(name.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), name);
  if (!state->file.ok()) throw_input("{}: cannot be made in memory: {}", name, hdf5_reason());
  return Hdf5File(std::move(state));
}

std::string Hdf5File::image() {
  const Guard guard;
  state_->datasets.clear();
  const bool flushed = H5Fflush(state_->file.get(), H5F_SCOPE_LOCAL) >= 0;
  const ssize_t size = flushed ? H5Fget_file_image(state_->file.get(), nullptr, 0) : -1;
  std::string bytes(static_cast<std::size_t>(std::max<ssize_t>(size, 0)), '\0');
  if (size <= 0 || H5Fget_file_image(state_->file.get(), bytes.data(), bytes.size()) != size) {
    state_->fail("/", "cannot be taken out of memory");
  }
  internal::seal_superblock(bytes);
  return bytes;
}

void write_hdf5(const std::filesystem::path& path, Hdf5File& file) {
  write_file(path, file.image());
}

Hdf5File Hdf5File::open(const std::filesystem::path& path, const std::string& name) {
  const Guard guard;
  const std::string shown = name.empty() ? path.string() : name;
  if (!std::ifstream(path)) throw_input("{}: cannot be read: no such readable file", shown);
  const Handle access = file_access();
  auto state = std::make_unique<State>(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), shown);
  if (!state->file.ok()) {
    throw_input("{}: not a readable HDF5 file (foreign, truncated or damaged): {}", shown,
                hdf5_reason());
  }
  state->path = path;
  return Hdf5File(std::move(state));
}

void Hdf5File::close() {
  const Guard guard;
  // Chunks and metadata may reach the disk only here: the first failure is the one to tell.
  std::string reason;
  const auto note = [&reason](bool ok) {
    if (!ok && reason.empty()) reason = hdf5_reason();
  };
  for (auto& [path, dataset] : state_->datasets) note(dataset.reset());
  state_->datasets.clear();
  note(H5Fflush(state_->file.get(), H5F_SCOPE_LOCAL) >= 0);
  note(state_->file.reset());
  if (!reason.empty()) throw_input("{}: cannot be written: {}", state_->name, reason);
}

bool Hdf5File::has(const std::string& path) const {
  const Guard guard;
  // H5Lexists wants every group on the way to exist.
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string step = path.substr(0, end);
    if (H5Lexists(state_->file.get(), step.c_str(), H5P_DEFAULT) <= 0) return false;
    if (end == std::string::npos) break;
  }
  return H5Oexists_by_name(state_->file.get(), path.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> Hdf5File::datasets() const {
  const Guard guard;
  std::vector<std::string> paths;
  if (H5Ovisit2(state_->file.get(), H5_INDEX_NAME, H5_ITER_INC, collect_dataset, &paths,
                H5O_INFO_BASIC) < 0) {
    state_->fail("/", "cannot be listed");
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Shape Hdf5File::shape(const std::string& path) const {
  const Guard guard;
  const hid_t dataset = internal::open_dataset(*state_, path);
  return shape_of(Handle(H5Dget_space(dataset), H5Sclose).get());
}

Shape Hdf5File::chunk(const std::string& path) const {
  const Guard guard;
  const hid_t dataset = internal::open_dataset(*state_, path);
  const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
  if (H5Pget_layout(properties.get()) != H5D_CHUNKED) return {};
  hsize_t extent[H5S_MAX_RANK] = {};
  const int rank = H5Pget_chunk(properties.get(), H5S_MAX_RANK, extent);
  return Shape(extent, extent + std::max(rank, 0));
}

std::string Hdf5File::type_name(const std::string& path) const {
  const Guard guard;
  const hid_t dataset = internal::open_dataset(*state_, path);
  return describe_type(Handle(H5Dget_type(dataset), H5Tclose).get());
}

template <typename T>
void Hdf5File::make(const std::string& path, const Shape& shape, uint64_t chunk_rows) {
  const Guard guard;
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links.get(), 1);
  const Handle space = make_space(shape);
  const Handle properties = creation_properties(shape, chunk_rows);
  const Handle type = memory_type<T>();
  Handle dataset(H5Dcreate2(state_->file.get(), path.c_str(), type.get(), space.get(), links.get(),
                            properties.get(), H5P_DEFAULT),
                 H5Dclose);
  if (!dataset.ok()) state_->fail(path, "cannot be written");
  state_->datasets.emplace(path, std::move(dataset));
}

namespace {

/// File and memory selections of rows [first, first + count).
std::pair<Handle, Handle> select_rows(const internal::Hdf5State& state, hid_t dataset,
                                      const std::string& path, uint64_t first, uint64_t count) {
  Handle file_space(H5Dget_space(dataset), H5Sclose);
  const Shape shape = shape_of(file_space.get());
  if (shape.empty() || first > shape[0] || count > shape[0] - first) {
    throw_input("{}: {} has no rows {} to {}", state.name, path, first, first + count);
  }
  std::vector<hsize_t> start(shape.size(), 0);
  std::vector<hsize_t> extent(shape.begin(), shape.end());
  start[0] = first;
  extent[0] = count;
  H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start.data(), nullptr, extent.data(),
                      nullptr);
  Handle memory_space(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                      H5Sclose);
  return {std::move(file_space), std::move(memory_space)};
}

}  // namespace

template <typename T>
void Hdf5File::write_rows(const std::string& path, uint64_t first, uint64_t count,
                          const T* values) {
  const Guard guard;
  if (count == 0) return;
  const hid_t dataset = internal::open_dataset(*state_, path);
  // Closed after the failure is told: closing anything wipes the library's error stack.
  const Handle type = memory_type<T>();
  const auto [file_space, memory_space] = select_rows(*state_, dataset, path, first, count);
  if (H5Dwrite(dataset, type.get(), memory_space.get(), file_space.get(), H5P_DEFAULT, values) <
      0) {
    state_->fail(path, "cannot be written");
  }
}

template <typename T>
void Hdf5File::read_rows(const std::string& path, uint64_t first, uint64_t count, T* values) const {
  const Guard guard;
  if (count == 0) return;
  const hid_t dataset = internal::open_dataset(*state_, path);
  // Closed after the failure is told: closing anything wipes the library's error stack.
  const Handle type = memory_type<T>();
  const auto [file_space, memory_space] = select_rows(*state_, dataset, path, first, count);
  internal::check_number(*state_, Handle(H5Dget_type(dataset), H5Tclose).get(), path);
  if (H5Dread(dataset, type.get(), memory_space.get(), file_space.get(), H5P_DEFAULT, values) < 0) {
    state_->fail(path, "cannot be read");
  }
}

template <typename T>
void Hdf5File::write(const std::string& path, const Shape& shape, const std::vector<T>& values,
                     uint64_t chunk_rows) {
  THZ_REQUIRE(element_count(shape) == values.size(),
              "shape of " + path + " does not fit its values");
  const Guard guard;
  make<T>(path, shape, chunk_rows);
  if (values.empty()) return;
  const hid_t dataset = internal::open_dataset(*state_, path);
  const Handle type = memory_type<T>();
  if (H5Dwrite(dataset, type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
    state_->fail(path, "cannot be written");
  }
}

template <typename T>
std::vector<T> Hdf5File::read(const std::string& path) const {
  const Guard guard;
  const uint64_t count = element_count(shape(path));
  const hid_t dataset = internal::open_dataset(*state_, path);
  if (count > kMostElements || count * sizeof(T) > internal::most_bytes(*state_)) {
    throw_input("{}: {} claims {} elements, more than the file can hold", state_->name, path,
                count);
  }
  internal::check_number(*state_, Handle(H5Dget_type(dataset), H5Tclose).get(), path);
  std::vector<T> values(count);
  const Handle type = memory_type<T>();
  if (count != 0 &&
      H5Dread(dataset, type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
    state_->fail(path, "cannot be read");
  }
  return values;
}

#define THZ_HDF5_INSTANTIATE(T)                                                             \
  template void Hdf5File::make<T>(const std::string&, const Shape&, uint64_t);              \
  template void Hdf5File::write_rows<T>(const std::string&, uint64_t, uint64_t, const T*);  \
  template void Hdf5File::read_rows<T>(const std::string&, uint64_t, uint64_t, T*) const;   \
  template void Hdf5File::write<T>(const std::string&, const Shape&, const std::vector<T>&, \
                                   uint64_t);                                               \
  template std::vector<T> Hdf5File::read<T>(const std::string&) const;
THZ_HDF5_INSTANTIATE(int8_t)
THZ_HDF5_INSTANTIATE(uint8_t)
THZ_HDF5_INSTANTIATE(int16_t)
THZ_HDF5_INSTANTIATE(uint16_t)
THZ_HDF5_INSTANTIATE(int32_t)
THZ_HDF5_INSTANTIATE(uint32_t)
THZ_HDF5_INSTANTIATE(int64_t)
THZ_HDF5_INSTANTIATE(uint64_t)
THZ_HDF5_INSTANTIATE(float)
THZ_HDF5_INSTANTIATE(double)
THZ_HDF5_INSTANTIATE(std::complex<float>)
#undef THZ_HDF5_INSTANTIATE

bool is_hdf5(const std::filesystem::path& path) {
  static const char kSignature[] = "\x89HDF\r\n\x1a\n";
  char head[8] = {};
  std::ifstream file(path, std::ios::binary);
  return file.read(head, sizeof head) && std::equal(head, head + 8, kSignature);
}

}  // namespace thz::io
