#pragma once

#include <cstdint>
#include <limits>

#include "thz/core/error.h"

namespace thz {

/// A whole number of a JSON value (nlohmann::json or alike). Asking the value itself converts a
/// fraction or 1e308 without a word, which is undefined beyond the type's range.
/// @throws thz::InputError if it is no whole number, or none that the type holds.
template <typename Whole, typename Json>
Whole whole_number(const Json& value) {
  constexpr auto least = std::numeric_limits<Whole>::min();
  constexpr auto most = std::numeric_limits<Whole>::max();
  bool fits = value.is_number_integer();
  if (fits && value.is_number_unsigned()) {
    fits = value.template get<uint64_t>() <= static_cast<uint64_t>(most);
  } else if (fits) {
    const auto number = value.template get<int64_t>();
    fits = least < 0 ? number >= static_cast<int64_t>(least) : number >= 0;
    if (fits && number > 0) fits = static_cast<uint64_t>(number) <= static_cast<uint64_t>(most);
  }
  if (!fits) {
    throw_input("{} stands where a whole number from {} to {} is allowed", value.dump(), least,
                most);
  }
  return value.template get<Whole>();
}

}  // namespace thz
