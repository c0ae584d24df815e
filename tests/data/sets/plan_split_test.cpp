#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/data/dataset_rows.h"
#include "thz/data/generate.h"
#include "thz/data/plan.h"
#include "thz/data/plan_table.h"
#include "thz/data/split.h"
#include "thz/io/dataset_writer.h"

using Catch::Matchers::Contains;
using thz::ConfigTable;
using thz::InputError;
using thz::test::Scratch;
using namespace thz::data;
namespace io = thz::io;

namespace {

Plan parse(const std::string& text) {
  auto table = ConfigTable::parse(text, "p.toml");
  return parse_plan(table);
}

/// A data set with the labels of a plan.
void write_labels(const std::filesystem::path& path, const Plan& plan) {
  io::DatasetHeader header;
  header.rows = plan.num_rows();
  std::vector<io::DatasetRow> rows;
  for (const PlanRow& planned : plan_rows(plan)) {
    io::DatasetRow row;
    row.image = thz::ImageF(64, 64, 0.5F);
    row.pose.assign(6, 0.0F);
    row.identity = planned.identity;
    row.posture = planned.posture;
    row.concealed = static_cast<uint8_t>(planned.concealed);
    row.capture = planned.capture;
    rows.push_back(row);
  }
  io::write_dataset(path, header, rows, {});
}

const std::string kSchema = "schema = 'thzface-plan/1'\n";

}  // namespace

TEST_CASE("presets have the sizes they promise", "[data][plan]") {
  CHECK(preset_plan("smoke").num_rows() == 40);
  CHECK(preset_plan("smoke").num_visible() == 40);
  CHECK(preset_plan("demo").num_rows() == 400);
  CHECK(preset_plan("demo").num_visible() == 100);
  CHECK_THROWS_WITH(preset_plan("none"), Contains("demo, paper, population, smoke"));
  const Plan paper = preset_plan("paper");
  CHECK(paper.num_rows() == 1400);
  CHECK(paper.num_visible() == 200);
  CHECK(preset_plan("population").num_rows() == 20000);
}

TEST_CASE("rows are enumerated by identity, posture, condition, capture", "[data][plan]") {
  const Plan plan = parse(kSchema +
                          "identities = 2\nfirst_identity = 7\ncaptures = 2\n"
                          "postures = ['full-left', 'front-left']\n");
  const auto rows = plan_rows(plan);
  REQUIRE(rows.size() == 16);
  CHECK(rows[0].identity == 7);
  CHECK(rows[0].posture == 0);
  CHECK(rows[1].capture == 1);
  CHECK(rows[2].concealed == 1);
  CHECK(rows[4].posture == 3);
  CHECK(rows[8].identity == 8);
  CHECK(rows[15].visible_index == 7);
  CHECK(rows[0].fabric == -1);
  CHECK(rows[2].fabric == 0);
  std::set<uint64_t> keys;
  for (const PlanRow& row : rows) keys.insert(row.capture_key);
  CHECK(keys.size() == rows.size());
  CHECK(plan_visible_row(plan, 5).row == 10);
}

TEST_CASE("a capture's keys depend on no other row of the plan", "[data][plan]") {
  const std::string fabrics = "fabrics = ['acrylic', 'cotton', 'wool']\n";
  const Plan small =
      parse(kSchema + fabrics + "identities = 1\nfirst_identity = 3\ncaptures = 1\n");
  const Plan large = parse(kSchema + fabrics + "identities = 9\ncaptures = 4\n");
  for (const PlanRow& one : plan_rows(small)) {
    bool found = false;
    for (const PlanRow& other : plan_rows(large)) {
      if (other.identity != 3 || other.posture != one.posture || other.concealed != one.concealed ||
          other.capture != 0) {
        continue;
      }
      found = true;
      CHECK(other.capture_key == one.capture_key);
      CHECK(other.fabric == one.fabric);
    }
    CHECK(found);
  }
}

