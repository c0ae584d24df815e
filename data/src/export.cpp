#include "thz/data/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "thz/core/error.h"
#include "thz/core/rng.h"
#include "thz/io/atomic_file.h"
#include "thz/io/csv.h"
#include "thz/io/npy.h"
#include "thz/io/png.h"

namespace thz::data {

namespace fs = std::filesystem;

namespace {

void begin_export(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && (!fs::is_directory(folder) || !fs::is_empty(folder, error))) {
    throw_input("{}: is there already and not empty; an export needs a folder of its own",
                folder.string());
  }
  io::make_folder(folder);
}

/// Relative paths of all pictures: the n of a name counts within (person, posture, condition).
class ExportNames {
 public:
  ExportNames(const io::DatasetColumns& labels, const PostureMap& postures,
              const ExportOptions& options) {
    std::map<int, int> digits;
    for (const auto& [digit, posture] : postures) digits[posture] = digit;
    for (uint64_t i = 0; i < labels.rows; ++i) {
      rows.push_back(
          next(digits, options.unit, labels.identity[i], labels.posture[i], labels.concealed[i]));
    }
    numbers_.clear();
    for (uint64_t v = 0; v < labels.visible_rows; ++v) {
      visible.push_back(next(digits, options.visible_unit, labels.visible_identity[v],
                             labels.visible_posture[v], labels.visible_concealed[v]));
    }
  }

  std::vector<std::string> rows, visible;

 private:
  std::string next(const std::map<int, int>& digits, const std::string& unit, int32_t identity,
                   int32_t posture, uint8_t concealed) {
    const auto digit = digits.find(posture);
    if (digit == digits.end()) {
      throw_input("the data set has the posture {}, but --posture-map gives it no digit",
                  io::kPostureNames.at(static_cast<std::size_t>(posture)));
    }
    PublishedName name;
    name.person = std::to_string(identity);
    name.concealed = concealed;
    name.digit = digit->second;
    name.number = ++numbers_[{identity, posture, concealed}];
    return name.person + "/" + unit + "/" + published_name(name);
  }

  std::map<std::tuple<int32_t, int32_t, uint8_t>, int> numbers_;
};

ImageF picture_of(const std::vector<float>& pixels) {
  ImageF image(io::kDatasetImageSize, io::kDatasetImageSize);
  image.data = pixels;
  return image;
}

std::string label_lines(const io::DatasetColumns& labels, const ExportNames& names) {
  std::string text = io::csv_line({"file", "identity", "posture", "condition", "visible"});
  for (uint64_t i = 0; i < labels.rows; ++i) {
    const int32_t v = labels.visible_index[i];
    text += io::csv_line({names.rows[i], std::to_string(labels.identity[i]),
                          io::kPostureNames.at(static_cast<std::size_t>(labels.posture[i])),
                          labels.concealed[i] != 0 ? "concealed" : "bare",
                          v < 0 ? "" : names.visible.at(static_cast<std::size_t>(v))});
  }
  return text;
}

/// Triplets among some rows of the data set.
class TripletWriter {
 public:
  TripletWriter(const io::DatasetColumns& labels, const ExportNames& names, uint64_t seed)
      : labels_(labels), names_(names), seed_(seed) {
    with_visible_ =
        labels.rows > 0 && std::all_of(labels.visible_index.begin(), labels.visible_index.end(),
                                       [](int32_t v) { return v >= 0; });
  }

  std::string lines(const std::vector<uint64_t>& rows, uint64_t& count) const {
    std::map<int32_t, std::map<int32_t, std::vector<uint64_t>>> bare;  // posture, person
    for (const uint64_t row : rows) {
      if (labels_.concealed[row] == 0)
        bare[labels_.posture[row]][labels_.identity[row]].push_back(row);
    }
    std::vector<std::string> head = {"anchor", "positive", "negative"};
    if (with_visible_) {
      head.insert(head.end(), {"visible_concealed", "visible_unconcealed", "visible_negative"});
    }
    std::string text = io::csv_line(head);
    count = 0;
    for (const uint64_t anchor : rows) {
      if (labels_.concealed[anchor] == 0) continue;
      const auto& people = bare[labels_.posture[anchor]];
      const auto own = people.find(labels_.identity[anchor]);
      if (own == people.end()) continue;
      Rng rng(seed_, RngPurpose::kSampler, anchor);
      for (const auto& [person, candidates] : people) {
        if (person == labels_.identity[anchor]) continue;
        const uint64_t positive = own->second[rng.index(own->second.size())];
        const uint64_t negative = candidates[rng.index(candidates.size())];
        text += line(anchor, positive, negative);
        ++count;
      }
    }
    return text;
  }

