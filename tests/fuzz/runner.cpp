#include "runner.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "io/io_support.h"
#include "thz/core/error.h"

namespace thz::fuzz {
namespace {

constexpr std::size_t kOutcomes = static_cast<std::size_t>(Outcome::kCount);
constexpr std::size_t kNoted = 200;  ///< findings one child can tell of
constexpr std::size_t kLongestSentence = 2000;

/// What a child tells its parent, in memory they share.
struct Report {
  uint64_t at;  ///< input being read
  uint64_t counts[kOutcomes];
  uint64_t noted;
  struct {
    uint64_t number;
    char what[400];
  } note[kNoted];
};

class SharedReport {
 public:
  SharedReport()
      : memory_(mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                     -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::runtime_error("no shared memory");
  }
  ~SharedReport() { munmap(memory_, sizeof(Report)); }
  SharedReport(const SharedReport&) = delete;
  SharedReport& operator=(const SharedReport&) = delete;
  Report& operator*() { return *static_cast<Report*>(memory_); }
  Report* operator->() { return static_cast<Report*>(memory_); }

 private:
  void* memory_;
};

/// One sentence: not empty, one line, of readable length.
bool is_sentence(const std::string& text) {
  return !text.empty() && text.size() <= kLongestSentence && text.find('\n') == std::string::npos;
}

/// Reads one file and says how it went; `what` is told of a finding.
Outcome read_one(const Target& target, const std::filesystem::path& path, std::string& what) {
  try {
    target.read(path);
    return Outcome::kRead;
  } catch (const InputError& e) {
    if (is_sentence(e.what())) return Outcome::kRefused;
    what = std::string("not one sentence: ") + e.what();
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {
    what = "not an exception of the standard library";
  }
  return Outcome::kOther;
}

uint64_t address_space() {
  uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

void limit_child(const RunOptions& options) {
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  if (options.memory_mib == 0) return;
  const uint64_t bytes = address_space() + (options.memory_mib << 20);
  const rlimit memory = {bytes, bytes};
  setrlimit(RLIMIT_AS, &memory);
}

/// Processor time: a child that only waits for its turn is no hang.
void set_alarm(int seconds) {
  itimerval timer = {};
  timer.it_value.tv_sec = seconds;
  setitimer(ITIMER_PROF, &timer, nullptr);
}

void child(const Target& target, std::size_t target_number, uint64_t first, uint64_t end,
           const RunOptions& options, const std::filesystem::path& scratch, Report& report) {
  limit_child(options);
  signal(SIGPROF, SIG_DFL);
  const std::filesystem::path path = scratch / ("input" + target.extension);
  for (uint64_t number = first; number < end; ++number) {
    report.at = number;
    test::spill(path, input_of(target, target_number, options.seed, number));
    set_alarm(options.seconds_an_input);
    std::string what;
    const Outcome outcome = read_one(target, path, what);
    set_alarm(0);
    ++report.counts[static_cast<std::size_t>(outcome)];
    if (outcome != Outcome::kOther || report.noted == kNoted) continue;
    auto& note = report.note[report.noted];
    note.number = number;
    std::strncpy(note.what, what.c_str(), sizeof note.what - 1);
    ++report.noted;
  }
}

void keep_input(const RunOptions& options, const Target& target, std::size_t target_number,
                uint64_t number) {
  if (options.keep.empty()) return;
  std::filesystem::create_directories(options.keep);
  std::string name = target.name;
  std::replace(name.begin(), name.end(), ' ', '-');
  test::spill(options.keep / (name + "-" + std::to_string(number) + target.extension),
              input_of(target, target_number, options.seed, number));
}

/// Inputs [first, end) of one target.
void run_target(const std::vector<Target>& targets, std::size_t target_number, uint64_t first,
                uint64_t end, const RunOptions& options, const std::filesystem::path& scratch,
                RunResult& result) {
  const Target& target = targets[target_number];
  SharedReport report;
  const auto found = [&](uint64_t number, Outcome outcome, const std::string& what) {
    result.findings.push_back({target.name, number, outcome, what});
    keep_input(options, target, target_number, number);
  };
  while (first < end) {
    std::memset(&*report, 0, sizeof(Report));
    report->at = first;
    const pid_t pid = fork();
    if (pid < 0) throw std::runtime_error("fork failed");
    if (pid == 0) {
      child(target, target_number, first, end, options, scratch, *report);
      _exit(0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    for (std::size_t k = 0; k < kOutcomes; ++k) {
      result.counts[target_number][k] += report->counts[k];
    }
    for (uint64_t i = 0; i < report->noted; ++i) {
      found(report->note[i].number, Outcome::kOther, report->note[i].what);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    const bool hang = WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF;
    const Outcome outcome = hang ? Outcome::kHang : Outcome::kCrash;
    ++result.counts[target_number][static_cast<std::size_t>(outcome)];
    found(report->at, outcome,
          WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
                              : "exit status " + std::to_string(WEXITSTATUS(status)));
    first = report->at + 1;
  }
}

}  // namespace

std::string input_of(const Target& target, std::size_t target_number, uint64_t seed,
                     uint64_t number) {
  if (number < target.seeds.size()) return target.seeds[number];  // the sound ones first
  Rng rng(seed, RngPurpose::kTest, number, static_cast<uint32_t>(target_number));
  return mutated(target.seeds, rng.index(target.seeds.size()), target.material, rng);
}

RunResult run(const std::vector<Target>& targets, const RunOptions& options,
              const std::filesystem::path& scratch,
              const std::function<void(const Target&, const Counts&)>& done) {
  RunResult result;
  result.counts.resize(targets.size());
  const uint64_t each = (options.inputs + targets.size() - 1) / targets.size();
  uint64_t left = options.inputs;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const uint64_t share = std::min(each, left);
    left -= share;
    const bool wanted = options.only.empty() || std::find(options.only.begin(), options.only.end(),
                                                          targets[t].name) != options.only.end();
    if (!wanted) continue;
    run_target(targets, t, 0, share, options, scratch, result);
    done(targets[t], result.counts[t]);
  }
  return result;
}

}  // namespace thz::fuzz
