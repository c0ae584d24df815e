#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "eval/golden_images.h"
#include "run_program.h"
#include "thz/core/rng.h"
#include "thz/io/hdf5_file.h"
#include "thz/io/npy.h"

// Anybody's arrays through the program itself; the measures have tests of their own in tests/eval.

using namespace thz::test;
using Catch::Contains;
using thz::eval::testing::GoldenImages;
using thz::eval::testing::kGoldenImages;
using thz::io::write_npy;

namespace {

/// image() of tests/eval/golden_images.py, as an array of one image.
std::vector<double> golden_pixels(const GoldenImages& g, uint32_t seed, double noise) {
  uint32_t state = seed;
  std::vector<double> out;
  for (int r = 0; r < g.rows; ++r) {
    for (int c = 0; c < g.cols; ++c) {
      state = 1664525u * state + 1013904223u;
      const double wave = 0.5 + 0.25 * std::sin(0.31 * r + seed) + 0.25 * std::cos(0.23 * c);
      const double value =
          g.low + (g.high - g.low) * ((1 - noise) * wave + noise * (state / 4294967296.0));
      out.push_back(g.whole ? std::floor(value) : value);
    }
  }
  return out;
}

ProgramResult metrics(const Scratch& scratch, std::vector<std::string> words) {
  ProgramOptions options;
  options.folder = scratch.path();
  words.insert(words.begin(), "metrics");
  return run_thzface(words, options);
}

nlohmann::json figures(const Scratch& scratch, std::vector<std::string> words) {
  words.insert(words.end(), {"--json", "--quiet"});
  const ProgramResult result = metrics(scratch, words);
  INFO(result.err);
  REQUIRE(result.status == 0);
  return nlohmann::json::parse(result.out);
}

void check_refusal(const Scratch& scratch, const std::vector<std::string>& words,
                   const std::string& essential) {
  const auto before = scratch.files();
  const ProgramResult result = metrics(scratch, words);
  INFO("standard error: " << result.err);
  CHECK(result.status == 2);
  CHECK(result.out.empty());
  CHECK_THAT(result.err, Contains(essential));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(scratch.files() == before);
}

std::string path_in(const Scratch& scratch, const char* name) {
  return (scratch.path() / name).string();
}

/// Random pictures of 16 x 16; `bad` is put into the middle one of them.
void write_stack(const Scratch& scratch, const char* name, uint64_t images, float bad) {
  thz::Rng rng(3, thz::RngPurpose::kTest, images);
  std::vector<float> values;
  for (uint64_t i = 0; i < images * 256; ++i) values.push_back(static_cast<float>(rng.uniform()));
  if (bad != 0.0F) values[values.size() / 2] = bad;
  write_npy(path_in(scratch, name), {images, 16, 16}, values);
}

}  // namespace

TEST_CASE("Images of other programs have scikit-image's figures, from NumPy and HDF5 alike") {
  const Scratch scratch;
  for (const GoldenImages& g : kGoldenImages) {
    CAPTURE(g.name);
    const auto a = golden_pixels(g, 1, g.noise_a), b = golden_pixels(g, 2, g.noise_b);
    const std::vector<uint64_t> shape = {1, static_cast<uint64_t>(g.rows),
                                         static_cast<uint64_t>(g.cols)};
    {
      auto file = thz::io::Hdf5File::create(scratch.path() / "x.h5");
      if (g.whole) {
        file.write<uint8_t>("/a", shape, std::vector<uint8_t>(a.begin(), a.end()));
        file.write<uint8_t>("/b", shape, std::vector<uint8_t>(b.begin(), b.end()));
      } else {
        file.write<double>("/a", shape, a);
        file.write<double>("/b", shape, b);
      }
      file.close();
    }
    std::vector<std::string> words = {"images", "x.h5:/a", "x.h5:/b"};
    if (g.low < 0.0) words.insert(words.end(), {"--data-range", "2"});
    const auto found = figures(scratch, words);
    CHECK(found["data_range"] == (g.whole ? 255.0 : g.low < 0.0 ? 2.0 : 1.0));
    // Both in double.
    CHECK(found["ssim"]["value"].get<double>() == Approx(g.ssim).margin(1e-9));
    CHECK(found["psnr_db"]["value"].get<double>() == Approx(g.psnr_db).epsilon(1e-9));
    CHECK(found["mse"]["value"].get<double>() == Approx(g.mse).epsilon(1e-9));
    CHECK(found["mae"]["value"].get<double>() == Approx(g.mae).epsilon(1e-9));
    CHECK(found["ssim"]["low"].is_null());  // one pair has no interval
    if (g.whole) continue;
    write_npy(path_in(scratch, "a.npy"), shape, std::vector<float>(a.begin(), a.end()));
    words[1] = "a.npy";
    // Rounded to float: 6e-8 of grey, of which SSIM makes at most some ten times as much.
    CHECK(figures(scratch, words)["ssim"]["value"].get<double>() == Approx(g.ssim).margin(1e-6));
  }
}

