#pragma once

#include <complex>
#include <cstddef>
#include <utility>
#include <vector>

namespace thz {

/// A row-major image, axes [row][column]; row 0 is at the top (+y), column 0 at -x.
template <typename T>
struct Image {
  int rows = 0;
  int cols = 0;
  std::vector<T> data;

  Image() = default;
  Image(int rows_, int cols_, T value = T{})
      : rows(rows_),
        cols(cols_),
        data(static_cast<std::size_t>(rows_) * static_cast<std::size_t>(cols_), value) {}

  bool empty() const { return data.empty(); }
  std::size_t size() const { return data.size(); }
  T& operator()(int row, int col) {
    return data[static_cast<std::size_t>(row) * static_cast<std::size_t>(cols) +
                static_cast<std::size_t>(col)];
  }
  const T& operator()(int row, int col) const {
    return data[static_cast<std::size_t>(row) * static_cast<std::size_t>(cols) +
                static_cast<std::size_t>(col)];
  }
  T* row(int r) {
    return data.data() + static_cast<std::size_t>(r) * static_cast<std::size_t>(cols);
  }
  const T* row(int r) const {
    return data.data() + static_cast<std::size_t>(r) * static_cast<std::size_t>(cols);
  }
};

using ImageF = Image<float>;
using ImageD = Image<double>;
using ImageC = Image<std::complex<float>>;

}  // namespace thz
