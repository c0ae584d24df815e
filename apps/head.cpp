#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "commands.h"
#include "head_sheet.h"
#include "head_tables.h"
#include "program.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"
#include "thz/io/head_model_writer.h"
#include "thz/io/ict_facekit.h"
#include "thz/io/mesh_reader.h"
#include "thz/sim/head_statistics.h"
#include "thz/sim/parametric_head.h"

namespace thz::apps {
namespace {

/// The numbers that a scene takes, too (docs/formats/scene.md).
constexpr uint64_t kMostIdentity = uint64_t{1} << 40;

struct HeadArguments {
  CommonOptions common;
  uint64_t identity = 0;
  std::size_t count = 10;
  std::string sex = "any";
  std::string age = "any";
  std::string folder;
  bool bare = false;
  int pixels = 96;
  std::size_t columns = 5;
};

uint64_t seed_of(const HeadArguments& arguments) { return arguments.common.seed.value_or(1); }

sim::HeadPopulation population_of(const HeadArguments& arguments) {
  sim::HeadPopulation population;
  if (arguments.sex != "any") population.female = arguments.sex == "female";
  const std::vector<std::string> bands = {"18-29", "30-44", "45-59", "60-75"};
  for (std::size_t i = 0; i < bands.size(); ++i) {
    if (arguments.age == bands[i]) population.age_band = static_cast<sim::HeadAgeBand>(i);
  }
  return population;
}

void list_parameters(const HeadArguments& arguments) {
  print_result(arguments.common, head_parameters_json(), head_parameters_text());
}

void sample_heads(const HeadArguments& arguments) {
  const std::string csv =
      head_sample_csv(seed_of(arguments), arguments.count, population_of(arguments));
  if (arguments.common.output.empty()) {
    print_result(arguments.common, {{"csv", csv}}, csv.substr(0, csv.size() - 1));
    return;
  }
  io::write_file(arguments.common.output, csv);
  print_result(arguments.common, {{"file", arguments.common.output}, {"heads", arguments.count}},
               arguments.common.output);
}

void export_head(const HeadArguments& arguments) {
  if (arguments.common.output.empty()) throw_input("--output is missing: a file .obj or .ply");
  const sim::HeadIdentity head =
      sim::sample_head_identity(seed_of(arguments), arguments.identity, population_of(arguments));
  const Mesh mesh = arguments.bare ? sim::build_bare_head(head) : sim::build_parametric_head(head);
  io::write_mesh(arguments.common.output, mesh);
  print_result(arguments.common,
               {{"file", arguments.common.output},
                {"vertices", mesh.vertices.size()},
                {"triangles", mesh.triangles.size()}},
               arguments.common.output);
}

void measure(const HeadArguments& arguments) {
  if (arguments.count > 1) {
    ProgressLine progress("measuring", "heads", arguments.common.quiet);
    const sim::HeadPopulationReport report =
        sim::measure_population(seed_of(arguments), arguments.count, population_of(arguments),
                                arguments.common.threads, progress.function(), &cancel_token());
    print_result(arguments.common, population_json(report), population_text(report));
    return;
  }
  const sim::HeadIdentity head =
      sim::sample_head_identity(seed_of(arguments), arguments.identity, population_of(arguments));
  print_result(arguments.common, head_measures_json(head), head_measures_text(head));
}

void neighbours(const HeadArguments& arguments) {
  const auto rows = neighbour_rows(seed_of(arguments), arguments.count, arguments.folder);
  print_result(arguments.common, neighbours_json(rows), neighbours_text(rows));
}

void sheet(const HeadArguments& arguments) {
  if (arguments.common.output.empty())
    throw_input("--output is missing: NAME.png, for NAME-visible.png and NAME-340ghz.png");
  ProgressLine progress("simulating", "heads", arguments.common.quiet);
  HeadSheet wanted;
  wanted.scene = arguments.folder;
  wanted.count = arguments.count;
  wanted.threads = arguments.common.threads;
  wanted.pixels = arguments.pixels;
  wanted.columns = arguments.columns;
  wanted.seed = arguments.common.seed;
  const auto files =
      write_head_sheet(wanted, arguments.common.output, progress.function(), &cancel_token());
  print_result(arguments.common, {{"files", files}}, fmt::format("{}", fmt::join(files, "\n")));
}

void import_ict(const HeadArguments& arguments) {
  if (arguments.common.output.empty()) throw_input("--output is missing: a file .h5");
  ProgressLine progress("reading", "meshes", arguments.common.quiet);
  const io::HeadMorphableFile head = io::read_ict_facekit(arguments.folder, progress.function());
  io::write_head_model(arguments.common.output, head);
  print_result(
      arguments.common,
      {{"file", arguments.common.output},
       {"vertices", head.num_vertices()},
       {"triangles", head.triangles.size()},
       {"identity_modes", head.identity.names.size()},
       {"expression_modes", head.expression.names.size()}},
      fmt::format("{}: {} vertices, {} identity modes, {} expressions", arguments.common.output,
                  head.num_vertices(), head.identity.names.size(), head.expression.names.size()));
}

void add_sheet_options(CLI::App& command, HeadArguments& arguments) {
  arguments.count = 20;
  command.add_option("scene", arguments.folder, "Scene, a TOML file")->required();
  command.add_option("--count", arguments.count, "How many people [20]")->check(CLI::Range(1, 400));
  command.add_option("--columns", arguments.columns, "Pictures side by side [5]")
      ->check(CLI::Range(1, 100));
  command.add_option("--pixels", arguments.pixels, "Side of a visible picture [96]")
      ->check(CLI::IsMember({32, 64, 96, 128, 192, 256}));
}

}  // namespace

void add_head(CLI::App& app) {
  CLI::App* head = app.add_subcommand("head", "The population of parametric heads; head models");
  head->require_subcommand(1);
  const auto add = [&](const char* name, const char* description, void (*run)(const HeadArguments&),
                       bool with_seed, bool with_output) {
    auto arguments = std::make_shared<HeadArguments>();
    CLI::App* command = head->add_subcommand(name, description);
    add_common(*command, arguments->common, with_seed, with_output);
    command->callback([arguments, run] { run(*arguments); });
    return std::make_pair(command, arguments);
  };
  const auto add_population = [](CLI::App& command, HeadArguments& arguments) {
    command.add_option("--sex", arguments.sex, "any, female or male [any]")
        ->check(CLI::IsMember({"any", "female", "male"}));
    command.add_option("--age", arguments.age, "any, 18-29, 30-44, 45-59 or 60-75 [any]")
        ->check(CLI::IsMember({"any", "18-29", "30-44", "45-59", "60-75"}));
  };
  add("list", "Parameters with their published figures and sources", list_parameters, false, false);

  const auto sampled =
      add("sample", "Parameters and soft biometrics of people as CSV", sample_heads, true, true);
  sampled.first->add_option("--count", sampled.second->count, "How many people [10]")
      ->check(CLI::Range(1, 1000000));
  add_population(*sampled.first, *sampled.second);

  const auto exported = add("export", "One head as OBJ or PLY, metres", export_head, true, true);
  exported.first->add_option("--identity", exported.second->identity, "Number of the person [0]")
      ->check(CLI::Range(uint64_t{0}, kMostIdentity));
  exported.first->add_flag("--bare", exported.second->bare, "The skin without any hair");
  add_population(*exported.first, *exported.second);

  const auto measured =
      add("measure", "Measure a built head, or a population beside its published figures", measure,
          true, false);
  measured.second->count = 1;
  measured.first->add_option("--identity", measured.second->identity, "Number of the person [0]")
      ->check(CLI::Range(uint64_t{0}, kMostIdentity));
  measured.first
      ->add_option("--population", measured.second->count, "Measure that many people instead")
      ->check(CLI::Range(60, 1000000));
  add_population(*measured.first, *measured.second);

  const auto near = add("neighbours", "How far apart the nearest faces of a population are",
                        neighbours, true, false);
  near.second->count = 1000;
  near.first->add_option("--count", near.second->count, "How many people [1000]")
      ->check(CLI::Range(3, 20000));
  near.first->add_option("--model", near.second->folder,
                         "A head-morphable file to put beside the parametric head");

  const auto sheeted =
      add("sheet", "Contact sheets of a scene's people, visible and as imaged", sheet, true, true);
  add_sheet_options(*sheeted.first, *sheeted.second);

  const auto imported = add("import-ict", "The published ICT-FaceKit folder as head-morphable/1",
                            import_ict, false, true);
  imported.first->add_option("folder", imported.second->folder, "Folder of OBJ files")->required();
}

}  // namespace thz::apps