TEST_CASE("Pictures that cannot be compared are refused in one sentence") {
  const Scratch scratch;
  write_stack(scratch, "a.npy", 4, 0.0F);
  write_stack(scratch, "more.npy", 5, 0.0F);
  write_stack(scratch, "nan.npy", 4, std::nanf(""));
  write_stack(scratch, "large.npy", 4, 3.5F);
  write_npy(path_in(scratch, "flat.npy"), {4, 16, 16}, std::vector<float>(4 * 256, 0.5F));
  write_npy(path_in(scratch, "small.npy"), {1, 8, 8}, std::vector<float>(64, 0.5F));
  write_npy(path_in(scratch, "whole.npy"), {4, 16, 16}, std::vector<int32_t>(4 * 256, 1));
  write_npy(path_in(scratch, "colour.npy"), {1, 16, 16, 3}, std::vector<float>(768, 0.5F));
  check_refusal(scratch, {"images", "a.npy", "more.npy"},
                "4 x 16 x 16 and more.npy of 5 x 16 x 16");
  check_refusal(scratch, {"images", "a.npy", "nan.npy", "-q"}, "pair 2 of a.npy and nan.npy");
  check_refusal(scratch, {"images", "a.npy", "flat.npy", "-q"}, "second image is 0.5 everywhere");
  check_refusal(scratch, {"images", "a.npy", "large.npy", "-q"}, "3.5 lie outside [0, 1]");
  check_refusal(scratch, {"images", "large.npy", "large.npy", "--data-range", "2", "-q"},
                "span 3.4");
  check_refusal(scratch, {"images", "small.npy", "small.npy", "-q"}, "8 x 8");
  check_refusal(scratch, {"images", "a.npy", "whole.npy"}, "float32 and whole.npy int32");
  check_refusal(scratch, {"images", "whole.npy", "whole.npy"}, "--data-range");
  check_refusal(scratch, {"images", "colour.npy", "colour.npy"}, "1 x 16 x 16 x 3");
  check_refusal(scratch, {"images", "a.npy", "a.npy", "--identity", "more.npy"}, "more.npy has 5");
  check_refusal(scratch, {"images", "a.npy", "none.npy"}, "none.npy");
  CHECK(figures(scratch, {"images", "a.npy", "a.npy"})["identical_pairs"] == 4);
}

TEST_CASE("Pairs are written one by one") {
  const Scratch scratch;
  write_stack(scratch, "a.npy", 70, 0.0F);  // more than are in memory at once
  const auto found = figures(scratch, {"images", "a.npy", "a.npy", "--output", "out"});
  CHECK(found["pairs"] == 70);
  CHECK_THAT(scratch.read("out/pairs.csv"),
             Catch::StartsWith("pair,ssim,psnr_db,mse,mae,edge_ssim,edge_mae") &&
                 Contains("\n69,1,100,0,0,1,0"));
}

TEST_CASE("LPIPS of pictures is that of the published code") {
  const char* folder = std::getenv("THZ_DATA_DIR");
  const auto weights = std::filesystem::path(folder == nullptr ? "" : folder) / "lpips-squeeze.h5";
  const auto learn = std::filesystem::path(THZ_PROGRAM).parent_path() / "thzface-learn";
  if (folder == nullptr || !std::filesystem::exists(weights) || !std::filesystem::exists(learn)) {
    WARN("skipped: LPIPS of pictures (THZ_DATA_DIR/lpips-squeeze.h5 or thzface-learn is missing)");
    return;
  }
  const Scratch scratch;
  const auto file = thz::io::Hdf5File::open(weights);
  // Pair 2 is a grey one, three equal channels in [-1, 1].
  for (const char* name : {"img0", "img1"}) {
    const std::string set = std::string("/golden/pair2/") + name;
    auto pixels = file.read<float>(set);
    const auto shape = file.shape(set);
    pixels.resize(shape[1] * shape[2]);
    for (float& v : pixels) v = std::min(1.0F, std::max(0.0F, 0.5F * v + 0.5F));
    write_npy(path_in(scratch, (std::string(name) + ".npy").c_str()), {1, shape[1], shape[2]},
              pixels);
  }
  const auto found = figures(
      scratch, {"images", "img0.npy", "img1.npy", "--lpips", weights.string(), "--output", "out"});
  // Float32 against the file's double: seven layers of sums over up to 1e5 products.
  CHECK(found["lpips"]["value"].get<double>() ==
        Approx(file.number("/golden/pair2", "distance")).epsilon(1e-4));
  CHECK(found["ssim"]["value"].is_number());
  CHECK_THAT(scratch.read("out/pairs.csv"), Contains(",lpips\n"));
  check_refusal(scratch, {"images", "img0.npy", "img1.npy", "--lpips", "none.h5", "-q"}, "none.h5");
}

