#include "thz/core/one_line.h"

#include <algorithm>

namespace thz {

std::string one_line(std::string_view text, std::size_t most) {
  std::string line(text.substr(0, most));
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return text.size() > most ? line + "..." : line;
}

}  // namespace thz
