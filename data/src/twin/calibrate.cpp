#include <algorithm>
#include <cmath>
#include <exception>
#include <nlopt.hpp>

#include "thz/core/error.h"
#include "thz/data/calibration.h"

namespace thz::data {
namespace {

/// The search runs in the unit cube of the priors and remembers every scene it measured.
class Search {
 public:
  Search(const Calibration& calibration, const CalibrationOptions& options)
      : calibration_(calibration), options_(options) {
    total_ = static_cast<std::size_t>(calibration.trials) + 2 * calibration.knobs.size();
  }

  double cost(const std::vector<double>& unit) {
    std::vector<double> knobs;
    for (std::size_t i = 0; i < unit.size(); ++i) {
      knobs.push_back(calibration_.knobs[i].value_at(unit[i]));
    }
    return trial(knobs).cost;
  }

  const CalibrationTrial& trial(const std::vector<double>& knobs) {
    for (const CalibrationTrial& made : report.trials) {
      if (made.knobs == knobs) return made;
    }
    report.trials.push_back(measure(knobs));
    if (report.trials.back().cost < report.trials[report.best].cost) {
      report.best = report.trials.size() - 1;
    }
    note_progress();
    return report.trials.back();
  }

  /// Taken from this run or an interrupted one where it has been measured.
  CalibrationTrial measure(const std::vector<double>& knobs) {
    using Trials = std::vector<CalibrationTrial>;
    for (const Trials* trials : {static_cast<const Trials*>(&report.trials), &options_.known}) {
      for (const CalibrationTrial& known : *trials) {
        if (known.knobs == knobs) return known;
      }
    }
    CalibrationTrial made = measure_trial(calibration_, knobs, options_);
    if (options_.on_trial) options_.on_trial(made);
    return made;
  }

  void note_progress() {
    ++done_;
    if (options_.progress) options_.progress(std::min(done_, total_), total_);
  }

  std::size_t left() const {
    const auto allowed = static_cast<std::size_t>(calibration_.trials);
    return allowed - std::min(allowed, report.trials.size());
  }

  CalibrationReport report;
  std::exception_ptr failure;

 private:
  const Calibration& calibration_;
  const CalibrationOptions& options_;
  std::size_t done_ = 0, total_ = 0;
};

/// NLopt swallows exceptions of its objective; they are kept aside and thrown again by run_stage.
double nlopt_cost(const std::vector<double>& unit, std::vector<double>&, void* data) {
  auto& search = *static_cast<Search*>(data);
  try {
    return search.cost(unit);
  } catch (...) {
    search.failure = std::current_exception();
    throw nlopt::forced_stop();
  }
}

void run_stage(Search& search, nlopt::algorithm algorithm, std::vector<double> unit,
               std::size_t evaluations, unsigned population) {
  if (evaluations == 0) return;
  nlopt::opt optimizer(algorithm, static_cast<unsigned>(unit.size()));
  optimizer.set_min_objective(nlopt_cost, &search);
  optimizer.set_lower_bounds(0.0);
  optimizer.set_upper_bounds(1.0);
  optimizer.set_maxeval(static_cast<int>(evaluations));
  if (population > 0) optimizer.set_population(population);
  optimizer.set_initial_step(0.15);
  // Finer than the rounding of the knobs there is nothing to find.
  optimizer.set_xtol_abs(2e-3);
  double least = 0.0;
  try {
    optimizer.optimize(unit, least);
  } catch (const nlopt::roundoff_limited&) {
    // The trials made so far are kept.
  } catch (const nlopt::forced_stop&) {
    std::rethrow_exception(search.failure);
  }
}

std::vector<double> unit_of(const Calibration& calibration, const std::vector<double>& knobs) {
  std::vector<double> unit;
  for (std::size_t i = 0; i < knobs.size(); ++i) {
    const CalibrationKnob& k = calibration.knobs[i];
    unit.push_back(std::clamp(k.logarithmic ? std::log(knobs[i] / k.low) / std::log(k.high / k.low)
                                            : (knobs[i] - k.low) / (k.high - k.low),
                              0.0, 1.0));
  }
  return unit;
}

void add_sensitivities(const Calibration& calibration, Search& search) {
  const std::vector<double> best = search.report.trials[search.report.best].knobs;
  for (std::size_t i = 0; i < best.size(); ++i) {
    KnobSensitivity sensitivity;
    sensitivity.knob = calibration.knobs[i].name;
    std::vector<double> knobs = best;
    knobs[i] = calibration.knobs[i].low;
    sensitivity.low = search.measure(knobs).measures;
    search.note_progress();
    knobs[i] = calibration.knobs[i].high;
    sensitivity.high = search.measure(knobs).measures;
    search.note_progress();
    search.report.sensitivities.push_back(sensitivity);
  }
}

}  // namespace

CalibrationReport calibrate(const Calibration& calibration, const CalibrationOptions& options) {
  Search search(calibration, options);
  std::vector<double> start;
  for (const CalibrationKnob& knob : calibration.knobs) start.push_back(knob.start);
  search.trial(start);
  const std::vector<double> middle = unit_of(calibration, start);
  nlopt::srand(static_cast<unsigned long>(calibration.seed));
  // A third of the trials to know the whole of the priors, a third to close in, a third to polish.
  const std::size_t wide = search.left() * 2 / 3;
  const auto population =
      static_cast<unsigned>(std::max(calibration.knobs.size() + 2, search.left() / 3));
  if (wide > population) run_stage(search, nlopt::GN_CRS2_LM, middle, wide, population);
  const auto best = [&] { return search.report.trials[search.report.best].knobs; };
  run_stage(search, nlopt::LN_SBPLX, unit_of(calibration, best()), search.left(), 0);
  add_sensitivities(calibration, search);
  return std::move(search.report);
}

}  // namespace thz::data
