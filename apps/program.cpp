#include "program.h"

#include <fmt/core.h>
#include <omp.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iostream>

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

/// One printable line: messages may quote what stands in a file that is not text at all.
std::string printable(const std::string& message) {
  std::string text;
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte == '\n' || byte == '\t' ? ' ' : byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  // Bytes above ASCII stay only if they are UTF-8, which nlohmann-json checks as it writes.
  const std::string checked =
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return nlohmann::json::parse(checked).get<std::string>();
}

int report_error(const char* kind, const std::string& message, int status) {
  fmt::print(stderr, "thzface: {}{}\n", kind, printable(message));
  return status;
}

std::string joined(const std::vector<const CLI::App*>& commands) {
  std::string text;
  for (const CLI::App* command : commands) {
    text += (text.empty() ? "" : ", ") + command->get_name();
  }
  return text;
}

/// CLI11 complains of what is missing before it looks at what is unknown; a misspelt word explains
/// both.
std::string parse_problem(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* at = &app;
  std::string name = app.get_name();
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    name += " " + at->get_name();
  }
  const bool words = error.get_name() == "RequiredError" || error.get_name() == "ExtrasError";
  const auto unknown = words ? app.remaining(true) : std::vector<std::string>{};
  const auto commands = at->get_subcommands([](const CLI::App*) { return true; });
  std::string problem = error.what();
  if (!unknown.empty()) {
    problem = fmt::format("'{}' is not known to {}", unknown.front(), name);
  } else if (words && !commands.empty()) {
    problem = name + " needs a subcommand";
  }
  if (!commands.empty()) return problem + "; allowed: " + joined(commands);
  return fmt::format("{} ({} --help shows what is allowed)", problem, name);
}

/// Lost results are an error too: standard output on a full disk.
int close_output(int status) {
  std::cout.flush();
  if (std::fflush(stdout) == 0 && std::cout.good()) return status;
  return report_error("", "the results cannot be written to standard output", 2);
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
    // CLI11 would take -1 for a huge number and cut a larger one.
    const CLI::Validator whole(
        [](const std::string& text) {
          const bool digits = !text.empty() && text.size() <= 19 &&
                              text.find_first_not_of("0123456789") == std::string::npos;
          if (digits && std::stoull(text) <= uint64_t{INT64_MAX}) return std::string();
          return fmt::format("is '{}', but must be a whole number from 0 to {}", text, INT64_MAX);
        },
        "UINT");
    command.add_option("--seed", options.seed, "Seed of every random draw; replaces the file's")
        ->check(whole);
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
    std::cout << json.dump(2) << "\n";
  } else if (!text.empty()) {
    std::cout << text << "\n";
  }
}

int run_program(CLI::App& app, int argc, char** argv) {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  // Under a limit of file sizes (ulimit -f) a write then fails and is told.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    app.parse(argc, argv);
    return close_output(0);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return close_output(app.exit(e));
    return report_error("", parse_problem(app, e), 2);
  } catch (const CheckFailed&) {
    return close_output(1);
  } catch (const InputError& e) {
    return report_error("", e.what(), 2);
  } catch (const Cancelled& e) {
    return report_error("", e.what(), 130);
  } catch (const std::bad_alloc&) {
    return report_error("", "not enough memory for this", 2);
  } catch (const std::filesystem::filesystem_error& e) {
    return report_error("", e.path1().string() + ": " + e.code().message(), 2);
  } catch (const std::exception& e) {
    return report_error("internal error: ", e.what(), 3);
  }
}

}  // namespace thz::apps
