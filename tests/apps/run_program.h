#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace thz::test {

/// What a call of the real program left behind.
struct ProgramResult {
  int status = -1;  ///< exit status, or 128 + signal
  std::string out, err;
  double seconds = 0.0;
};

struct ProgramOptions {
  std::filesystem::path folder = ".";  ///< where the program stands
  std::string standard_output;         ///< a file or device instead of ProgramResult::out
  long most_file_bytes = 0;            ///< writing beyond fails, as on a full disk; 0: no limit
  double interrupt_after_s = 0.0;      ///< SIGINT then; 0: never
  double kill_after_s = 60.0;          ///< SIGKILL then: the test must not hang
  std::function<bool()> kill_when;     ///< SIGKILL as soon as it says so; empty: never
};

/// Calls thzface with words, no shell between.
ProgramResult run_thzface(const std::vector<std::string>& words,
                          const ProgramOptions& options = {});

/// A folder of its own, gone with it.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file and returns its name.
  std::string write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;
  /// Names of all files below, sorted.
  std::vector<std::string> files() const;

 private:
  std::filesystem::path path_;
};

/// A scene so coarse that a run takes a moment; more tables may follow.
std::string tiny_scene(const std::string& more);

}  // namespace thz::test
