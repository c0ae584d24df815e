#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "eval/synthetic_predictions.h"
#include "thz/eval/evaluate.h"
#include "thz/report/report.h"

namespace thz::report::testing {

/// A head-like blob with glints and speckle, so that the page can be looked at; `veil` dims it.
inline ImageF blob_head(int who, double turn, double veil, uint64_t capture) {
  ImageF image(64, 64);
  Rng rng(91, RngPurpose::kTest, capture);
  const double width = 17.0 + who % 3, height = 23.0 + who % 4;
  for (int r = 0; r < 64; ++r) {
    for (int c = 0; c < 64; ++c) {
      const double x = (c - 32) / width, y = (r - 32) / height;
      const double inside = std::clamp(8.0 * (1.0 - x * x - y * y), 0.0, 1.0);
      double glint = 0.0;
      for (int k = 0; k < 5; ++k) {
        const double gx = 32 + 16 * turn +
                          (k == 3   ? -8
                           : k == 4 ? 8
                                    : 0),
                     gy = 14 + 9 * k - (k > 2 ? 8 : 0);
        glint += 0.7 * std::exp(-((c - gx) * (c - gx) + (r - gy) * (r - gy)) / 5.0);
      }
      const double grey = veil * inside * (0.25 - 0.12 * std::log(rng.uniform())) + veil * glint;
      image(r, c) = static_cast<float>(std::clamp(grey + 0.02 * rng.uniform(), 0.0, 1.0));
    }
  }
  return image;
}

inline ImageGrid blob_grid() {
  ImageGrid grid;
  grid.title = "Two people in five postures.";
  grid.note = "The balaclava dims the face and adds clutter; the outline stays.";
  grid.column_labels = {"front-left", "front-center", "front-right", "full-left", "full-right"};
  grid.width_m = 0.3;
  grid.colour_label = "340 GHz grey value, (power over reference)^0.30";
  const double turns[] = {0.4, 0.0, -0.4, 0.8, -0.8};
  const char* conditions[] = {"bare, 340 GHz", "balaclava, 340 GHz", "bare, visible",
                              "balaclava, visible"};
  for (int who = 0; who < 2; ++who) {
    for (int kind = 0; kind < 4; ++kind) {
      grid.row_labels.push_back("identity " + std::to_string(who) + ", " + conditions[kind]);
      auto& row = grid.cells.emplace_back();
      for (int k = 0; k < 5; ++k) {
        GridCell cell;
        cell.image =
            blob_head(who, turns[k], kind % 2 ? 0.5 : 1.0, uint64_t(who * 100 + kind * 10 + k));
        cell.colours = kind < 2 ? ColourMap::kInferno : ColourMap::kGrey;
        row.push_back(cell);
      }
    }
  }
  return grid;
}

inline TrainingHistory falling_history() {
  TrainingHistory history;
  history.columns = {"verification",     "posture",          "reconstruction",
                     "triplet accuracy", "posture accuracy", "W-SSIM"};
  history.groups = {
      "loss", "loss", "loss", "validation score", "validation score", "validation score"};
  for (int e = 1; e <= 40; ++e) {
    const double fall = std::exp(-e / 12.0), nan = std::nan("");
    history.rows.push_back(
        {double(e),
         {2.0 * fall + 0.4, 1.6 * fall + 0.1, 0.6 * fall + 0.3, e % 2 ? nan : 0.95 - 0.4 * fall,
          0.97 - 0.7 * fall, 0.5 - 0.4 * fall}});
  }
  history.best_epoch = 34;
  return history;
}

/// A page with every part, from a made-up evaluation.
inline ReportInput synthetic_report(int identities, int resamples) {
  eval::EvaluationOptions options;
  options.resamples = resamples;
  options.template_shift_px = 1;
  ReportInput input;
  input.title = "Concealed faces at 340 GHz";
  input.subtitle = "A made-up result that shows every part of the page";
  ReportRun run;
  run.result =
      eval::evaluate_predictions(eval::testing::synthetic_predictions(identities), options);
  run.result.run.name = "demo";
  run.result.run.version = "0.1.0";
  run.result.run.scene_sha256 = std::string(64, 'a');
  run.result.run.command = "thzface evaluate run data --output out";
  run.history = falling_history();
  int row = 0;
  for (const auto& example : run.result.examples) {
    run.reconstructions.push_back({example.kind, "identity " + std::to_string(example.identity),
                                   blob_head(example.identity, 0.1, 0.5, uint64_t(700 + row)),
                                   blob_head(example.identity, 0.1, 0.9, uint64_t(800 + row)),
                                   blob_head(example.identity, 0.1, 1.0, uint64_t(900 + row)),
                                   example.ssim, example.psnr_db, example.input_row,
                                   example.target_row});
    ++row;
  }
  for (const auto& pair : run.result.hard_pairs) {
    run.hard_pairs.push_back({pair.genuine, "identity " + std::to_string(pair.probe_identity),
                              blob_head(pair.probe_identity, 0.1, 0.5, uint64_t(1000 + row)),
                              blob_head(pair.gallery_identity, 0.1, 1.0, uint64_t(1100 + row)),
                              pair.distance});
    ++row;
  }
  input.runs.push_back(run);
  input.sections = {{"Instrument",
                     {{"centre frequency", "340 GHz"},
                      {"bandwidth", "10 GHz"},
                      {"stand-off", "6.0 m"},
                      {"spot (1/e², one way)", "15.2 mm"},
                      {"lines × samples", "64 × 256"}}},
                    {"Data set",
                     {{"identities", std::to_string(identities)},
                      {"images", "300"},
                      {"split", "image-disjoint"}}}};
  input.grids.push_back(blob_grid());
  input.reconstruction_width_m = 0.3;
  input.band = "340 GHz";
  input.commands = {"thzface dataset generate --preset demo --output data",
                    "thzface train demo.toml --data data --output run", "thzface evaluate run data",
                    "thzface report run --output page.html"};
  return input;
}

}  // namespace thz::report::testing
