#pragma once

// Made by golden_values.py, which says how.
namespace thz::model::test {

inline constexpr double kGoldenContrastive = 6.46818695021666;
inline constexpr double kGoldenCrossEntropy = 2.11035234436017;
inline constexpr double kGoldenCharbonnier = 0.71808744857422;
inline constexpr double kGoldenSsim = 0.825979658569776;
inline constexpr double kGoldenFeature = 4.23908836020392;
inline constexpr double kGoldenLogit = 0.305572830133698;
inline constexpr double kGoldenCka = 0.319074460948808;
inline constexpr double kGoldenRankCorrelation = -0.192857142857143;
inline constexpr double kGoldenCosine = 0.0202196089660442;
inline constexpr double kGoldenAttention[] = {5.08050283348781,  4.28345747795655, 1.04672604955464,
                                              -1.92951560578123, 4.75081322323991, 3.78296664037447,
                                              0.610822645938283, -2.09581939353251};

}  // namespace thz::model::test
