#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "thz/io/safetensors.h"

namespace thz::model::test {

/// A folder for runs, gone with the object.
class RunFolder {
 public:
  RunFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "thz-run-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    base_ = name;
  }
  ~RunFolder() { std::filesystem::remove_all(base_); }
  std::string at(const std::string& name) const { return (base_ / name).string(); }

 private:
  std::filesystem::path base_;
};

inline std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The weights, teacher and moments of two runs, bit for bit.
inline void check_same_weights(const std::string& a, const std::string& b) {
  const auto x = io::read_safetensors(a + "/checkpoints/last.safetensors");
  const auto y = io::read_safetensors(b + "/checkpoints/last.safetensors");
  REQUIRE(x.tensors.size() == y.tensors.size());
  for (const auto& [name, tensor] : x.tensors) {
    CAPTURE(name);
    CHECK(tensor.values == y.at(name).values);
  }
}

}  // namespace thz::model::test
