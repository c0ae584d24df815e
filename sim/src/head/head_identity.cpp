#include <algorithm>
#include <cmath>

#include "head_field.h"
#include "head_parameters.h"
#include "head_population.h"
#include "head_survey.h"
#include "thz/core/rng.h"
#include "thz/sim/parametric_head.h"

namespace thz::sim {
namespace {

/// Sub-entities of the identity's random streams.
enum IdentityStream : uint32_t { kBodyStream = 0, kHairStream = 1, kReliefStream = 2 };

double draw_age(Rng& rng, const std::optional<HeadAgeBand>& wanted) {
  const double u = rng.uniform();
  const double within = rng.uniform();
  HeadAgeBand band = u < 0.25   ? HeadAgeBand::k18To29
                     : u < 0.55 ? HeadAgeBand::k30To44
                     : u < 0.80 ? HeadAgeBand::k45To59
                                : HeadAgeBand::k60To75;
  if (wanted) band = *wanted;
  const auto [from, to] = head_age_range(band);
  return from + within * (to - from);
}

/// Share with pattern hair loss: men 30 % at 30, 50 % at 50, 80 % at 70 (BMJ Best Practice); women
/// 4 % under 30, 35 % at 70 (reported 3-6 % and 29-42 %).
double hair_loss_share(bool female, double age) {
  if (female) return std::clamp(0.04 + 0.31 * (age - 30.0) / 40.0, 0.02, 0.4);
  if (age < 50.0) return std::max(0.05, 0.30 + 0.20 * (age - 30.0) / 20.0);
  return std::min(0.85, 0.50 + 0.30 * (age - 50.0) / 20.0);
}

HeadHair draw_hair(Rng& rng, bool female, double age) {
  HeadHair hair;
  const auto f = [](double v) { return static_cast<float>(v); };
  // Bare forehead height, hairline to sellion (literature, unverified).
  const double hairline =
      female ? rng.truncated_normal(63.0, 6.0, 2.5) : rng.truncated_normal(67.0, 7.5, 2.5);
  const double loss = rng.uniform();
  // Loss goes further with age: over 70 half of the men are bald on the vault.
  const double extent = std::pow(rng.uniform(), age < 50.0 ? 1.5 : 0.8);
  const bool losing = loss < hair_loss_share(female, age);
  hair.baldness = losing ? f((female ? 0.4 : 1.0) * extent) : 0.0f;
  hair.hairline_mm = f(hairline + 20.0 * static_cast<double>(hair.baldness));
  hair.recession_mm = f((female ? 2.0 : 6.0) + (female ? 4.0 : 9.0) * rng.uniform() +
                        14.0 * static_cast<double>(hair.baldness));
  hair.peak_mm = f(std::max(0.0, rng.truncated_normal(-1.0, 3.0, 2.5)));
  const double style = rng.uniform();
  const double volume = rng.uniform();
  const double sides = rng.uniform();
  const double length = rng.uniform();
  if (female) {
    // Short, to the neck, long: the long hair is worn behind the ears.
    hair.thickness_mm = f(8.0 + 14.0 * volume);
    hair.side_thickness_mm = f(6.0 + 10.0 * sides);
    hair.nape_drop_mm = f(style < 0.2 ? 15.0 * length : 35.0 + 75.0 * length);
  } else {
    const bool shaved = style < 0.15;
    hair.thickness_mm = f(shaved ? 1.0 + 2.0 * volume : 4.0 + 16.0 * volume * volume);
    hair.side_thickness_mm = f(shaved ? hair.thickness_mm : 2.0f + 6.0f * f(sides));
    hair.nape_drop_mm = f(style > 0.93 ? 20.0 + 70.0 * length : 8.0 * length);
  }
  hair.parting = f(rng.uniform(-1.0, 1.0));
  // Half of the hairs are grey at 50 in about half of the people.
  hair.grey = f(std::clamp(rng.truncated_normal((age - 48.0) / 25.0, 0.3, 2.5), 0.0, 1.0));
  return hair;
}

FaceHair draw_face_hair(Rng& rng, bool female) {
  FaceHair hair;
  const auto f = [](double v) { return static_cast<float>(v); };
  hair.brow_density = f(rng.uniform(0.45, 1.0));
  hair.brow_thickness_mm = f(female ? rng.uniform(4.5, 8.5) : rng.uniform(7.0, 12.0));
  const double style = rng.uniform();
  const double density = rng.uniform();
  const double length = rng.uniform();
  if (female) return hair;
  if (style < 0.45) {  // shaved, up to a shade of stubble
    hair.beard = hair.moustache = f(0.3 * density * density);
  } else if (style < 0.65) {  // stubble
    hair.beard = hair.moustache = f(0.25 + 0.3 * density);
  } else if (style < 0.88) {  // full beard
    hair.beard = hair.moustache = f(0.75 + 0.25 * density);
    hair.beard_thickness_mm = f(2.0 + 8.0 * length);
  } else {  // moustache
    hair.moustache = f(0.75 + 0.25 * density);
    hair.beard = f(0.2 * density);
    hair.beard_thickness_mm = f(1.5 + 2.0 * length);
  }
  return hair;
}

void set_means(HeadIdentity& head, const std::vector<bool>& sexes, double age_years) {
  head.age_years = static_cast<float>(age_years);
  for (std::size_t i = 0; i < internal::kParameterCount; ++i) {
    double sum = 0.0;
    for (const bool female : sexes) sum += parametric_head_mean(i, female, age_years);
    head.parameters.push_back(static_cast<float>(sum / static_cast<double>(sexes.size())));
  }
  head.residual.assign(internal::kResidualCount, 0.0f);
  head.asymmetry.assign(internal::kAsymmetryCount, 0.0f);
  head.meso.assign(internal::kMesoCount, 0.0f);
}

}  // namespace

HeadIdentity sample_head_identity(uint64_t seed, uint64_t identity,
                                  const HeadPopulation& population) {
  Rng rng(seed, RngPurpose::kIdentity, identity, kBodyStream);
  HeadIdentity head;
  const double sex = rng.uniform();
  head.female = population.female.value_or(sex < 0.5);
  const double age = draw_age(rng, population.age_band);
  head.age_years = static_cast<float>(age);
  const std::vector<double> score = internal::draw_scores(rng, head.female);
  for (std::size_t i = 0; i < score.size(); ++i) {
    head.parameters.push_back(static_cast<float>(parametric_head_mean(i, head.female, age) +
                                                 parametric_head_sd(i, head.female) * score[i]));
  }
  Rng relief(seed, RngPurpose::kIdentity, identity, kReliefStream);
  const auto fill = [&](std::vector<float>& field, std::size_t count) {
    field.resize(count);
    for (float& c : field) c = static_cast<float>(relief.truncated_normal(0.0, 1.0, 3.0));
  };
  fill(head.residual, internal::kResidualCount);
  fill(head.asymmetry, internal::kAsymmetryCount);
  fill(head.meso, internal::kMesoCount);
  Rng hair(seed, RngPurpose::kIdentity, identity, kHairStream);
  head.hair = draw_hair(hair, head.female, age);
  head.face_hair = draw_face_hair(hair, head.female);
  return head;
}

HeadIdentity mean_head_identity() {
  HeadIdentity head;
  set_means(head, {false, true}, internal::kReferenceAge);
  return head;
}

HeadIdentity mean_head_identity(bool female, double age_years) {
  HeadIdentity head;
  head.female = female;
  set_means(head, {female}, age_years);
  return head;
}

HeadExpression sample_head_expression(uint64_t seed, uint64_t capture_key,
                                      const ExpressionLaw& law) {
  Rng rng(seed, RngPurpose::kExpression, capture_key);
  const auto draw = [&](int i) {
    return std::clamp(rng.truncated_normal(law.mean[i], law.sd[i], 2.5), -1.0, 1.0);
  };
  HeadExpression expression;
  expression.smile = static_cast<float>(draw(0));
  expression.jaw_open = static_cast<float>(std::abs(draw(1)));
  expression.brow_raise = static_cast<float>(draw(2));
  return expression;
}

}  // namespace thz::sim
