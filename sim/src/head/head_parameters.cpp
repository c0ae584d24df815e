#include "head_parameters.h"

#include "head_survey.h"
#include "thz/core/error.h"
#include "thz/sim/parametric_head.h"

namespace thz::sim {

const std::vector<HeadParameterInfo>& parametric_head_parameters() {
  static const std::vector<HeadParameterInfo> table = internal::survey_table();
  return table;
}

std::size_t parametric_head_parameter_index(const std::string& name) {
  const auto& table = parametric_head_parameters();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].name == name) return i;
  }
  throw_input(
      "unknown head parameter '{}'; allowed are the names of docs/theory/head.md, from '{}' to "
      "'{}'",
      name, table.front().name, table.back().name);
}

double parametric_head_mean(std::size_t parameter, bool female, double age_years) {
  const HeadParameterInfo& info = parametric_head_parameters()[parameter];
  const double decades = (age_years - internal::kReferenceAge) / 10.0;
  return female ? info.female_mean + decades * info.female_per_decade
                : info.male_mean + decades * info.male_per_decade;
}

double parametric_head_sd(std::size_t parameter, bool female) {
  const HeadParameterInfo& info = parametric_head_parameters()[parameter];
  return female ? info.female_sd : info.male_sd;
}

std::array<double, 2> head_age_range(HeadAgeBand band) {
  switch (band) {
    case HeadAgeBand::k18To29:
      return {18.0, 30.0};
    case HeadAgeBand::k30To44:
      return {30.0, 45.0};
    case HeadAgeBand::k45To59:
      return {45.0, 60.0};
    default:
      return {60.0, 75.0};
  }
}

}  // namespace thz::sim
