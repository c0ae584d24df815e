#pragma once

#include <filesystem>
#include <string>

namespace thz::report::internal {

/// Runs gnuplot on `script` (which must neither set the terminal nor the output) and returns an
/// <svg> element fit for a page: no XML head, ids that cannot clash with another plot's, colours of
/// the page's style sheet, and `title` for those who cannot see it.
///
/// Scripts name colours by kInk, kRule, kGrid and series_colour(), which become CSS variables.
/// @throws thz::InputError if gnuplot is not installed, fails, or draws nothing.
std::string gnuplot_svg(const std::string& script, const std::string& title, int width_px,
                        int height_px, const std::string& id);

/// Runs gnuplot on the same kind of script and writes a PNG on white in the light page's colours,
/// whole or not at all. @throws thz::InputError as above, or if `path` cannot be written.
void gnuplot_png(const std::filesystem::path& path, const std::string& script, int width_px,
                 int height_px);

inline constexpr const char* kInk = "#010101";
inline constexpr const char* kRule = "#020202";
inline constexpr const char* kGrid = "#030303";
/// "#0b0b0b" and so on for series 1 to 6.
std::string series_colour(int series);

/// Parts of scripts: `set xlabel`, text without gnuplot's enhanced meaning, `$name << EOD` of lines
/// of data, the style of a series.
std::string axis(const char* name, const std::string& label);
std::string plain(const std::string& text);
std::string block(const std::string& name, const std::string& lines);
std::string line_style(int series, int width = 2);

}  // namespace thz::report::internal
