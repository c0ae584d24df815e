#include "thz/eval/person_draws.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "pairing.h"
#include "resampling.h"
#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/core/parallel.h"

namespace thz::eval {
namespace {

using internal::kNaN;
using DrawsJson = nlohmann::json;

/// `figures(weights)` of every resample, [resamples] of what it returns.
template <typename T, typename Figures>
std::vector<T> over_resamples(std::size_t persons, const BootstrapOptions& options,
                              const Figures& figures) {
  internal::require_options(options);
  std::vector<T> out(persons < 2 ? 0 : static_cast<std::size_t>(options.resamples));
  parallel_for(out.size(), options.threads, [&](std::size_t b) {
    std::vector<double> weights(persons);
    internal::draw_weights(options, b, 0, weights);
    out[b] = figures(weights);
  });
  return out;
}

/// Moves draws so that their mean is `value`.
void recentre(double value, std::vector<double>& draws) {
  double sum = 0.0, count = 0.0;
  for (const double d : draws) {
    if (std::isnan(d)) continue;
    sum += d;
    count += 1.0;
  }
  if (count == 0.0) return;
  for (double& d : draws) d += value - sum / count;
}

DrawsJson rounded(double value) {
  return std::isfinite(value) ? DrawsJson(std::round(value * 1e6) / 1e6) : DrawsJson();
}

}  // namespace

Interval interval_of(const PersonDraws& draws, double coverage) {
  if (draws.draws.empty()) return {draws.value, kNaN, kNaN};
  return internal::percentile_interval(draws.value, draws.draws, coverage, draws.persons.size());
}

std::string to_json(const FigureDraws& draws) {
  DrawsJson json = DrawsJson::object();
  for (const auto& [name, one] : draws) {
    DrawsJson list = DrawsJson::array();
    for (const double d : one.draws) list.push_back(rounded(d));
    json[name] = {{"value", std::isfinite(one.value) ? DrawsJson(one.value) : DrawsJson()},
                  {"persons", one.persons},
                  {"draws", list}};
  }
  return json.dump();
}

FigureDraws draws_from_json(const std::string& text, const std::string& source) {
  const auto number = [](const DrawsJson& json) {
    return json.is_null() ? kNaN : json.get<double>();
  };
  try {
    const DrawsJson json = DrawsJson::parse(text);
    FigureDraws out;
    for (const auto& [name, kept] : json.items()) {
      PersonDraws& one = out[name];
      one.value = number(kept.at("value"));
      one.persons = kept.at("persons").get<std::vector<int32_t>>();
      for (const DrawsJson& d : kept.at("draws")) one.draws.push_back(number(d));
    }
    return out;
  } catch (const DrawsJson::exception& error) {
    throw_input("{}: not readable draws: {}", source, one_line(error.what()));
  }
}

void WeightedErrorRate::add(const ScoreTable& table, PostureRule rule) {
  internal::require_table(table);
  for (std::size_t p = 0; p < table.probe.size(); ++p) {
    for (std::size_t g = 0; g < table.gallery.size(); ++g) {
      const internal::PairKind kind = internal::pair_kind(table, rule, p, g);
      if (kind == internal::PairKind::kNone) continue;
      const bool genuine = kind == internal::PairKind::kGenuine;
      pairs_.push_back({internal::distance_at(table, p, g), table.probe.identity[p],
                        table.gallery.identity[g], genuine, true});
      if (genuine) ++genuine_;
    }
  }
  // Who makes no pair is a person of the test set, too: draws must fit those of other systems.
  persons_.insert(persons_.end(), table.probe.identity.begin(), table.probe.identity.end());
  persons_.insert(persons_.end(), table.gallery.identity.begin(), table.gallery.identity.end());
  persons_ = internal::distinct(std::move(persons_));
}

void WeightedErrorRate::finish() {
  if (!has_both_kinds()) {
    throw_input("error rates need genuine and impostor pairs, found {} and {}", genuine_,
                pairs_.size() - genuine_);
  }
  const auto size = static_cast<Eigen::Index>(persons_.size());
  impostors_ = MatrixD::Zero(size, size);
  genuines_ = Eigen::VectorXd::Zero(size);
  const auto place = [&](int32_t identity) {
    return static_cast<int32_t>(std::lower_bound(persons_.begin(), persons_.end(), identity) -
                                persons_.begin());
  };
  for (Pair& pair : pairs_) {
    pair.probe = place(pair.probe);
    pair.gallery = place(pair.gallery);
    if (pair.genuine) {
      genuines_(pair.probe) += 1.0;
    } else {
      impostors_(pair.probe, pair.gallery) += 1.0;
    }
  }
  std::sort(pairs_.begin(), pairs_.end(),
            [](const Pair& a, const Pair& b) { return a.distance < b.distance; });
  for (std::size_t k = 0; k + 1 < pairs_.size(); ++k) {
    pairs_[k].last = pairs_[k].distance < pairs_[k + 1].distance;
  }
}

double WeightedErrorRate::rate(const std::vector<double>& weights) const {
  const Eigen::Map<const Eigen::VectorXd> w(weights.data(),
                                            static_cast<Eigen::Index>(weights.size()));
  const double genuine = w.dot(genuines_), impostor = w.dot(impostors_ * w);
  if (genuine <= 0.0 || impostor <= 0.0) return kNaN;
  double accepted = 0.0, matched = 0.0;  // impostor and genuine weight at or below the distance
  double accepted_before = 0.0, matched_before = 0.0;
  for (const Pair& pair : pairs_) {
    const double own = weights[static_cast<std::size_t>(pair.probe)];
    if (pair.genuine) {
      matched += own;
    } else {
      accepted += own * weights[static_cast<std::size_t>(pair.gallery)];
    }
    if (!pair.last) continue;
    // Whole numbers, so the crossing of FMR and FNMR is told exactly.
    if (accepted * genuine < (genuine - matched) * impostor) {
      accepted_before = accepted;
      matched_before = matched;
      continue;
    }
    const double fmr = accepted_before / impostor, step = (accepted - accepted_before) / impostor;
    const double low = fmr - (1.0 - matched_before / genuine);
    const double high = accepted / impostor - (1.0 - matched / genuine);
    return low < high ? fmr - low / (high - low) * step : fmr;
  }
  return 1.0;
}

PersonDraws draw_error_rate(const WeightedErrorRate& pairs, const BootstrapOptions& options) {
  PersonDraws out;
  out.persons = pairs.persons();
  out.value = pairs.rate(std::vector<double>(out.persons.size(), 1.0));
  out.draws = over_resamples<double>(
      out.persons.size(), options,
      [&](const std::vector<double>& weights) { return pairs.rate(weights); });
  return out;
}

FigureDraws draw_alignment(const std::string& space, const WeightedAlignment& alignment,
                           const BootstrapOptions& options) {
  const std::size_t persons = alignment.persons().size();
  const Alignment whole = alignment.value(std::vector<double>(persons, 1.0));
  const auto drawn = over_resamples<Alignment>(
      persons, options,
      [&](const std::vector<double>& weights) { return alignment.value(weights); });
  FigureDraws out;
  for (const auto& [name, member] : {std::pair{"_cka", &Alignment::cka},
                                     std::pair{"_rank_correlation", &Alignment::rank_correlation},
                                     std::pair{"_cosine", &Alignment::cosine},
                                     std::pair{"_retrieval_5", &Alignment::retrieval_at_5}}) {
    if (std::isnan(whole.*member)) continue;
    PersonDraws one{whole.*member, alignment.persons(), {}};
    for (const Alignment& draw : drawn) one.draws.push_back(draw.*member);
    recentre(one.value, one.draws);
    out[space + name] = std::move(one);
  }
  return out;
}

}  // namespace thz::eval
