#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>
#include <mutex>

#include "../optics/lagrange.h"
#include "scan_beams.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"

namespace thz::sim {
namespace {

using namespace internal;
using Eigen::Index;
using Eigen::MatrixXcf;

/// Directions tried beyond the terms kept, so that the last of these are found too.
constexpr int kSpareTerms = 4;

/// Coordinates of one tile's matrix: columns [knot along the slab][fine x], rows [line][depth
/// knot][fine y].
struct TileShape {
  int wide, high, lines;
  Index cols() const { return kTileKnots * wide; }
  Index rows() const { return static_cast<Index>(lines) * kTileKnots * high; }
  Index col(int knot, int i) const { return knot * wide + i; }
  Index row(int line, int knot, int j) const { return (line * kTileKnots + knot) * high + j; }
};

/// A short sum of products: matrix ~ across alongᴴ, the columns of `along` orthonormal.
struct Factors {
  MatrixXcf across, along;
  double total = 0.0, left = 0.0;
};

/// Where the search for a tile's directions starts: phases spread by the golden ratio.
MatrixXcf start_columns(Index rows, Index cols) {
  MatrixXcf start(rows, cols);
  for (Index c = 0; c < cols; ++c) {
    for (Index r = 0; r < rows; ++r) {
      const double turns = 0.6180339887498949 * static_cast<double>((r + 1) * (r + 2 * c + 1));
      start(r, c) = std::complex<float>(std::polar(1.0, 2.0 * kPi * (turns - std::floor(turns))));
    }
  }
  return start;
}

MatrixXcf orthonormal(const MatrixXcf& columns) {
  const Eigen::HouseholderQR<MatrixXcf> qr(columns);
  return qr.householderQ() * MatrixXcf::Identity(columns.rows(), columns.cols());
}

/// Truncated singular value decomposition by subspace iteration (Halko, Martinsson and Tropp, SIAM
/// Review 53, 217, 2011). @param sample  rows of the matrix from which its directions are found.
Factors factorise(const MatrixXcf& matrix, const MatrixXcf& sample, double residual, int most) {
  Factors out;
  out.total = out.left = matrix.cast<std::complex<double>>().squaredNorm();
  const Index tried = std::min<Index>({most + kSpareTerms, sample.rows(), sample.cols()});
  if (out.total <= 0.0) return out;
  MatrixXcf basis = start_columns(sample.cols(), tried);
  for (int pass = 0; pass < 3; ++pass) {
    basis = orthonormal(sample.adjoint() * (sample * basis));
  }
  const Eigen::MatrixXcd inside = (sample * basis).cast<std::complex<double>>();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> solver(inside.adjoint() * inside);
  const Index kept = std::min<Index>(most, tried);
  // Descending.
  const MatrixXcf turn =
      solver.eigenvectors().rowwise().reverse().leftCols(kept).cast<std::complex<float>>();
  const MatrixXcf along = basis * turn;
  const MatrixXcf across = matrix * along;
  Index terms = 0;
  while (terms < kept && out.left > residual * out.total) {
    out.left -= across.col(terms).cast<std::complex<double>>().squaredNorm();
    ++terms;
  }
  out.left = std::max(0.0, out.left);
  out.across = across.leftCols(terms);
  out.along = along.leftCols(terms);
  return out;
}

/// Tiles of one group of lines and one group of depths, for all slabs.
class TileMaker {
 public:
  TileMaker(const BeamTiles& beam, const ApertureGrid& grid, const DepthKnots& depths,
            const ScanBeams& beams, const BeamTileOptions& options)
      : beam_(beam), grid_(grid), depths_(depths), beams_(beams), options_(options) {}

  struct Made {
    std::vector<BeamTiles::Tile> tiles;  // [slab]; places count from the start of `values`
    std::vector<float> values;
    double total = 0.0, left = 0.0, worst = 0.0;
  };
  Made operator()(int line_group, int depth_group) const;

 private:
  using Planes = std::vector<MatrixXcf>;  // [line][depth knot][node col], each [fine y][fine x]
  Planes between_nodes(int first_line, int lines, int depth_group) const;
  MatrixXcf fill(const Planes& planes, const TileShape& shape, int slab) const;
  void add_tile(const MatrixXcf& matrix, const TileShape& shape, Made& made) const;
  void store_along(const Factors& f, const TileShape& cut, const BeamTiles::Tile& tile,
                   std::vector<float>& values) const;
  void store_across(const Factors& f, const TileShape& cut, const BeamTiles::Tile& tile,
                    std::vector<float>& values) const;

