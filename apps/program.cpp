#include "program.h"

#include <fmt/core.h>
#include <omp.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "thz/core/error.h"

namespace thz::apps {
namespace {

void on_signal(int) {
  cancel_token().request();
  // A second Ctrl-C ends the program at once.
  std::signal(SIGINT, SIG_DFL);
}

std::string duration(double seconds) {
  const auto s = static_cast<long>(seconds + 0.5);
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s / 60 % 60);
}

int report_error(const char* kind, const std::string& message, int status) {
  fmt::print(stderr, "thzface: {}{}\n", kind, message);
  return status;
}

}  // namespace

CancelToken& cancel_token() {
  static CancelToken token;
  return token;
}

void add_common(CLI::App& command, CommonOptions& options, bool with_seed, bool with_output) {
  command.add_flag("--json", options.json,
                   "One JSON object on standard output, everything else on standard error");
  command.add_flag("--quiet,-q", options.quiet, "No progress and no remarks");
  command.add_option("--threads", options.threads, "Threads to use; 0 takes all [0]")
      ->check(CLI::Range(0, 1024));
  if (with_seed) {
    command.add_option("--seed", options.seed, "Seed of every random draw; replaces the file's");
  }
  if (with_output) command.add_option("--output,-o", options.output, "Where the results go");
}

int use_openmp_threads(int threads) {
  if (threads > 0) omp_set_num_threads(threads);
  return omp_get_max_threads();
}

ProgressLine::ProgressLine(std::string what, std::string unit, bool quiet)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) != 0),
      start_(std::chrono::steady_clock::now()) {}

ProgressLine::~ProgressLine() {
  if (shown_ && terminal_) fmt::print(stderr, "\n");
}

void ProgressLine::show(std::size_t done, std::size_t total, const std::string& extra) {
  if (quiet_) return;
  const auto now = std::chrono::steady_clock::now();
  if (!shown_) first_done_ = done;
  const double since_last = std::chrono::duration<double>(now - last_).count();
  if (shown_ && done < total && since_last < (terminal_ ? 0.1 : 5.0)) return;
  last_ = now;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double fresh = static_cast<double>(done - first_done_);
  const double rate = elapsed > 0.0 ? fresh / elapsed : 0.0;
  std::string line = fmt::format("{}: {} of {} {}", what_, done, total, unit_);
  if (rate > 0.0) line += fmt::format(", {:.3g} {}/s", rate, unit_);
  if (rate > 0.0 && done < total) {
    line += ", " + duration(static_cast<double>(total - done) / rate) + " left";
  }
  if (done >= total) line += ", took " + duration(elapsed);
  if (!extra.empty()) line += "  " + extra;
  if (terminal_) {
    const int width = 24;
    const int filled = total == 0 ? width : static_cast<int>(width * done / total);
    fmt::print(stderr, "\r\x1b[K[{}{}] {}", std::string(static_cast<std::size_t>(filled), '#'),
               std::string(static_cast<std::size_t>(width - filled), '.'), line);
    std::fflush(stderr);
  } else {
    fmt::print(stderr, "{}\n", line);
  }
  shown_ = true;
}

ProgressFn ProgressLine::function() {
  return [this](std::size_t done, std::size_t total) { show(done, total); };
}

void say(const CommonOptions& options, const std::string& text) {
  if (!options.quiet) fmt::print(stderr, "{}\n", text);
}

void print_result(const CommonOptions& options, const nlohmann::json& json,
                  const std::string& text) {
  if (options.json) {
    fmt::print("{}\n", json.dump(2));
  } else if (!text.empty()) {
    fmt::print("{}\n", text);
  }
}

int run_program(CLI::App& app, int argc, char** argv) {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    return report_error("", std::string(e.what()) + " (--help shows what is allowed)", 2);
  } catch (const CheckFailed&) {
    return 1;
  } catch (const InputError& e) {
    return report_error("", e.what(), 2);
  } catch (const Cancelled& e) {
    return report_error("", e.what(), 130);
  } catch (const std::bad_alloc&) {
    return report_error("", "not enough memory for this", 2);
  } catch (const std::exception& e) {
    return report_error("internal error: ", e.what(), 3);
  }
}

}  // namespace thz::apps
