#include "html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace thz::report::internal {
namespace {

constexpr const char* kDash = "–";
// Control characters, which no page text holds: escape() drops them.
constexpr char kFigureMark = '\x01';
constexpr char kTableMark = '\x02';

double place_percent(double value, const BarRange& range) {
  return std::clamp(100.0 * (value - range.low) / (range.high - range.low), 0.0, 100.0);
}

std::string bar(const eval::Interval& interval, const BarRange& range) {
  std::string out = "<span class=\"bar\" aria-hidden=\"true\">";
  if (!std::isnan(range.chance)) {
    out += fmt::format("<i class=\"chance\" style=\"left:{:.1f}%\"></i>",
                       place_percent(range.chance, range));
  }
  if (!std::isnan(interval.low)) {
    const double left = place_percent(interval.low, range);
    out += fmt::format("<i class=\"span\" style=\"left:{:.1f}%;width:{:.1f}%\"></i>", left,
                       place_percent(interval.high, range) - left);
  }
  return out + fmt::format("<i class=\"dot\" style=\"left:{:.1f}%\"></i></span>",
                           place_percent(interval.value, range));
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case kFigureMark:
      case kTableMark:
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    const std::size_t present = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) {
      const auto byte = k < present ? static_cast<uint8_t>(bytes[i + k]) : uint8_t{0};
      group = (group << 8) | byte;
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= present ? kDigits[(group >> (18 - 6 * k)) & 63U] : '=';
    }
  }
  return out;
}

std::string figure_caption(const std::string& html) {
  return fmt::format("<figcaption><b>Figure {}.</b> {}</figcaption>\n", kFigureMark, html);
}

std::string table_caption(const std::string& html) {
  return fmt::format("<b>Table {}.</b> {}", kTableMark, html);
}

std::string number_captions(const std::string& page) {
  int figures = 0, tables = 0;
  std::string out;
  out.reserve(page.size());
  for (const char c : page) {
    if (c == kFigureMark) {
      out += std::to_string(++figures);
    } else if (c == kTableMark) {
      out += std::to_string(++tables);
    } else {
      out += c;
    }
  }
  return out;
}

std::string render_table(const HtmlTable& table, const std::string& caption) {
  std::string out =
      fmt::format("<div class=\"scroll\"><table class=\"data {}\">\n", table.css_class);
  if (!caption.empty()) out += "<caption>" + caption + "</caption>\n";
  out += "<thead><tr>";
  for (const std::string& cell : table.head) out += "<th scope=\"col\">" + cell + "</th>";
  out += "</tr></thead>\n<tbody>\n";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const bool marked = r < table.row_classes.size() && !table.row_classes[r].empty();
    out += marked ? "<tr class=\"" + table.row_classes[r] + "\">" : "<tr>";
    for (std::size_t c = 0; c < table.rows[r].size(); ++c) {
      out += c == 0 ? "<th scope=\"row\">" + table.rows[r][c] + "</th>"
                    : "<td>" + table.rows[r][c] + "</td>";
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string render_key_values(const std::vector<std::pair<std::string, std::string>>& rows,
                              const std::string& caption) {
  std::string out = "<table class=\"pairs\">\n<caption>" + caption + "</caption>\n<tbody>\n";
  for (const auto& [key, value] : rows) {
    out += "<tr><th scope=\"row\">" + escape(key) + "</th><td>" + escape(value) + "</td></tr>\n";
  }
  return out + "</tbody></table>\n";
}

std::string percent(double share, int digits) {
  return std::isnan(share) ? kDash : fmt::format("{:.{}f} %", 100.0 * share, digits);
}

std::string number(double value, int digits) {
  return std::isnan(value) ? kDash : fmt::format("{:.{}f}", value, digits);
}

std::string interval_cell(const eval::Interval& interval, const BarRange& range) {
  if (std::isnan(interval.value)) return kDash;
  std::string out = fmt::format("<span class=\"figure\">{:.{}f}</span>",
                                range.scale * interval.value, range.digits);
  if (!std::isnan(interval.low)) {
    out += fmt::format(" <span class=\"interval\">{:.{}f} to {:.{}f}</span>",
                       range.scale * interval.low, range.digits, range.scale * interval.high,
                       range.digits);
  }
  return out + bar(interval, range);
}

}  // namespace thz::report::internal
