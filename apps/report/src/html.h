#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "thz/eval/bootstrap.h"

namespace thz::report::internal {

/// Text made safe for HTML content and for attributes in double quotes.
std::string escape(std::string_view text);

std::string base64(std::string_view bytes);

/// Captions with a place for their number, which number_captions() fills; `html` is not escaped.
std::string figure_caption(const std::string& html);
std::string table_caption(const std::string& html);

/// Numbers all figures and all tables of a finished page in the order in which they stand on it.
std::string number_captions(const std::string& page);

/// A data table; cells and heads are HTML. The first cell of each row is its heading.
struct HtmlTable {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row_classes;  ///< one a row, or empty
  std::string css_class;
};
std::string render_table(const HtmlTable& table, const std::string& caption);

/// Names and values in two columns.
std::string render_key_values(const std::vector<std::pair<std::string, std::string>>& rows,
                              const std::string& caption);

/// "93.4 %", "0.512"; an en dash for NaN.
std::string percent(double share, int digits = 1);
std::string number(double value, int digits);

/// Figure, interval and a bar that shows both over [low, high] with a tick at `chance` (NaN: none).
/// `scale` multiplies for display (100 for percent).
struct BarRange {
  double low = 0.0;
  double high = 1.0;
  double chance = 0.0;
  double scale = 1.0;
  int digits = 3;
};
std::string interval_cell(const eval::Interval& interval, const BarRange& range);

}  // namespace thz::report::internal
