// The audit for fingerprints on simulated people: found where there are any, not where there are
// none.
#include "thz/data/audit.h"

#include <catch2/catch.hpp>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/data/dataset_rows.h"
#include "thz/io/dataset_writer.h"

using Catch::Matchers::Contains;
using thz::ConfigTable;
using thz::InputError;
using thz::test::Scratch;
using namespace thz::data;
namespace eval = thz::eval;
namespace io = thz::io;

namespace {

/// Coarse and still, so that nothing but the head and the draws of cloth and speckle is left: what
/// a person gives away shows at its best. Grey levels are the scene's own, no calibration heads.
Plan audited_plan(bool mean_heads) {
  const std::string text =
      "schema = 'thzface-plan/1'\nidentities = 5\ncaptures = 2\npostures = ['front-center']\n"
      "visible = false\nseed = 11\n[jitter]\nyaw_deg = 0.0\npitch_deg = 0.0\nroll_deg = 0.0\n"
      "lateral_m = 0.0\nrange_m = 0.0\n";
  auto table = ConfigTable::parse(text, "p.toml");
  Plan plan = parse_plan(table);
  plan.mean_heads = mean_heads;
  plan.scene_overrides =
      "[imager]\nlines = 32\nsamples_per_line = 32\nframes = 1\nnoise = false\n"
      "[sampling]\nray_pitch_m = 1.5e-3\nrefine = 1\nsubdivision = 1\nnodes_per_cell = 1\n"
      "lattice_area_m2 = 1e-5\n[image]\nreference_db = -37.0\ngamma = 0.37\n";
  return plan;
}

struct Made {
  io::DatasetHeader header;
  std::vector<io::DatasetRow> rows;

  explicit Made(const Plan& plan) {
    const RowMaker maker(plan, load_plan_scene(plan));
    header = maker.header();
    rows.resize(plan.num_rows());
    thz::parallel_for(rows.size(), 0,
                      [&](std::size_t i) { rows[i] = maker.row(plan_row(plan, i)); });
  }

  eval::FingerprintAudit audit(const Scratch& scratch) const {
    io::write_dataset(scratch / "d.h5", header, rows, {});
    eval::FingerprintOptions options;
    options.template_shift_px = 1;
    return audit_dataset(io::DatasetReader(scratch / "d.h5"), 0, options);
  }
};

}  // namespace

TEST_CASE("mean heads verify at chance; real heads, or a trace on mean ones, do not",
          "[data][audit]") {
  const Scratch scratch;
  Made mean(audited_plan(true));
  REQUIRE(mean.rows.size() == 20);
  INFO(eval::audit_table(mean.audit(scratch)));
  CHECK(mean.audit(scratch).passed());

  // The same captures of everybody's own head, in the name of mean ones.
  const Made real(audited_plan(false));
  CHECK(real.rows[0].head_coefficients != real.rows[4].head_coefficients);
  Made claimed = mean;
  for (std::size_t i = 0; i < claimed.rows.size(); ++i) claimed.rows[i].image = real.rows[i].image;
  const eval::FingerprintAudit found = claimed.audit(scratch);
  INFO(eval::audit_table(found));
  CHECK_FALSE(found.passed());
  CHECK(found.figures.front().accuracy.low > 0.5);

  // A gain of 2 dB a person: what a nuisance drawn per person would leave.
  for (io::DatasetRow& row : mean.rows) {
    const float gain = 1.0f - 0.14f * static_cast<float>(row.identity);
    for (float& grey : row.image.data) grey *= gain;
  }
  CHECK_FALSE(mean.audit(scratch).passed());
}

TEST_CASE("a data set of real heads is not audited", "[data][audit]") {
  const Scratch scratch;
  Plan plan = audited_plan(true);
  plan.identities = 3;
  Made made(plan);
  made.rows.back().head_coefficients.front() += 1.0f;
  CHECK_THROWS_WITH(made.audit(scratch), Contains("row 11 has another head"));
  plan.mean_heads = false;
  made.header.plan_toml = plan_to_toml(plan);
  CHECK_THROWS_WITH(made.audit(scratch), Contains("d.h5") && Contains("mean_heads = true"));
  made.header.plan_toml.clear();  // imported pictures
  CHECK_THROWS_AS(made.audit(scratch), InputError);
}