TEST_CASE("a resolved plan is the same plan, wherever its folder is", "[data][plan]") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "a");
  const std::string text = kSchema +
                           "name = \"x \\\"y\\\"\"\nidentities = 2\npower = true\nseed = 77\n"
                           "conditions = ['concealed']\nscene = '../scene.toml'\n"
                           "head = 'head.h5'\nscene_overrides = '''\n[imager]\nlines = 32\n'''\n"
                           "[jitter]\nyaw_deg = 1.25\n";
  thz::test::spill(scratch / "a/p.toml", text);
  const Plan plan = read_plan((scratch / "a/p.toml").string());
  CHECK(plan.scene == "../scene.toml");
  CHECK(plan.head == "head.h5");
  CHECK(plan.folder == (scratch / "a").string());
  CHECK(plan.jitter.yaw_deg == 1.25);
  const std::string resolved = plan_to_toml(plan);
  CHECK(resolved.find(scratch.path().string()) == std::string::npos);
  thz::test::spill(scratch / "a/q.toml", resolved);
  const Plan again = read_plan((scratch / "a/q.toml").string());
  CHECK(plan_to_toml(again) == resolved);
  CHECK(again.scene == plan.scene);
  CHECK(again.scene_overrides == plan.scene_overrides);
  const Plan demo = preset_plan("demo");
  CHECK(plan_to_toml(parse(plan_to_toml(demo))) == plan_to_toml(demo));
}

TEST_CASE("mean heads and expressions are part of a plan, and older plans keep their hash",
          "[data][plan]") {
  const Plan plan = parse(kSchema + "mean_heads = true\n[jitter]\nexpression = [0.1, 0.2, 0.0]\n");
  CHECK(plan.mean_heads);
  const std::string resolved = plan_to_toml(plan);
  const Plan again = parse(resolved);
  CHECK(again.mean_heads);
  CHECK(again.jitter.expression == thz::Vec3(0.1, 0.2, 0.0));
  CHECK(plans_mean_heads(resolved, "d.h5"));
  const thz::sim::Scene scene = load_plan_scene(plan).scene;
  CHECK(scene.subject.mean_head);
  CHECK(scene.subject.expression.sd == thz::Vec3(0.1, 0.2, 0.0));
  CHECK(scene.subject.expression.mean == thz::sim::ExpressionLaw{}.mean);

  const std::string usual = plan_to_toml(preset_plan("demo"));
  CHECK_THAT(usual, !Contains("mean_heads") && !Contains("expression"));
  CHECK_FALSE(plans_mean_heads(usual, "d.h5"));
  CHECK_FALSE(plans_mean_heads("", "d.h5"));
  CHECK_FALSE(load_plan_scene(preset_plan("demo")).scene.subject.mean_head);
  CHECK_THROWS_WITH(plans_mean_heads("a = ", "d.h5"), Contains("d.h5"));
}

TEST_CASE("a wrong plan is refused with file, line and what is allowed", "[data][plan]") {
  CHECK_THROWS_WITH(parse("identities = 2\n"), Contains("schema is missing"));
  CHECK_THROWS_WITH(parse(kSchema + "identites = 2\n"),
                    Contains("p.toml:2") && Contains("identites") && Contains("identities"));
  CHECK_THROWS_WITH(parse(kSchema + "identities = 0\n"), Contains("between 1 and"));
  CHECK_THROWS_WITH(parse(kSchema + "postures = ['left']\n"), Contains("front-left"));
  CHECK_THROWS_WITH(parse(kSchema + "postures = []\n"), Contains("at least one"));
  CHECK_THROWS_WITH(parse(kSchema + "conditions = ['bare', 'bare']\n"), Contains("twice"));
  CHECK_THROWS_WITH(parse(kSchema + "fabrics = []\n"), Contains("fabric"));
  CHECK_THROWS_WITH(parse(kSchema + "scene_overrides = 'a = '\n"), Contains("must be TOML"));
  CHECK_THROWS_WITH(parse(kSchema + "[jitter]\nyaw_deg = 90\n"), Contains("jitter.yaw_deg"));
  CHECK_THROWS_WITH(parse(kSchema + "mean_heads = 1\n"), Contains("mean_heads"));
  CHECK_THROWS_WITH(parse(kSchema + "[jitter]\nexpression = [0.7, 0, 0]\n"),
                    Contains("jitter.expression"));
  CHECK_THROWS_WITH(parse(kSchema + "head = 'h.h5'\n[jitter]\nexpression = [0, 0, 0]\n"),
                    Contains("p.toml:4") && Contains("\"parametric\" only"));
  CHECK_THROWS_AS(parse(kSchema + "identities = 1000000\ncaptures = 10000\n"), InputError);
}

