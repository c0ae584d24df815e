// dataset import, export, merge: data sets from and for other programs.
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "dataset_commands.h"
#include "thz/core/error.h"
#include "thz/data/export.h"
#include "thz/data/import.h"
#include "thz/data/merge.h"
#include "thz/io/dataset_reader.h"
#include "thz/io/split_file.h"

namespace thz::apps {
namespace {

namespace fs = std::filesystem;

struct ImportArguments {
  CommonOptions common;
  std::string folder, triplets, labels, numpy;
  std::string root, posture_map, crop, colour = "refuse", visible_unit;
  std::vector<std::string> units;
  bool complete_only = false;
};

struct ExportArguments {
  CommonOptions common;
  std::string data, posture_map, split, format = "png", unit = "thz", visible_unit = "visible";
};

struct MergeArguments {
  CommonOptions common;
  std::vector<std::string> sources;
  std::string people = "different";
  bool index = false;
};

data::PostureMap required_posture_map(const std::string& text, const char* why) {
  if (text.empty()) {
    throw_input(
        "--posture-map is missing: {}; e.g. --posture-map "
        "1=front-left,2=front-center,3=front-right,4=full-left,5=full-right",
        why);
  }
  return data::parse_posture_map(text);
}

data::ImportList list_source(const ImportArguments& a) {
  const int given = static_cast<int>(!a.folder.empty()) + static_cast<int>(!a.triplets.empty()) +
                    static_cast<int>(!a.labels.empty()) + static_cast<int>(!a.numpy.empty());
  if (given != 1) {
    throw_input("dataset import needs exactly one of FOLDER, --triplets, --labels and --numpy");
  }
  constexpr const char* kWhy = "which digit is which posture is told in several ways";
  std::optional<data::PostureMap> postures;
  if (!a.posture_map.empty()) postures = data::parse_posture_map(a.posture_map);
  if (!a.labels.empty()) return data::list_labelled(a.labels, a.root, postures);
  if (!a.numpy.empty()) return data::list_arrays(a.numpy, postures);
  const data::PostureMap map = required_posture_map(a.posture_map, kWhy);
  if (!a.triplets.empty()) return data::list_triplets(a.triplets, a.root, map);
  return data::list_published_folder(a.folder, map, a.units, a.visible_unit);
}

std::string import_summary(const data::ImportReport& report, const fs::path& file) {
  std::string text = fmt::format("{} pictures of {} people and {} visible ones in {}", report.rows,
                                 report.people.size(), report.visible_rows, file.string());
  if (!report.missing.empty()) {
    text += fmt::format("\n{} (person, posture) lack a condition, the first: {}",
                        report.missing.size(), report.missing.front());
  }
  if (report.left_out > 0)
    text += fmt::format("\n{} pictures of such were left out", report.left_out);
  return text;
}

void import(const ImportArguments& a) {
  data::ImportOptions options;
  if (!a.crop.empty()) options.crop = data::parse_crop(a.crop);
  options.luma = a.colour == "luma";
  options.complete_only = a.complete_only;
  options.cancel = &cancel_token();
  data::ImportList list = list_source(a);
  const fs::path file = new_dataset_file(a.common);
  ProgressLine progress("reading", "pictures", a.common.quiet);
  options.progress = progress.function();
  const data::ImportReport report = data::import_dataset(std::move(list), options, file);
  for (const std::string& note : report.notes) say(a.common, note);
  write_splits(file, report.fewest_captures, a.common.seed.value_or(1), a.common);
  nlohmann::json people;
  for (const auto& [number, name] : report.people) people[std::to_string(number)] = name;
  print_result(a.common,
               {{"file", file.string()},
                {"rows", report.rows},
                {"visible_rows", report.visible_rows},
                {"people", people},
                {"missing", report.missing},
                {"left_out", report.left_out},
                {"fewest_captures", report.fewest_captures},
                {"notes", report.notes},
                {"content_sha256", io::DatasetReader(file).content_sha256()}},
               import_summary(report, file));
}

void run_export(const ExportArguments& a) {
  if (a.common.output.empty()) throw_input("--output is missing: the folder of the export");
  const io::DatasetReader dataset(a.data);
  data::ExportOptions options;
  options.unit = a.unit;
  options.visible_unit = a.visible_unit;
  options.seed = a.common.seed.value_or(1);
  options.cancel = &cancel_token();
  std::optional<io::Split> split;
  if (!a.split.empty()) split = io::read_split(a.split, dataset.content_sha256());
  if (split) options.split = &*split;
  ProgressLine progress("writing", "pictures", a.common.quiet);
  options.progress = progress.function();
  const data::ExportReport report =
      a.format == "numpy"
          ? data::export_arrays(dataset, a.common.output)
          : data::export_published(
                dataset, required_posture_map(a.posture_map, "the names need a digit a posture"),
                a.common.output, options);
  print_result(
      a.common,
      {{"folder", a.common.output},
       {"pictures", report.pictures},
       {"visible_pictures", report.visible_pictures},
       {"files", report.files},
       {"triplet_rows", report.triplet_rows}},
      fmt::format("{} pictures and {} visible ones in {}, with {}", report.pictures,
                  report.visible_pictures, a.common.output, fmt::join(report.files, ", ")));
}

void merge(const MergeArguments& a) {
  const fs::path file = new_dataset_file(a.common);
  data::MergeOptions options;
  options.people = a.people == "same"       ? data::MergePeople::kSame
                   : a.people == "renumber" ? data::MergePeople::kRenumber
                                            : data::MergePeople::kDifferent;
  options.index = a.index;
  options.cancel = &cancel_token();
  ProgressLine progress("merging", "rows", a.common.quiet);
  options.progress = progress.function();
  const std::vector<fs::path> sources(a.sources.begin(), a.sources.end());
  const data::MergeReport report = data::merge_datasets(sources, file, options);
  for (const std::string& note : report.notes) say(a.common, note);
  write_splits(file, report.fewest_captures, a.common.seed.value_or(1), a.common);
  const io::DatasetReader merged(file);
  print_result(
      a.common,
      {{"file", file.string()},
       {"rows", merged.rows()},
       {"visible_rows", merged.visible_rows()},
       {"index", a.index},
       {"identity_offsets", report.identity_offsets},
       {"notes", report.notes},
       {"content_sha256", merged.content_sha256()}},
      fmt::format("{} rows of {} sources in {}", merged.rows(), sources.size(), file.string()));
}

}  // namespace

void add_dataset_import(CLI::App& dataset) {
  auto a = std::make_shared<ImportArguments>();
  CLI::App* command = dataset.add_subcommand(
      "import", "Make a data set of pictures that others took (docs/formats/exchange.md)");
  command->add_option("folder", a->folder, "Pictures <person>/<unit>/<person>_<b1b|n1n>_<n>.png");
  command->add_option("--triplets", a->triplets,
                      "Instead: CSV of anchor, positive, negative [, visible_...]");
  command->add_option("--labels", a->labels,
                      "Instead: CSV of file, identity, posture, condition [, visible]");
  command->add_option("--numpy", a->numpy,
                      "Instead: folder of image.npy, identity.npy, posture.npy, concealed.npy");
  command->add_option("--root", a->root, "Where the paths of a CSV begin [the CSV's folder]");
  command->add_option("--posture-map", a->posture_map,
                      "Which digit is which posture: 1=front-left,2=front-center,...");
  command->add_option("--unit", a->units, "Unit folder to take; may be repeated [the only one]");
  command->add_option("--visible-unit", a->visible_unit, "Unit folder of visible pictures [none]");
  command->add_option("--crop", a->crop, "centre, or LEFT,TOP,WIDTH,HEIGHT in pixels [none]");
  command
      ->add_option("--colour", a->colour, "refuse coloured pictures, or take their luma [refuse]")
      ->check(CLI::IsMember({"refuse", "luma"}));
  command->add_flag("--complete-only", a->complete_only,
                    "Leave out (person, posture) without both conditions");
  add_common(*command, a->common, true, true);
  command->callback([a] { import(*a); });
}

void add_dataset_export(CLI::App& dataset) {
  auto a = std::make_shared<ExportArguments>();
  CLI::App* command = dataset.add_subcommand(
      "export", "Write a data set as PNG folders and CSV, or as NumPy files, for other trainers");
  command->add_option("data", a->data, "Data set: its folder or file")->required();
  command->add_option("--format", a->format, "png or numpy [png]")
      ->check(CLI::IsMember({"png", "numpy"}));
  command->add_option("--posture-map", a->posture_map,
                      "Which digit is which posture: 1=front-left,2=front-center,...");
  command->add_option("--split", a->split, "Split file: triplets within each of its lists");
  command->add_option("--unit", a->unit, "Unit folder of the 340 GHz pictures [thz]");
  command->add_option("--visible-unit", a->visible_unit,
                      "Unit folder of visible pictures [visible]");
  add_common(*command, a->common, true, true);
  command->callback([a] { run_export(*a); });
}

void add_dataset_merge(CLI::App& dataset) {
  auto a = std::make_shared<MergeArguments>();
  CLI::App* command = dataset.add_subcommand(
      "merge", "Put the shards of one data set, or several data sets, together");
  command->add_option("data", a->sources, "Shards' folders, or finished data sets")->required();
  command->add_flag("--index", a->index,
                    "A small file that points at the pictures instead of a copy of them");
  command
      ->add_option("--people", a->people,
                   "The same identity number in two data sets is the same person, is to be "
                   "renumbered, or must not be: same, renumber, different [different]")
      ->check(CLI::IsMember({"same", "renumber", "different"}));
  add_common(*command, a->common, true, true);
  command->callback([a] { merge(*a); });
}

}  // namespace thz::apps
