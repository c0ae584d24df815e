#pragma once

#include <memory>
#include <string>

#include "thz/data/capture.h"
#include "thz/data/generate.h"
#include "thz/data/plan.h"
#include "thz/io/dataset.h"

namespace thz::data {

/// Makes the rows of a plan by simulation. Row n depends on the plan and n alone. Safe to call from
/// several threads at once.
class RowMaker {
 public:
  /// Loads the plan's scene and head model and freezes the grey mapping on calibration heads whose
  /// identities no plan uses. @throws thz::InputError.
  explicit RowMaker(const Plan& plan);

  io::DatasetRow row(const PlanRow& plan_row) const;
  io::VisibleRow visible(const PlanRow& plan_row) const;
  /// The plan's header with scene, mapping, names and power size filled in.
  io::DatasetHeader header() const;
  const sim::Scene& scene() const { return scene_; }
  const GreyMapping& mapping() const { return mapping_; }

 private:
  sim::Scene scene_of(const PlanRow& plan_row) const;
  void freeze_mapping();

  Plan plan_;
  sim::Scene scene_;
  SubjectFiles files_;
  std::unique_ptr<sim::SmoothingPlanCache> plans_ = std::make_unique<sim::SmoothingPlanCache>();
  GreyMapping mapping_;
};

/// The scene a data set is made from when its plan names none, as TOML.
const std::string& default_scene_text();

}  // namespace thz::data
