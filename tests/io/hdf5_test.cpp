#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/dataset_writer.h"
#include "thz/io/hdf5_file.h"
#include "thz/io/stage_dump.h"

using Catch::Matchers::Contains;
using thz::InputError;
using thz::test::Scratch;
using namespace thz::io;

TEST_CASE("arrays, texts and numbers come back as they were written", "[io][hdf5]") {
  const Scratch scratch;
  {
    Hdf5File file = Hdf5File::create(scratch / "a.h5");
    file.write<float>("/group/x", {2, 3}, {1, 2, 3, 4, 5, 6}, 1);
    file.write<std::complex<float>>("/z", {2}, {{1, 2}, {3, -4}});
    file.write<std::string>("/names", {2}, {"ä", ""});
    file.make<int16_t>("/empty", {0, 4}, 8);
    file.set_text("/group/x", "units", "m");
    file.set_texts("/", "list", {"a", "b"});
    file.set_text("/", "none", "");
    // More than the 64 KiB that old files allow an attribute.
    file.set_text("/", "long", std::string(100000, 'x'));
    file.set_unsigned("/", "big", UINT64_MAX);
    file.set_number("/", "number", 0.1);
    file.close();
  }
  const Hdf5File file = Hdf5File::open(scratch / "a.h5");
  CHECK(file.read<float>("/group/x") == std::vector<float>{1, 2, 3, 4, 5, 6});
  float row[3] = {};
  file.read_rows("/group/x", 1, 1, row);
  CHECK(row[2] == 6);
  CHECK(file.read<std::complex<float>>("/z")[1] == std::complex<float>(3, -4));
  CHECK(file.read<std::string>("/names") == std::vector<std::string>{"ä", ""});
  CHECK(file.shape("/empty") == Shape{0, 4});
  CHECK(file.chunk("/group/x") == Shape{1, 3});
  CHECK(file.type_name("/z") == "complex64");
  CHECK(file.text("/group/x", "units") == "m");
  CHECK(file.texts("/", "list") == std::vector<std::string>{"a", "b"});
  CHECK(file.text("/", "none").empty());
  CHECK(file.text("/", "long").size() == 100000);
  CHECK(file.unsigned_number("/", "big") == UINT64_MAX);
  CHECK(file.number("/", "number") == 0.1);
  CHECK(file.has("/group"));
  CHECK_FALSE(file.has("/nowhere/x"));
  CHECK(file.datasets() == std::vector<std::string>{"/empty", "/group/x", "/names", "/z"});
  CHECK_THROWS_WITH(file.read<float>("/none"), Contains("a.h5") && Contains("/none"));
  CHECK_THROWS_AS(file.read_rows("/group/x", 1, 2, row), InputError);
  CHECK_THROWS_AS(file.text("/", "big"), InputError);
  CHECK_THROWS_AS(file.unsigned_number("/", "list"), InputError);
}

TEST_CASE("a stage dump carries units and axes", "[io][stages]") {
  const Scratch scratch;
  thz::ImageC field(2, 3);
  field(1, 2) = {1, -2};
  write_stage_dump(scratch / "s.h5",
                   {stage_image("radar/field", field, "1", "[line][sample]", "complex return"),
                    {"cube", {2, 1, 2}, std::vector<float>{1, 2, 3, 4}, "m", "[a][b][c]", ""},
                    stage_image("power", thz::test::noise_image(1, 1, 4, 5), "W", "[y][x]")},
                   {{"scene", "x"}});
  const Hdf5File file = Hdf5File::open(scratch / "s.h5");
  CHECK(file.text("/", "scene") == "x");
  CHECK(file.text("/radar/field", "axes") == "[line][sample]");
  CHECK(file.shape("/cube") == Shape{2, 1, 2});
  CHECK(file.read<std::complex<float>>("/radar/field")[5] == std::complex<float>(1, -2));
  CHECK(read_stage_image(scratch / "s.h5", "power").data ==
        thz::test::noise_image(1, 1, 4, 5).data);
  CHECK_THROWS_AS(read_stage_image(scratch / "s.h5", "cube"), InputError);
  CHECK_THROWS_AS(write_stage_dump(scratch / "none/s.h5", {}, {}), InputError);
}

