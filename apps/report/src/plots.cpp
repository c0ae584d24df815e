#include "plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "gnuplot.h"

namespace thz::report::internal {
namespace {

constexpr int kWidth_px = 520;
constexpr int kHeight_px = 410;

// Systems measured with the posture known, in the order of the result.
std::vector<const eval::VerificationSummary*> known_posture(const eval::EvaluationResult& result) {
  std::vector<const eval::VerificationSummary*> out;
  for (const auto& summary : result.verification) {
    if (summary.posture_known) out.push_back(&summary);
  }
  return out;
}

// "right eye" of "eye, subject's right": tics have no room for more, and data no quoted quotes.
std::string tic_name(const std::string& region) {
  const std::string mark = ", subject's ";
  const std::size_t at = region.find(mark);
  return at == std::string::npos ? region
                                 : region.substr(at + mark.size()) + " " + region.substr(0, at);
}

}  // namespace

std::string roc_plot(const eval::EvaluationResult& result, const std::string& id) {
  std::string script = axis("x", "false match rate") + axis("y", "true accept rate") +
                       "set xrange [0:1]\nset yrange [0:1.01]\n";
  std::string curves = fmt::format("plot x linecolor rgb '{}' dashtype 2 title 'chance'", kRule);
  int series = 1;
  for (const auto* summary : known_posture(result)) {
    const std::string name = fmt::format("roc{}", series);
    std::string lines, band;
    for (const auto& p : summary->roc) lines += fmt::format("{:.6g} {:.6g}\n", p.fmr, 1.0 - p.fnmr);
    script += block(name, lines);
    for (std::size_t k = 0; k < summary->band_fmr.size(); ++k) {
      const eval::Interval& tar = summary->band_tar[k];
      if (std::isnan(tar.low)) continue;
      band += fmt::format("{:.6g} {:.6g} {:.6g}\n", summary->band_fmr[k], tar.low, tar.high);
    }
    if (series == 1 && !band.empty()) {
      script += block("band", band);
      curves += fmt::format(
          ", $band using 1:2:3 with filledcurves fillcolor rgb '{}' fillstyle transparent solid "
          "0.2 "
          "title '95 % interval of the first'",
          series_colour(1));
    }
    curves += fmt::format(", ${} using 1:2 with lines {} title '{}'", name, line_style(series),
                          plain(summary->title));
    ++series;
  }
  return gnuplot_svg(script + curves, "Receiver operating characteristic", kWidth_px, kHeight_px,
                     id);
}

std::string det_plot(const eval::EvaluationResult& result, const std::string& id) {
  double smallest = 0.1;
  std::string script, curves = "plot ";
  int series = 1;
  for (const auto* summary : known_posture(result)) {
    const std::string name = fmt::format("det{}", series);
    std::string lines;
    for (const auto& p : summary->roc) {
      if (p.fmr <= 0.0 || p.fnmr <= 0.0) continue;  // no place on logarithmic axes
      lines += fmt::format("{:.6g} {:.6g}\n", p.fmr, p.fnmr);
      smallest = std::min({smallest, p.fmr, p.fnmr});
    }
    if (!lines.empty()) {
      script += block(name, lines);
      curves += fmt::format("${} using 1:2 with steps {} title '{}', ", name, line_style(series),
                            plain(summary->title));
    }
    ++series;
  }
  const double floor = std::pow(10.0, std::floor(std::log10(smallest)));
  script += axis("x", "false match rate") + axis("y", "false non-match rate") +
            fmt::format("set logscale xy\nset xrange [{0:g}:1]\nset yrange [{0:g}:1]\n", floor) +
            "set format xy '%g'\n";
  curves += fmt::format("x linecolor rgb '{}' dashtype 2 title 'equal error rate'", kRule);
  return gnuplot_svg(script + curves, "Detection error trade-off", kWidth_px, kHeight_px, id);
}

std::string histogram_plot(const eval::VerificationSummary& summary, const std::string& id) {
  const auto lines = [](const eval::Histogram& h) {
    std::string out;
    const double width = (h.high - h.low) / static_cast<double>(h.share.size());
    for (std::size_t k = 0; k < h.share.size(); ++k) {
      out += fmt::format("{:.6g} {:.6g}\n", h.low + (static_cast<double>(k) + 0.5) * width,
                         100.0 * h.share[k]);
    }
    return out;
  };
  const std::string style = "with boxes fillstyle transparent solid 0.45 noborder";
  const std::string script =
      block("genuine", lines(summary.genuine)) + block("impostor", lines(summary.impostor)) +
      axis("x", "distance") + axis("y", "pairs (%)") +
      "set boxwidth 1 relative\nset yrange [0:*]\n" +
      fmt::format(
          "plot $impostor using 1:2 {0} fillcolor rgb '{1}' title 'impostor ({2} pairs)', "
          "$genuine using 1:2 {0} fillcolor rgb '{3}' title 'genuine ({4} pairs)'",
          style, series_colour(2), summary.impostor_pairs, series_colour(1), summary.genuine_pairs);
  return gnuplot_svg(script, "Distances of genuine and impostor pairs: " + summary.title, kWidth_px,
                     kHeight_px, id);
}

std::string cmc_plot(const eval::EvaluationResult& result, const std::string& id) {
  std::string script = axis("x", "rank") + axis("y", "identified within rank (%)") +
                       "set yrange [0:101]\nset xtics 1\n";
  std::string curves = "plot ";
  int series = 1;
  std::size_t shown = 1;
  for (const auto* summary : known_posture(result)) {
    const std::string name = fmt::format("cmc{}", series);
    std::string lines;
    const std::size_t ranks = std::min<std::size_t>(summary->cmc.size(), 20);
    shown = std::max(shown, ranks);
    for (std::size_t k = 0; k < ranks; ++k) {
      lines += fmt::format("{} {:.6g}\n", k + 1, 100.0 * summary->cmc[k]);
    }
    script += block(name, lines);
    curves +=
        fmt::format("${} using 1:2 with linespoints pointtype 7 pointsize 0.5 {} title '{}', ",
                    name, line_style(series), plain(summary->title));
    ++series;
  }
  const auto systems = known_posture(result);
  const double slope = systems.empty() ? 0.0 : 100.0 * systems.front()->rank_1_chance;
  script += fmt::format("set xrange [1:{}]\n", std::max<std::size_t>(2, shown));
  curves += fmt::format("{:.6g}*x linecolor rgb '{}' dashtype 2 title 'chance'", slope, kRule);
  return gnuplot_svg(script + curves, "Cumulative match characteristic", kWidth_px, kHeight_px, id);
}

std::string embedding_plot(const eval::EmbeddingMap& map, const std::string& id) {
  constexpr std::size_t kColoured = 6;
  std::vector<int32_t> persons;
  for (const auto& p : map.points) persons.push_back(p.identity);
  std::sort(persons.begin(), persons.end());
  persons.erase(std::unique(persons.begin(), persons.end()), persons.end());
  const std::size_t coloured = std::min(kColoured, persons.size());
  // Points of one person and condition; those beyond the coloured ones together, drawn first.
  const auto lines = [&](std::size_t person, bool concealed) {
    std::string out;
    for (const auto& p : map.points) {
      const auto at = static_cast<std::size_t>(
          std::lower_bound(persons.begin(), persons.end(), p.identity) - persons.begin());
      if (std::min(at, coloured) != person || p.concealed != concealed) continue;
      out += fmt::format("{:.5g} {:.5g}\n", p.x, p.y);
    }
    return out;
  };
  std::string script =
      axis("x", fmt::format("first component ({:.0f} % of the variance)", 100.0 * map.share_x)) +
      axis("y", fmt::format("second component ({:.0f} %)", 100.0 * map.share_y));
  std::string curves;
  const auto add = [&](std::size_t person, const std::string& colour, const std::string& title) {
    for (const bool concealed : {true, false}) {
      const std::string points = lines(person, concealed);
      if (points.empty()) continue;
      const std::string name = fmt::format("p{}c{}", person, concealed ? 1 : 0);
      script += block(name, points);
      curves += fmt::format(
          "{} ${} using 1:2 with points pointtype {} pointsize {} linecolor rgb "
          "'{}' {}",
          curves.empty() ? "plot" : ",", name, concealed ? 7 : 6, person < coloured ? 0.6 : 0.35,
          colour, concealed && !title.empty() ? "title '" + title + "'" : "notitle");
    }
  };
  if (persons.size() > coloured) {
    add(coloured, kRule, fmt::format("{} others", persons.size() - coloured));
  }
  for (std::size_t k = 0; k < coloured; ++k) {
    add(k, series_colour(static_cast<int>(k) + 1), fmt::format("identity {}", persons[k]));
  }
  return gnuplot_svg(script + curves, "Embeddings of the test images", kWidth_px, kHeight_px, id);
}

std::string regions_plot(const eval::EvaluationResult& result, const std::string& id) {
  const auto& systems = result.reconstruction;
  std::string lines, curves;
  for (std::size_t r = 0; r < systems.front().regions.size(); ++r) {
    lines += "\"" + tic_name(systems.front().regions[r].name) + "\"";
    for (const auto& system : systems) lines += fmt::format(" {:.5g}", system.regions.at(r).ssim);
    lines += "\n";
  }
  for (std::size_t s = 0; s < systems.size(); ++s) {
    curves += fmt::format("{} $regions using {}:xtic(1) linecolor rgb '{}' title '{}'",
                          s == 0 ? "plot" : ",", s + 2, series_colour(static_cast<int>(s) + 1),
                          plain(systems[s].title));
  }
  const std::string script = block("regions", lines) + axis("y", "SSIM") +
                             "set style data histogram\nset style histogram clustered gap 1\n"
                             "set style fill solid 0.85 noborder\nset yrange [0:*]\n"
                             "set xtics scale 0\nunset grid\nset grid ytics\n";
  return gnuplot_svg(script + curves, "Structural similarity by region of the face", kWidth_px,
                     kHeight_px, id);
}

std::string confusion_plot(const eval::PostureSummary& posture, const std::string& id) {
  const std::size_t count = posture.confusion.size();
  std::string script, tics;
  for (std::size_t t = 0; t < count; ++t) {
    const std::string name = t < posture.names.size() ? posture.names[t] : std::to_string(t);
    tics += fmt::format("{}'{}' {}", t == 0 ? "" : ", ", plain(name), t);
    const auto& row = posture.confusion[t];
    const uint64_t total = std::accumulate(row.begin(), row.end(), uint64_t{0});
    for (std::size_t p = 0; p < row.size(); ++p) {
      const double share =
          total > 0 ? static_cast<double>(row[p]) / static_cast<double>(total) : 0.0;
      // Never opaque: the numbers stand in ink on it.
      script += fmt::format(
          "set object rectangle center {0},{1} size 0.96,0.96 behind fillcolor rgb '{2}' fillstyle "
          "transparent solid {3:.3f} noborder\n"
          "set label '{4}' at {0},{1} center offset 0,0.35 textcolor rgb '{5}'\n"
          "set label '{6:.0f} %' at {0},{1} center offset 0,-0.6 textcolor rgb '{5}' font ',9'\n",
          p, t, series_colour(1), 0.6 * share, row[p], kInk, 100.0 * share);
    }
  }
  const double end = static_cast<double>(count) - 0.5;
  script += fmt::format(
      "set xrange [-0.5:{0}]\nset yrange [{0}:-0.5]\nset xtics ({1}) scale 0\n"
      "set ytics ({1}) scale 0\nunset grid\nunset key\n",
      end, tics);
  script += axis("x", "predicted posture") + axis("y", "true posture");
  return gnuplot_svg(script + "plot NaN notitle", "Confusion of postures, concealed test images",
                     kWidth_px, kHeight_px, id);
}

std::string history_plot(const TrainingHistory& history, const std::string& group,
                         const std::string& id) {
  std::string lines;
  for (const HistoryRow& row : history.rows) {
    lines += fmt::format("{:g}", row.epoch);
    for (const double v : row.values)
      lines += std::isfinite(v) ? fmt::format(" {:.6g}", v) : " NaN";
    lines += "\n";
  }
  std::string script = "set datafile missing 'NaN'\n" + block("history", lines) +
                       axis("x", "epoch") + axis("y", plain(group)) + "";
  if (history.best_epoch >= 0.0) {
    script += fmt::format(
        "set arrow from {0:g}, graph 0 to {0:g}, graph 1 nohead dashtype 2 linecolor rgb '{1}'\n"
        "set label ' chosen' at {0:g}, graph 0.04 textcolor rgb '{1}'\n",
        history.best_epoch, kRule);
  }
  std::string curves;
  int series = 1;
  for (std::size_t v = 0; v < history.columns.size(); ++v) {
    if (history.groups[v] != group) continue;
    curves += fmt::format("{} $history using 1:(${}) with lines {} title '{}'",
                          curves.empty() ? "plot" : ",", v + 2, line_style(series++),
                          plain(history.columns[v]));
  }
  return gnuplot_svg(script + curves, "Training: " + group + " over the epochs", kWidth_px,
                     kHeight_px, id);
}

}  // namespace thz::report::internal
