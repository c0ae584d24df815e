#pragma once

namespace thz::report::internal {

/// The style sheet of the page; colours are variables with a light and a dark set.
extern const char* const kPageStyle;

}  // namespace thz::report::internal
