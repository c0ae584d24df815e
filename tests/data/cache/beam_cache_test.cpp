#include "thz/data/beam_cache.h"

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <set>

#include "io/io_support.h"
#include "support/test_scene.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"

using namespace thz;
using namespace thz::data;
namespace fs = std::filesystem;

namespace {

/// A variable of the environment, put back afterwards.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

/// A field so small that its tables take a fraction of a second.
sim::Imager small_imager(const std::string& more = "", const std::string& optics = "") {
  return test::scene_of(
             "[imager]\noptics = 'aperture'\nfield_of_view_m = [0.02, 0.02]\nlines = 3\n"
             "samples_per_line = 4\n" +
             more + "\n[optics]\n" + optics + "\n[subject]\nkind = 'point'\n")
      .imager;
}

sim::BeamTileOptions quick() {
  sim::BeamTileOptions options;
  options.half_width = 1.5;
  options.sampling = {8, 24, 45.0};
  return options;
}

fs::path file_of(const test::Scratch& folder, const sim::Imager& imager) {
  return folder.path() / ("beam-" + beam_key(imager, quick()) + ".h5");
}

/// Tables as kept_beam gives them, and how many steps it took to make them: none if they were read.
std::pair<std::shared_ptr<const sim::BeamTiles>, std::size_t> ask(const fs::path& folder,
                                                                  const sim::Imager& imager) {
  std::size_t steps = 0;
  auto beam = kept_beam(
      imager, quick(), folder, 1, [&](std::size_t, std::size_t) { ++steps; }, nullptr);
  return {beam, steps};
}

}  // namespace

TEST_CASE("the key of a beam's tables changes with everything that they are made of",
          "[data][cache]") {
  std::set<std::string> keys;
  std::size_t asked = 0;
  const auto add = [&](const std::string& more, const std::string& optics) {
    INFO(more << " " << optics);
    CHECK(keys.insert(beam_key(small_imager(more, optics), quick())).second);
    ++asked;
  };
  add("", "");
  for (const char* option : {"main_to_first_focus_m = 1.6",
                             "main_incidence_deg = 13.0",
                             "sub_focal_m = 0.19",
                             "sub_incidence_deg = -17.0",
                             "galvo_distance_m = 0.2",
                             "galvo_separation_m = 0.05",
                             "aperture_m = 0.6",
                             "edge_taper_db = 10.0",
                             "stop_at_first_galvo = false",
                             "second_galvo_size_m = [0.11, 0.16]",
                             "second_galvo_size_m = [0.10, 0.17]",
                             "sub_diameter_m = 0.33",
                             "main_diameter_m = 0.8",
                             "galvo_rms_m = 6e-6",
                             "sub_rms_m = 6e-6",
                             "main_rms_m = 6e-6",
                             "mirror_loss_db = 0.1",
                             "sub_shift_m = [1e-3, 0.0, 0.0]",
                             "sub_shift_m = [0.0, 1e-3, 0.0]",
                             "sub_shift_m = [0.0, 0.0, 1e-3]",
                             "sub_rotation_deg = [0.1, 0.0, 0.0]",
                             "sub_rotation_deg = [0.0, 0.1, 0.0]",
                             "sub_rotation_deg = [0.0, 0.0, 0.1]",
                             "feed_shift_m = [1e-3, 0.0]",
                             "feed_shift_m = [0.0, 1e-3]",
                             "feed_tilt_deg = [0.1, 0.0]",
                             "feed_tilt_deg = [0.0, 0.1]"}) {
    add("", option);
  }
  for (const char* option : {"frequency_hz = 330e9", "standoff_m = 5.9"}) add(option, "");
  for (const auto change : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
    sim::BeamTileOptions options = quick();
    double* const reals[] = {
        &options.residual_db,   &options.node_pitch_m, &options.half_width,        &options.cell,
        &options.tile_height_m, &options.tile_depth_m, &options.sampling.cutoff_db};
    int* const wholes[] = {&options.most_terms, &options.sampling.rings, &options.sampling.spokes};
    if (change < 7) *reals[change] *= 1.01;
    if (change >= 7) ++*wholes[change - 7];
    CHECK(keys.insert(beam_key(small_imager(), options)).second);
    ++asked;
  }
  for (const auto change : {0, 1, 2, 3, 4}) {
    sim::Imager imager = small_imager();
    if (change == 0) imager.lines += 1;
    if (change == 1) imager.samples_per_line += 1;
    if (change == 2) imager.field_of_view_m.x() += 1e-3;
    if (change == 3) imager.field_of_view_m.y() += 1e-3;
    if (change == 4) imager.gate_m.x() -= 0.02;
    CHECK(keys.insert(beam_key(imager, quick())).second);
    ++asked;
  }
  CHECK(keys.size() == asked);
  // What a mirror does with the power that it scatters is no part of the tables.
  CHECK(keys.count(beam_key(small_imager("", "main_correlation_m = 0.06"), quick())) == 1);
}