  const BeamTiles& beam_;
  const ApertureGrid& grid_;
  const DepthKnots& depths_;
  const ScanBeams& beams_;
  const BeamTileOptions& options_;
};

/// The nodes' beams interpolated to the lines and the depth knots of a tile.
TileMaker::Planes TileMaker::between_nodes(int first_line, int lines, int depth_group) const {
  const Index high = 2 * beams_.half_y() + 1, wide = 2 * beams_.half_x() + 1;
  std::vector<FourNodes> rows;
  for (int line = 0; line < lines; ++line) {
    rows.push_back(four_nodes(beams_.row_at(grid_.y.position_m(first_line + line)), beams_.rows()));
  }
  Planes planes(static_cast<std::size_t>(lines * kTileKnots * beams_.cols()));
  for (int knot = 0; knot < kTileKnots; ++knot) {
    const std::vector<double> deep =
        depths_.weights(beam_.first_depth_m + beam_.tile_depth_m * (depth_group + 0.5 * knot));
    for (int col = 0; col < beams_.cols(); ++col) {
      Planes at_depth;
      for (int row = rows.front().first; row < rows.back().first + 4; ++row) {
        MatrixXcf plane = MatrixXcf::Zero(high, wide);
        for (int d = 0; d < depths_.count(); ++d) {
          plane += static_cast<float>(deep[static_cast<std::size_t>(d)]) *
                   Eigen::Map<const MatrixXcf>(beams_.values(row, col, d), high, wide);
        }
        at_depth.push_back(std::move(plane));
      }
      for (int line = 0; line < lines; ++line) {
        const FourNodes& four = rows[static_cast<std::size_t>(line)];
        MatrixXcf& plane =
            planes[static_cast<std::size_t>((line * kTileKnots + knot) * beams_.cols() + col)];
        plane = MatrixXcf::Zero(high, wide);
        for (int r = 0; r < 4; ++r) {
          plane += static_cast<float>(four.weight[r]) *
                   at_depth[static_cast<std::size_t>(four.first - rows.front().first + r)];
        }
      }
    }
  }
  return planes;
}

/// One slab's matrix: at every offset the beam of the scan position that lies so far from the
/// column.
MatrixXcf TileMaker::fill(const Planes& planes, const TileShape& shape, int slab) const {
  MatrixXcf matrix(shape.rows(), shape.cols());
  const double last_m = grid_.x.position_m(grid_.x.positions() - 1);
  for (int along = 0; along < kTileKnots; ++along) {
    const double column_m =
        grid_.x.place_m(ApertureGrid::first_cell(slab) + 0.5 * along * (kSlabWidth - 1));
    for (int i = 0; i < shape.wide; ++i) {
      const double scan_m = std::clamp(column_m + (i - beams_.half_x()) * grid_.x.fine_m(),
                                       grid_.x.position_m(0), last_m);
      const FourNodes cols = four_nodes(beams_.col_at(scan_m), beams_.cols());
      for (int block = 0; block < shape.lines * kTileKnots; ++block) {
        auto to = matrix.col(shape.col(along, i)).segment(block * shape.high, shape.high);
        to.setZero();
        for (int c = 0; c < 4; ++c) {
          to += static_cast<float>(cols.weight[c]) *
                planes[static_cast<std::size_t>(block * beams_.cols() + cols.first + c)].col(i);
        }
      }
    }
  }
  return matrix;
}

/// The least half width outside which no more than `share` of the power lies.
int trimmed(const std::vector<double>& power, double share) {
  const int half = static_cast<int>(power.size()) / 2;
  double total = 0.0, outside = 0.0;
  for (const double p : power) total += p;
  int width = half;
  while (width > 1) {
    outside += power[static_cast<std::size_t>(half - width)] +
               power[static_cast<std::size_t>(half + width)];
    if (outside > share * total) break;
    --width;
  }
  return width;
}

void TileMaker::add_tile(const MatrixXcf& matrix, const TileShape& shape, Made& made) const {
  const double residual = std::pow(10.0, 0.1 * options_.residual_db);
  std::vector<double> by_x(static_cast<std::size_t>(shape.wide), 0.0);
  std::vector<double> by_y(static_cast<std::size_t>(shape.high), 0.0);
  for (Index c = 0; c < matrix.cols(); ++c) {
    for (Index r = 0; r < matrix.rows(); ++r) {
      const double power = std::norm(matrix(r, c));
      by_x[static_cast<std::size_t>(c % shape.wide)] += power;
      by_y[static_cast<std::size_t>(r % shape.high)] += power;
    }
  }
  BeamTiles::Tile tile;
  tile.along_half = trimmed(by_x, 0.15 * residual);
  tile.across_half = trimmed(by_y, 0.15 * residual);
  const TileShape cut{2 * tile.along_half + 1, 2 * tile.across_half + 1, shape.lines};
  MatrixXcf inner(cut.rows(), cut.cols());
  for (int knot = 0; knot < kTileKnots; ++knot) {
    for (int block = 0; block < shape.lines * kTileKnots; ++block) {
      inner.block(block * cut.high, knot * cut.wide, cut.high, cut.wide) =
          matrix.block(block * shape.high + shape.high / 2 - tile.across_half,
                       knot * shape.wide + shape.wide / 2 - tile.along_half, cut.high, cut.wide);
    }
  }
  // Every second row on the first and the last line shows what there is: the beam's spectrum ends
  // at half the lattice's.
  const int stride = cut.high > 24 ? 2 : 1;
  std::vector<Index> picked;
  for (const int line : {0, shape.lines - 1}) {
    for (int knot = 0; knot < kTileKnots; ++knot) {
      for (int j = 0; j < cut.high; j += stride) picked.push_back(cut.row(line, knot, j));
    }
    if (shape.lines == 1) break;
  }
  MatrixXcf sample(static_cast<Index>(picked.size()), cut.cols());
  for (std::size_t r = 0; r < picked.size(); ++r) {
    sample.row(static_cast<Index>(r)) = inner.row(picked[r]);
  }
  const Factors f = factorise(inner, sample, residual, options_.most_terms);
  tile.terms = static_cast<int32_t>(f.along.cols());
  made.total += f.total;
  made.left += f.left;
  if (f.total > 0.0) made.worst = std::max(made.worst, f.left / f.total);
  tile.along_at = made.values.size();
  store_along(f, cut, tile, made.values);
  tile.across_at = made.values.size();
  store_across(f, cut, tile, made.values);
  made.tiles.push_back(tile);
}

void TileMaker::store_along(const Factors& f, const TileShape& cut, const BeamTiles::Tile& tile,
                            std::vector<float>& values) const {
  const int phases = grid_.x.per_position();
  const AlongLayout layout(tile.along_half, phases);
  const std::size_t start = values.size();
  values.resize(start + layout.floats(tile.terms, phases), 0.0f);
  for (int term = 0; term < tile.terms; ++term) {
    for (int knot = 0; knot < kTileKnots; ++knot) {
      for (int fine = -tile.along_half; fine <= tile.along_half; ++fine) {
        const std::complex<float> v =
            std::conj(f.along(cut.col(knot, fine + tile.along_half), term));
        const int phase = ((fine % phases) + phases) % phases;
        float* to = values.data() + start +
                    2L * layout.stride * ((term * kTileKnots + knot) * phases + phase) +
                    (fine - phase) / phases + layout.reach;
        to[0] = v.real();
        to[layout.stride] = v.imag();
      }
    }
  }
}

void TileMaker::store_across(const Factors& f, const TileShape& cut, const BeamTiles::Tile& tile,
                             std::vector<float>& values) const {
  const AcrossLayout layout(tile.across_half);
  const std::size_t start = values.size();
  values.resize(start + layout.floats(tile.terms, beam_.lines_per_group), 0.0f);
  for (int line = 0; line < cut.lines; ++line) {
    for (int knot = 0; knot < kTileKnots; ++knot) {
      for (int term = 0; term < tile.terms; ++term) {
        float* to = values.data() + start +
                    2L * layout.stride * ((line * kTileKnots + knot) * tile.terms + term);
        for (int j = 0; j < cut.high; ++j) {
          const std::complex<float> v = f.across(cut.row(line, knot, j), term);
          to[j] = v.real();
          to[layout.stride + j] = v.imag();
        }
      }
    }
  }
}

TileMaker::Made TileMaker::operator()(int line_group, int depth_group) const {
  const int first_line = line_group * beam_.lines_per_group;
  const int lines = std::min(beam_.lines_per_group, beam_.lines - first_line);
  const Planes planes = between_nodes(first_line, lines, depth_group);
  const TileShape shape{2 * beams_.half_x() + 1, 2 * beams_.half_y() + 1, lines};
  Made made;
  for (int slab = 0; slab < beam_.slabs; ++slab) {
    add_tile(fill(planes, shape, slab), shape, made);
  }
  return made;
}

/// Raster, grid and depths of the tables to be made.
BeamTiles plan_tiles(const Gregorian& optics, double frequency_hz, const ScanGeometry& scan,
                     const RangeAxis& axis, const BeamTileOptions& options) {
  BeamTiles beam;
  beam.frequency_hz = frequency_hz;
  beam.standoff_m = scan.standoff_m();
  beam.field_of_view_m = scan.field_of_view_m();
  beam.lines = scan.lines();
  beam.samples_per_line = scan.samples_per_line();
  const double spot_m = diffraction_spot_m(kSpeedOfLight / frequency_hz, scan.standoff_m(),
                                           optics.design().aperture_m);
  beam.half_width_m = options.half_width * spot_m;
  beam.cell_m = options.cell * spot_m;
  const DepthNodes nodes = depth_nodes(axis);
  beam.first_depth_m = nodes.first_m - beam.standoff_m;
  const double depth_m = nodes.step_m * (nodes.count - 1);
  beam.depth_groups = static_cast<int>(std::ceil(depth_m / options.tile_depth_m));
  beam.tile_depth_m = depth_m / beam.depth_groups;
  const double line_m = scan.field_of_view_m().y() / scan.lines();
  beam.lines_per_group = std::max(1, static_cast<int>(options.tile_height_m / line_m));
  beam.line_groups = (beam.lines + beam.lines_per_group - 1) / beam.lines_per_group;
  beam.slabs = ApertureGrid(scan, beam.cell_m, beam.half_width_m).slabs();
  beam.phase_degree = ScanBeams::kPhaseDegree;
  return beam;
}

void collect(const std::vector<TileMaker::Made>& made, BeamTiles& beam) {
  double total = 0.0, left = 0.0, worst = 0.0, terms = 0.0;
  beam.tiles.resize(static_cast<std::size_t>(beam.slabs) * made.size());
  for (std::size_t part = 0; part < made.size(); ++part) {
    const std::size_t offset = beam.values.size();
    for (std::size_t slab = 0; slab < made[part].tiles.size(); ++slab) {
      BeamTiles::Tile tile = made[part].tiles[slab];
      tile.along_at += offset;
      tile.across_at += offset;
      terms += tile.terms;
      beam.most_terms = std::max(beam.most_terms, tile.terms);
      beam.tiles[slab * made.size() + part] = tile;
    }
    beam.values.insert(beam.values.end(), made[part].values.begin(), made[part].values.end());
    total += made[part].total;
    left += made[part].left;
    worst = std::max(worst, made[part].worst);
  }
  beam.residual_db = 10.0 * std::log10(std::max(1e-16, left / total));
  beam.worst_residual_db = 10.0 * std::log10(std::max(1e-16, worst));
  beam.mean_terms = terms / static_cast<double>(beam.tiles.size());
}

}  // namespace

BeamTiles make_beam_tiles(const Gregorian& optics, double frequency_hz, const ScanGeometry& scan,
                          const RangeAxis& axis, const BeamTileOptions& options,
                          const ProgressFn& progress, const CancelToken& cancel) {
  THZ_REQUIRE(scan.lines() >= 2 && scan.samples_per_line() >= 2, "a raster needs 2 x 2 positions");
  THZ_REQUIRE(options.most_terms >= 1 && options.most_terms <= 16, "a tile has 1 to 16 terms");
  BeamTiles beam = plan_tiles(optics, frequency_hz, scan, axis, options);
  const ApertureGrid grid(scan, beam.cell_m, beam.half_width_m);
  const DepthKnots depths(beam.first_depth_m,
                          beam.first_depth_m + beam.depth_groups * beam.tile_depth_m);
  const ScanBeams beams(optics, frequency_hz, scan, grid, depths, options, beam.half_width_m,
                        progress, cancel);
  beam.phase = beams.phase();
  const TileMaker make(beam, grid, depths, beams, options);
  std::vector<TileMaker::Made> made(static_cast<std::size_t>(beam.line_groups * beam.depth_groups));
  std::mutex counting;
  std::size_t done = 0;
  parallel_for(made.size(), options.threads, [&](std::size_t part) {
    cancel.throw_if_requested();
    const int number = static_cast<int>(part);
    made[part] = make(number / beam.depth_groups, number % beam.depth_groups);
    const std::lock_guard<std::mutex> lock(counting);
    if (progress) progress(++done, made.size());
  });
  collect(made, beam);
  return beam;
}

}  // namespace thz::sim
