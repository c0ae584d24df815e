#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "thz/eval/results_table.h"

namespace thz::model {

/// How a trained network is tested; most protocols have one test.
struct ProtocolTest {
  std::string name = "test";
  std::string title;
  bool concealed_input = true;     ///< which images are reconstructed
  bool independent_target = true;  ///< false: bare inputs against themselves
  /// Of two data sets: "any", "own" (the one that was trained on), "other".
  std::string source = "any";
};

struct ProtocolVariant {
  std::string name;
  std::string title;
  std::string experiment;  ///< path of a file in model/experiments/; empty: the budget itself
  std::string reference;   ///< variant that it is compared with; empty: none
  /// The published figures, as printed, by test and figure.
  std::map<std::string, std::map<std::string, eval::PaperFigure>> paper;
};

/// A rule of splits with its options (thz/data/folds.h says what each does).
struct ProtocolRule {
  std::string rule;
  std::string title;
  int folds = 6;
  int subjects = 2;
  double validation_fraction = 0.15;
  double train = 0.6, validation = 0.2, test = 0.2;
};

/// One of the published studies: which splits, variants and figures make its table (schema
/// "thzface-protocol/1", docs/protocols.md).
struct Protocol {
  std::string name;
  std::string title;
  std::string budget;  ///< path of an experiment: width, steps
  std::vector<uint64_t> seeds;
  std::vector<ProtocolRule> rules;
  std::vector<ProtocolVariant> variants;
  std::vector<ProtocolTest> tests;
  std::vector<std::string> columns;  ///< names of figures
  std::vector<std::string> notes;
  std::string text;  ///< the file

  bool has_column(const std::string& figure) const;
};

/// @throws InputError for an unknown key, figure or reference, a name twice, or a value out of
/// range.
Protocol load_protocol(const std::string& path);
/// The same from text; paths of experiments are looked up in `folder`.
Protocol parse_protocol(const std::string& text, const std::string& name,
                        const std::string& folder);

/// Path of a protocol: itself if it is a file's, else NAME.toml in `folder`.
/// @throws InputError for an unknown name, with those that there are.
std::string find_protocol(const std::string& name, const std::string& folder);
/// Paths of all protocols of a folder, by name.
std::vector<std::string> protocol_files(const std::string& folder);

}  // namespace thz::model
