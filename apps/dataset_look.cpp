// dataset show, compare: what a data set holds and how two of them differ, as numbers and pictures.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "dataset_commands.h"
#include "thz/core/error.h"
#include "thz/eval/face_regions.h"
#include "thz/eval/set_statistics.h"
#include "thz/io/atomic_file.h"
#include "thz/io/dataset_check.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/picture.h"
#include "thz/report/charts.h"
#include "thz/report/gallery.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;

struct ShowArguments {
  CommonOptions common;
  std::string data;
  uint64_t most = 2000;
};

struct CompareArguments {
  CommonOptions common;
  std::string a, b;
  uint64_t most = 2000;
};

constexpr std::size_t kSheetPeople = 20;

/// Some rows of a data set, with their pictures.
struct Sample {
  std::vector<uint64_t> rows;
  std::vector<ImageF> images;
  eval::Labels labels;
};

/// All rows, or whole (identity, posture, condition) cells spread evenly, up to `most` rows or so:
/// memory and page stay small, and pairs stay together.
Sample take_sample(const io::DatasetReader& dataset, const io::DatasetColumns& labels,
                   uint64_t most) {
  std::map<int32_t, std::vector<uint64_t>> people;
  for (uint64_t row = 0; row < labels.rows; ++row) people[labels.identity[row]].push_back(row);
  const uint64_t step = std::max<uint64_t>(1, (labels.rows + most - 1) / most);
  Sample sample;
  uint64_t person = 0;
  for (const auto& [identity, rows] : people) {
    if (person++ % step != 0) continue;
    // A single person may still be too much.
    const uint64_t room = most > sample.rows.size() ? most - sample.rows.size() : 0;
    const uint64_t count = std::min<uint64_t>(room, rows.size());
    sample.rows.insert(sample.rows.end(), rows.begin(),
                       rows.begin() + static_cast<std::ptrdiff_t>(count));
  }
  sample.images = io::images_of(dataset.read_images(sample.rows));
  for (const uint64_t row : sample.rows) {
    sample.labels.identity.push_back(labels.identity[row]);
    sample.labels.posture.push_back(labels.posture[row]);
    sample.labels.concealed.push_back(labels.concealed[row]);
  }
  return sample;
}

eval::SetStatistics statistics_of(const Sample& sample, int threads) {
  eval::SetStatisticsOptions options;
  options.regions = eval::face_regions();
  options.threads = threads;
  options.cancel = &cancel_token();
  return eval::set_statistics(sample.images, sample.labels, options);
}

/// A row a person: each posture bare and concealed, the first capture.
io::ImageRgb contact_sheet(const Sample& sample) {
  std::map<int32_t, std::map<std::pair<int32_t, uint8_t>, std::size_t>> first;
  for (std::size_t i = 0; i < sample.rows.size(); ++i) {
    const std::pair<int32_t, uint8_t> cell{sample.labels.posture[i], sample.labels.concealed[i]};
    first[sample.labels.identity[i]].emplace(cell, i);
  }
  std::vector<io::ImageRgb> cells;
  const int postures = static_cast<int>(io::kPostureNames.size());
  std::size_t people = 0;
  for (const auto& [identity, pictures] : first) {
    if (people++ == kSheetPeople) break;
    for (int p = 0; p < postures; ++p) {
      for (const uint8_t concealed : {uint8_t{0}, uint8_t{1}}) {
        const auto found = pictures.find({p, concealed});
        cells.push_back(
            found == pictures.end()
                ? io::ImageRgb(io::kDatasetImageSize, io::kDatasetImageSize, {230, 230, 230})
                : io::to_rgb(sample.images[found->second]));
      }
    }
  }
  return io::montage(cells, 2 * postures, 2);
}

report::Curve histogram_curve(const std::string& title, const eval::ConditionStatistics& s) {
  report::Curve curve{title, {}, {}};
  for (std::size_t i = 0; i < s.histogram.size(); ++i) {
    curve.x.push_back((static_cast<double>(i) + 0.5) / eval::kGreyBins);
    curve.y.push_back(100.0 * s.histogram[i]);
  }
  return curve;
}

report::Curve spectrum_curve(const std::string& title, const eval::ConditionStatistics& s) {
  report::Curve curve{title, {}, {}};
  for (std::size_t k = 1; k < s.spectrum.size(); ++k) {
    curve.x.push_back(static_cast<double>(k));
    curve.y.push_back(10.0 * std::log10(std::max(s.spectrum[k], 1e-12)));
  }
  return curve;
}

/// A chart whose vertical axis holds all curves.
report::CurveChart chart_of(std::string title, std::string x_label, std::string y_label,
                            std::vector<report::Curve> curves) {
  report::CurveChart chart{std::move(title), std::move(x_label), std::move(y_label), 0.0, 1.0, {}};
  double low = 1e300, high = -1e300;
  for (auto& curve : curves) {
    if (curve.y.empty()) continue;
    for (const double y : curve.y) {
      low = std::min(low, y);
      high = std::max(high, y);
    }
    chart.curves.push_back(std::move(curve));
  }
  const double margin = high > low ? 0.05 * (high - low) : 1.0;
  chart.y_low = low - margin;
  chart.y_high = high + margin;
  return chart;
}

