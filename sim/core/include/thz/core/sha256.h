#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace thz {

/// SHA-256 (FIPS 180-4) by OpenSSL, streaming; for names of scenes and contents.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(const void* bytes, std::size_t count);
  void add(std::string_view text) { add(text.data(), text.size()); }
  /// 64 lower-case hexadecimal digits; the object is finished afterwards.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_hex(std::string_view text);

}  // namespace thz
