#include "run_program.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace thz::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// In the child: nothing but system calls between fork and exec.
[[noreturn]] void become(char* const* argv, const ProgramOptions& options, const char* out,
                         const char* err) {
  const int in_file = ::open("/dev/null", O_RDONLY);
  const int out_file = ::open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err_file = ::open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (in_file < 0 || out_file < 0 || err_file < 0) ::_exit(126);
  ::dup2(in_file, 0);
  ::dup2(out_file, 1);
  ::dup2(err_file, 2);
  if (::chdir(options.folder.c_str()) != 0) ::_exit(126);
  if (options.most_file_bytes > 0) {
    const rlim_t most = static_cast<rlim_t>(options.most_file_bytes);
    const rlimit limit = {most, most};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ::execv(THZ_PROGRAM, argv);
  ::_exit(127);
}

/// Waits for a child, interrupting and at last killing it on the way; its wait status.
int wait_for(pid_t child, const ProgramOptions& options) {
  const auto start = Clock::now();
  bool interrupted = false;
  for (;;) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child) return status;
    const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
    if (options.interrupt_after_s > 0.0 && !interrupted && elapsed > options.interrupt_after_s) {
      ::kill(child, SIGINT);
      interrupted = true;
    }
    const bool enough = options.kill_when && options.kill_when();
    if (enough || elapsed > options.kill_after_s) ::kill(child, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace

ProgramResult run_thzface(const std::vector<std::string>& words, const ProgramOptions& options) {
  std::vector<std::string> all = {"thzface"};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  const Scratch pipes;
  const std::string out =
      options.standard_output.empty() ? (pipes.path() / "out").string() : options.standard_output;
  const std::string err = (pipes.path() / "err").string();
  const auto start = Clock::now();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) become(argv.data(), options, out.c_str(), err.c_str());
  const int status = wait_for(child, options);
  ProgramResult result;
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (options.standard_output.empty()) result.out = slurp(out);
  result.err = slurp(err);
  return result;
}

Scratch::Scratch() {
  std::string name = (fs::temp_directory_path() / "thzface-apps-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

Scratch::~Scratch() {
  std::error_code error;
  fs::remove_all(path_, error);
}

std::string Scratch::write(const std::string& name, const std::string& text) const {
  fs::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << text;
  return name;
}

std::string Scratch::read(const std::string& name) const { return slurp(path_ / name); }

std::vector<std::string> Scratch::files() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    if (!entry.is_directory()) names.push_back(fs::relative(entry.path(), path_).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string tiny_scene(const std::string& more) {
  return "schema = \"thzface-scene/1\"\n"
         "imager = {lines = 8, samples_per_line = 16, frames = 1, noise = false}\n"
         "sampling = {ray_pitch_m = 1e-3}\n" +
         more;
}

}  // namespace thz::test