TEST_CASE("an image-disjoint split shares out every identity and cell", "[data][split]") {
  const Scratch scratch;
  write_labels(scratch / "d.h5", parse(kSchema + "identities = 10\ncaptures = 3\n"));
  const io::DatasetReader data(scratch / "d.h5");
  const io::Split split = make_image_disjoint_split(data, 4);
  const auto labels = data.read_labels();
  std::vector<int> list_of(data.rows(), -1);
  int list = 0;
  for (const auto* rows : {&split.train, &split.validation, &split.test}) {
    std::map<int, int> identities;
    std::map<std::pair<int, int>, int> cells;
    for (const uint64_t row : *rows) {
      CHECK(list_of[row] == -1);
      list_of[row] = list;
      ++identities[labels.identity[row]];
      ++cells[{labels.posture[row], labels.concealed[row]}];
    }
    CHECK(identities.size() == 10);
    for (const auto& [identity, count] : identities) CHECK(count == (list == 0 ? 18 : 6));
    // 30 rows a cell: expected 18, 6, 6; dealing in proportion keeps each identity within one row.
    CHECK(cells.size() == 10);
    for (const auto& [cell, count] : cells) CHECK(std::abs(count - (list == 0 ? 18 : 6)) <= 5);
    ++list;
  }
  CHECK(std::count(list_of.begin(), list_of.end(), -1) == 0);
  CHECK(io::split_sha256(make_split("image-disjoint", data, 4)) == io::split_sha256(split));
  CHECK(io::split_sha256(make_split("image-disjoint", data, 5)) != io::split_sha256(split));
}

TEST_CASE("an identity-disjoint split shows no test identity before", "[data][split]") {
  const Scratch scratch;
  write_labels(scratch / "d.h5", parse(kSchema + "identities = 10\ncaptures = 3\n"));
  const io::DatasetReader data(scratch / "d.h5");
  const io::Split split = make_identity_disjoint_split(data, 4, {0.5, 0.2, 0.3});
  const auto labels = data.read_labels();
  std::set<int> seen;
  std::size_t total = 0;
  const std::size_t wanted[] = {5, 2, 3};
  std::size_t list = 0;
  for (const auto* rows : {&split.train, &split.validation, &split.test}) {
    std::set<int> own;
    for (const uint64_t row : *rows) own.insert(labels.identity[row]);
    CHECK(own.size() == wanted[list++]);
    for (const int identity : own) CHECK(seen.insert(identity).second);
    total += rows->size();
  }
  CHECK(total == data.rows());
}

TEST_CASE("splits refuse what they cannot do and data they were not made for", "[data][split]") {
  const Scratch scratch;
  write_labels(scratch / "d.h5", parse(kSchema + "identities = 2\ncaptures = 1\n"));
  const io::DatasetReader data(scratch / "d.h5");
  CHECK_THROWS_WITH(make_identity_disjoint_split(data, 1), Contains("2 identities"));
  CHECK_THROWS_WITH(make_split("random", data, 1), Contains("image-disjoint, identity-disjoint"));
  CHECK_THROWS_WITH(make_image_disjoint_split(data, 1, {0.9, 0.2, 0.2}), Contains("add up"));
  CHECK_THROWS_AS(make_image_disjoint_split(data, 1, {1.0, 0.0, 0.0}), InputError);
  write_labels(scratch / "two.h5", parse(kSchema + "identities = 5\ncaptures = 1\npostures = "
                                                   "['front-center']\n"));
  CHECK_THROWS_WITH(make_image_disjoint_split(io::DatasetReader(scratch / "two.h5"), 1),
                    Contains("has 2 images"));
  const io::Split split = make_image_disjoint_split(data, 1);
  io::write_split(scratch / "s.json", split);
  CHECK_NOTHROW(io::read_split(scratch / "s.json", data.content_sha256()));
  CHECK_THROWS_AS(
      io::read_split(scratch / "s.json", io::DatasetReader(scratch / "two.h5").content_sha256()),
      InputError);
}

