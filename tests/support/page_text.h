#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace thz::test {

/// Checks that a page holds some texts and lacks others. A failure names the text, not the page,
/// which is long. Texts to be lacked need a character that base 64 lacks: pictures are in the page.
inline void check_page(const std::string& page, const std::vector<std::string>& held,
                       const std::vector<std::string>& lacked = {}) {
  for (const std::string& text : held) {
    INFO("must be on the page: " << text);
    const bool there = page.find(text) != std::string::npos;
    CHECK(there);
  }
  for (const std::string& text : lacked) {
    INFO("must not be on the page: " << text);
    const bool there = page.find(text) != std::string::npos;
    CHECK_FALSE(there);
  }
}

}  // namespace thz::test
