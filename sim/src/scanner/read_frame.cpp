#include <algorithm>
#include <array>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/sim/scanner.h"

namespace thz::sim {
namespace {

constexpr int kTaps = 8;
/// Attenuation against width of a Kaiser window of this length (Kaiser & Schafer 1980): some 60 dB
/// for the content in the lower half of the band.
constexpr double kKaiserBeta = 5.6;
/// Weights are tabulated at this many places between two samples; the nearest serves (-60 dB).
constexpr int kSteps = 1024;

double bessel_i0(double x) {
  double sum = 1.0, term = 1.0;
  for (int k = 1; k < 50; ++k) {
    term *= (0.5 * x / k) * (0.5 * x / k);
    sum += term;
  }
  return sum;
}

/// Weights of samples -3 .. 4 around a place `fraction` past sample 0.
struct SincTable {
  std::vector<std::array<float, kTaps>> weight;

  SincTable() : weight(kSteps + 1) {
    for (int i = 0; i <= kSteps; ++i) {
      const double fraction = static_cast<double>(i) / kSteps;
      double sum = 0.0;
      std::array<double, kTaps> w{};
      for (int k = 0; k < kTaps; ++k) {
        const double t = k - 3 - fraction;
        const double edge = t / (0.5 * kTaps);
        const double window =
            std::abs(edge) >= 1.0
                ? 0.0
                : bessel_i0(kKaiserBeta * std::sqrt(1.0 - edge * edge)) / bessel_i0(kKaiserBeta);
        const double sinc = std::abs(t) < 1e-9 ? 1.0 : std::sin(kPi * t) / (kPi * t);
        w[static_cast<std::size_t>(k)] = sinc * window;
        sum += sinc * window;
      }
      for (int k = 0; k < kTaps; ++k) {
        weight[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)] =
            static_cast<float>(w[static_cast<std::size_t>(k)] / sum);
      }
    }
  }

  const std::array<float, kTaps>& at(double fraction) const {
    return weight[static_cast<std::size_t>(std::lround(fraction * kSteps))];
  }
};

/// Where a foot point lies in the dense raster.
struct Place {
  int first_row = 0, first_col = 0;  // of the taps
  const float* row_weight = nullptr;
  const float* col_weight = nullptr;
  bool inside = false;
};

class DensePlaces {
 public:
  explicit DensePlaces(const ScanGeometry& dense)
      : first_(dense.foot_m(0, 0)),
        step_x_(dense.foot_m(0, 1).x() - first_.x()),
        step_y_(first_.y() - dense.foot_m(1, 0).y()),
        rows_(dense.lines()),
        cols_(dense.samples_per_line()) {}

  Place at(const Vec2& foot_m) const {
    const double row = (first_.y() - foot_m.y()) / step_y_;
    const double col = (foot_m.x() - first_.x()) / step_x_;
    Place place;
    const double row_floor = std::floor(row), col_floor = std::floor(col);
    if (!(row_floor >= 3 && row_floor + 4 < rows_ && col_floor >= 3 && col_floor + 4 < cols_)) {
      return place;
    }
    place.inside = true;
    place.first_row = static_cast<int>(row_floor) - 3;
    place.first_col = static_cast<int>(col_floor) - 3;
    place.row_weight = table().at(row - row_floor).data();
    place.col_weight = table().at(col - col_floor).data();
    return place;
  }

 private:
  static const SincTable& table() {
    static const SincTable instance;
    return instance;
  }

  Vec2 first_;
  double step_x_, step_y_;
  int rows_, cols_;
};

std::complex<float> read_at(const ImageC& image, const Place& place) {
  float re = 0.0f, im = 0.0f;
  for (int r = 0; r < kTaps; ++r) {
    const std::complex<float>* row = image.row(place.first_row + r) + place.first_col;
    float row_re = 0.0f, row_im = 0.0f;
    for (int c = 0; c < kTaps; ++c) {
      row_re += place.col_weight[c] * row[c].real();
      row_im += place.col_weight[c] * row[c].imag();
    }
    re += place.row_weight[r] * row_re;
    im += place.row_weight[r] * row_im;
  }
  return {re, im};
}

}  // namespace

ScanGeometry dense_raster(const BeamOptions& beam, const ScanGeometry& scan) {
  const double pitch = 0.3 * beam.waist_m;
  // Room for the taps, and for the places that distortion and motion reach outside the field.
  const Vec2 field = 1.1 * scan.field_of_view_m() + Vec2::Constant(2.0 * kTaps * pitch);
  return {scan.standoff_m(), field, static_cast<int>(std::ceil(field.y() / pitch)),
          static_cast<int>(std::ceil(field.x() / pitch))};
}

RangeFrame read_frame(const RangeFrame& dense, const ScanGeometry& dense_scan, const ScanPath& path,
                      const std::vector<Vec2>& shift_m, int threads) {
  THZ_REQUIRE(shift_m.empty() || shift_m.size() == static_cast<std::size_t>(path.lines()),
              "one shift a line");
  const DensePlaces places(dense_scan);
  RangeFrame frame;
  frame.bins.assign(dense.bins.size(), ImageC(path.lines(), path.samples()));
  parallel_for(static_cast<std::size_t>(path.lines()), threads, [&](std::size_t l) {
    const int line = static_cast<int>(l);
    const Vec2 shift = shift_m.empty() ? Vec2(Vec2::Zero()) : shift_m[l];
    std::vector<Place> row;
    for (int s = 0; s < path.samples(); ++s) row.push_back(places.at(path.foot_m(line, s) - shift));
    for (std::size_t b = 0; b < dense.bins.size(); ++b) {
      for (int s = 0; s < path.samples(); ++s) {
        const Place& place = row[static_cast<std::size_t>(s)];
        if (place.inside) frame.bins[b](line, s) = read_at(dense.bins[b], place);
      }
    }
  });
  return frame;
}

}  // namespace thz::sim
