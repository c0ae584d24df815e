#include <algorithm>
#include <cmath>

#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/data/calibration.h"
#include "thz/data/dataset_rows.h"
#include "thz/eval/face_regions.h"

namespace thz::data {
namespace {

constexpr int kFrontCenter = 1;  // index into io::kPostureNames

/// Mean of what is added; NaN if nothing was.
class RunningMean {
 public:
  void add(double value) {
    sum_ += value;
    ++count_;
  }
  double value() const { return count_ > 0 ? sum_ / count_ : std::nan(""); }

 private:
  double sum_ = 0.0;
  int count_ = 0;
};

/// Similarity of images, averaged over pairs.
struct Similarity {
  RunningMean ssim, psnr_db;

  void add(const ImageF& a, const ImageF& b) {
    ssim.add(eval::ssim(a, b));
    psnr_db.add(std::min(eval::psnr_db(a, b), eval::kPsnrCap_db));
  }
};

/// Two bare captures and a dressed one of a person in a posture.
struct Cell {
  int identity = 0, posture = 0;
  ImageF bare[2], concealed;
};

std::vector<Cell> make_cells(const Plan& plan, const RowMaker& maker,
                             const CalibrationOptions& options) {
  std::vector<Cell> cells;
  for (const PlanRow& row : plan_rows(plan)) {
    if (row.concealed == 0 && row.capture == 0)
      cells.push_back({row.identity, row.posture, {}, {}});
  }
  const std::vector<PlanRow> rows = plan_rows(plan);
  const std::size_t a_cell = rows.size() / cells.size();  // bare, bare, concealed, concealed
  parallel_for(3 * cells.size(), options.threads, [&](std::size_t i) {
    if (options.cancel != nullptr) options.cancel->throw_if_requested();
    Cell& cell = cells[i / 3];
    const std::size_t part = i % 3;
    ImageF image = maker.row(rows[i / 3 * a_cell + part]).image;
    (part < 2 ? cell.bare[part] : cell.concealed) = std::move(image);
  });
  return cells;
}

/// Pixels of the picture that the posed mesh covers, neck and hair included.
Mask projected_mesh(const RowMaker& maker, const PlanRow& row, int size, bool with_neck) {
  const StagedScene staged = maker.stage(row);
  const Roi& roi = imaging_options(maker.scene(), maker.mapping()).roi.fixed;
  FieldGrid grid;
  grid.rows = grid.cols = size;
  grid.width_m = roi.right_m - roi.left_m;
  grid.height_m = roi.top_m - roi.bottom_m;
  grid.centre_x_m = 0.5 * (roi.left_m + roi.right_m);
  grid.centre_y_m = 0.5 * (roi.bottom_m + roi.top_m);
  return true_mask(maker.scene(), staged, grid, with_neck);
}

void measure_similarity(const std::vector<Cell>& cells, std::size_t postures, double roi_m,
                        Measures& out) {
  const auto regions = eval::face_regions(cells.front().concealed.rows, roi_m);
  Similarity concealed, bare, other;
  std::map<std::string, RunningMean> regional;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Cell& cell = cells[i];
    bare.add(cell.bare[0], cell.bare[1]);
    // The same posture of the next person.
    other.add(cell.bare[0], cells[(i + postures) % cells.size()].bare[1]);
    for (const ImageF& image : cell.bare) {
      concealed.add(cell.concealed, image);
      if (cell.posture != kFrontCenter) continue;
      for (const auto& score : eval::regional_scores(cell.concealed, image, regions)) {
        regional[score.name].add(score.ssim);
      }
    }
  }
  out["concealed_wssim"] = concealed.ssim.value();
  out["concealed_psnr_db"] = concealed.psnr_db.value();
  out["bare_wssim"] = bare.ssim.value();
  out["bare_psnr_db"] = bare.psnr_db.value();
  out["other_wssim"] = other.ssim.value();
  out["other_psnr_db"] = other.psnr_db.value();
  for (const auto& [name, mean] : regional) out["concealed_wssim, " + name] = mean.value();
}

/// Silhouettes and dynamic range, on the frontal bare images.
void measure_heads(const Plan& plan, const RowMaker& maker, const std::vector<Cell>& cells,
                   Measures& out) {
  RunningMean iou, range_db, grey;
  const bool frontal = std::count(plan.postures.begin(), plan.postures.end(), kFrontCenter) > 0;
  const int posture = frontal ? kFrontCenter : plan.postures.front();
  for (const PlanRow& row : plan_rows(plan)) {
    if (row.concealed != 0 || row.capture != 0 || row.posture != posture) continue;
    const auto cell = std::find_if(cells.begin(), cells.end(), [&](const Cell& c) {
      return c.identity == row.identity && c.posture == row.posture;
    });
    const ImageF& image = cell->bare[0];
    iou.add(silhouette_iou(otsu_silhouette(image), projected_mesh(maker, row, image.rows, true)));
    const Mask head = projected_mesh(maker, row, image.rows, false);
    std::vector<float> greys;
    for (std::size_t i = 0; i < head.size(); ++i) {
      if (head.data[i] != 0) greys.push_back(image.data[i]);
    }
    if (greys.empty()) continue;
    const double low = percentile(greys, 5.0);
    // A face whose darkest twentieth is black has no finite range; a step of 8 bits stands in.
    range_db.add(10.0 * std::log10(percentile(greys, 95.0) / std::max(low, 1.0 / 255.0)));
  }
  for (const Cell& cell : cells) {
    for (const float g : cell.bare[0].data) grey.add(g);
  }
  out["silhouette_iou"] = iou.value();
  out["face_dynamic_range_db"] = range_db.value();
  out["mean_grey"] = grey.value();
}

/// Closed forms: spot 2 w0, depth of focus 2 pi w0^2/lambda, density 2 P/(pi w0^2), time a frame
/// over the area scanned.
void measure_beam(const sim::Imager& imager, Measures& out) {
  const double waist_m = imager.beam.waist_m;
  const double wavelength_m = kSpeedOfLight / imager.beam.frequency_hz;
  out["spot_m"] = 2.0 * waist_m;
  out["depth_of_focus_m"] = 2.0 * kPi * waist_m * waist_m / wavelength_m;
  out["peak_density_w_m2"] = 2.0 * sim::power_at_target_w(imager.radar) / (kPi * waist_m * waist_m);
  out["exposure_s_m2"] = sim::slow_half_period_s(imager.scanner, imager.lines) /
                         (imager.field_of_view_m.x() * imager.field_of_view_m.y());
}

}  // namespace

