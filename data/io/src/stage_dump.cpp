#include "thz/io/stage_dump.h"

#include "thz/core/error.h"

namespace thz::io {
namespace {

constexpr char kStagesSchema[] = "thzface-stages/1";

template <typename T>
StageArray stage_of(const std::string& name, const Image<T>& image, const std::string& units,
                    const std::string& axes, const std::string& description) {
  return {name,       {static_cast<uint64_t>(image.rows), static_cast<uint64_t>(image.cols)},
          image.data, units,
          axes,       description};
}

void write_array(Hdf5File& file, const StageArray& array) {
  const std::string path = "/" + array.name;
  std::visit([&](const auto& values) { file.write(path, array.shape, values); }, array.values);
  file.set_text(path, "units", array.units);
  file.set_text(path, "axes", array.axes);
  if (!array.description.empty()) file.set_text(path, "description", array.description);
}

}  // namespace

StageArray stage_image(const std::string& name, const ImageF& image, const std::string& units,
                       const std::string& axes, const std::string& description) {
  return stage_of(name, image, units, axes, description);
}

StageArray stage_image(const std::string& name, const ImageD& image, const std::string& units,
                       const std::string& axes, const std::string& description) {
  return stage_of(name, image, units, axes, description);
}

StageArray stage_image(const std::string& name, const ImageC& image, const std::string& units,
                       const std::string& axes, const std::string& description) {
  return stage_of(name, image, units, axes, description);
}

void write_stage_dump(const std::filesystem::path& path, const std::vector<StageArray>& arrays,
                      const std::map<std::string, std::string>& attributes) {
  Hdf5File file = Hdf5File::create_in_memory(path.string());
  file.set_text("/", "schema", kStagesSchema);
  for (const auto& [key, value] : attributes) file.set_text("/", key, value);
  for (const StageArray& array : arrays) write_array(file, array);
  write_hdf5(path, file);
}

ImageF read_stage_image(const std::filesystem::path& path, const std::string& name) {
  const Hdf5File file = Hdf5File::open(path);
  const Shape shape = file.shape("/" + name);
  constexpr uint64_t kLargestSide = 1u << 20;
  if (shape.size() != 2 || shape[0] > kLargestSide || shape[1] > kLargestSide) {
    throw_input("{}: /{} has {} axes, an image with 2 is expected", path.string(), name,
                shape.size());
  }
  ImageF image;
  image.rows = static_cast<int>(shape[0]);
  image.cols = static_cast<int>(shape[1]);
  image.data = file.read<float>("/" + name);
  return image;
}

}  // namespace thz::io
