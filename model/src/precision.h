#pragma once

#include <string>

namespace thz::model {

/// "float32" or "bfloat16" for a setting that may also be "auto". On a processor that is the latter
/// where it computes bfloat16, and InputError is thrown where it is asked for and not there:
/// emulated it is slower than float32, or refused. On a CUDA device, which LibTorch does not tell
/// about here, "auto" is "float32" and "bfloat16" is taken at its word.
std::string resolved_precision(const std::string& setting, bool cuda);

/// While it lives (and is on), LibTorch computes convolutions and products of this thread in
/// bfloat16; weights and their gradients stay float32.
class Autocast {
 public:
  Autocast(const std::string& precision, bool cuda);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool on_, cuda_;
};

}  // namespace thz::model
