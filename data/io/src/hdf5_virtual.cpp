// Arrays whose rows lie in other files (HDF5's virtual data sets), written for other programs.
#include <limits>

#include "hdf5_state.h"
#include "thz/core/error.h"
#include "thz/io/hdf5_file.h"

namespace thz::io {

using internal::Guard;
using internal::Handle;

namespace {

Handle space_of(const Shape& shape) {
  const std::vector<hsize_t> extent(shape.begin(), shape.end());
  return Handle(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                H5Sclose);
}

}  // namespace

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

}  // namespace thz::io