/// Histograms and spectra of named statistics; nothing of a condition that nobody has.
std::vector<report::CurveChart> charts_of(
    const std::vector<std::pair<std::string, const eval::ConditionStatistics*>>& kinds,
    const std::string& title) {
  std::vector<report::Curve> histograms, spectra;
  for (const auto& [name, statistics] : kinds) {
    if (statistics->images == 0) continue;
    histograms.push_back(histogram_curve(name, *statistics));
    spectra.push_back(spectrum_curve(name, *statistics));
  }
  if (histograms.empty()) return {};
  return {chart_of("Grey" + title, "grey", "share of pixels, %", std::move(histograms)),
          chart_of("Spectrum" + title, "cycles an image", "power, dB", std::move(spectra))};
}

report::Gallery gallery_of(const io::DatasetReader& dataset, const io::DatasetColumns& labels,
                           const Sample& sample) {
  report::Gallery gallery;
  gallery.title = "Data set " + dataset.path().parent_path().filename().string();
  if (sample.rows.size() < labels.rows) {
    gallery.note = fmt::format("{} of {} rows: every so many people are shown.", sample.rows.size(),
                               labels.rows);
  }
  gallery.facts = {{"file", dataset.path().filename().string()},
                   {"rows", std::to_string(labels.rows)},
                   {"visible pictures", std::to_string(labels.visible_rows)},
                   {"content", dataset.content_sha256()}};
  for (std::size_t i = 0; i < sample.rows.size(); ++i) {
    const uint64_t row = sample.rows[i];
    report::GalleryItem item;
    item.image = sample.images[i];
    item.identity = labels.identity[row];
    item.posture = io::kPostureNames.at(static_cast<std::size_t>(labels.posture[row]));
    item.condition = labels.concealed[row] != 0 ? "concealed" : "bare";
    item.caption = fmt::format("row {}, capture {}", row, labels.capture[row]);
    const int32_t fabric = labels.fabric[row];
    if (fabric >= 0) {
      item.caption += ", " + dataset.header().fabric_names.at(static_cast<std::size_t>(fabric));
    }
    const int32_t visible = labels.visible_index[row];
    if (visible >= 0) item.visible = dataset.read_visible(static_cast<uint64_t>(visible)).image;
    gallery.items.push_back(std::move(item));
  }
  return gallery;
}

void write_pictures(const ShowArguments& a, nlohmann::json& found) {
  const io::DatasetReader dataset(a.data);
  const io::DatasetColumns labels = dataset.read_labels();
  const Sample sample = take_sample(dataset, labels, a.most);
  if (sample.rows.empty()) throw_input("{}: has no rows to show", a.data);
  const eval::SetStatistics statistics = statistics_of(sample, a.common.threads);
  const fs::path folder = a.common.output;
  io::make_folder(folder);
  io::write_png(folder / "contact-sheet.png", contact_sheet(sample));
  report::write_charts_png(
      folder / "statistics.png",
      charts_of({{"bare", &statistics.condition[0]}, {"concealed", &statistics.condition[1]}}, ""),
      2);
  io::write_file(folder / "gallery.html",
                 report::render_gallery(gallery_of(dataset, labels, sample)));
  found["statistics"] = nlohmann::json::parse(eval::statistics_json(statistics));
  found["files"] = {"contact-sheet.png", "statistics.png", "gallery.html"};
}

void show(const ShowArguments& a) {
  auto found = nlohmann::json::parse(io::describe_dataset(a.data));
  if (!a.common.output.empty()) write_pictures(a, found);
  print_result(a.common, found, found.dump(2));
}

void compare(const CompareArguments& a) {
  if (a.common.output.empty()) throw_input("--output is missing: the folder of the comparison");
  const auto look = [&](const std::string& path) {
    const io::DatasetReader dataset(path);
    const Sample sample = take_sample(dataset, dataset.read_labels(), a.most);
    if (sample.rows.empty()) throw_input("{}: has no rows to compare", path);
    return statistics_of(sample, a.common.threads);
  };
  const eval::SetStatistics first = look(a.a), second = look(a.b);
  const fs::path folder = a.common.output;
  io::make_folder(folder);
  const std::string text = eval::comparison_json(a.a, first, a.b, second);
  io::write_file(folder / "comparison.json", text + "\n");
  std::vector<report::CurveChart> charts;
  for (const std::size_t c : {std::size_t{0}, std::size_t{1}}) {
    const auto some = charts_of({{a.a, &first.condition[c]}, {a.b, &second.condition[c]}},
                                c == 0 ? ", bare" : ", concealed");
    charts.insert(charts.end(), some.begin(), some.end());
  }
  report::write_charts_png(folder / "comparison.png", charts, 2);
  print_result(a.common, nlohmann::json::parse(text),
               eval::comparison_table(a.a, first, a.b, second));
}

CLI::Option* add_most(CLI::App& command, uint64_t& most) {
  return command.add_option("--most", most, "Rows to look at, by whole people [2000]")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1000000}));
}

}  // namespace

void add_dataset_show(CLI::App& dataset) {
  auto a = std::make_shared<ShowArguments>();
  CLI::App* command = dataset.add_subcommand(
      "show", "What a data set holds; with --output also contact sheet, statistics and gallery");
  command->add_option("data", a->data, "Data set: its folder or file")->required();
  add_most(*command, a->most);
  add_common(*command, a->common, false, true);
  command->callback([a] { show(*a); });
}

void add_dataset_compare(CLI::App& dataset) {
  auto a = std::make_shared<CompareArguments>();
  CLI::App* command = dataset.add_subcommand(
      "compare", "How two data sets differ: greys, spectra, speckle, concealed against bare");
  command->add_option("a", a->a, "Data set: its folder or file")->required();
  command->add_option("b", a->b, "Another one")->required();
  add_most(*command, a->most);
  add_common(*command, a->common, false, true);
  command->callback([a] { compare(*a); });
}

}  // namespace thz::apps
