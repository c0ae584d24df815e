#include <algorithm>
#include <catch2/catch.hpp>

#include "run_program.h"

using namespace thz::test;

namespace {

const std::string kPlane = "[subject]\nkind = \"plane\"\nsize_m = [0.05, 0.05]\n";

/// One sentence of what is wrong on standard error, nothing on standard output, exit status 2.
void check_refused(const Scratch& scratch, const std::vector<std::string>& words,
                   const std::vector<std::string>& essential) {
  const auto before = scratch.files();
  ProgramOptions options;
  options.folder = scratch.path();
  const ProgramResult result = run_thzface(words, options);
  INFO("standard error: " << result.err);
  CHECK(result.status == 2);
  CHECK(result.out.empty());
  for (const std::string& word : essential) CHECK_THAT(result.err, Catch::Contains(word));
  // One line, said by the program, without a crash's traces.
  CHECK_THAT(result.err, Catch::StartsWith("thzface: "));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(scratch.files() == before);
}

void check_scene_refused(const std::string& text, const std::vector<std::string>& essential) {
  INFO("scene: " << text);
  const Scratch scratch;
  scratch.write("s.toml", text);
  check_refused(scratch, {"simulate", "s.toml", "--probe", "0,0", "--json"}, essential);
}

void check_plan_refused(const std::string& text, const std::vector<std::string>& essential) {
  INFO("plan: " << text);
  const Scratch scratch;
  scratch.write("s.toml", tiny_scene("subject = {kind = \"head\"}\n"));
  scratch.write("plane.toml", tiny_scene(kPlane));
  scratch.write("p.toml", "schema = \"thzface-plan/1\"\n" + text);
  check_refused(scratch, {"dataset", "generate", "p.toml", "--output", "d", "--quiet"}, essential);
}

void check_mesh_refused(const std::string& name, const std::string& bytes,
                        const std::vector<std::string>& essential) {
  INFO("mesh: " << name << "\n" << bytes);
  const Scratch scratch;
  if (!bytes.empty()) scratch.write(name, bytes);
  scratch.write("s.toml", tiny_scene("[subject]\nkind = \"mesh\"\nfile = \"" + name + "\"\n"));
  check_refused(scratch, {"simulate", "s.toml", "--probe", "0,0"}, essential);
}

}  // namespace

TEST_CASE("A key that is unknown, of the wrong type or out of range is named with its line") {
  check_scene_refused("[scanner]\nmirror_separation_m = 0.1\n",
                      {"s.toml:2", "mirror_separation_m", "optics.galvo_separation_m"});
  check_scene_refused("[raw]\nchirp_sine_hz = 1e6\n", {"s.toml:2", "imager.radar = \"raw\""});
  check_scene_refused("[imager]\npolarisation = \"across\"\n", {"s.toml:2", "co", "cross"});
  check_scene_refused("foo = 1\n", {"s.toml:1", "unknown key 'foo'", "allowed", "imager"});
  check_scene_refused("[imager]\nlines = 8\n[imager.x]\n", {"s.toml:3", "unknown key 'x'"});
  check_scene_refused("[subject]\nkind = \"plane\"\nradius_m = 1.0\n",
                      {"s.toml:3", "unknown key 'radius_m'", "size_m"});
  check_scene_refused("[imager]\neffective_flor_dbm = -60.0\n",
                      {"s.toml:2", "effective_floor_dbm"});
  check_scene_refused("[imager]\nlines = \"many\"\n",
                      {"s.toml:2", "imager.lines", "'many'", "whole"});
  check_scene_refused("[imager]\nlines = 8.5\n", {"s.toml:2", "imager.lines is 8.5", "whole"});
  check_scene_refused("imager = 5\n", {"s.toml:1", "imager is 5", "table"});
  check_scene_refused("[imager]\nlines = {a = 1}\n", {"s.toml:2", "imager.lines is a table"});
  check_scene_refused("[imager]\nlines = 1000000000\n", {"s.toml:2", "between 2 and 1024"});
  check_scene_refused("[imager]\nwaist_m = nan\n", {"s.toml:2", "waist_m is nan", "0.001 and 0.1"});
  check_scene_refused("[imager]\nstandoff_m = -inf\n", {"s.toml:2", "standoff_m", "-inf"});
  check_scene_refused("[imager]\ngate_m = [0.5, 0.1]\n", {"s.toml:2", "[0.5, 0.1]", "far"});
  check_scene_refused("[imager]\ngate_m = [0.5]\n", {"s.toml:2", "gate_m", "2 numbers"});
  check_scene_refused("[subject]\nkind = \"cat\"\n", {"s.toml:2", "'cat'", "head, mesh, plane"});
  check_scene_refused("[sampling]\nray_pitch_m = 0.0\n", {"s.toml:2", "ray_pitch_m is 0"});
  check_scene_refused("schema = \"thzface-scene/9\"\n", {"s.toml:1", "thzface-scene/1"});
}

