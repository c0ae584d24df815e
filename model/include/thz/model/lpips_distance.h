#pragma once

#include <memory>
#include <string>
#include <vector>

namespace thz::model {

/// LPIPS of grey images without a LibTorch header (thz/model/lpips.h says what it is).
class LpipsDistance {
 public:
  /// Reads schema lpips-squeeze/1. @throws InputError naming file and data set.
  static LpipsDistance load(const std::string& path);
  LpipsDistance(LpipsDistance&&) noexcept;
  ~LpipsDistance();

  /// @param a, b  [N][rows][cols], grey in [0, 1], N > 0
  /// @return [N]
  /// @throws InputError for images below 32 pixels a side: nothing would be left of them.
  std::vector<double> distances(const std::vector<float>& a, const std::vector<float>& b, int rows,
                                int cols) const;

 private:
  struct Impl;
  explicit LpipsDistance(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace thz::model
