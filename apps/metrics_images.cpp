// metrics images: how alike two stacks of pictures are, pair by pair.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <numeric>

#include "metrics_command.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/eval/image_metrics.h"
#include "thz/io/atomic_file.h"
#include "thz/io/csv.h"

namespace thz::apps {
namespace {

/// Pairs in memory at once.
constexpr uint64_t kBlock = 64;

struct ImagesArguments {
  CommonOptions common;
  std::string first, second, identity, lpips;
  double data_range = 0.0;  ///< 0: by the type of the arrays
  int resamples = 2000;
};

/// Grey pictures of one size.
struct Stack {
  explicit Stack(const std::string& place);
  std::vector<ImageD> read(uint64_t begin, uint64_t images) const;

  io::ArrayFile file;
  uint64_t count = 0;
  int rows = 0, cols = 0;
};

Stack::Stack(const std::string& place) : file(place) {
  std::vector<uint64_t> s = file.shape();
  if (s.size() == 4 && s[1] == 1) {
    s.erase(s.begin() + 1);
  } else if (s.size() == 4 && s[3] == 1) {
    s.pop_back();
  }
  if (s.size() == 2) s.insert(s.begin(), 1);
  constexpr uint64_t kMostSide = 1 << 15;
  if (s.size() != 3 || s[1] > kMostSide || s[2] > kMostSide) {
    throw_input(
        "{}: is of shape {}; grey images are [images][rows][columns] or one [rows][columns]",
        file.name(), file.shape_text());
  }
  count = s[0];
  rows = static_cast<int>(s[1]);
  cols = static_cast<int>(s[2]);
}

std::vector<ImageD> Stack::read(uint64_t begin, uint64_t images) const {
  // A single picture may be stored without an axis of images.
  const std::vector<double> values =
      file.shape().size() == 2 ? file.read() : file.read_rows(begin, images);
  const auto pixels = static_cast<std::ptrdiff_t>(rows) * cols;
  std::vector<ImageD> out(images, ImageD(rows, cols));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto from = values.begin() + static_cast<std::ptrdiff_t>(i) * pixels;
    std::copy(from, from + pixels, out[i].data.begin());
  }
  return out;
}

/// What may lie in the arrays.
struct DataRange {
  double span = 1.0;
  bool from_zero = true;  ///< values are in [0, span]; otherwise anywhere, `span` wide at most
};

DataRange data_range(const ImagesArguments& a, const Stack& x, const Stack& y) {
  if (a.data_range > 0.0) return {a.data_range, false};
  if (x.file.type() != y.file.type() && (x.file.is_integer() || y.file.is_integer())) {
    throw_input("{} holds {} and {} {}; bring both to one unit, or give --data-range",
                x.file.name(), x.file.type(), y.file.name(), y.file.type());
  }
  if (!x.file.is_integer() || x.file.type() == "bool") return {1.0, true};
  if (x.file.type() == "uint8") return {255.0, true};
  if (x.file.type() == "uint16") return {65535.0, true};
  throw_input("{}: the range of {} pictures is not known; give --data-range", x.file.name(),
              x.file.type());
}

void require_range(const ImageD& a, const ImageD& b, const DataRange& range) {
  const auto [low_a, high_a] = std::minmax_element(a.data.begin(), a.data.end());
  const auto [low_b, high_b] = std::minmax_element(b.data.begin(), b.data.end());
  const double low = std::min(*low_a, *low_b), high = std::max(*high_a, *high_b);
  if (range.from_zero && (low < 0.0 || high > range.span)) {
    throw_input(
        "values from {:g} to {:g} lie outside [0, {:g}]; say what they span by --data-range", low,
        high, range.span);
  }
  if (high - low > range.span * (1.0 + 1e-9)) {
    throw_input("the values span {:g}, more than the data range of {:g}", high - low, range.span);
  }
}

/// Scores of a block; the first pair that cannot be scored is named.
std::vector<eval::ImageScores> score_block(const Stack& x, const Stack& y,
                                           const std::vector<ImageD>& a,
                                           const std::vector<ImageD>& b, const DataRange& range,
                                           uint64_t begin, int threads) {
  std::vector<eval::ImageScores> scores(a.size());
  std::vector<std::string> problems(a.size());
  parallel_for(a.size(), threads, [&](std::size_t i) {
    try {
      scores[i] = eval::score_images(a[i], b[i], range.span);
      require_range(a[i], b[i], range);
    } catch (const InputError& e) {
      problems[i] = e.what();
    }
  });
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (problems[i].empty()) continue;
    throw_input("pair {} of {} and {}: {}", begin + i, x.file.name(), y.file.name(), problems[i]);
  }
  return scores;
}

std::vector<float> grey_pixels(const std::vector<ImageD>& images, double span,
                               const std::string& name) {
  std::vector<float> pixels;
  for (const ImageD& image : images) {
    for (const double v : image.data) {
      if (v < 0.0 || v > span) {
        throw_input("{}: holds {:g}; LPIPS takes grey from 0 to the data range of {:g}", name, v,
                    span);
      }
      pixels.push_back(static_cast<float>(v / span));
    }
  }
  return pixels;
}

/// All figures of all pairs, a column each.
struct Columns {
  std::vector<double> ssim, psnr_db, mse, mae, edge_ssim, edge_mae, lpips;
  uint64_t identical = 0;

  void add(const eval::ImageScores& s) {
    ssim.push_back(s.ssim);
    psnr_db.push_back(std::min(s.psnr_db, eval::kPsnrCap_db));
    identical += std::isinf(s.psnr_db) ? 1 : 0;
    mse.push_back(s.mse);
    mae.push_back(s.mae);
    edge_ssim.push_back(s.edge_ssim);
    edge_mae.push_back(s.edge_mae);
  }