TEST_CASE("Values that are refused only together are named with their line too") {
  check_scene_refused("[garment]\n[subject]\nkind = \"plane\"\n", {"s.toml:1", "garment", "head"});
  check_scene_refused("[garment]\ngap_mean_m = [0.01, 0.002]\n", {"s.toml:2", "0.002"});
  check_scene_refused("[subject]\nkind = \"plane\"\nmaterial = \"cheese\"\n",
                      {"s.toml:3", "material is 'cheese'", "pec, skin"});
  check_scene_refused("[subject]\nkind = \"plane\"\nroughness = \"cheese\"\n",
                      {"s.toml:3", "roughness is 'cheese'", "off"});
  check_scene_refused("[imager]\nfrequency_hz = 30e9\nbandwidth_hz = 1e11\n",
                      {"s.toml:3", "bandwidth_hz is 100000000000"});
  check_scene_refused("[subject]\nkind = \"sphere\"\nposition_m = [0.0, 0.0, 6.0]\n",
                      {"s.toml:3", "position_m", "standoff_m"});
  check_scene_refused("[sampling]\ntaper_begin_deg = 80.0\ntaper_end_deg = 70.0\n",
                      {"s.toml:3", "taper_end_deg is 70", "taper_begin_deg"});
  const std::string own = "[subject]\nkind = \"plane\"\nmaterial = \"m\"\n[materials.m]\n";
  check_scene_refused(own + "layers = [1.0, 2.0]\n", {"s.toml:5", "layers", "triples"});
  check_scene_refused(own + "layers = [0.0, 0.0, 0.001]\n", {"s.toml:5", "layers", "0.01"});
}

TEST_CASE("More work than any machine can hold is refused before it starts") {
  check_scene_refused("[imager]\nlines = 1024\nsamples_per_line = 4096\ngate_m = [-2.0, 2.0]\n",
                      {"s.toml:2", "values a frame", "allowed"});
  check_scene_refused(
      "[subject]\nkind = \"plane\"\nsize_m = [5.0, 5.0]\nroughness = \"skin\"\n"
      "[sampling]\nlattice_area_m2 = 1e-9\n",
      {"s.toml:6", "lattice_area_m2", "elements"});
}

TEST_CASE("A converter too slow for the farthest beat is refused at its line") {
  check_scene_refused("[imager]\nradar = \"raw\"\nadc_rate_hz = 1e6\n",
                      {"s.toml:3", "adc_rate_hz is 1e+06", "must be above"});
}

TEST_CASE("What is no TOML file is told from one that is wrong") {
  const Scratch scratch;
  scratch.write("binary", std::string("\x89HDF\r\n\x1a\n\xff\0\1", 11));
  scratch.write("broken.toml", "a = 1\nb = [1,\n");
  std::filesystem::create_directory(scratch.path() / "folder");
  const auto refused = [&](const std::string& scene, const std::vector<std::string>& words) {
    check_refused(scratch, {"simulate", scene, "--probe", "0,0"}, words);
  };
  refused("missing.toml", {"missing.toml", "cannot be read"});
  refused("binary", {"binary:1", "not valid TOML"});
  refused("broken.toml", {"broken.toml:", "not valid TOML"});
  refused("folder", {"folder", "is a folder", "TOML file is expected"});
  refused("/dev/zero", {"/dev/zero", "larger than 16 MiB"});
}