namespace {

/// Tries to write a data set; 0 if it ends in an InputError with the reason and only `before`
/// entries in the folder.
int write_and_judge(const std::filesystem::path& folder, const std::string& reason) {
  const auto header = thz::test::small_header(80, 0, false);
  std::vector<DatasetRow> rows;
  for (uint64_t n = 0; n < header.rows; ++n) rows.push_back(thz::test::small_row(header, n));
  const std::size_t before = thz::test::count_entries(folder);
  try {
    write_dataset(folder / "d.h5", header, rows, {});
  } catch (const InputError& e) {
    if (std::string(e.what()).find(reason) == std::string::npos) return 2;
    return thz::test::count_entries(folder) == before ? 0 : 3;
  }
  return 4;
}

/// The plain HDF5 way, without the check for room that a data set makes first.
int dump_and_judge(const std::filesystem::path& folder, const std::string& reason) {
  StageArray array{"x", {400000}, std::vector<float>(400000, 1.0F), "1", "[i]", ""};
  try {
    write_stage_dump(folder / "s.h5", {array}, {});
  } catch (const InputError& e) {
    if (std::string(e.what()).find(reason) == std::string::npos) return 5;
    return std::filesystem::exists(folder / "s.h5") ? 6 : 0;
  }
  return 7;
}

template <typename Body>
int status_of_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

}  // namespace

TEST_CASE("a file-size limit ends in one sentence and no left-overs", "[io][hdf5]") {
  const Scratch scratch;
  CHECK(status_of_child([&] {
          std::signal(SIGXFSZ, SIG_IGN);
          const rlimit limit = {300000, 300000};
          ::setrlimit(RLIMIT_FSIZE, &limit);
          const int status = write_and_judge(scratch.path(), "File too large");
          return status != 0 ? status : dump_and_judge(scratch.path(), "File too large");
        }) == 0);
}

TEST_CASE("a full disk ends in one sentence, keeps what was there and leaves no temporary",
          "[io][hdf5]") {
  const Scratch scratch;
  if (::mount("tmpfs", scratch.path().c_str(), "tmpfs", 0, "size=600k") != 0) {
    WARN("skipped: a full disk (no right to mount a small tmpfs here)");
    return;
  }
  write_file(scratch / "old", "kept");
  const int status = write_and_judge(scratch.path(), "No space left");
  const int dump = dump_and_judge(scratch.path(), "No space left");
  const std::string old = thz::test::slurp(scratch / "old");
  const std::size_t entries = thz::test::count_entries(scratch.path());
  ::umount2(scratch.path().c_str(), MNT_DETACH);
  CHECK(status == 0);
  CHECK(dump == 0);
  CHECK(old == "kept");
  CHECK(entries == 1);
}

TEST_CASE("a data set is readable by h5py, and its values are the same", "[io][hdf5][h5py]") {
  const std::string python = "/usr/bin/python3";
  if (std::system((python + " -c 'import h5py' 2>/dev/null").c_str()) != 0) {
    WARN("skipped: reading by h5py (python3-h5py is not installed)");
    return;
  }
  const Scratch scratch;
  const auto header = thz::test::small_header(6, 3, true);
  std::vector<DatasetRow> rows;
  std::vector<VisibleRow> visible;
  for (uint64_t n = 0; n < 6; ++n) rows.push_back(thz::test::small_row(header, n));
  for (uint64_t v = 0; v < 3; ++v) visible.push_back(thz::test::small_visible(header, v));
  write_dataset(scratch / "d.h5", header, rows, visible);
  const std::string script = fmt::format(R"(
import h5py
f = h5py.File('{}', 'r')
assert f.attrs['schema'].decode() == 'thzface-dataset/1' and f.attrs['complete'] == 1
assert f['/thz/image'].shape == (6, 64, 64) and f['/thz/image'].dtype == 'float32'
assert f['/thz/image'].fletcher32 and f['/thz/image'].compression is None
assert f['/thz/power'].shape == (6, 8, 16)
assert f['/visible/image'].shape == (3, 64, 64)
assert abs(float(f['/thz/image'][4, 10, 20]) - {:.9g}) < 1e-9
assert list(f['/label/fabric'].attrs['names']) == [b'acrylic', b'cotton']
assert f['/label/posture'].attrs['names'][3] == b'full-left'
assert f['/provenance/scene_sha256'][0].tobytes().hex() == f.attrs['scene_sha256'].decode()
)",
                                         (scratch / "d.h5").string(), rows[4].image(10, 20));
  thz::test::spill(scratch / "check.py", script);
  CHECK(std::system((python + " " + (scratch / "check.py").string()).c_str()) == 0);
}
