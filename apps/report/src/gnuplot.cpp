#include "gnuplot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <regex>
#include <vector>

#include "html.h"
#include "page_style.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"

namespace thz::report::internal {
namespace {

namespace fs = std::filesystem;

constexpr int kFirstSeriesLevel = 10;
constexpr int kSeries = 6;

// A folder that goes away with its owner.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "thzface-plot-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      throw_input("cannot make a temporary folder {}: {}; set TMPDIR to a folder with space",
                  pattern, std::strerror(errno));
    }
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void run_gnuplot(const fs::path& script, const fs::path& messages) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, messages.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::string program = "gnuplot", argument = script.string();
  char* const arguments[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw_input(
        "the program gnuplot, which draws the plots of a report, cannot be started ({}); install "
        "it "
        "(Debian: apt-get install gnuplot-nox) and see that it is on PATH",
        std::strerror(error));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw_input("gnuplot failed with status {}: {}", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                io::read_file(messages));
  }
}

// gnuplot writes "rgb( 11,  11,  11)" for "#0b0b0b".
void replace_colour(std::string& svg, int level, const std::string& css) {
  const std::regex colour(fmt::format(R"(rgb\(\s*{0},\s*{0},\s*{0}\))", level));
  svg = std::regex_replace(svg, colour, css);
}

/// Border, tics, grid and key of every plot.
std::string plot_frame() {
  return fmt::format(
      "set encoding utf8\n"
      "set border 3 linecolor rgb '{}' linewidth 1\nset tics nomirror textcolor rgb '{}'\n"
      "set grid linecolor rgb '{}' linewidth 1 dashtype solid\n"
      "set key outside below left Left reverse samplen 2 spacing 1.15 width 1 textcolor rgb '{}'\n",
      kRule, kInk, kGrid, kInk);
}

/// The colours that the light page's style sheet gives the placeholders.
std::string with_light_colours(std::string script) {
  const auto replace = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = script.find(from); at != std::string::npos; at = script.find(from, at)) {
      script.replace(at, from.size(), to);
    }
  };
  replace(kInk, light_colour("ink"));
  replace(kRule, light_colour("muted"));
  replace(kGrid, light_colour("rule"));
  for (int s = 1; s <= kSeries; ++s) replace(series_colour(s), light_colour(fmt::format("s{}", s)));
  return script;
}

std::string fit_for_page(std::string svg, const std::string& title, const std::string& id) {
  const std::size_t start = svg.find("<svg");
  if (start == std::string::npos) throw_input("gnuplot drew nothing for the plot '{}'", title);
  svg.erase(0, start);
  const std::size_t head_end = svg.find("</desc>");
  const std::size_t title_start = svg.find("<title>");
  if (head_end != std::string::npos && title_start != std::string::npos) {
    svg.replace(title_start, head_end + std::strlen("</desc>") - title_start,
                fmt::format("<title id=\"{}-title\">{}</title>", id, escape(title)));
  }
  svg.insert(std::strlen("<svg"),
             fmt::format(" class=\"plot\" role=\"img\" aria-labelledby=\"{}-title\"", id));
  svg = std::regex_replace(
      svg, std::regex("id=['\"](gp[A-Za-z0-9_]*|gnuplot_canvas|textbox|greybox)['\"]"),
      "id=\"" + id + "-$1\"");
  svg = std::regex_replace(svg, std::regex("href='#"), "href='#" + id + "-");
  svg = std::regex_replace(svg, std::regex("url\\(#"), "url(#" + id + "-");
  svg = std::regex_replace(svg, std::regex("id=\"gnuplot_plot_"), "id=\"" + id + "-plot-");
  svg = std::regex_replace(svg, std::regex("font-family=\"[^\"]*\""), "font-family=\"inherit\"");
  replace_colour(svg, 1, "var(--ink)");
  replace_colour(svg, 2, "var(--muted)");
  replace_colour(svg, 3, "var(--rule)");
  for (int s = 1; s <= kSeries; ++s) {
    replace_colour(svg, kFirstSeriesLevel + s, fmt::format("var(--s{})", s));
  }
  return svg;
}

}  // namespace

std::string series_colour(int series) {
  const int level = kFirstSeriesLevel + 1 + (series - 1) % kSeries;
  return fmt::format("#{0:02x}{0:02x}{0:02x}", level);
}

std::string axis(const char* name, const std::string& label) {
  return fmt::format("set {}label '{}' textcolor rgb '{}'\n", name, label, kInk);
}

// Names may hold quotes and the characters that gnuplot's enhanced text gives a meaning.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "''";
    } else if (std::string("_^{}@&~\\").find(c) != std::string::npos) {
      out += std::string("\\\\").substr(1) + c;
    } else {
      out += c == '\n' ? ' ' : c;
    }
  }
  return out;
}

std::string block(const std::string& name, const std::string& lines) {
  return "$" + name + " << EOD\n" + lines + "EOD\n";
}

std::string line_style(int series, int width) {
  return fmt::format("linewidth {} linecolor rgb '{}'", width, series_colour(series));
}

std::string gnuplot_svg(const std::string& script, const std::string& title, int width_px,
                        int height_px, const std::string& id) {
  const TemporaryFolder folder;
  const fs::path drawing = folder.path() / "plot.svg", program = folder.path() / "plot.gp";
  const std::string head =
      fmt::format("set terminal svg size {},{} dynamic enhanced font 'Arial,12'\nset output '{}'\n",
                  width_px, height_px, drawing.string());
  io::write_file(program, head + plot_frame() + script + "\nunset output\n");
  run_gnuplot(program, folder.path() / "messages.txt");
  return fit_for_page(io::read_file(drawing), title, id);
}

void gnuplot_png(const fs::path& path, const std::string& script, int width_px, int height_px) {
  const TemporaryFolder folder;
  const fs::path drawing = folder.path() / "plot.png", program = folder.path() / "plot.gp";
  const std::string head = fmt::format(
      "set terminal pngcairo size {},{} enhanced background '#ffffff' font 'Arial,11'\n"
      "set output '{}'\n",
      width_px, height_px, drawing.string());
  io::write_file(program, with_light_colours(head + plot_frame() + script) + "\nunset output\n");
  run_gnuplot(program, folder.path() / "messages.txt");
  io::write_file(path, io::read_file(drawing));
}

}  // namespace thz::report::internal
