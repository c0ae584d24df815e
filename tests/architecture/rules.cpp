#include "architecture/rules.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>

namespace thz::architecture {
namespace {

namespace fs = std::filesystem;

const std::string kAnything = "*";
constexpr std::size_t kMaxLines = 400;
constexpr std::size_t kMaxFunctionLines = 60;

struct Library {
  std::string folder;               // the longest folder that is a prefix of a file's path wins
  std::set<std::string> libraries;  // thz/<name>/ it may include
  std::vector<std::string>
      foreign;  // third-party headers it may include: a name, or a prefix ending in /
  std::vector<std::string> in_headers;  // those of them that its public headers may show
  bool touches_files;                   // may read and write files
};

// The table of the design: dependencies point one way, from apps down to core.
const std::vector<Library>& libraries() {
  static const std::vector<Library> table = {
      {"sim/core",
       {"core"},
       {"Eigen/", "toml++/", "Random123/", "omp.h", "fmt/", "spdlog/", "openssl/"},
       {"Eigen/", "toml++/", "omp.h", "fmt/"},
       true},
      {"sim",
       {"core", "sim"},
       {"Eigen/", "fmt/", "omp.h", "embree3/", "fftw3.h", "immintrin.h"},
       {"Eigen/"},
       false},
      {"data/io",
       {"core", "io"},
       {"Eigen/", "fmt/", "hdf5.h", "png.h", "zlib.h", "assimp/", "nlohmann/"},
       {"Eigen/"},
       true},
      {"data",
       {"core", "io", "sim", "eval", "data"},
       {"Eigen/", "fmt/", "omp.h", "opencv2/", "nlohmann/", "nlopt.hpp"},
       {"Eigen/"},
       true},
      {"model/eval", {"core", "eval"}, {"Eigen/", "fmt/", "omp.h", "nlohmann/"}, {"Eigen/"}, false},
      {"model",
       {"core", "io", "eval", "model"},
       {"Eigen/", "fmt/", "omp.h", "torch/", "ATen/", "c10/", "opencv2/", "nlohmann/"},
       {"Eigen/", "torch/", "ATen/", "c10/"},
       true},
      {"apps/report",
       {"core", "io", "eval", "report"},
       {"Eigen/", "fmt/", "nlohmann/"},
       {"Eigen/"},
       true},
      {"apps", {"core", "sim", "io", "data", "eval", "model", "report"}, {kAnything}, {}, true},
  };
  return table;
}

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

bool ends_with(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

bool is_code(const std::string& path) { return ends_with(path, ".h") || ends_with(path, ".cpp"); }

bool listed(const std::vector<std::string>& allowed, const std::string& header) {
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& entry) {
    if (entry == kAnything) return true;
    return entry.back() == '/' ? starts_with(header, entry) : header == entry;
  });
}

const Library* library_of(const std::string& path) {
  const Library* best = nullptr;
  for (const auto& library : libraries()) {
    if (starts_with(path, library.folder + "/") &&
        (best == nullptr || library.folder.size() > best->folder.size())) {
      best = &library;
    }
  }
  return best;
}

// Headers of the C++ library have neither a dot nor a slash; these are of the system.
bool is_posix(const std::string& header) {
  static const std::set<std::string> names = {
      "unistd.h", "fcntl.h",  "dirent.h", "signal.h",  "poll.h",  "stdio.h", "stdlib.h",
      "malloc.h", "string.h", "errno.h",  "termios.h", "spawn.h", "dlfcn.h", "sched.h"};
  return starts_with(header, "sys/") || names.count(header) > 0;
}

// The reason why a system or standard header is not for this library; empty when it is.
std::string standard_violation(const Library& library, const std::string& header) {
  static const std::set<std::string> printing = {"iostream"};
  static const std::set<std::string> file_access = {"fstream", "filesystem", "cstdio",  "stdio.h",
                                                    "fcntl.h", "unistd.h",   "dirent.h"};
  if (library.folder != "apps" && printing.count(header) > 0) return "libraries never print";
  if (!library.touches_files && (file_access.count(header) > 0 || starts_with(header, "sys/"))) {
    return library.folder + " works in memory only";
  }
  return "";
}

std::string include_violation(const fs::path& root, const std::string& path, const Library& library,
                              const std::string& header, bool quoted) {
  if (starts_with(header, "thz/")) {
    const auto name = header.substr(4, header.find('/', 4) - 4);
    if (library.libraries.count(name) == 0) {
      return library.folder + " may not include the library " + name;
    }
    return quoted ? "" : "own headers are included in quotes";
  }
  if (quoted) {  // a private header, beside the file or below the library's folder
    const auto beside = root / fs::path(path).parent_path() / header;
    const auto below = root / library.folder / "src" / header;
    const bool own = fs::exists(beside) || fs::exists(below);
    return own ? "" : "no such header beside the file or in " + library.folder + "/src";
  }
  if (header.find_first_of("./") == std::string::npos || is_posix(header)) {
    return standard_violation(library, header);
  }
  if (!listed(library.foreign, header)) return library.folder + " may not use <" + header + ">";
  const bool is_public = path.find("/include/thz/") != std::string::npos;
  if (is_public && !listed(library.in_headers, header)) {
    return "<" + header + "> must not show in a public header of " + library.folder;
  }
  return "";
}

// Words and paths that must not be left in the tree; the patterns are cut so that they do not match
// here.
std::string text_violation(const std::string& path, const std::string& line) {
  static const std::regex home("(^|[^A-Za-z0-9_.-])/(home|Users|root|work)/[A-Za-z]");
  static const std::regex unfinished(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X)\\b");
  static const std::regex outside(
      "\\.\\./sha"
      "red\\b");
  if (std::regex_search(line, home)) return "an absolute path of somebody's machine";
  if (is_code(path) && std::regex_search(line, unfinished))
    return "unfinished work left in the code";
  if (path != ".ci/run" && std::regex_search(line, outside)) return "a path outside the repository";
  return "";
}

// Counts the lines of functions at namespace scope. The formatter puts their first line and their
// closing brace, and nothing else's but types' and namespaces', at the left margin.
class FunctionLength {
 public:
  // Lines of the function that ends in this line; 0 if none does.
  std::size_t next(const std::string& line) {
    static const std::regex other("^(namespace|struct|class|enum|union|extern|template|#|//|[}])");
    ++number_;
    if (line.empty()) return 0;
    if (line == "}") {
      const auto length = start_ > 0 ? number_ - start_ + 1 : 0;
      start_ = 0;
      return length;
    }
    const bool at_margin = line[0] != ' ' && line[0] != '\t';
    if (at_margin) start_ = std::regex_search(line, other) ? 0 : number_;
    return 0;
  }

