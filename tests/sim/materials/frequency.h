#pragma once

namespace thz::test {

/// The imager's centre frequency, at which the materials are tabulated.
inline constexpr double kFrequency_hz = 340e9;

}  // namespace thz::test
