#define CATCH_CONFIG_PREFIX_ALL
#include "thz/model/lpips.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "thz/core/error.h"
#include "thz/io/hdf5_file.h"

using namespace thz::model;

namespace {

// Empty, with a warning that names the case, where the weights are not installed.
std::string weights_file(const char* what) {
  const char* folder = std::getenv("THZ_DATA_DIR");
  const std::string path =
      folder == nullptr ? "" : (std::filesystem::path(folder) / "lpips-squeeze.h5").string();
  if (!path.empty() && std::filesystem::exists(path)) return path;
  CATCH_WARN("skipped: " << what << " (THZ_DATA_DIR/lpips-squeeze.h5 is not there)");
  return "";
}

torch::Tensor image(const thz::io::Hdf5File& file, const std::string& name) {
  const auto shape = file.shape(name);
  return torch::tensor(file.read<float>(name))
      .view({1, static_cast<int64_t>(shape[0]), static_cast<int64_t>(shape[1]),
             static_cast<int64_t>(shape[2])});
}

}  // namespace

CATCH_TEST_CASE("LPIPS gives the published code's distances and gradients", "[model][lpips]") {
  const std::string path = weights_file("LPIPS against golden distances");
  if (path.empty()) return;
  const Lpips lpips = Lpips::load(path);
  CATCH_CHECK(lpips.sha256().size() == 64);
  const auto file = thz::io::Hdf5File::open(path);
  for (int pair = 0; pair < 5; ++pair) {
    const std::string group = "/golden/pair" + std::to_string(pair);
    CATCH_CAPTURE(group);
    auto x = image(file, group + "/img0").requires_grad_(true);
    const auto y = image(file, group + "/img1");
    const auto distance = lpips.distance(x, y).squeeze();
    // Float32 against the file's double: seven layers of sums over up to 1e5 products.
    CATCH_CHECK(distance.item<double>() == Approx(file.number(group, "distance")).epsilon(1e-4));
    distance.backward();
    const auto golden = image(file, group + "/grad_img0");
    const double error = (x.grad() - golden).norm().item<double>();
    CATCH_CHECK(error < 1e-3 * golden.norm().item<double>());
  }
}

CATCH_TEST_CASE("LPIPS in double has the golden values to ten digits", "[model][lpips]") {
  const std::string path = weights_file("LPIPS in double");
  if (path.empty()) return;
  const Lpips lpips = Lpips::load(path).to(torch::kDouble);
  const auto file = thz::io::Hdf5File::open(path);
  const auto x = image(file, "/golden/pair3/img0").to(torch::kDouble);
  const auto y = image(file, "/golden/pair3/img1").to(torch::kDouble);
  CATCH_CHECK(lpips.distance(x, y).item<double>() ==
              Approx(file.number("/golden/pair3", "distance")).epsilon(1e-10));
}

CATCH_TEST_CASE("LPIPS of grey images maps [0, 1] to [-1, 1] in three channels", "[model][lpips]") {
  const std::string path = weights_file("LPIPS of grey images");
  if (path.empty()) return;
  const Lpips lpips = Lpips::load(path);
  const auto file = thz::io::Hdf5File::open(path);
  // Pair 2 is one channel copied to three.
  const auto grey = [&](const std::string& name) {
    return 0.5 * image(file, "/golden/pair2/" + name).narrow(1, 0, 1) + 0.5;
  };
  CATCH_CHECK(lpips.grey(grey("img0"), grey("img1")).item<double>() ==
              Approx(file.number("/golden/pair2", "distance")).epsilon(1e-4));
  // Black against black: no activation differs, and no gradient is NaN.
  auto black = torch::zeros({1, 1, 64, 64}).requires_grad_(true);
  const auto zero = lpips.grey(black, torch::zeros({1, 1, 64, 64}));
  zero.backward();
  CATCH_CHECK(zero.item<double>() == 0.0);
  CATCH_CHECK(black.grad().isfinite().all().item<bool>());
}

CATCH_TEST_CASE("a file that holds no LPIPS weights is refused", "[model][lpips]") {
  const auto path = std::filesystem::temp_directory_path() / "thz-not-lpips.h5";
  {
    auto file = thz::io::Hdf5File::create(path);
    file.set_text("/", "schema", "something-else/1");
    file.close();
  }
  CATCH_CHECK_THROWS_AS(Lpips::load(path.string()), thz::InputError);
  CATCH_CHECK_THROWS_AS(Lpips::load("/nowhere/lpips.h5"), thz::InputError);
  std::filesystem::remove(path);
}