TEST_CASE("Comparison scores have the error rates worked by hand") {
  const Scratch scratch;
  std::vector<float> scores = {10.5F, 29.5F, 30.5F, 100.0F};
  std::vector<int32_t> labels = {1, 1, 1, 1};
  for (int k = 1; k <= 300; ++k) {
    scores.push_back(static_cast<float>(k));
    labels.push_back(0);
  }
  write_npy(path_in(scratch, "s.npy"), {304}, scores);
  write_npy(path_in(scratch, "l.npy"), {304}, labels);
  const auto f = figures(scratch, {"verification", "s.npy", "l.npy", "--scores-are", "distance"});
  // See tests/eval/comparisons_test.cpp; impostors above each: 290 + 271 + 270 + 200.5 of 1200.
  CHECK(f["auc"]["value"].get<double>() == Approx(1031.5 / 1200).epsilon(1e-12));
  // From threshold 75 (FMR 75/300 = FNMR 1/4) on they are equal.
  CHECK(f["eer"]["value"].get<double>() == Approx(0.25).epsilon(1e-12));
  REQUIRE(f["fnmr_at_fmr"].size() == 1);  // 0.01 has three impostors only
  CHECK(f["fnmr_at_fmr"][0]["fmr"] == 0.1);
  CHECK(f["fnmr_at_fmr"][0]["fnmr"]["value"] == 0.25);
  CHECK(f["fnmr_at_fmr"][0]["threshold"] == 30.5);
  CHECK(f["intervals_over"] == "comparisons");
  // As similarities everything is the other way round, thresholds in their own direction.
  for (float& s : scores) s = -s;
  write_npy(path_in(scratch, "s.npy"), {304}, scores);
  const auto g = figures(
      scratch, {"verification", "s.npy", "l.npy", "--scores-are", "similarity", "--output", "out"});
  CHECK(g["auc"] == f["auc"]);
  CHECK(g["fnmr_at_fmr"][0]["threshold"] == -30.5);
  CHECK_THAT(scratch.read("out/curve.csv"), Catch::StartsWith("least_similarity,fmr,fnmr"));
  CHECK(scratch.read("out/roc.png").size() > 1000);
  CHECK(scratch.read("out/det.png").size() > 1000);
  // Scores perfectly apart have no such curve; that of the former ones must not stand for theirs.
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = labels[i] == 1 ? 2.0F : 1.0F;
  write_npy(path_in(scratch, "s.npy"), {304}, scores);
  (void)figures(
      scratch, {"verification", "s.npy", "l.npy", "--scores-are", "similarity", "--output", "out"});
  const std::vector<std::string> files = scratch.files();
  CHECK(std::find(files.begin(), files.end(), "out/det.png") == files.end());
}

TEST_CASE("Embeddings of people far apart are told from one another, each pair once") {
  const Scratch scratch;
  std::vector<float> rows;
  std::vector<int32_t> people;
  for (int i = 0; i < 12; ++i) {
    for (int d = 0; d < 4; ++d) rows.push_back(i / 3 == d ? 1.0F : 0.01F * static_cast<float>(i));
    people.push_back(i / 3);
  }
  write_npy(path_in(scratch, "e.npy"), {12, 4}, rows);
  write_npy(path_in(scratch, "i.npy"), {12}, people);
  const auto f = figures(scratch, {"verification", "--embeddings", "e.npy", "--identity", "i.npy"});
  CHECK(f["genuine"] == 4 * 3);
  CHECK(f["impostor"] == 6 * 9);
  CHECK(f["identities"] == 4);
  CHECK(f["eer"]["value"] == 0.0);
  const auto a =
      figures(scratch, {"alignment", "e.npy", "e.npy", "--identity", "i.npy", "--k", "1"});
  CHECK(a["cka"].get<double>() == Approx(1.0).epsilon(1e-12));
  CHECK(a["spearman"].get<double>() == Approx(1.0).epsilon(1e-12));
  CHECK(a["cosine"].get<double>() == Approx(1.0).epsilon(1e-12));
  CHECK(a["retrieval"]["value"] == 1.0);
  CHECK(a["retrieval"]["chance"] == 0.25);
  // y = (-1, 0, 1) against (-2, 0, 2) and (-1, 2, -1): 16 / (2 * 10).
  write_npy(path_in(scratch, "x.npy"), {3, 1}, std::vector<float>{1, 2, 3});
  write_npy(path_in(scratch, "y.npy"), {3, 2}, std::vector<float>{0, 0, 2, 3, 4, 0});
  const auto hand = figures(scratch, {"alignment", "x.npy", "y.npy"});
  CHECK(hand["cka"].get<double>() == Approx(0.8).epsilon(1e-12));
  CHECK(hand["cosine"].is_null());
}

