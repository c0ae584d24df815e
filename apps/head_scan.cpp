#include "thz/data/head_scan.h"

#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "program.h"
#include "thz/core/error.h"
#include "thz/io/csv.h"
#include "thz/io/mesh_reader.h"

namespace thz::apps {
namespace {

struct ScanArguments {
  CommonOptions common;
  std::string mesh;
  std::string landmarks;
  std::string unit = "guess";
  double largest_hole_mm = 25.0;
  double largest_residual_mm = 10.0;
  bool keep_parts = false;
};

nlohmann::json scan_json(const sim::ImportedHead& head, const std::string& file) {
  const sim::MeshRepairReport& repair = head.repair;
  const Vec3& at = repair.first_self_intersection_m;
  nlohmann::json rotation = nlohmann::json::array();
  for (int row = 0; row < 3; ++row) {
    const auto& r = head.alignment.head_from_scan.rotation;
    rotation.push_back({r(row, 0), r(row, 1), r(row, 2)});
  }
  const Vec3& shift = head.alignment.head_from_scan.translation_m;
  return {{"file", file},
          {"unit", head.unit.name},
          {"vertices", head.mesh.vertices.size()},
          {"triangles", head.mesh.triangles.size()},
          {"chin_to_vertex_m", head.height_m},
          {"residual_m", head.alignment.residual_m},
          {"rotation", rotation},
          {"translation_m", {shift.x(), shift.y(), shift.z()}},
          {"welded_vertices", repair.welded_vertices},
          {"degenerate_triangles", repair.degenerate_triangles},
          {"duplicate_triangles", repair.duplicate_triangles},
          {"non_manifold_triangles", repair.non_manifold_triangles},
          {"split_vertices", repair.split_vertices},
          {"flipped_triangles", repair.flipped_triangles},
          {"dropped_parts", repair.dropped_parts},
          {"dropped_part_triangles", repair.dropped_part_triangles},
          {"kept_parts", repair.kept_parts},
          {"mended_seams", repair.mended_seams},
          {"filled_holes", repair.filled_holes},
          {"largest_filled_hole_m", repair.largest_filled_hole_m},
          {"open_neck_edges", repair.open_edges},
          {"self_intersections", repair.self_intersections},
          {"first_self_intersection_m", {at.x(), at.y(), at.z()}}};
}

std::string scan_text(const sim::ImportedHead& head, const std::string& file) {
  const sim::MeshRepairReport& repair = head.repair;
  std::string text = fmt::format(
      "{}: {} triangles, {:.0f} mm from chin to vertex, unit {}; fits the mean head to {:.1f} mm "
      "RMS\n",
      file, head.mesh.triangles.size(), 1e3 * head.height_m, head.unit.name,
      1e3 * head.alignment.residual_m);
  const auto add = [&](std::size_t count, const std::string& what) {
    if (count > 0) text += fmt::format("  {:>8}  {}\n", count, what);
  };
  add(repair.welded_vertices, "vertices joined with another at their place");
  add(repair.degenerate_triangles, "triangles without area dropped");
  add(repair.duplicate_triangles, "triangles dropped that were there twice");
  add(repair.non_manifold_triangles, "triangles cut off where more than two met at an edge");
  add(repair.split_vertices, "points parted where two sheets touched");
  add(repair.flipped_triangles, "triangles turned outside out");
  add(repair.dropped_parts,
      fmt::format("parts dropped ({} triangles)", repair.dropped_part_triangles));
  add(repair.kept_parts, "parts kept beside the largest");
  add(repair.mended_seams, "vertices joined to the edge they lay on");
  add(repair.filled_holes,
      fmt::format("holes filled, up to {:.0f} mm", 1e3 * repair.largest_filled_hole_m));
  add(repair.open_edges, "edges left open at the neck");
  const Vec3& at = repair.first_self_intersection_m;
  add(repair.self_intersections,
      fmt::format("pairs of triangles through each other, left as they are; the first at ({:.3f}, "
                  "{:.3f}, {:.3f}) m",
                  at.x(), at.y(), at.z()));
  text.pop_back();
  return text;
}

void import_scan(const ScanArguments& arguments) {
  if (arguments.common.output.empty()) throw_input("--output is missing: a file .obj or .ply");
  use_openmp_threads(arguments.common.threads);
  sim::HeadImportOptions options;
  if (arguments.unit != "guess") options.unit = sim::find_mesh_unit(arguments.unit);
  options.largest_hole_m = 1e-3 * arguments.largest_hole_mm;
  options.largest_residual_m = 1e-3 * arguments.largest_residual_mm;
  options.repair.keep_parts = arguments.keep_parts;
  const sim::ImportedHead head =
      data::import_head_scan(arguments.mesh, arguments.landmarks, options);
  io::write_mesh(arguments.common.output, head.mesh);
  print_result(arguments.common, scan_json(head, arguments.common.output),
               scan_text(head, arguments.common.output));
}

void list_landmarks(const CommonOptions& common) {
  nlohmann::json json = nlohmann::json::array();
  std::string text = io::csv_line({"name", "x", "y", "z"});
  for (const sim::NamedPoint& point : sim::mean_head_landmarks()) {
    const Vec3& p = point.position_m;
    json.push_back({{"name", point.name}, {"position_m", {p.x(), p.y(), p.z()}}});
    text += io::csv_line({point.name, fmt::format("{:.5f}", p.x()), fmt::format("{:.5f}", p.y()),
                          fmt::format("{:.5f}", p.z())});
  }
  text.pop_back();
  print_result(common, json, text);
}

/// `thzface head`, whoever adds to it first.
CLI::App& head_command(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    if (command->get_name() == "head") return *command;
  }
  CLI::App* head = app.add_subcommand("head", "Heads: scans and landmarks");
  head->require_subcommand(1);
  return *head;
}

}  // namespace

void add_head_scan(CLI::App& app) {
  CLI::App& head = head_command(app);
  auto arguments = std::make_shared<ScanArguments>();
  CLI::App* import = head.add_subcommand(
      "import-scan", "A scan, repaired and brought into the head frame, as OBJ or PLY");
  add_common(*import, arguments->common, false, true);
  import->add_option("mesh", arguments->mesh, "Scan: .obj, .ply, .stl, .gltf or .glb")->required();
  import->add_option("--landmarks", arguments->landmarks,
                     "CSV name,x,y,z of marked points in the scan's units [none: automatic]");
  import->add_option("--unit", arguments->unit, "m, cm, mm, inch or guess [guess]")
      ->check(CLI::IsMember({"m", "cm", "mm", "inch", "guess"}));
  import
      ->add_option("--largest-hole-mm", arguments->largest_hole_mm, "Wider holes are refused [25]")
      ->check(CLI::Range(0.0, 80.0));
  import
      ->add_option("--largest-residual-mm", arguments->largest_residual_mm,
                   "Automatic alignment: a face farther from the mean face is refused [10]")
      ->check(CLI::Range(0.1, 50.0));
  import->add_flag("--keep-parts", arguments->keep_parts,
                   "Keep smaller shells outside the largest, such as modelled eyeballs");
  import->callback([arguments] { import_scan(*arguments);
});

auto common = std::make_shared<CommonOptions>();
CLI::App* landmarks = head.add_subcommand(
    "landmarks", "Names of the landmarks and where they lie on the mean head, metres, as CSV");
add_common(*landmarks, *common, false, false);
landmarks->callback([common] { list_landmarks(*common); });
}  // namespace thz::apps

}  // namespace thz::apps