TEST_CASE("Meshes with a fault are refused with its place") {
  const std::string corners = "v 0 0 0\nv 0.1 0 0\nv 0 0.1 0\n";
  check_mesh_refused("a.obj", "v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n",
                     {"a.obj", "vertex 0", "finite"});
  check_mesh_refused("a.obj", corners, {"a.obj", "no triangles"});
  check_mesh_refused("a.obj", corners + "f 1 1 1\n", {"a.obj", "no triangles"});
  check_mesh_refused("a.obj", corners + "f 1 2 9\n", {"a.obj", "index"});
  check_mesh_refused("a.obj", "#", {"a.obj", "not a readable mesh"});
  check_mesh_refused("a.xyz", corners, {"a.xyz", "'.xyz'", ".obj, .ply, .stl"});
  check_mesh_refused("a.ply", corners, {"a.ply", "ply"});
  check_mesh_refused("a.stl", corners, {"a.stl", "STL"});
  check_mesh_refused("missing.obj", "", {"missing.obj", "No such file"});
  check_mesh_refused("$THZ_NO_SUCH/a.obj", "", {"THZ_NO_SUCH", "not set"});
  const std::string ply =
      "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\n"
      "property float z\nelement face 1\nproperty list uchar int vertex_indices\n"
      "end_header\n0 0 0\n0.1 0 0\n0 0.1 0\n3 0 1 77\n";
  check_mesh_refused("a.ply", ply, {"a.ply", "vertex 77", "3"});
}

TEST_CASE("Head models and data sets that are missing, truncated or foreign are refused") {
  const Scratch scratch;
  scratch.write("foreign", "no HDF5 at all");
  scratch.write("truncated.h5", std::string("\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0", 16));
  std::filesystem::create_directory(scratch.path() / "empty");
  for (const std::string name : {"missing.h5", "foreign", "truncated.h5", "empty"}) {
    const bool folder = name == "empty";
    for (const char* command : {"verify", "show"}) {
      check_refused(scratch, {"dataset", command, name}, {name, folder ? "data set" : ""});
    }
    scratch.write("s.toml", tiny_scene("[subject]\nkind = \"head\"\nmodel = \"" + name + "\"\n"));
    check_refused(scratch, {"simulate", "s.toml", "--probe", "0,0"}, {name});
    check_refused(scratch, {"report", name, "--output", "page.html"}, {name, "not a run folder"});
  }
}

TEST_CASE("A plan that cannot be carried out is refused before anything is written") {
  check_plan_refused("foo = 1\n", {"p.toml:2", "unknown key 'foo'"});
  check_plan_refused("identities = 0\n", {"p.toml:2", "identities is 0"});
  check_plan_refused("identities = 1000000\ncaptures = 10000\n", {"p.toml:2", "rows", "allowed"});
  check_plan_refused("postures = [\"up\"]\n", {"p.toml:2", "up", "front-left"});
  check_plan_refused("fabrics = [\"silk\"]\n", {"p.toml:2", "silk", "acrylic"});
  check_plan_refused("scene = \"missing.toml\"\n", {"missing.toml", "cannot be read"});
  check_plan_refused("scene = \"plane.toml\"\n", {"plane.toml", "subject.kind", "head"});
  check_plan_refused("scene = \"s.toml\"\nhead = \"missing.h5\"\n", {"missing.h5"});
  check_plan_refused("scene = \"s.toml\"\nscene_overrides = \"a = \"\n", {"p.toml:3", "TOML"});
  check_plan_refused("scene = \"s.toml\"\nscene_overrides = \"[image]\\nsize = 32\"\n",
                     {"s.toml", "image.size is 32", "64"});
  check_plan_refused("scene = \"s.toml\"\nscene_overrides = \"[imager]\\nlines = 1\"\n",
                     {"scene_overrides", "imager.lines is 1"});
}

