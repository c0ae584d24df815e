#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "thz/core/rng.h"
#include "thz/core/sha256.h"
#include "thz/io/dataset.h"

namespace thz::test {

/// A folder of its own that goes away with the test.
class Scratch {
 public:
  Scratch() {
    static std::atomic<int> counter{0};
    path_ = std::filesystem::temp_directory_path() /
            ("thz-test-" + std::to_string(::getpid()) + "-" + std::to_string(counter++));
    std::filesystem::create_directories(path_);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

inline void spill(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::size_t count_entries(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

/// A picture that depends on nothing but its keys.
inline ImageF noise_image(uint64_t seed, uint64_t entity, int rows, int cols) {
  Rng rng(seed, RngPurpose::kTest, entity);
  ImageF image(rows, cols);
  for (float& value : image.data) value = static_cast<float>(rng.uniform());
  return image;
}

inline io::DatasetHeader small_header(uint64_t rows, uint64_t visible_rows, bool power) {
  io::DatasetHeader header;
  header.rows = rows;
  header.visible_rows = visible_rows;
  header.power_lines = power ? 8 : 0;
  header.power_samples = power ? 16 : 0;
  header.seed = 5;
  header.scene_toml = "schema = \"thzface-scene/1\"\n";
  header.scene_sha256 = sha256_hex(header.scene_toml);
  header.plan_toml = "name = \"test\"\n";
  header.plan_sha256 = sha256_hex(header.plan_toml);
  header.instruction_set = "avx2";
  header.thzface_version = "0.1.0";
  header.mapping_json = "{\"kind\":\"power-law\"}";
  header.fabric_names = {"acrylic", "cotton"};
  header.soft_biometric_names = {"nose_breadth_mm", "face_length_mm"};
  header.head_coefficient_names = {"a", "b", "c"};
  header.nuisance_names = {"gain_db"};
  return header;
}

inline io::DatasetRow small_row(const io::DatasetHeader& header, uint64_t n) {
  io::DatasetRow row;
  row.image = noise_image(header.seed, n, 64, 64);
  if (header.power_lines > 0) {
    row.power = noise_image(header.seed + 1, n, header.power_lines, header.power_samples);
  }
  row.identity = static_cast<int32_t>(n / 20);
  row.posture = static_cast<int32_t>(n / 4 % 5);
  row.concealed = static_cast<uint8_t>(n / 2 % 2);
  row.capture = static_cast<int32_t>(n % 2);
  row.visible_index = header.visible_rows > 0 ? static_cast<int32_t>(n / 2) : -1;
  row.fabric = row.concealed != 0 ? static_cast<int32_t>(n % 2) : -1;
  row.seed = header.seed;
  const auto x = static_cast<float>(n);
  row.soft_biometrics = {35.0F + x, 120.0F};
  row.head_coefficients = {x, -x, 0.5F};
  row.pose = {45.0F, 1.0F, 2.0F, 0.001F, 0.0F, 0.01F * x};
  row.nuisance = {0.25F};
  return row;
}

/// Picture v belongs to rows 2v and 2v + 1.
inline io::VisibleRow small_visible(const io::DatasetHeader& header, uint64_t v) {
  const io::DatasetRow row = small_row(header, 2 * v);
  return {noise_image(77, v, 64, 64), row.identity, row.posture, row.concealed};
}

}  // namespace thz::test