namespace {

const std::string kKnobs =
    "[[randomise]]\nkey = 'imager.noise_temperature_k'\nlow = 2700.0\nhigh = 6000.0\n"
    "law = 'log-uniform'\n[[randomise]]\nkey = 'imager.coupler_directivity_db'\nlow = 18.0\n"
    "high = 30.0\n";

/// 2 people, all postures, both conditions, 3 captures, drawn knobs.
Plan table_plan(const Scratch& scratch, const std::string& csv) {
  thz::test::spill(scratch / "rows.csv", csv);
  thz::test::spill(scratch / "p.toml",
                   kSchema + "rows = 'rows.csv'\nfabrics = ['acrylic', 'wool']\n" + kKnobs);
  return read_plan(scratch / "p.toml");
}

}  // namespace

TEST_CASE("a plan and its table give the same rows", "[data][plan]") {
  const Scratch scratch;
  const Plan plan =
      parse(kSchema + "identities = 2\ncaptures = 3\nfabrics = ['acrylic', 'wool']\n" + kKnobs);
  const std::string csv = plan_table_csv(plan);
  const Plan table = table_plan(scratch, csv);
  REQUIRE(table.num_rows() == plan.num_rows());
  REQUIRE(table.num_visible() == plan.num_visible());
  CHECK(plan_table_csv(table) == csv);
  CHECK(fewest_planned_captures(table) == 3);
  for (uint64_t i = 0; i < plan.num_rows(); ++i) {
    const PlanRow a = plan_row(plan, i), b = plan_row(table, i);
    CHECK(a.identity == b.identity);
    CHECK(a.fabric == b.fabric);
    CHECK(a.visible_index == b.visible_index);
    CHECK(a.capture_key == b.capture_key);
    CHECK(a.knobs == b.knobs);
    CHECK((a.knobs[0] >= 2700.0 && a.knobs[0] <= 6000.0));
    CHECK((a.knobs[1] >= 18.0 && a.knobs[1] <= 30.0));
  }
  for (uint64_t v = 0; v < plan.num_visible(); ++v) {
    CHECK(plan_visible_row(table, v).row == plan_visible_row(plan, v).row);
  }
  // Plans with the same rows but another way to them are told apart, and so is an edited table.
  CHECK(plan_header(table).plan_sha256 != plan_header(plan).plan_sha256);
  std::string edited = csv;
  edited.replace(edited.find("acrylic"), 7, "wool");
  CHECK(plan_header(table_plan(scratch, edited)).plan_sha256 != plan_header(table).plan_sha256);
}

TEST_CASE("a knob moves no other draw and follows its prior", "[data][plan]") {
  const std::string common = kSchema + "identities = 40\nfabrics = ['acrylic', 'wool']\n";
  const Plan none = parse(common), some = parse(common + kKnobs);
  double sum = 0.0;
  for (uint64_t i = 0; i < none.num_rows(); ++i) {
    CHECK(plan_row(none, i).fabric == plan_row(some, i).fabric);
    sum += std::log(plan_row(some, i).knobs[0]);
  }
  // Mean of a uniform logarithm over 1200 rows: 5 sigma of width / sqrt(12 * 1200).
  const double width = std::log(6000.0 / 2700.0);
  CHECK(sum / 1200.0 == Approx(0.5 * std::log(6000.0 * 2700.0)).margin(5.0 * width / 120.0));
  CHECK_THROWS_WITH(parse(kSchema + "[[randomise]]\nkey = 'sampling.refine'\nlow = 1\nhigh = 2\n"),
                    Contains("sampling.refine") && Contains("imager"));
  CHECK_THROWS_WITH(parse(kSchema + "[[randomise]]\nkey = 'imager.waist_m'\nlow = 2\nhigh = 1\n"),
                    Contains("high is 1"));
  CHECK_THROWS_WITH(parse(kSchema + kKnobs + kKnobs), Contains("twice"));
}

