#pragma once

#include <string>

namespace thz::report::internal {

/// The style sheet of the page; colours are variables with a light and a dark set.
extern const char* const kPageStyle;

/// "#rrggbb" of a variable ("ink", "s1") in the light set.
std::string light_colour(const std::string& name);

}  // namespace thz::report::internal
