// metrics alignment: how alike two feature tables of the same rows are.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "metrics_command.h"
#include "thz/core/error.h"
#include "thz/eval/alignment.h"

namespace thz::apps {
namespace {

/// The rank correlation holds all pairs, some 10 numbers each.
constexpr uint64_t kMostAlignedRows = 10000;

struct AlignmentArguments {
  CommonOptions common;
  std::string first, second, identity;
  int k = 5;
  bool k_given = false;
};

eval::MatrixF read_table(const io::ArrayFile& file) {
  const auto columns = static_cast<Eigen::Index>(file.row_size());
  const std::vector<double> values = file.read();
  eval::MatrixF table(static_cast<Eigen::Index>(file.rows()), columns);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      throw_input("{}: row {} holds {}; only finite features can be compared", file.name(),
                  i / file.row_size(), values[i]);
    }
    table.data()[i] = static_cast<float>(values[i]);
  }
  if ((table.rowwise() - table.row(0)).isZero(0.0F)) {
    throw_input("{}: all {} rows are the same; nothing can be aligned with them", file.name(),
                file.rows());
  }
  return table;
}

/// Share of identities that find themselves among the k nearest, and what chance would give.
nlohmann::json retrieval(const AlignmentArguments& a, const io::ArrayFile& of,
                         const eval::MatrixF& x, const eval::MatrixF& y) {
  const io::ArrayFile file(a.identity);
  require_rows(file, of);
  const std::vector<int32_t> identity = file.read_labels();
  const std::size_t people = std::set<int32_t>(identity.begin(), identity.end()).size();
  if (x.cols() != y.cols()) {
    throw_input(
        "Ret@{} needs features of one dimension, but these have {} and {}; leave out "
        "--identity",
        a.k, x.cols(), y.cols());
  }
  if (static_cast<std::size_t>(a.k) >= people) {
    throw_input("Ret@{} of {} identities is 1 whatever the features are; give a smaller --k", a.k,
                people);
  }
  return {{"k", a.k},
          {"value", eval::centroid_agreement(x, y, identity, a.k)},
          {"chance", static_cast<double>(a.k) / static_cast<double>(people)},
          {"identities", people}};
}

void align(const AlignmentArguments& a) {
  if (a.k_given && a.identity.empty()) {
    throw_input("--k is of Ret@k, which needs --identity: whom each row shows");
  }
  const io::ArrayFile first(a.first), second(a.second);
  require_rows(first, second);
  if (first.rows() < 3 || first.rows() > kMostAlignedRows) {
    throw_input("{}: has {} rows; from 3 to {} can be aligned", first.name(), first.rows(),
                kMostAlignedRows);
  }
  const eval::MatrixF x = read_table(first), y = read_table(second);
  nlohmann::json json = {{"rows", x.rows()},
                         {"columns", {x.cols(), y.cols()}},
                         {"cka", eval::linear_cka(x, y)},
                         {"spearman", eval::distance_rank_correlation(x, y)},
                         {"cosine", nullptr},
                         {"retrieval", nullptr}};
  std::string text = fmt::format("{} rows of {} and {} features\n{:<10} {:.6g}\n{:<10} {:.6g}",
                                 x.rows(), x.cols(), y.cols(), "CKA", json["cka"].get<double>(),
                                 "Spearman", json["spearman"].get<double>());
  if (x.cols() == y.cols()) {
    json["cosine"] = eval::mean_row_cosine(x, y);
    text += fmt::format("\n{:<10} {:.6g}", "cosine", json["cosine"].get<double>());
  }
  if (!a.identity.empty()) {
    const nlohmann::json r = json["retrieval"] = retrieval(a, first, x, y);
    text += fmt::format("\n{:<10} {:.6g} of {} identities, chance {:.6g}",
                        fmt::format("Ret@{}", a.k), r["value"].get<double>(),
                        r["identities"].get<int>(), r["chance"].get<double>());
  }
  print_result(a.common, json, text);
}

}  // namespace

void add_metrics_alignment(CLI::App& metrics) {
  auto a = std::make_shared<AlignmentArguments>();
  CLI::App* command = metrics.add_subcommand(
      "alignment", "CKA, rank correlation of distances, cosine and Ret@k of two feature tables");
  command->add_option("first", a->first, "Array of one row an image; further axes are one")
      ->required();
  command->add_option("second", a->second, "Array with as many rows, row i of the same image")
      ->required();
  command->add_option("--identity", a->identity, "Array of whom each row shows: adds Ret@k");
  const CLI::Option* k =
      command->add_option("--k", a->k, "Candidates of Ret@k [5]")->check(CLI::Range(1, 1000000));
  add_common(*command, a->common, false, false);
  command->callback([a, k] {
    a->k_given = k->count() > 0;
    align(*a);
  });
}

}  // namespace thz::apps