 private:
  std::string line(uint64_t anchor, uint64_t positive, uint64_t negative) const {
    std::vector<std::string> fields;
    for (const uint64_t row : {anchor, positive, negative}) fields.push_back(names_.rows[row]);
    if (with_visible_) {
      for (const uint64_t row : {anchor, positive, negative}) {
        fields.push_back(names_.visible[static_cast<std::size_t>(labels_.visible_index[row])]);
      }
    }
    return io::csv_line(fields);
  }

  const io::DatasetColumns& labels_;
  const ExportNames& names_;
  uint64_t seed_;
  bool with_visible_ = false;
};

void write_text(const fs::path& folder, const std::string& name, const std::string& text,
                ExportReport& report) {
  io::write_file(folder / name, text);
  report.files.push_back(name);
}

}  // namespace

ExportReport export_published(const io::DatasetReader& dataset, const PostureMap& postures,
                              const fs::path& folder, const ExportOptions& options) {
  const io::DatasetColumns labels = dataset.read_labels();
  const ExportNames names(labels, postures, options);
  begin_export(folder);
  ExportReport report;
  const std::size_t total = names.rows.size() + names.visible.size();
  const auto write = [&](const std::string& name, const ImageF& picture) {
    if (options.cancel != nullptr) options.cancel->throw_if_requested();
    io::make_folder((folder / name).parent_path());
    io::write_png(folder / name, picture);
    if (options.progress) options.progress(report.pictures + report.visible_pictures + 1, total);
  };
  for (uint64_t i = 0; i < names.rows.size(); ++i, ++report.pictures) {
    write(names.rows[i], picture_of(dataset.read_images({i})));
  }
  for (uint64_t v = 0; v < names.visible.size(); ++v, ++report.visible_pictures) {
    write(names.visible[v], dataset.read_visible(v).image);
  }
  write_text(folder, "labels.csv", label_lines(labels, names), report);
  const TripletWriter triplets(labels, names, options.seed);
  const auto write_triplets = [&](const std::string& name, const std::vector<uint64_t>& rows) {
    uint64_t count = 0;
    write_text(folder, name, triplets.lines(rows, count), report);
    report.triplet_rows.push_back(count);
  };
  if (options.split != nullptr) {
    write_triplets("triplets-train.csv", options.split->train);
    write_triplets("triplets-validation.csv", options.split->validation);
    write_triplets("triplets-test.csv", options.split->test);
  } else {
    std::vector<uint64_t> all(labels.rows);
    std::iota(all.begin(), all.end(), uint64_t{0});
    write_triplets("triplets.csv", all);
  }
  return report;
}

ExportReport export_arrays(const io::DatasetReader& dataset, const fs::path& folder) {
  constexpr uint64_t kSide = io::kDatasetImageSize;
  const io::DatasetColumns labels = dataset.read_labels();
  begin_export(folder);
  io::write_npy(folder / "image.npy", {labels.rows, kSide, kSide}, dataset.read_images());
  io::write_npy(folder / "identity.npy", {labels.rows}, labels.identity);
  io::write_npy(folder / "posture.npy", {labels.rows}, labels.posture);
  io::write_npy(folder / "concealed.npy", {labels.rows},
                std::vector<int32_t>(labels.concealed.begin(), labels.concealed.end()));
  ExportReport report;
  report.pictures = labels.rows;
  report.files = {"image.npy", "identity.npy", "posture.npy", "concealed.npy"};
  if (labels.visible_rows == 0) return report;
  io::write_npy(folder / "visible_image.npy", {labels.visible_rows, kSide, kSide},
                dataset.read_visible_images());
  io::write_npy(folder / "visible_index.npy", {labels.rows}, labels.visible_index);
  report.visible_pictures = labels.visible_rows;
  report.files.insert(report.files.end(), {"visible_image.npy", "visible_index.npy"});
  return report;
}

}  // namespace thz::data
