#include "thz/core/error.h"

namespace thz::internal {

void contract_failed(const char* expression, const std::string& message, const char* file,
                     int line) {
  throw ContractError(fmt::format("{} (required: {}; {}:{})", message, expression, file, line));
}

}  // namespace thz::internal
