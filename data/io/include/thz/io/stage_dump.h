#pragma once

#include <complex>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "thz/core/image.h"
#include "thz/io/hdf5_file.h"

namespace thz::io {

/// One intermediate result of the simulator, any number of axes.
struct StageArray {
  std::string name;  ///< "surface/range_m": path inside the file, without the leading slash
  Shape shape;       ///< slowest axis first
  std::variant<std::vector<float>, std::vector<double>, std::vector<std::complex<float>>,
               std::vector<int32_t>>
      values;
  std::string units;        ///< "m", "1" for plain ratios; attribute `units`
  std::string axes;         ///< "[line][sample]"; attribute `axes`
  std::string description;  ///< attribute `description`, omitted when empty
};

StageArray stage_image(const std::string& name, const ImageF& image, const std::string& units,
                       const std::string& axes, const std::string& description = "");
StageArray stage_image(const std::string& name, const ImageD& image, const std::string& units,
                       const std::string& axes, const std::string& description = "");
StageArray stage_image(const std::string& name, const ImageC& image, const std::string& units,
                       const std::string& axes, const std::string& description = "");

/// Writes the arrays to one HDF5 file (schema "thzface-stages/1"), whole or not at all;
/// `attributes` become texts of the root (scene, version, ...).
/// @throws InputError if the file cannot be written, ContractError if a shape does not fit its
/// values.
void write_stage_dump(const std::filesystem::path& path, const std::vector<StageArray>& arrays,
                      const std::map<std::string, std::string>& attributes);

/// Reads one array of float or double back as float. @throws InputError.
ImageF read_stage_image(const std::filesystem::path& path, const std::string& name);

}  // namespace thz::io
