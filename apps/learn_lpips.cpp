#include <memory>

#include "metrics_command.h"
#include "thz/model/lpips_distance.h"
#include "thz/model/run.h"

namespace thz::apps {

LpipsFn load_lpips(const std::string& weights, int threads) {
  model::use_threads(threads);
  const auto lpips = std::make_shared<model::LpipsDistance>(model::LpipsDistance::load(weights));
  return [lpips](const std::vector<float>& a, const std::vector<float>& b, int rows, int cols) {
    return lpips->distances(a, b, rows, cols);
  };
}

}  // namespace thz::apps
