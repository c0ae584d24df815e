#include "thz/data/folds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "split_parts.h"
#include "thz/core/error.h"
#include "thz/core/rng.h"

namespace thz::data {
namespace {

using internal::begin_split;
using internal::list_at;

constexpr char kFolds[] = "image-disjoint-folds";
constexpr char kAnchorFolds[] = "paper-anchor-folds";
constexpr char kSubjectsOut[] = "two-subjects-out";
constexpr char kCrossGenerator[] = "cross-generator";
/// Streams of these rules, beside those of make_split().
constexpr uint32_t kFoldStream = 1, kSubjectStream = 2, kValidationStream = 3, kCrossStream = 4;

/// A concealed and an unconcealed image of one posture, or one of them alone.
using Slot = std::vector<uint64_t>;

/// One identity's images in slots: whole pairs first, posture after posture, in random order.
std::vector<Slot> slots_of(const io::DatasetColumns& labels, const std::vector<uint64_t>& rows,
                           Rng& rng) {
  std::map<int32_t, std::array<std::vector<uint64_t>, 2>> cells;
  for (const uint64_t row : rows) {
    cells[labels.posture[row]][labels.concealed[row] != 0 ? 1 : 0].push_back(row);
  }
  std::vector<std::vector<Slot>> postures;
  for (auto& [posture, cell] : cells) {
    std::vector<Slot> slots;
    for (auto& condition : cell) {
      shuffle(condition, rng);
      for (std::size_t k = 0; k < condition.size(); ++k) {
        if (k == slots.size()) slots.emplace_back();
        slots[k].push_back(condition[k]);
      }
    }
    postures.push_back(std::move(slots));
  }
  shuffle(postures, rng);
  std::vector<Slot> line;
  for (const auto& slots : postures) line.insert(line.end(), slots.begin(), slots.end());
  std::stable_partition(line.begin(), line.end(), [](const Slot& s) { return s.size() == 2; });
  return line;
}

/// Every row's fold; shared rows have none.
std::vector<int> deal_folds(const SplitRows& rows, int folds, bool anchors_alone, uint64_t seed) {
  std::vector<int> fold_of(rows.labels.rows, -1);
  for (const auto& [identity, own] : internal::rows_by_identity(rows.labels)) {
    Rng rng(seed, RngPurpose::kSplit, static_cast<uint64_t>(identity), kFoldStream);
    const auto slots = slots_of(rows.labels, own, rng);
    const auto pairs = std::count_if(slots.begin(), slots.end(),
                                     [](const Slot& slot) { return slot.size() == 2; });
    if (pairs < folds) {
      throw_input(
          "{}: identity {} has {} pairs of a concealed and an unconcealed image of one posture, "
          "but {} folds need at least {}",
          rows.name, identity, pairs, folds, folds);
    }
    const uint64_t first = rng.index(static_cast<uint64_t>(folds));
    for (std::size_t k = 0; k < slots.size(); ++k) {
      for (const uint64_t row : slots[k]) {
        if (anchors_alone && rows.labels.concealed[row] == 0) continue;
        fold_of[row] = static_cast<int>((first + k) % static_cast<uint64_t>(folds));
      }
    }
  }
  return fold_of;
}

std::vector<NamedSplit> make_folds(const char* rule, bool anchors_alone, const SplitRows& rows,
                                   const FoldOptions& options, uint64_t seed) {
  if (options.folds < 3 || options.folds > 1000) {
    throw_input("{} with {} folds is asked for; 3 to 1000 are allowed", rule, options.folds);
  }
  const double share = 1.0 / options.folds;
  const auto fold_of = deal_folds(rows, options.folds, anchors_alone, seed);
  std::vector<NamedSplit> out;
  for (int fold = 0; fold < options.folds; ++fold) {
    io::Split split = begin_split(rule, rows, seed, {1.0 - 2.0 * share, share, share});
    for (uint64_t row = 0; row < rows.labels.rows; ++row) {
      if (fold_of[row] < 0) {
        split.shared.push_back(row);
        continue;
      }
      const int part = fold_of[row] == fold                         ? 2
                       : fold_of[row] == (fold + 1) % options.folds ? 1
                                                                    : 0;
      list_at(split, static_cast<std::size_t>(part)).push_back(row);
    }
    out.push_back({rule, fmt::format("fold-{}", fold + 1), std::move(split)});
  }
  return out;
}

std::vector<int32_t> shuffled_identities(const io::DatasetColumns& labels, uint64_t seed,
                                         uint32_t stream, const std::vector<int>& generator,
                                         int of_generator) {
  std::set<int32_t> all;
  for (uint64_t row = 0; row < labels.rows; ++row) {
    if (generator.empty() || generator[row] == of_generator) all.insert(labels.identity[row]);
  }
  std::vector<int32_t> identities(all.begin(), all.end());
  Rng rng(seed, RngPurpose::kSplit, UINT64_MAX - static_cast<uint64_t>(of_generator), stream);
  shuffle(identities, rng);
  return identities;
}

/// Shares the images of the identities that are not left out between training and validation.
void share_images(const SplitRows& rows, const std::set<int32_t>& left_out, double validation,
                  uint64_t seed, io::Split& split) {
  for (const auto& [identity, own] : internal::rows_by_identity(rows.labels)) {
    if (left_out.count(identity) > 0) {
      split.test.insert(split.test.end(), own.begin(), own.end());
      continue;
    }
    Rng rng(seed, RngPurpose::kSplit, static_cast<uint64_t>(identity), kValidationStream);
    const auto slots = slots_of(rows.labels, own, rng);
    if (slots.size() < 2) {
      throw_input("{}: identity {} has {} images, but {} needs two of one condition or posture",
                  rows.name, identity, own.size(), kSubjectsOut);
    }
    const auto list_of = internal::deal(
        slots.size(), internal::share_out(slots.size(), {1.0 - validation, validation}));
    for (std::size_t k = 0; k < slots.size(); ++k) {
      auto& list = list_at(split, list_of[k]);
      list.insert(list.end(), slots[k].begin(), slots[k].end());
    }
  }
  internal::sort_lists(split);
}

std::vector<NamedSplit> make_subjects_out(const SplitRows& rows, const FoldOptions& options,
                                          uint64_t seed) {
  const double validation = options.validation_fraction;
  if (options.subjects < 2 || !(validation > 0.0 && validation < 1.0)) {
    throw_input(
        "{} with {} subjects and a validation fraction of {} is asked for; at least 2 and a "
        "fraction between 0 and 1 are allowed",
        kSubjectsOut, options.subjects, validation);
  }
  const auto identities = shuffled_identities(rows.labels, seed, kSubjectStream, {}, 0);
  const auto subjects = static_cast<std::size_t>(options.subjects);
  if (identities.size() < 2 * subjects) {
    throw_input("{}: has {} identities, but {} of {} at a time needs at least {}", rows.name,
                identities.size(), kSubjectsOut, subjects, 2 * subjects);
  }
  // What does not make a whole group joins the first ones, one each.
  std::vector<std::set<int32_t>> groups(identities.size() / subjects);
  for (std::size_t i = 0; i < identities.size(); ++i) {
    const std::size_t group = i / subjects;
    groups[group < groups.size() ? group : i % subjects].insert(identities[i]);
  }
  std::vector<NamedSplit> out;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const double test =
        static_cast<double>(groups[g].size()) / static_cast<double>(identities.size());
    io::Split split =
        begin_split(kSubjectsOut, rows, seed,
                    {(1.0 - test) * (1.0 - validation), (1.0 - test) * validation, test});
    share_images(rows, groups[g], validation, seed, split);
    out.push_back({kSubjectsOut, fmt::format("group-{}", g + 1), std::move(split)});
  }
  return out;
}

/// The part (train, validation, test) of each identity of one generator.
std::map<int32_t, std::size_t> parts_of_generator(const SplitRows& rows,
                                                  const std::vector<int>& generator, int which,
                                                  const SplitFractions& fractions, uint64_t seed) {
  const auto identities = shuffled_identities(rows.labels, seed, kCrossStream, generator, which);
  if (identities.size() < internal::kLists) {
    throw_input("{}: the {} data set has {} identities, but {} needs at least {}", rows.name,
                which == 0 ? "first" : "second", identities.size(), kCrossGenerator,
                internal::kLists);
  }
  const auto quotas = internal::share_out(identities.size(), internal::checked_shares(fractions));
  std::map<int32_t, std::size_t> part;
  for (std::size_t i = 0; i < identities.size(); ++i) {
    part[identities[i]] = i < quotas[0] ? 0 : i < quotas[0] + quotas[1] ? 1 : 2;
  }
  return part;
}

std::vector<NamedSplit> make_cross_generator(const SplitRows& rows, const FoldOptions& options,
                                             uint64_t seed, const std::vector<int>& generator) {
  if (generator.size() != rows.labels.rows) {
    throw_input("{} needs two data sets, one of them for each generator", kCrossGenerator);
  }
  std::vector<NamedSplit> out;
  const std::map<int32_t, std::size_t> parts[] = {
      parts_of_generator(rows, generator, 0, options.fractions, seed),
      parts_of_generator(rows, generator, 1, options.fractions, seed)};
  for (int trained = 0; trained < 2; ++trained) {
    io::Split split = begin_split(kCrossGenerator, rows, seed, options.fractions);
    for (uint64_t row = 0; row < rows.labels.rows; ++row) {
      const std::size_t part = parts[generator[row]].at(rows.labels.identity[row]);
      if (part == 2 || generator[row] == trained) list_at(split, part).push_back(row);
    }
    const std::string name = trained == 0 ? "first" : "second";
    out.push_back({"trained-on-" + name, name, std::move(split)});
  }
  return out;
}

/// A test that has no triplet, or a training part of one person, would end in an empty table.
void require_usable(const NamedSplit& named, const SplitRows& rows) {
  const io::DatasetColumns& labels = rows.labels;
  std::set<int32_t> trained;
  for (const uint64_t row : named.split.train) trained.insert(labels.identity[row]);
  std::map<int32_t, std::set<int32_t>> galleries;  // by posture
  for (const auto* list : {&named.split.test, &named.split.shared}) {
    for (const uint64_t row : *list) {
      if (labels.concealed[row] == 0) galleries[labels.posture[row]].insert(labels.identity[row]);
    }
  }
  const bool triplets =
      std::any_of(named.split.test.begin(), named.split.test.end(), [&](uint64_t row) {
        const auto& gallery = galleries[labels.posture[row]];
        return labels.concealed[row] != 0 && gallery.size() > 1 &&
               gallery.count(labels.identity[row]) > 0;
      });
  if (triplets && trained.size() > 1) return;
  throw_input(
      "{}: too small for {}: {} trains on {} identities and has {} triplet of one posture to test, "
      "but needs at least 2 identities and a triplet ({} identities, {} images in all)",
      rows.name, named.group, named.name, trained.size(), triplets ? "a" : "no",
      internal::rows_by_identity(labels).size(), labels.rows);
}

std::vector<NamedSplit> splits_of(const std::string& rule, const SplitRows& rows,
                                  const FoldOptions& options, uint64_t seed,
                                  const std::vector<int>& generator) {
  if (rule == kFolds) return make_folds(kFolds, false, rows, options, seed);
  if (rule == kAnchorFolds) return make_folds(kAnchorFolds, true, rows, options, seed);
  if (rule == kSubjectsOut) return make_subjects_out(rows, options, seed);
  if (rule == kCrossGenerator) return make_cross_generator(rows, options, seed, generator);
  if (rule == "image-disjoint") {
    return {{rule, "split", make_image_disjoint_split(rows, seed, options.fractions)}};
  }
  if (rule == "identity-disjoint") {
    return {{rule, "split", make_identity_disjoint_split(rows, seed, options.fractions)}};
  }
  throw_input("there is no split rule '{}'; allowed are {}", rule,
              fmt::join(protocol_split_rules(), ", "));
}

}  // namespace

std::vector<std::string> protocol_split_rules() {
  return {kFolds,           kAnchorFolds,        kSubjectsOut,
          "image-disjoint", "identity-disjoint", kCrossGenerator};
}

bool tests_other_persons(const std::string& rule) { return rule == kSubjectsOut; }

std::vector<NamedSplit> make_protocol_splits(const std::string& rule, const SplitRows& rows,
                                             const FoldOptions& options, uint64_t seed,
                                             const std::vector<int>& generator) {
  std::vector<NamedSplit> splits = splits_of(rule, rows, options, seed, generator);
  for (const NamedSplit& named : splits) {
    io::require_no_leak(named.split, rows.labels);
    require_usable(named, rows);
  }
  return splits;
}

}  // namespace thz::data
