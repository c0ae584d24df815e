#include "thz/data/plan_table.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <map>
#include <set>
#include <tuple>

#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/io/csv.h"
#include "thz/io/dataset.h"
#include "thz/io/dataset_writer.h"

namespace thz::data {
namespace {

constexpr int64_t kMostNumber = 1000000;
using PlanCell = std::tuple<int, int, int>;  // identity, posture, condition

PlanCell cell_of(const PlanRow& row) { return {row.identity, row.posture, row.concealed}; }

int choice_of(const io::CsvTable& table, std::size_t line, const char* column,
              const std::vector<std::string>& names) {
  const std::string& text = table.at(line, column);
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) {
    throw_input("{}: {} is '{}', but must be one of {}", table.where(line), column,
                one_line(text, 40), fmt::join(names, ", "));
  }
  return static_cast<int>(found - names.begin());
}

PlanRow table_row(const io::CsvTable& table, std::size_t line, const Plan& plan) {
  PlanRow row;
  row.row = line;
  row.identity = static_cast<int>(table.integer(line, "identity", 0, INT32_MAX - kMostNumber));
  row.posture = choice_of(table, line, "posture", io::kPostureNames);
  row.concealed = choice_of(table, line, "condition", {"bare", "concealed"});
  row.capture = static_cast<int>(table.integer(line, "capture", 0, kMostNumber));
  if (row.concealed != 0) {
    row.fabric = choice_of(table, line, "fabric", plan.fabrics);
  } else if (!table.at(line, "fabric").empty()) {
    throw_input("{}: fabric is '{}', but must be empty for a bare head", table.where(line),
                one_line(table.at(line, "fabric"), 40));
  }
  row.capture_key = plan_capture_key(row);
  for (const PlanKnob& knob : plan.knobs) row.knobs.push_back(table.number(line, knob.key));
  return row;
}

/// Seconds of this thread's processor time that some work takes: what others do does not count.
template <typename Work>
double thread_seconds(Work work) {
  const auto now = [] {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  };
  const double start = now();
  work();
  return now() - start;
}

}  // namespace

std::string plan_table_csv(const Plan& plan) {
  std::vector<std::string> head = {"identity", "posture", "condition",
                                   "capture",  "fabric",  "visible"};
  for (const PlanKnob& knob : plan.knobs) head.push_back(knob.key);
  std::string text = io::csv_line(head);
  for (uint64_t i = 0; i < plan.num_rows(); ++i) {
    const PlanRow row = plan_row(plan, i);
    std::vector<std::string> fields = {
        std::to_string(row.identity),
        io::kPostureNames[static_cast<std::size_t>(row.posture)],
        row.concealed != 0 ? "concealed" : "bare",
        std::to_string(row.capture),
        row.fabric >= 0 ? plan.fabrics[static_cast<std::size_t>(row.fabric)] : "",
        row.visible_index >= 0 ? "1" : "0"};
    for (const double value : row.knobs) fields.push_back(fmt::format("{:.6g}", value));
    text += io::csv_line(fields);
  }
  return text;
}

void read_plan_table(const std::string& path, Plan& plan) {
  const io::CsvTable table = io::CsvTable::read(path);
  std::vector<std::string> columns = {"identity", "posture", "condition",
                                      "capture",  "fabric",  "visible"};
  for (const PlanKnob& knob : plan.knobs) columns.push_back(knob.key);
  table.require_columns(columns, {});
  if (table.rows() == 0) throw_input("{}: holds no rows; at least one is needed", path);
  plan.table.clear();
  plan.table_visible.clear();
  std::map<uint64_t, std::size_t> seen;
  std::map<PlanCell, int64_t> pictures;  // -1: none
  for (std::size_t line = 0; line < table.rows(); ++line) {
    PlanRow row = table_row(table, line, plan);
    const auto [before, fresh] = seen.emplace(row.capture_key, line);
    if (!fresh) {
      throw_input("{}: the same identity, posture, condition and capture stand in {}",
                  table.where(line), table.where(before->second));
    }
    const bool visible = table.integer(line, "visible", 0, 1) != 0;
    const auto [cell, first] = pictures.emplace(
        cell_of(row), visible ? static_cast<int64_t>(plan.table_visible.size()) : -1);
    if (first && visible) plan.table_visible.push_back(line);
    if ((cell->second >= 0) != visible) {
      throw_input(
          "{}: visible is {}, but not so in another line of this identity, posture and condition",
          table.where(line), visible ? 1 : 0);
    }
    row.visible_index = cell->second;
    plan.table.push_back(std::move(row));
  }
}

int fewest_planned_captures(const Plan& plan) {
  if (plan.table.empty()) return plan.captures;
  std::map<PlanCell, int> cells;
  for (const PlanRow& row : plan.table) ++cells[cell_of(row)];
  int fewest = INT32_MAX;
  for (const auto& [cell, count] : cells) fewest = std::min(fewest, count);
  return fewest;
}

PlanEstimate estimate_plan(const Plan& plan, int threads, const CancelToken* cancel) {
  PlanEstimate estimate;
  const auto start = std::chrono::steady_clock::now();
  const RowMaker maker(plan, load_plan_scene(plan), threads, cancel);
  estimate.prepare_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  double total_s = 0.0;
  for (const int concealed : {0, 1}) {
    constexpr int kTimedRows = 2;
    double seconds = 0.0;
    int timed = 0;
    uint64_t rows = 0;
    // Rows of one kind far apart, since postures differ in their work.
    for (uint64_t i = 0; i < plan.num_rows(); ++i) {
      const PlanRow row = plan_row(plan, i);
      if (row.concealed != concealed) continue;
      ++rows;
      if (timed == kTimedRows || (timed == 1 && i < plan.num_rows() / 2)) continue;
      if (cancel != nullptr) cancel->throw_if_requested();
      seconds += thread_seconds([&] { (void)maker.row(row); });
      ++timed;
    }
    const double mean_s = timed > 0 ? seconds / timed : 0.0;
    (concealed != 0 ? estimate.concealed_s : estimate.bare_s) = mean_s;
    total_s += mean_s * static_cast<double>(rows);
  }
  if (plan.num_visible() > 0) {
    estimate.visible_s = thread_seconds([&] { (void)maker.visible(plan_visible_row(plan, 0)); });
    total_s += estimate.visible_s * static_cast<double>(plan.num_visible());
  }
  const int team = threads > 0 ? threads : omp_get_max_threads();
  estimate.minutes = (estimate.prepare_s + total_s / team) / 60.0;
  estimate.gigabytes = static_cast<double>(io::dataset_bytes(maker.header())) * 1e-9;
  return estimate;
}

}  // namespace thz::data
