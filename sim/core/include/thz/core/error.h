#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>

namespace thz {

/// The user's mistake: bad input, file, data set or option. The message is one sentence that says
/// what is wrong, where (file, line or key), the value found and what is allowed. Exit status 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A caller broke the stated contract of a function: our bug. Exit status 3.
class ContractError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// The user asked to stop (Ctrl-C); what was finished is kept.
class Cancelled : public std::runtime_error {
 public:
  Cancelled() : std::runtime_error("stopped by the user; what was finished is kept") {}
};

/// Throws InputError with a message formatted by fmt.
template <typename... Args>
[[noreturn]] void throw_input(fmt::format_string<Args...> format, Args&&... args) {
  throw InputError(fmt::format(format, std::forward<Args>(args)...));
}

namespace internal {
[[noreturn]] void contract_failed(const char* expression, const std::string& message,
                                  const char* file, int line);
}

}  // namespace thz

/// Always on; for contracts of public functions.
#define THZ_REQUIRE(condition, message)                                            \
  do {                                                                             \
    if (!(condition)) {                                                            \
      ::thz::internal::contract_failed(#condition, (message), __FILE__, __LINE__); \
    }                                                                              \
  } while (false)
