#pragma once

#include <memory>
#include <string>

#include "thz/core/progress.h"
#include "thz/data/capture.h"
#include "thz/data/generate.h"
#include "thz/data/plan.h"
#include "thz/io/dataset.h"

namespace thz::data {

/// A plan's scene with the plan laid over it, and the files it names.
struct PlanScene {
  sim::Scene scene;
  SubjectFiles files;
};

/// Reads what the plan names; quick, so that mistakes are told before any work.
/// @throws thz::InputError.
PlanScene load_plan_scene(const Plan& plan);

namespace internal {
class StagedPeople;
}

/// Makes the rows of a plan by simulation. Row n depends on the plan and n alone. Safe to call from
/// several threads at once.
class RowMaker {
 public:
  /// Freezes the grey mapping on calibration heads whose identities no plan uses; polls `cancel`.
  /// @throws thz::InputError, thz::Cancelled.
  RowMaker(const Plan& plan, PlanScene scene, int threads = 0, const CancelToken* cancel = nullptr);
  ~RowMaker();

  io::DatasetRow row(const PlanRow& plan_row) const;
  io::VisibleRow visible(const PlanRow& plan_row) const;
  /// Who stands there in that row, in what and how: for masks and pictures of the truth.
  StagedScene stage(const PlanRow& plan_row) const;
  /// The plan's header with scene, mapping, names and power size filled in.
  io::DatasetHeader header() const;
  const sim::Scene& scene() const { return scene_; }
  const GreyMapping& mapping() const { return mapping_; }

 private:
  sim::Scene scene_of(const PlanRow& plan_row) const;
  void freeze_mapping(int threads, const CancelToken* cancel);

  Plan plan_;
  sim::Scene scene_;
  SubjectFiles files_;
  std::unique_ptr<sim::SmoothingPlanCache> plans_ = std::make_unique<sim::SmoothingPlanCache>();
  std::unique_ptr<internal::StagedPeople> people_;
  GreyMapping mapping_;
};

/// The scene a data set is made from when its plan names none, as TOML.
const std::string& default_scene_text();

}  // namespace thz::data
