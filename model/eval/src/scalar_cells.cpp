#include "scalar_cells.h"

#include <algorithm>
#include <limits>
#include <set>

#include "resampling.h"

namespace thz::eval::internal {
namespace {

bool has_scalar(const Figure& figure, const RowUnits& units) {
  return !units.empty() && std::all_of(units.begin(), units.end(), [&](const auto& unit) {
    const auto found = unit.second.scalars.find(figure.name);
    return found != unit.second.scalars.end() && std::isfinite(found->second);
  });
}

double mean_of_list(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// Means of a plain number by seed and by split.
struct ScalarMeans {
  std::map<uint64_t, double> by_seed;
  std::map<std::string, double> by_split;
  double mean = 0.0;
};

ScalarMeans scalar_means(const Figure& figure, const RowUnits& units) {
  std::map<uint64_t, std::vector<double>> seeds;
  std::map<std::string, std::vector<double>> splits;
  ScalarMeans out;
  for (const auto& [key, unit] : units) {
    const double value = unit.scalars.at(figure.name);
    splits[key.first].push_back(value);
    seeds[key.second].push_back(value);
    out.mean += value / static_cast<double>(units.size());
  }
  for (const auto& [seed, values] : seeds) out.by_seed[seed] = mean_of_list(values);
  for (const auto& [split, values] : splits) out.by_split[split] = mean_of_list(values);
  return out;
}

template <typename Key>
std::vector<double> values_of(const std::map<Key, double>& means) {
  std::vector<double> out;
  for (const auto& [key, value] : means) out.push_back(value);
  return out;
}

double weighted_mean(const std::vector<double>& values, const std::vector<double>& weights) {
  double sum = 0.0, count = 0.0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    sum += weights[k] * values[k];
    count += weights[k];
  }
  return sum / count;
}

/// Draws of the same persons that all units have.
struct CommonDraws {
  std::size_t persons = 0;
  std::size_t resamples = 0;  ///< 0: there are none
};

CommonDraws common_draws(const Figure& figure, const std::vector<const RowUnits*>& rows,
                         const BootstrapOptions& options) {
  const std::vector<int32_t>* persons = nullptr;
  auto resamples = static_cast<std::size_t>(options.resamples);
  for (const RowUnits* row : rows) {
    for (const auto& [key, unit] : *row) {
      const auto found = unit.draws.find(figure.name);
      if (found == unit.draws.end()) return {};
      if (persons != nullptr && *persons != found->second.persons) return {};
      persons = &found->second.persons;
      resamples = std::min(resamples, found->second.draws.size());
    }
  }
  return persons == nullptr ? CommonDraws{} : CommonDraws{persons->size(), resamples};
}

/// Mean of resample `b` over the splits of each seed.
std::map<uint64_t, double> draw_by_seed(const Figure& figure, const RowUnits& units,
                                        std::size_t b) {
  std::map<uint64_t, std::vector<double>> seeds;
  for (const auto& [key, unit] : units) {
    seeds[key.second].push_back(unit.draws.at(figure.name).draws[b]);
  }
  std::map<uint64_t, double> out;
  for (const auto& [seed, values] : seeds) out[seed] = mean_of_list(values);
  return out;
}

Interval over_splits(const std::map<std::string, double>& by_split,
                     const BootstrapOptions& options) {
  const std::vector<double> values = values_of(by_split);
  return bootstrap_crossed(
      values.size(), 1,
      [&](const std::vector<double>& w, const std::vector<double>&) {
        return weighted_mean(values, w);
      },
      options);
}

/// Paired differences of every split and seed, where whole splits are drawn.
Interval difference_over_splits(const Figure& figure, const RowUnits& a, const RowUnits& b,
                                const BootstrapOptions& options) {
  std::set<std::string> splits;
  std::set<uint64_t> seeds;
  for (const auto& [key, unit] : a) {
    splits.insert(key.first);
    seeds.insert(key.second);
  }
  struct Cell {
    std::size_t split, seed;
    double value;
  };
  std::vector<Cell> cells;
  for (const auto& [key, unit] : a) {
    const auto place = [&](const auto& set, const auto& of) {
      return static_cast<std::size_t>(std::distance(set.begin(), set.find(of)));
    };
    cells.push_back({place(splits, key.first), place(seeds, key.second),
                     unit.scalars.at(figure.name) - b.at(key).scalars.at(figure.name)});
  }
  return bootstrap_crossed(
      splits.size(), seeds.size(),
      [&](const std::vector<double>& w, const std::vector<double>& u) {
        double sum = 0.0, count = 0.0;
        for (const Cell& cell : cells) {
          sum += w[cell.split] * u[cell.seed] * cell.value;
          count += w[cell.split] * u[cell.seed];
        }
        return count > 0.0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
      },
      options);
}

/// Persons as the units drew them, seeds drawn beside.
Interval difference_over_draws(const Figure& figure, const RowUnits& a, const RowUnits& b,
                               double value, const CommonDraws& common,
                               const BootstrapOptions& options) {
  std::vector<double> draws;
  for (std::size_t r = 0; r < common.resamples; ++r) {
    const std::vector<double> x = values_of(draw_by_seed(figure, a, r));
    const std::vector<double> y = values_of(draw_by_seed(figure, b, r));
    const auto seeds = draw_repetitions(options, r, x.size());
    draws.push_back(weighted_mean(x, seeds) - weighted_mean(y, seeds));
  }
  return percentile_interval(value, std::move(draws), options.coverage, common.persons);
}

}  // namespace

void fill_scalar(const Figure& figure, const RowUnits& units, bool draw_splits,
                 const BootstrapOptions& options, TableCell& cell) {
  if (!has_scalar(figure, units)) return;
  const ScalarMeans means = scalar_means(figure, units);
  cell.figure.value = means.mean;
  cell.seed_sd = standard_deviation(values_of(means.by_seed));
  cell.fold_sd = standard_deviation(values_of(means.by_split));
  if (draw_splits) {
    const Interval drawn = over_splits(means.by_split, options);
    cell.figure = {means.mean, drawn.low, drawn.high};
    return;
  }
  const CommonDraws common = common_draws(figure, {&units}, options);
  if (common.resamples == 0) return;
  std::vector<double> draws(common.resamples, 0.0);
  for (const auto& [key, unit] : units) {
    const std::vector<double>& own = unit.draws.at(figure.name).draws;
    for (std::size_t b = 0; b < draws.size(); ++b) {
      draws[b] += own[b] / static_cast<double>(units.size());
    }
  }
  cell.figure = percentile_interval(means.mean, std::move(draws), options.coverage, common.persons);
}

std::size_t fill_scalar_difference(const Figure& figure, const RowUnits& a, const RowUnits& b,
                                   bool draw_splits, const BootstrapOptions& options,
                                   TableCell& cell) {
  if (!has_scalar(figure, a) || !has_scalar(figure, b)) return 0;
  const std::vector<double> x = values_of(scalar_means(figure, a).by_seed);
  const std::vector<double> y = values_of(scalar_means(figure, b).by_seed);
  const double value = mean_of_list(x) - mean_of_list(y);
  const CommonDraws common = common_draws(figure, {&a, &b}, options);
  if (draw_splits) {
    cell.difference = difference_over_splits(figure, a, b, options);
  } else if (common.resamples > 0) {
    cell.difference = difference_over_draws(figure, a, b, value, common, options);
  } else {
    // No persons to draw: the seeds are what varies.
    cell.difference = bootstrap_crossed(
        x.size(), 1,
        [&](const std::vector<double>& w, const std::vector<double>&) {
          return weighted_mean(x, w) - weighted_mean(y, w);
        },
        options);
  }
  return x.size();
}

}  // namespace thz::eval::internal
