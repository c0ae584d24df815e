#include "thz/eval/identity_sums.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "pairing.h"
#include "thz/core/error.h"
#include "thz/core/one_line.h"

namespace thz::eval {
namespace {

using SumsJson = nlohmann::json;

std::vector<int32_t> joined_identities(const IdentitySums& a, const IdentitySums& b) {
  std::vector<int32_t> all = a.identities;
  all.insert(all.end(), b.identities.begin(), b.identities.end());
  return internal::distinct(std::move(all));
}

/// A term on a longer list of identities, zero where it had none.
MatrixD spread(const MatrixD& term, bool pairs, const std::vector<int>& places, std::size_t size) {
  const auto n = static_cast<Eigen::Index>(size);
  MatrixD out = MatrixD::Zero(n, pairs ? n : 1);
  for (Eigen::Index i = 0; i < term.rows(); ++i) {
    const int row = places[static_cast<std::size_t>(i)];
    for (Eigen::Index j = 0; j < term.cols(); ++j) {
      out(row, pairs ? places[static_cast<std::size_t>(j)] : 0) = term(i, j);
    }
  }
  return out;
}

void relabel(IdentitySums& sums, const std::vector<int32_t>& identities) {
  if (sums.identities == identities) return;
  const auto places = internal::positions(sums.identities, identities);
  for (auto& [name, table] : sums.tables) {
    for (MatrixD& term : table.terms) term = spread(term, table.pairs, places, identities.size());
  }
  sums.identities = identities;
}

void add_table(const std::string& name, SumTable& into, const SumTable& more) {
  if (into.pairs != more.pairs || into.terms.size() != more.terms.size()) {
    throw_input("sums '{}' have {} terms here and {} there; they cannot be pooled", name,
                into.terms.size(), more.terms.size());
  }
  for (std::size_t t = 0; t < into.terms.size(); ++t) into.terms[t] += more.terms[t];
}

SumsJson numbers(const MatrixD& term) {
  SumsJson list = SumsJson::array();
  for (Eigen::Index k = 0; k < term.size(); ++k) {
    const double value = term.data()[k];
    list.push_back(std::isfinite(value) ? SumsJson(value) : SumsJson());
  }
  return list;
}

MatrixD matrix(const SumsJson& list, std::size_t identities, bool pairs) {
  const std::size_t columns = pairs ? identities : 1;
  if (list.size() != identities * columns) {
    throw_input("a term has {} numbers, but {} identities need {}", list.size(), identities,
                identities * columns);
  }
  MatrixD out(static_cast<Eigen::Index>(identities), static_cast<Eigen::Index>(columns));
  for (std::size_t k = 0; k < list.size(); ++k) {
    out.data()[k] = list[k].is_null() ? internal::kNaN : list[k].get<double>();
  }
  return out;
}

}  // namespace

void pool(IdentitySums& into, const IdentitySums& more) {
  const auto identities = joined_identities(into, more);
  IdentitySums other = more;
  relabel(into, identities);
  relabel(other, identities);
  for (auto& [name, table] : other.tables) {
    const auto found = into.tables.find(name);
    if (found == into.tables.end()) {
      into.tables.emplace(name, std::move(table));
    } else {
      add_table(name, found->second, table);
    }
  }
}

IdentitySums sums_of_scores(const ScoreTable& table, PostureRule rule, bool embeddings) {
  const std::string tail = rule == PostureRule::kAny ? "_any" : "";
  TripletSums triplets = sum_triplets(table, rule);
  IdentitySums sums;
  sums.identities = triplets.identities;
  const auto size = static_cast<Eigen::Index>(sums.identities.size());
  const Identification found = identify(table, rule);
  const auto place = internal::positions(table.probe.identity, sums.identities);
  SumTable rank{false, std::vector<MatrixD>(4, MatrixD::Zero(size, 1))};
  for (std::size_t p = 0; p < found.probe_rank.size(); ++p) {
    const int at = found.probe_rank[p];
    if (at == 0) continue;
    rank.terms[0](place[p], 0) += 1.0;
    rank.terms[1](place[p], 0) += at <= 1 ? 1.0 : 0.0;
    rank.terms[2](place[p], 0) += at <= 5 ? 1.0 : 0.0;
    rank.terms[3](place[p], 0) += found.mean_candidates;
  }
  sums.tables["rank" + tail] = std::move(rank);
  SumTable table_of{true, {std::move(triplets.total), std::move(triplets.correct)}};
  if (embeddings) {
    for (MatrixD* term : {&triplets.positive, &triplets.positive_squares, &triplets.negative,
                          &triplets.negative_squares}) {
      table_of.terms.push_back(std::move(*term));
    }
  }
  sums.tables["triplets" + tail] = std::move(table_of);
  return sums;
}

IdentitySums sums_of_postures(const std::vector<int>& predicted, const Labels& labels,
                              bool concealed, int classes, const std::string& name) {
  THZ_REQUIRE(predicted.size() == labels.size(), "one decision an image");
  IdentitySums sums;
  sums.identities = internal::distinct(labels.identity);
  const auto place = internal::positions(labels.identity, sums.identities);
  const auto size = static_cast<Eigen::Index>(sums.identities.size());
  SumTable table{false, std::vector<MatrixD>(static_cast<std::size_t>(classes * classes),
                                             MatrixD::Zero(size, 1))};
  for (std::size_t r = 0; r < predicted.size(); ++r) {
    if ((labels.concealed[r] != 0) != concealed) continue;
    THZ_REQUIRE(labels.posture[r] >= 0 && labels.posture[r] < classes && predicted[r] >= 0 &&
                    predicted[r] < classes,
                "a class outside the confusion matrix");
    const auto cell = static_cast<std::size_t>(labels.posture[r] * classes + predicted[r]);
    table.terms[cell](place[r], 0) += 1.0;
  }
  sums.tables[name] = std::move(table);
  return sums;
}

std::string to_json(const IdentitySums& sums) {
  SumsJson tables = SumsJson::object();
  for (const auto& [name, table] : sums.tables) {
    SumsJson terms = SumsJson::array();
    for (const MatrixD& term : table.terms) terms.push_back(numbers(term));
    tables[name] = {{"pairs", table.pairs}, {"terms", terms}};
  }
  return SumsJson{{"identities", sums.identities}, {"tables", tables}}.dump();
}

IdentitySums sums_from_json(const std::string& text, const std::string& source) {
  try {
    const SumsJson json = SumsJson::parse(text);
    IdentitySums sums;
    sums.identities = json.at("identities").get<std::vector<int32_t>>();
    for (const auto& [name, table] : json.at("tables").items()) {
      SumTable read{table.at("pairs").get<bool>(), {}};
      for (const SumsJson& term : table.at("terms")) {
        read.terms.push_back(matrix(term, sums.identities.size(), read.pairs));
      }
      sums.tables[name] = std::move(read);
    }
    return sums;
  } catch (const SumsJson::exception& error) {
    throw_input("{}: not readable sums: {}", source, one_line(error.what()));
  } catch (const InputError& error) {
    throw_input("{}: {}", source, error.what());
  }
}

}  // namespace thz::eval
