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

/// Numbers figures and tables through the page and writes their captions.
class Numbering {
 public:
  /// "<figcaption><b>Figure 3.</b> ..."; `html` is not escaped.
  std::string figure_caption(const std::string& html);
  std::string table_caption(const std::string& html);

 private:
  int figures_ = 0;
  int tables_ = 0;
};

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