  std::vector<std::pair<std::string, const std::vector<double>*>> named() const {
    std::vector<std::pair<std::string, const std::vector<double>*>> out = {
        {"ssim", &ssim}, {"psnr_db", &psnr_db},     {"mse", &mse},
        {"mae", &mae},   {"edge_ssim", &edge_ssim}, {"edge_mae", &edge_mae}};
    if (!lpips.empty()) out.emplace_back("lpips", &lpips);
    return out;
  }
};

Columns score_all(const ImagesArguments& a, const Stack& x, const Stack& y, const DataRange& range,
                  const LpipsFn& lpips) {
  Columns columns;
  ProgressLine progress("comparing", "pairs", a.common.quiet);
  for (uint64_t begin = 0; begin < x.count; begin += kBlock) {
    cancel_token().throw_if_requested();
    const uint64_t images = std::min(kBlock, x.count - begin);
    const auto left = x.read(begin, images), right = y.read(begin, images);
    for (const auto& s : score_block(x, y, left, right, range, begin, a.common.threads)) {
      columns.add(s);
    }
    if (lpips) {
      const auto distances = lpips(grey_pixels(left, range.span, x.file.name()),
                                   grey_pixels(right, range.span, y.file.name()), x.rows, x.cols);
      columns.lpips.insert(columns.lpips.end(), distances.begin(), distances.end());
    }
    progress.show(begin + images, x.count);
  }
  return columns;
}

void write_pairs(const std::string& folder, const Columns& columns) {
  std::vector<std::string> line = {"pair"};
  for (const auto& [name, values] : columns.named()) line.push_back(name);
  std::string text = io::csv_line(line);
  for (std::size_t i = 0; i < columns.ssim.size(); ++i) {
    line = {std::to_string(i)};
    for (const auto& [name, values] : columns.named()) {
      line.push_back(fmt::format("{:.9g}", (*values)[i]));
    }
    text += io::csv_line(line);
  }
  io::make_folder(folder);
  io::write_file(std::filesystem::path(folder) / "pairs.csv", text);
}

void compare(const ImagesArguments& a, const LoadLpips& load_lpips) {
  // First of all: in thzface this is another program's work.
  const LpipsFn lpips = a.lpips.empty() ? LpipsFn() : load_lpips(a.lpips, a.common.threads);
  const Stack x(a.first), y(a.second);
  if (x.count != y.count || x.rows != y.rows || x.cols != y.cols) {
    throw_input("{} is of shape {} and {} of {}; pairs need equal shapes", x.file.name(),
                x.file.shape_text(), y.file.name(), y.file.shape_text());
  }
  std::vector<int32_t> identity(x.count);
  std::iota(identity.begin(), identity.end(), 0);
  if (!a.identity.empty()) {
    const io::ArrayFile labels(a.identity);
    require_rows(labels, x.file);
    identity = labels.read_labels();
  }
  const DataRange range = data_range(a, x, y);
  const Columns columns = score_all(a, x, y, range, lpips);
  eval::BootstrapOptions options;
  options.seed = a.common.seed.value_or(1);
  options.resamples = a.resamples;
  options.threads = a.common.threads;
  nlohmann::json json = {{"pairs", x.count},
                         {"rows", x.rows},
                         {"columns", x.cols},
                         {"data_range", range.span},
                         {"identical_pairs", columns.identical},
                         {"intervals_over", a.identity.empty() ? "pairs" : "identities"}};
  std::string text =
      fmt::format("{} pairs of {} x {}, data range {:g}; 95 % intervals over {}", x.count, x.rows,
                  x.cols, range.span, a.identity.empty() ? "pairs" : "identities");
  for (const auto& [name, values] : columns.named()) {
    const eval::Interval mean = eval::bootstrap_mean_by_identity(*values, identity, options);
    json[name] = interval_json(mean);
    text += fmt::format("\n{:<10} {}", name, interval_text(mean));
  }
  if (columns.identical > 0) {
    text += fmt::format("\n{} pairs are identical; their PSNR counts as {:g} dB", columns.identical,
                        eval::kPsnrCap_db);
  }
  if (!a.common.output.empty()) write_pairs(a.common.output, columns);
  print_result(a.common, json, text);
}

}  // namespace

void add_metrics_images(CLI::App& metrics, const LoadLpips& load_lpips) {
  auto a = std::make_shared<ImagesArguments>();
  CLI::App* command = metrics.add_subcommand(
      "images", "SSIM, PSNR, MSE, MAE, edges and LPIPS of pairs of grey images");
  command->add_option("first", a->first, "Array [images][rows][columns]")->required();
  command->add_option("second", a->second, "Array of the same shape; pair i is image i of both")
      ->required();
  command
      ->add_option("--data-range", a->data_range,
                   "Largest possible minus smallest possible value [255 and 65535 for whole "
                   "numbers of 8 and 16 bit, 1 otherwise]")
      ->check(CLI::Range(1e-30, 1e30));
  command->add_option("--identity", a->identity,
                      "Array of whom each pair shows: intervals are then over people");
  command->add_option("--lpips", a->lpips,
                      "LPIPS weights, an HDF5 file of schema lpips-squeeze/1 [no LPIPS]");
  command->add_option("--resamples", a->resamples, "Bootstrap resamples [2000]")
      ->check(CLI::Range(100, 1000000));
  add_common(*command, a->common, true, true);
  command->callback([a, load_lpips] { compare(*a, load_lpips); });
}

}  // namespace thz::apps