TEST_CASE("tables are read again as they were written", "[data][cache]") {
  const test::Scratch folder;
  const sim::Imager imager = small_imager();
  const auto [made, steps] = ask(folder.path(), imager);
  CHECK(steps > 0);
  REQUIRE(fs::exists(file_of(folder, imager)));
  const auto [read, none] = ask(folder.path(), imager);
  CHECK(none == 0);
  CHECK(read->values == made->values);
  CHECK(read->phase == made->phase);
  CHECK(read->residual_db == made->residual_db);
  CHECK(read->fits(sim::frame_raster(imager), sim::frame_depths(imager)));
}

TEST_CASE("a file that is damaged, cut off or another's is not trusted but made anew",
          "[data][cache]") {
  const test::Scratch folder;
  const sim::Imager imager = small_imager();
  const auto made = ask(folder.path(), imager).first;
  const fs::path file = file_of(folder, imager);
  const std::string whole = io::read_file(file);
  const auto write = [&](const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
  };
  SECTION("one bit of the values") {
    // The values are most of the file.
    std::string text = whole;
    text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
    write(text);
  }
  SECTION("cut off") { write(whole.substr(0, whole.size() / 2)); }
  SECTION("empty") { write(""); }
  SECTION("no such format") { write("not a table\n"); }
  SECTION("the tables of another beam under this name") {
    const sim::Imager other = small_imager("", "aperture_m = 0.6");
    ask(folder.path(), other);
    write(io::read_file(file_of(folder, other)));
  }
  CHECK_THROWS_AS(read_beam(file, beam_key(imager, quick())), InputError);
  const auto [again, steps] = ask(folder.path(), imager);
  CHECK(steps > 0);
  CHECK(again->values == made->values);
  CHECK(ask(folder.path(), imager).second == 0);
}

TEST_CASE("THZ_CACHE_DIR says where tables are kept, and off keeps none", "[data][cache]") {
  const test::Scratch folder;
  {
    const Variable off("THZ_CACHE_DIR", "off");
    CHECK(beam_cache_folder().empty());
    CHECK(ask(beam_cache_folder(), small_imager()).second > 0);
    CHECK(ask(beam_cache_folder(), small_imager()).second > 0);
  }
  {
    const Variable own("THZ_CACHE_DIR", folder.path().string());
    CHECK(beam_cache_folder() == folder.path());
  }
  const Variable none("THZ_CACHE_DIR", "");
  const Variable xdg("XDG_CACHE_HOME", folder.path().string());
  CHECK(beam_cache_folder() == folder.path() / "thzface");
}

TEST_CASE("a place that cannot be written does no harm", "[data][cache]") {
  const test::Scratch folder;
  std::ofstream(folder.path() / "file") << "in the way";
  const auto [beam, steps] = ask(folder.path() / "file" / "below", small_imager());
  CHECK(steps > 0);
  CHECK(!beam->tiles.empty());
}

TEST_CASE("two processes that make the same tables at once leave one whole file", "[data][cache]") {
  const test::Scratch folder;
  const sim::Imager imager = small_imager();
  pid_t children[2];
  for (pid_t& child : children) {
    child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      int status = 1;
      try {
        status = ask(folder.path(), imager).first->tiles.empty() ? 1 : 0;
      } catch (...) {
      }
      ::_exit(status);
    }
  }
  for (const pid_t child : children) {
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  }
  CHECK(ask(folder.path(), imager).second == 0);
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder.path())) files += entry.is_regular_file();
  CHECK(files == 1);
}

TEST_CASE("making tables can be cancelled, and leaves nothing behind", "[data][cache]") {
  const test::Scratch folder;
  CancelToken cancel;
  const auto stop = [&](std::size_t, std::size_t) { cancel.request(); };
  CHECK_THROWS_AS(kept_beam(small_imager(), quick(), folder.path(), 1, stop, &cancel), Cancelled);
  CHECK(fs::is_empty(folder.path()));
}