const std::vector<std::string>& measure_names() {
  static const std::vector<std::string> names = {"spot_m",
                                                 "depth_of_focus_m",
                                                 "peak_density_w_m2",
                                                 "exposure_s_m2",
                                                 "face_dynamic_range_db",
                                                 "mean_grey",
                                                 "silhouette_iou",
                                                 "bare_wssim",
                                                 "bare_psnr_db",
                                                 "other_wssim",
                                                 "other_psnr_db",
                                                 "concealed_wssim",
                                                 "concealed_psnr_db",
                                                 "concealed_wssim, eye, subject's right",
                                                 "concealed_wssim, eye, subject's left",
                                                 "concealed_wssim, nose",
                                                 "concealed_wssim, mouth",
                                                 "concealed_wssim, periphery"};
  return names;
}

CalibrationTrial measure_trial(const Calibration& calibration, const std::vector<double>& knobs,
                               const CalibrationOptions& options) {
  const Plan plan = calibration_plan(calibration, knobs);
  const RowMaker maker(plan, load_plan_scene(plan), options.threads, options.cancel);
  const std::vector<Cell> cells = make_cells(plan, maker, options);
  CalibrationTrial trial;
  trial.knobs = knobs;
  measure_beam(maker.scene().imager, trial.measures);
  measure_similarity(cells, plan.postures.size(), maker.scene().image.roi_size_m.x(),
                     trial.measures);
  measure_heads(plan, maker, cells, trial.measures);
  trial.reached = true;
  for (const CalibrationTarget& target : calibration.targets) {
    if (!target.counted) continue;
    const auto found = trial.measures.find(target.measure);
    if (found == trial.measures.end()) {
      throw_input("the calibration asks for \"{}\", which needs the posture front-center",
                  target.measure);
    }
    const double off = (found->second - target.value) / target.tolerance;
    trial.cost += off * off;
    trial.reached = trial.reached && std::abs(off) <= 1.0;
  }
  return trial;
}

}  // namespace thz::data