TEST_CASE("Scores and features that tell nothing are refused in one sentence") {
  const Scratch scratch;
  write_npy(path_in(scratch, "s.npy"), {4}, std::vector<float>{1, 2, 3, 4});
  write_npy(path_in(scratch, "same.npy"), {4}, std::vector<float>{1, 1, 1, 1});
  write_npy(path_in(scratch, "nan.npy"), {4}, std::vector<float>{1, 2, std::nanf(""), 4});
  write_npy(path_in(scratch, "l.npy"), {4}, std::vector<int32_t>{1, 1, 0, 0});
  write_npy(path_in(scratch, "ones.npy"), {4}, std::vector<int32_t>{1, 1, 1, 1});
  write_npy(path_in(scratch, "ids.npy"), {4}, std::vector<int32_t>{1, 2, 1, 2});
  write_npy(path_in(scratch, "two.npy"), {2}, std::vector<int32_t>{1, 0});
  const auto scored = [](const char* scores, const char* labels, const char* more = "-q",
                         const char* value = "--quiet") {
    return std::vector<std::string>{"verification", scores, labels, "--scores-are",
                                    "distance",     more,   value};
  };
  check_refusal(scratch, scored("s.npy", "ones.npy"), "found 4 and 0");
  check_refusal(scratch, scored("same.npy", "l.npy"), "score 1; nothing");
  check_refusal(scratch, scored("nan.npy", "l.npy"), "comparison 2");
  check_refusal(scratch, scored("s.npy", "ids.npy"), "row 1 is 2");
  check_refusal(scratch, scored("s.npy", "two.npy"), "two.npy has 2");
  check_refusal(scratch, scored("s.npy", "l.npy", "--fmr", "0.1"), "300 comparisons");
  check_refusal(scratch, {"verification", "s.npy", "l.npy"}, "--scores-are is missing");
  check_refusal(scratch, {"verification"}, "either SCORES LABELS or --embeddings");
  check_refusal(scratch, {"alignment", "s.npy", "same.npy"}, "all 4 rows are the same");
  check_refusal(scratch, {"alignment", "s.npy", "nan.npy"}, "row 2 holds nan");
  check_refusal(scratch, {"alignment", "s.npy", "two.npy"}, "has 2");
  check_refusal(scratch, {"alignment", "s.npy", "s.npy", "--identity", "ids.npy"},
                "Ret@5 of 2 identities");
  check_refusal(scratch, {"alignment", "s.npy", "s.npy", "--k", "1"}, "needs --identity");
}

TEST_CASE("Embeddings that tell nothing are refused in one sentence") {
  const Scratch scratch;
  const std::vector<float> unit = {1, 0, 0, 1, 1, 0, 0, 1};
  auto nan = unit, zero = unit;
  nan[5] = std::nanf("");
  zero[2] = zero[3] = 0;
  write_npy(path_in(scratch, "e.npy"), {4, 2}, unit);
  write_npy(path_in(scratch, "nan.npy"), {4, 2}, nan);
  write_npy(path_in(scratch, "zero.npy"), {4, 2}, zero);
  write_npy(path_in(scratch, "one.npy"), {4}, std::vector<int32_t>{1, 1, 1, 1});
  write_npy(path_in(scratch, "each.npy"), {4}, std::vector<int32_t>{1, 2, 3, 4});
  write_npy(path_in(scratch, "pairs.npy"), {4}, std::vector<int32_t>{1, 2, 1, 2});
  write_npy(path_in(scratch, "short.npy"), {3}, std::vector<int32_t>{1, 2, 1});
  const auto of = [](const char* embeddings, const char* identity) {
    return std::vector<std::string>{"verification", "--embeddings", embeddings, "--identity",
                                    identity};
  };
  check_refusal(scratch, of("e.npy", "one.npy"), "found 6 and 0");
  check_refusal(scratch, of("e.npy", "each.npy"), "found 0 and 6");
  check_refusal(scratch, of("e.npy", "short.npy"), "short.npy has 3 rows, but e.npy has 4");
  check_refusal(scratch, of("nan.npy", "pairs.npy"), "embedding 2 has the norm nan");
  check_refusal(scratch, of("zero.npy", "pairs.npy"), "embedding 1 has the norm 0");
  check_refusal(scratch, {"verification", "--embeddings", "e.npy"}, "--identity is missing");
  check_refusal(scratch,
                {"verification", "--embeddings", "e.npy", "--identity", "pairs.npy", "--concealed",
                 "pairs.npy"},
                "row 1 is 2; 1 is concealed, 0 bare");
  check_refusal(
      scratch,
      {"verification", "e.npy", "one.npy", "--embeddings", "e.npy", "--identity", "pairs.npy"},
      "either SCORES LABELS or --embeddings");
}
