#pragma once

#include <string>

namespace thz::model {

/// "float32" or "bfloat16" for a setting that may also be "auto". Throws InputError where bfloat16
/// is asked for and the processor computes none: emulated it is slower than float32, or refused.
std::string resolved_precision(const std::string& setting);

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
