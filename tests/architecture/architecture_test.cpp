#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "architecture/rules.h"

namespace fs = std::filesystem;
using thz::architecture::inspect;
using thz::architecture::Report;

namespace {

// A small repository in a temporary folder, gone with the object.
class SampleTree {
 public:
  SampleTree()
      : root_(fs::temp_directory_path() / ("thz_architecture_" + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~SampleTree() { fs::remove_all(root_); }
  SampleTree(const SampleTree&) = delete;
  SampleTree& operator=(const SampleTree&) = delete;

  void write(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  Report report() const { return inspect(root_); }

 private:
  fs::path root_;
};

std::string joined(const Report& report) {
  std::string all;
  for (const auto& violation : report.violations) all += violation + "\n";
  return all;
}

// The one violation of a tree that holds only this file.
std::string verdict(const std::string& path, const std::string& text) {
  SampleTree tree;
  tree.write(path, text);
  return joined(tree.report());
}

std::string include(const std::string& header) { return "#include " + header + "\n"; }

}  // namespace

TEST_CASE("the repository keeps its own architecture", "[architecture][contract]") {
  const Report report = inspect(THZ_SOURCE_DIR);
  INFO(joined(report));
  CHECK(report.violations.empty());
  // A test that reads nothing proves nothing: the core library alone has more than these.
  CHECK(report.files > 20);
  CHECK(report.includes > 30);
}

TEST_CASE("an include that points upwards is found", "[architecture][contract]") {
  CHECK(verdict("sim/core/src/a.cpp", include("\"thz/sim/b.h\"")) ==
        "sim/core/src/a.cpp:1: sim/core may not include the library sim\n");
  CHECK(verdict("sim/src/head/a.cpp", include("\"thz/io/b.h\"")) ==
        "sim/src/head/a.cpp:1: sim may not include the library io\n");
  CHECK_FALSE(verdict("data/io/src/a.cpp", include("\"thz/sim/b.h\"")).empty());
  CHECK_FALSE(verdict("data/src/a.cpp", include("\"thz/model/b.h\"")).empty());
  CHECK_FALSE(verdict("model/eval/src/a.cpp", include("\"thz/io/b.h\"")).empty());
  CHECK_FALSE(verdict("model/src/a.cpp", include("\"thz/sim/b.h\"")).empty());
  CHECK_FALSE(verdict("model/src/a.cpp", include("\"thz/data/b.h\"")).empty());
  CHECK_FALSE(verdict("apps/report/src/a.cpp", include("\"thz/model/b.h\"")).empty());
}

TEST_CASE("an include that points downwards is allowed", "[architecture][contract]") {
  CHECK(verdict("sim/src/a.cpp", include("\"thz/core/b.h\"") + include("<embree3/rtcore.h>")) ==
        "");
  CHECK(verdict("data/src/a.cpp", include("\"thz/sim/b.h\"") + include("<opencv2/core.hpp>")) ==
        "");
  CHECK(verdict("model/src/a.cpp", include("<torch/torch.h>") + include("\"thz/eval/b.h\"")) == "");
  CHECK(verdict("apps/a.cpp", include("\"thz/report/b.h\"") + include("<CLI/CLI.hpp>")) == "");
}

TEST_CASE("a third-party header in the wrong library is found", "[architecture][contract]") {
  for (const char* header : {"<hdf5.h>", "<torch/torch.h>", "<opencv2/core.hpp>", "<png.h>"}) {
    CHECK_FALSE(verdict("sim/src/a.cpp", include(header)).empty());
  }
  CHECK_FALSE(verdict("sim/core/src/a.cpp", include("<fftw3.h>")).empty());
  CHECK_FALSE(verdict("data/io/src/a.cpp", include("<embree3/rtcore.h>")).empty());
  CHECK_FALSE(verdict("data/io/src/a.cpp", include("<torch/torch.h>")).empty());
  CHECK_FALSE(verdict("data/src/a.cpp", include("<torch/torch.h>")).empty());
  CHECK_FALSE(verdict("model/eval/src/a.cpp", include("<torch/torch.h>")).empty());
  CHECK_FALSE(verdict("apps/report/src/a.cpp", include("<torch/torch.h>")).empty());
}

TEST_CASE("the simulator touches no files and no library prints", "[architecture][contract]") {
  for (const char* header : {"<fstream>", "<filesystem>", "<cstdio>", "<sys/stat.h>"}) {
    CHECK_FALSE(verdict("sim/src/a.cpp", include(header)).empty());
    CHECK(verdict("data/io/src/a.cpp", include(header)) == "");
  }
  CHECK_FALSE(verdict("data/src/a.cpp", include("<iostream>")).empty());
  CHECK(verdict("apps/a.cpp", include("<iostream>")) == "");
}

TEST_CASE("a third-party type in a public header is found", "[architecture][contract]") {
  CHECK(verdict("data/io/src/a.cpp", include("<hdf5.h>")) == "");
  CHECK(verdict("data/io/include/thz/io/a.h", include("<hdf5.h>")) ==
        "data/io/include/thz/io/a.h:1: <hdf5.h> must not show in a public header of data/io\n");
  CHECK(verdict("sim/include/thz/sim/a.h", include("<Eigen/Core>")) == "");
}

TEST_CASE("a private header is found beside its file only", "[architecture][contract]") {
  CHECK_FALSE(verdict("sim/src/head/a.cpp", include("\"b.h\"")).empty());
  SampleTree tree;
  tree.write("sim/src/head/a.cpp", include("\"b.h\""));
  tree.write("sim/src/head/b.h", "#pragma once\n");
  CHECK(joined(tree.report()) == "");
}

TEST_CASE("a file over 400 lines is found", "[architecture][contract]") {
  std::string text;
  for (int line = 0; line < 400; ++line) text += "// line\n";
  CHECK(verdict("sim/src/a.cpp", text) == "");
  CHECK(verdict("sim/src/a.cpp", text + "// one more\n") ==
        "sim/src/a.cpp:401: longer than 400 lines\n");
  CHECK(verdict("docs/a.md", text + "// one more\n") == "");
}

TEST_CASE("a function over 60 lines is found", "[architecture][contract]") {
  const auto function = [](int body_lines) {
    std::string text = "namespace thz {\nint f(int a,\n      int b) {\n";
    for (int line = 0; line < body_lines; ++line) text += "  a += b;\n";
    return text + "}\n}  // namespace thz\n";
  };
  CHECK(verdict("sim/src/a.cpp", function(57)) == "");
  CHECK(verdict("sim/src/a.cpp", function(58)) ==
        "sim/src/a.cpp:62: a function longer than 60 lines ends here\n");
  CHECK(verdict("sim/src/a.cpp", "struct A {\n" + std::string(99, '\n') + "};\n") == "");
}

TEST_CASE("home folders, unfinished work and outside paths are found", "[architecture][contract]") {
  CHECK_FALSE(verdict("sim/src/a.cpp",
                      "// see /ho"
                      "me/alice/notes\n")
                  .empty());
  CHECK_FALSE(verdict("docs/a.md",
                      "cd /wo"
                      "rk/tree\n")
                  .empty());
  CHECK(verdict("docs/a.md", "a frame/home/x ratio, sim/work/x\n") == "");
  CHECK_FALSE(verdict("apps/a.cpp",
                      "// TO"
                      "DO: the rest\n")
                  .empty());
  CHECK_FALSE(verdict("tests/sim/a.cpp",
                      "int x;  // FIX"
                      "ME\n")
                  .empty());
  CHECK_FALSE(verdict("dev",
                      "cp ../sha"
                      "red/x .\n")
                  .empty());
  CHECK(verdict(".ci/run",
                "cp ../sha"
                "red/x .\n") == "");
}
