#pragma once

#include <string>

#include "thz/core/config.h"
#include "thz/core/error.h"
#include "thz/core/mesh.h"

namespace thz::sim::internal {

inline Vec2 pair(ConfigTable& table, const std::string& key, const Vec2& fallback, Range allowed) {
  const auto v = table.numbers(key, {fallback.x(), fallback.y()}, 2, allowed);
  return {v[0], v[1]};
}

inline Vec3 triple(ConfigTable& table, const std::string& key, const Vec3& fallback,
                   Range allowed) {
  const auto v = table.numbers(key, {fallback.x(), fallback.y(), fallback.z()}, 3, allowed);
  return {v[0], v[1], v[2]};
}

/// What `check` throws, with the place in the file before it.
template <typename Check>
void located(const ConfigTable& table, const std::string& key, Check check) {
  try {
    check();
  } catch (const InputError& e) {
    throw_input("{}: {}", table.where(key), e.what());
  }
}

}  // namespace thz::sim::internal
