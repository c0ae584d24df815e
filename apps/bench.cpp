#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <memory>

#include "bench_tools.h"
#include "commands.h"
#include "program.h"
#include "thz/core/constants.h"
#include "thz/core/version.h"
#include "thz/sim/scene.h"

namespace thz::apps {
namespace {

struct BenchOptions {
  CommonOptions common;
  std::string what;
};

/// A wavy sheet over most of the field, depths within the gate.
sim::Scatterers wavy_sheet(double step_m) {
  sim::Scatterers sheet;
  for (double y = -0.15; y < 0.15; y += step_m) {
    for (double x = -0.15; x < 0.15; x += step_m) {
      const Vec3 from_pivot(x, y, 0.02 * std::sin(40.0 * x) * std::cos(30.0 * y) - 0.03 - 6.0);
      sheet.add(from_pivot.normalized(), from_pivot.norm(), step_m * step_m);
    }
  }
  return sheet;
}

double reference_pairs_per_s() {
  const sim::Scatterers sheet = wavy_sheet(3e-3);
  const sim::ScanGeometry scan(6.0, {0.45, 0.45}, 8, 8);
  const double seconds = shortest_s(thread_s, 2, [&] {
    for (int i = 0; i < 64; ++i) {
      const Vec3 axis = scan.direction(scan.foot_m(i / 8, i % 8));
      volatile double sink = std::norm(sim::reference_coupling({}, 6.0, axis, sheet));
      static_cast<void>(sink);
    }
  });
  return 64.0 * static_cast<double>(sheet.size()) / seconds;
}

/// One raster and one sheet that sum_frame is timed on.
struct SumCase {
  int lines, samples;
  double step_m;  ///< of the sheet
  int bins;       ///< range bins, from the middle of the sheet; 0 takes the imager's
};

struct SumRate {
  double seconds = 0.0;  ///< one thread; 0 where the processor lacks the instruction set
  double scatterers = 0.0, pairs = 0.0;
};

SumRate time_sum(const char* instructions, sim::SumMethod method, const SumCase& what) {
  setenv("THZ_SIMD", instructions, 1);
  SumRate rate;
  try {
    instruction_set();
    const sim::Imager imager;
    const sim::ScanGeometry scan(6.0, {0.45, 0.45}, what.lines, what.samples);
    const sim::Scatterers sheet = wavy_sheet(what.step_m);
    const sim::FrameSumOptions one_thread{1e-4, 1, method};
    sim::RangeAxis range = imager.range_axis();
    if (what.bins > 0) {
      range.first_m = 6.03;
      range.bins = what.bins;
    }
    rate.seconds = shortest_s(thread_s, 3, [&] {
      cancel_token().throw_if_requested();
      sim::sum_frame(imager.beam, scan, sheet, range, one_thread);
    });
    rate.scatterers = static_cast<double>(sheet.size());
    rate.pairs = static_cast<double>(sim::count_pairs(imager.beam, scan, sheet, one_thread));
  } catch (const InputError&) {
    // This processor lacks the instruction set.
  }
  unsetenv("THZ_SIMD");
  return rate;
}

nlohmann::json bench_pairs() {
  double work = 0.0;
  const double seconds = shortest_s(thread_s, 3, [&] { work = multiply_accumulate(1); });
  const double primitive = work / seconds;
  const double reference = reference_pairs_per_s();
  nlohmann::json rows = nlohmann::json::array();
  // Some 70 pairs a scatterer in a real frame, with its preparation and range response; 16 times
  // as many and one range bin in a dense one, where the pair kernel is nearly alone. The same sheet
  // with few scatterers is what a product costs before the first: tables, columns, range.
  const SumCase frame{64, 256, 0.5e-3, 0}, sparse{64, 256, 5e-3, 0}, dense{256, 1024, 0.8e-3, 1};
  for (const char* instructions : {"sse2", "avx2", "avx512"}) {
    const SumRate direct = time_sum(instructions, sim::SumMethod::kDirect, frame);
    if (direct.seconds == 0.0) continue;
    const SumRate alone = time_sum(instructions, sim::SumMethod::kDirect, dense);
    const SumRate product = time_sum(instructions, sim::SumMethod::kProduct, frame);
    const SumRate fixed = time_sum(instructions, sim::SumMethod::kProduct, sparse);
    rows.push_back({{"instruction_set", instructions},
                    {"frame_pairs_per_s", direct.pairs / direct.seconds},
                    {"dense_pairs_per_s", alone.pairs / alone.seconds},
                    {"dense_over_primitive", alone.pairs / alone.seconds / primitive},
                    {"product_frame_s", product.seconds},
                    {"product_fixed_s", fixed.seconds},
                    {"product_scatterers", product.scatterers},
                    {"product_scatterers_per_s", product.scatterers / product.seconds},
                    {"product_equivalent_pairs_per_s", product.pairs / product.seconds},
                    {"product_multiply_accumulates_per_scatterer",
                     (product.seconds - fixed.seconds) * primitive / product.scatterers}});
  }
  return {{"complex_multiply_accumulates_per_s", primitive},
          {"reference_double_pairs_per_s", reference},
          {"kernel", rows}};
}

std::string pairs_table(const nlohmann::json& pairs) {
  std::string text = fmt::format(
      "source x scan pairs a second, one thread (primitive: {:.2e} complex multiply-accumulates)\n"
      "  {:<18}{:>12}{:>14}{:>22}\n  {:<18}{:>12.2e}\n",
      pairs["complex_multiply_accumulates_per_s"].get<double>(), "", "frame", "dense scan",
      "dense / primitive", "double reference", pairs["reference_double_pairs_per_s"].get<double>());
  for (const auto& row : pairs["kernel"]) {
    text += fmt::format(
        "  {:<18}{:>12.2e}{:>14.2e}{:>22.2f}\n", row["instruction_set"].get<std::string>(),
        row["frame_pairs_per_s"].get<double>(), row["dense_pairs_per_s"].get<double>(),
        row["dense_over_primitive"].get<double>());
  }
  text += fmt::format("separable product, one thread\n  {:<18}{:>12}{:>14}{:>14}{:>14}{:>18}\n", "",
                      "frame, ms", "fixed, ms", "scatterers/s", "as pairs/s", "primitives each");
  for (const auto& row : pairs["kernel"]) {
    text += fmt::format(
        "  {:<18}{:>12.1f}{:>14.1f}{:>14.2e}{:>14.2e}{:>18.0f}\n",
        row["instruction_set"].get<std::string>(), 1e3 * row["product_frame_s"].get<double>(),
        1e3 * row["product_fixed_s"].get<double>(), row["product_scatterers_per_s"].get<double>(),
        row["product_equivalent_pairs_per_s"].get<double>(),
        row["product_multiply_accumulates_per_scatterer"].get<double>());
  }
  return text;
}

void bench(const BenchOptions& options) {
  nlohmann::json result = {{"schema", "thzface-bench/1"},
                           {"version", version()},
                           {"instruction_set", instruction_set()}};
  std::string text;
  if (options.what != "frame") {
    result["pairs"] = bench_pairs();
    text += pairs_table(result["pairs"]);
  }
  if (options.what != "pairs") {
    result["frames"] = bench_frames();
    text += frames_table(result["frames"]);
  }
  text.pop_back();
  print_result(options.common, result, text);
}

}  // namespace

void add_bench(CLI::App& app) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand(
      "bench",
      "Measure the speed of the integrator (pairs) and of whole frames, stage by stage (frame)");
  command->add_option("what", options->what, "pairs or frame; both if left out")
      ->check(CLI::IsMember({"pairs", "frame"}));
  add_common(*command, options->common, false, false);
  add_learn_bench_gateway(*command);
  command->callback([options] { bench(*options); });
}

}  // namespace thz::apps