TEST_CASE("every number of a garment can be drawn, within its range", "[data][plan]") {
  const auto knob = [](const std::string& key, double low, double high) {
    return fmt::format("[[randomise]]\nkey = 'garment.{}'\nlow = {:#}\nhigh = {:#}\n", key, low,
                       high);
  };
  std::string all;
  for (const char* key :
       {"hem_width_m", "seam_width_m", "damp_radius_m", "fold_correlation_m", "gap_mean_m"}) {
    all += knob(key, 6e-3, 12e-3);
  }
  for (const char* key : {"hem_factor", "seam_factor"}) all += knob(key, 1.5, 2.5);
  for (const char* key : {"stitch_thickness_rms", "fold_thickness_rms", "damp_kg_m2",
                          "thickness_spread", "loss_spread", "stretch"}) {
    all += knob(key, 0.02, 0.1);
  }
  for (const char* key : {"gap_rms_m", "stitch_correlation_m"}) all += knob(key, 5e-4, 2e-3);
  all += knob("face_sigma_h_m", 1e-4, 3e-4) + knob("diffuse_sigma0_db", -25.0, -15.0) +
         knob("diffuse_spread_db", 0.0, 5.0);
  CHECK_NOTHROW(load_plan_scene(parse(kSchema + all)));
  CHECK_THROWS_WITH(load_plan_scene(parse(kSchema + knob("hem_width_m", 0.01, 0.05))),
                    Contains("garment.hem_width_m is 0.05") && Contains("randomise"));
  CHECK_THROWS_WITH(load_plan_scene(parse(kSchema + knob("hem_widht_m", 0.01, 0.02))),
                    Contains("unknown key 'hem_widht_m'"));
}

TEST_CASE("an edited table is taken as it is or refused with its line", "[data][plan]") {
  const Scratch scratch;
  const std::string head =
      "identity,posture,condition,capture,fabric,visible,imager.noise_temperature_k,"
      "imager.coupler_directivity_db\n";
  const std::string first = "7,full-left,bare,4,,1,3000,20\n";
  const Plan plan = table_plan(scratch, head + first + "7,full-left,concealed,0,wool,0,5000,25\n");
  CHECK(plan.num_rows() == 2);
  CHECK(plan.num_visible() == 1);
  CHECK(plan_row(plan, 1).fabric == 1);
  CHECK(plan_row(plan, 1).visible_index == -1);
  const auto refused = [&](const std::string& line) {
    std::string message;
    try {
      table_plan(scratch, head + first + line + "\n");
    } catch (const InputError& e) {
      message = e.what();
    }
    return message;
  };
  CHECK_THAT(refused("7,full-left,bare,4,,1,3000,20"), Contains("rows.csv:3") && Contains(":2"));
  CHECK_THAT(refused("7,full-left,bare,5,,0,3000,20"), Contains("rows.csv:3: visible"));
  CHECK_THAT(refused("7,up,bare,5,,1,3000,20"), Contains("rows.csv:3: posture is 'up'"));
  CHECK_THAT(refused("7,full-left,veiled,5,,1,3000,20"), Contains("'veiled'"));
  CHECK_THAT(refused("7,full-left,bare,5,wool,1,3000,20"), Contains("fabric is 'wool'"));
  CHECK_THAT(refused("7,full-left,concealed,5,silk,1,3000,20"), Contains("fabric is 'silk'"));
  CHECK_THAT(refused("-7,full-left,bare,5,,1,3000,20"), Contains("identity is '-7'"));
  CHECK_THAT(refused("7,full-left,bare,5,,1,hot,20"), Contains("'hot'"));
  CHECK_THROWS_WITH(table_plan(scratch, head), Contains("no rows"));
  CHECK_THROWS_WITH(table_plan(scratch, "identity,posture\n1,up\n"), Contains("condition"));
  thz::test::spill(scratch / "q.toml", kSchema + "identities = 3\nrows = 'rows.csv'\n");
  CHECK_THROWS_WITH(read_plan(scratch / "q.toml"), Contains("q.toml:2") && Contains("rows"));
}