TEST_CASE("Options are refused by name, value and what is allowed") {
  const Scratch scratch;
  scratch.write("s.toml", tiny_scene(kPlane));
  const auto refused = [&](std::vector<std::string> words,
                           const std::vector<std::string>& essential) {
    check_refused(scratch, words, essential);
  };
  refused({}, {"subcommand", "simulate", "doctor"});
  refused({"frobnicate"}, {"'frobnicate'", "simulate, beam, dataset"});
  refused({"dataset"}, {"subcommand", "generate, verify, show"});
  refused({"dataset", "frob"}, {"'frob'", "generate, verify, show"});
  refused({"simulate"}, {"scene is required"});
  refused({"simulate", "--frob"}, {"'--frob'", "thzface simulate"});
  refused({"simulate", "s.toml", "other.toml", "--probe", "0,0"}, {"other.toml"});
  refused({"simulate", "s.toml"}, {"--output DIR", "--probe X,Y"});
  for (const std::string probe : {"0", "0,0,0", "nan,0", "0,inf", "9,0", "0;0", "", "a,b"}) {
    refused({"simulate", "s.toml", "--probe", probe}, {"--probe is '" + probe + "'", "X,Y", "2"});
  }
  for (const std::string seed : {"-1", "1.5", "x", "9223372036854775808", "99999999999999999999"}) {
    refused({"simulate", "s.toml", "--probe", "0,0", "--seed", seed}, {"--seed", "'" + seed + "'"});
  }
  refused({"simulate", "s.toml", "--probe", "0,0", "--threads", "-1"}, {"--threads", "-1", "1024"});
  refused({"simulate", "s.toml", "--probe", "0,0", "--realisations", "0"}, {"--realisations", "0"});
  refused({"dataset", "generate", "--output", "d"}, {"plan", "--preset", "demo", "smoke"});
  refused({"dataset", "generate", "--preset", "nope", "--output", "d"}, {"'nope'", "demo"});
  refused({"dataset", "generate", "--preset", "smoke"}, {"--output"});
  for (const std::string shard : {"x", "2/2", "-1/2", "0/2junk", "0/0"}) {
    refused({"dataset", "generate", "--preset", "smoke", "--output", "d", "--shard", shard},
            {"--shard is '" + shard + "'", "i/n"});
  }
  refused({"report"}, {"runs is required"});
}

TEST_CASE("A place that cannot be written to is told, and nothing that lies there is harmed") {
  const Scratch scratch;
  scratch.write("s.toml", tiny_scene(kPlane));
  scratch.write("file", "mine");
  const auto refused = [&](const std::string& output) {
    check_refused(scratch, {"simulate", "s.toml", "--output", output}, {output});
  };
  refused("file");
  refused("file/below");
  refused("/proc/thzface");
  refused("/dev/full");
  refused(std::string(300, 'a'));
  CHECK(scratch.read("file") == "mine");
}

TEST_CASE("A disk that fills up ends in one sentence and no half-written file") {
  const Scratch scratch;
  scratch.write("s.toml", tiny_scene(kPlane));
  ProgramOptions options;
  options.folder = scratch.path();
  options.most_file_bytes = 5000;  // the first pictures fit, frame.h5 does not
  const ProgramResult result = run_thzface({"simulate", "s.toml", "--output", "out"}, options);
  INFO(result.err);
  CHECK(result.status == 2);
  CHECK_THAT(result.err, Catch::Contains("out/") && Catch::Contains("cannot be written"));
  for (const std::string& name : scratch.files()) {
    CHECK_THAT(name, !Catch::Contains("frame.h5") && !Catch::Contains(".tmp-"));
  }
}

TEST_CASE("Results that standard output cannot take are an error") {
  const Scratch scratch;
  scratch.write("s.toml", tiny_scene(kPlane));
  ProgramOptions options;
  options.folder = scratch.path();
  options.standard_output = "/dev/full";
  const ProgramResult result =
      run_thzface({"simulate", "s.toml", "--probe", "0,0", "--json"}, options);
  CHECK(result.status == 2);
  CHECK_THAT(result.err, Catch::Contains("standard output"));
}
