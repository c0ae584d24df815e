#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace thz {

/// Foreign text as part of a message: line breaks and other control characters become spaces, and
/// what is longer than `most` bytes ends in "...".
std::string one_line(std::string_view text, std::size_t most = 200);

}  // namespace thz