 private:
  std::size_t number_ = 0;
  std::size_t start_ = 0;  // line on which a function at the margin began; 0: none is open
};

void inspect_file(const fs::path& root, const std::string& path, Report& report) {
  static const std::regex include_line("^\\s*#\\s*include\\s*([<\"])([^>\"]+)[>\"]");
  std::ifstream file(root / path);
  const Library* library = is_code(path) ? library_of(path) : nullptr;
  const bool measures_functions = is_code(path) && !starts_with(path, "tests/");
  FunctionLength function;
  std::size_t number = 0;
  const auto add = [&](const std::string& what) {
    if (!what.empty()) {
      report.violations.push_back(path + ":" + std::to_string(number) + ": " + what);
    }
  };
  ++report.files;
  for (std::string line; std::getline(file, line);) {
    ++number;
    add(text_violation(path, line));
    if (measures_functions && function.next(line) > kMaxFunctionLines) {
      add("a function longer than " + std::to_string(kMaxFunctionLines) + " lines ends here");
    }
    std::smatch match;
    if (library != nullptr && std::regex_search(line, match, include_line)) {
      ++report.includes;
      add(include_violation(root, path, *library, match[2].str(), match[1].str() == "\""));
    }
  }
  if (is_code(path) && number > kMaxLines) {
    add("longer than " + std::to_string(kMaxLines) + " lines");
  }
}

bool is_text(const fs::path& path) {
  static const std::set<std::string> extensions = {".h",  ".cpp",  ".cmake", ".txt", ".in",
                                                   ".md", ".toml", ".json",  ".sh",  ""};
  return extensions.count(path.extension().string()) > 0;
}

}  // namespace

Report inspect(const fs::path& root) {
  static const std::set<std::string> tops = {"sim",  "data",  "model",  "apps",   "tests",
                                             "docs", "cmake", "scenes", "python", ".ci"};
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(root)) {
    const auto name = entry.path().filename().string();
    if (entry.is_regular_file() && name != ".git" && is_text(entry.path())) paths.push_back(name);
    if (!entry.is_directory() || tops.count(name) == 0) continue;
    for (const auto& below : fs::recursive_directory_iterator(entry.path())) {
      if (below.is_regular_file() && is_text(below.path())) {
        paths.push_back(fs::relative(below.path(), root).generic_string());
      }
    }
  }
  std::sort(paths.begin(), paths.end());
  Report report;
  for (const auto& path : paths) inspect_file(root, path, report);
  return report;
}

}  // namespace thz::architecture
