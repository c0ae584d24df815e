#include <algorithm>
#include <cmath>

#include "lagrange.h"
#include "thz/core/error.h"
#include "thz/sim/envelope.h"

namespace thz::sim {
namespace {

constexpr int kMostFieldTerms = 16;
/// Sweeps of the relaxation; the interpolation error stands still after some ten.
constexpr int kSweeps = 16;

}  // namespace

EnvelopeField::EnvelopeField(const Gregorian& optics, double frequency_hz,
                             const Vec2& field_of_view_m, int rows, int cols,
                             const EnvelopeOptions& options, const ProgressFn& progress,
                             const CancelToken& cancel)
    : rows_(rows), cols_(cols), field_of_view_m_(field_of_view_m) {
  THZ_REQUIRE(rows >= 4 && cols >= 4 && rows <= 64 && cols <= 64,
              "a field of envelopes has 4 to 64 nodes each way");
  const auto total = static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
  for (int row = 0; row < rows; ++row) {
    for (int col = 0; col < cols; ++col) {
      cancel.throw_if_requested();
      SeparableEnvelope envelope(envelope_stack(optics, frequency_hz, node_m(row, col), options));
      // A start from the nodes that are there already.
      std::vector<const SeparableEnvelope*> before;
      if (col > 0) before.push_back(&nodes_.back());
      if (row > 0) before.push_back(&node(row - 1, col));
      for (int pass = 0; pass < 2 && !before.empty(); ++pass) envelope.align_to(before);
      nodes_.push_back(std::move(envelope));
      if (progress) progress(nodes_.size(), total);
    }
  }
  relax();
}

/// Turning terms along different ways to the same node gives different terms. Each node turned to
/// match the mean of its neighbours, over and over, spreads that difference thinly over the field.
void EnvelopeField::relax() {
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (int row = 0; row < rows_; ++row) {
      for (int col = 0; col < cols_; ++col) {
        std::vector<const SeparableEnvelope*> beside;
        if (row > 0) beside.push_back(&node(row - 1, col));
        if (row + 1 < rows_) beside.push_back(&node(row + 1, col));
        if (col > 0) beside.push_back(&node(row, col - 1));
        if (col + 1 < cols_) beside.push_back(&node(row, col + 1));
        nodes_[static_cast<std::size_t>(row * cols_ + col)].align_to(beside);
      }
    }
  }
}

template <typename Terms>
void EnvelopeField::blend(const Vec2& landing_m, std::complex<float>* out, Terms&& terms) const {
  const double col = (landing_m.x() / field_of_view_m_.x() + 0.5) * (cols_ - 1);
  const double row = (0.5 - landing_m.y() / field_of_view_m_.y()) * (rows_ - 1);
  const internal::FourNodes across = internal::four_nodes(col, cols_);
  const internal::FourNodes down = internal::four_nodes(row, rows_);
  std::fill(out, out + rank(), std::complex<float>(0.0f));
  std::complex<float> here[kMostFieldTerms];
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      terms(node(down.first + i, across.first + j), here);
      const auto weight = static_cast<float>(down.weight[i] * across.weight[j]);
      for (int r = 0; r < rank(); ++r) out[r] += weight * here[r];
    }
  }
}

void EnvelopeField::x_terms(const Vec2& landing_m, double dx_m, double zeta_m,
                            std::complex<float>* out) const {
  blend(landing_m, out, [&](const SeparableEnvelope& envelope, std::complex<float>* terms) {
    envelope.x_terms(dx_m, zeta_m, terms);
  });
}

void EnvelopeField::y_terms(const Vec2& landing_m, double dy_m, double zeta_m,
                            std::complex<float>* out) const {
  blend(landing_m, out, [&](const SeparableEnvelope& envelope, std::complex<float>* terms) {
    envelope.y_terms(dy_m, zeta_m, terms);
  });
}

std::complex<float> EnvelopeField::value(const Vec2& landing_m, double dx_m, double dy_m,
                                         double zeta_m) const {
  std::complex<float> x[kMostFieldTerms], y[kMostFieldTerms], sum = 0.0f;
  x_terms(landing_m, dx_m, zeta_m, x);
  y_terms(landing_m, dy_m, zeta_m, y);
  for (int r = 0; r < rank(); ++r) sum += x[r] * y[r];
  return sum;
}

}  // namespace thz::sim
