#include "thz/data/generate.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/core/sha256.h"
#include "thz/core/version.h"

namespace thz::data {
namespace {

bool is_grey(const ImageF& image) {
  return std::all_of(image.data.begin(), image.data.end(),
                     [](float v) { return v >= 0.0F && v <= 1.0F; });
}

/// Counts rows from several threads and hands on what is done, one call at a time.
class Counter {
 public:
  Counter(const ProgressFn& progress, uint64_t done, uint64_t total)
      : progress_(progress), done_(done), total_(total) {
    if (progress_) progress_(done_, total_);
  }
  void add_one() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++done_;
    if (progress_) progress_(done_, total_);
  }

 private:
  const ProgressFn& progress_;
  std::mutex mutex_;
  uint64_t done_;
  uint64_t total_;
};

/// What all parts are made with.
struct Maker {
  const Plan& plan;
  const MakeRow& make_row;
  const MakeVisible& make_visible;
  const GenerateOptions& options;

  io::DatasetRow row(uint64_t index) const;
  io::VisibleRow visible(uint64_t index) const;
  void part(io::DatasetWriter& writer, std::size_t index, Counter& counter) const;
};

// Labels come from the plan alone, so that they cannot differ from what was asked for.
io::DatasetRow Maker::row(uint64_t index) const {
  const PlanRow planned = plan_row(plan, index);
  io::DatasetRow row = make_row(planned);
  THZ_REQUIRE(is_grey(row.image), fmt::format("row {}: greys must lie in [0, 1]", index));
  row.identity = planned.identity;
  row.posture = planned.posture;
  row.concealed = static_cast<uint8_t>(planned.concealed);
  row.capture = planned.capture;
  row.visible_index = static_cast<int32_t>(planned.visible_index);
  row.fabric = planned.fabric;
  row.seed = plan.seed;
  return row;
}

io::VisibleRow Maker::visible(uint64_t index) const {
  const PlanRow planned = plan_visible_row(plan, index);
  io::VisibleRow row = make_visible(planned);
  THZ_REQUIRE(is_grey(row.image), fmt::format("picture {}: greys must lie in [0, 1]", index));
  row.identity = planned.identity;
  row.posture = planned.posture;
  row.concealed = static_cast<uint8_t>(planned.concealed);
  return row;
}

void Maker::part(io::DatasetWriter& writer, std::size_t index, Counter& counter) const {
  const io::DatasetPart part = writer.part(index);
  std::vector<io::DatasetRow> rows(part.rows);
  std::vector<io::VisibleRow> pictures(part.visible_rows);
  parallel_for(rows.size() + pictures.size(), options.threads, [&](std::size_t i) {
    if (options.cancel != nullptr) options.cancel->throw_if_requested();
    if (i < rows.size()) {
      rows[i] = row(part.first_row + i);
      counter.add_one();
    } else {
      pictures[i - rows.size()] = visible(part.first_visible + i - rows.size());
    }
  });
  writer.write_part(index, rows, pictures);
}

io::DatasetWriterOptions writer_options(const Plan& plan, const GenerateOptions& options) {
  io::DatasetWriterOptions writer;
  writer.rows_per_part = options.rows_per_part;
  writer.file_name = options.file_name;
  writer.shard = options.shard;
  writer.shards = options.shards;
  for (uint64_t v = 0; v < plan.num_visible(); ++v) {
    writer.visible_owner.push_back(plan_visible_row(plan, v).row);
  }
  return writer;
}

void note_missing(const io::DatasetWriter& writer, GenerateReport& report) {
  for (const std::size_t index : writer.missing_parts()) {
    report.missing_rows_first.push_back(writer.part(index).first_row);
    report.missing_rows_count.push_back(writer.part(index).rows);
  }
}

uint64_t rows_of(const io::DatasetWriter& writer, const std::vector<std::size_t>& parts) {
  uint64_t rows = 0;
  for (const std::size_t index : parts) rows += writer.part(index).rows;
  return rows;
}

}  // namespace

io::DatasetHeader plan_header(const Plan& plan) {
  io::DatasetHeader header;
  header.rows = plan.num_rows();
  header.visible_rows = plan.num_visible();
  header.seed = plan.seed;
  header.plan_toml = plan_to_toml(plan);
  header.plan_sha256 = sha256_hex(header.plan_toml);
  header.fabric_names = plan.fabrics;
  header.thzface_version = version();
  header.instruction_set = instruction_set();
  return header;
}

GenerateReport generate(const Plan& plan, const io::DatasetHeader& header,
                        const std::filesystem::path& folder, const MakeRow& make_row,
                        const MakeVisible& make_visible, const GenerateOptions& options) {
  THZ_REQUIRE(header.rows == plan.num_rows() && header.visible_rows == plan.num_visible(),
              "the header must be made by plan_header");
  THZ_REQUIRE(make_row && (make_visible || plan.num_visible() == 0),
              "the plan needs functions that make its rows and pictures");
  io::DatasetWriter writer(folder, header, writer_options(plan, options));
  GenerateReport report;
  report.rows = header.rows;
  report.repairs = writer.repairs();
  const auto missing = writer.missing_parts();
  report.rows_found = header.rows - rows_of(writer, missing);
  Counter counter(options.progress, report.rows_found, header.rows);
  const Maker maker{plan, make_row, make_visible, options};
  try {
    for (const std::size_t index : missing) {
      maker.part(writer, index, counter);
      report.rows_made += writer.part(index).rows;
    }
  } catch (const Cancelled&) {
    report.cancelled = true;
  }
  note_missing(writer, report);
  if (report.missing_rows_first.empty() && options.shards == 1) {
    report.file = writer.finish();
    report.finished = true;
  }
  return report;
}

std::string summary(const GenerateReport& report) {
  if (report.finished) {
    return fmt::format("{} rows in {} ({} found, {} made)", report.rows, report.file.string(),
                       report.rows_found, report.rows_made);
  }
  uint64_t missing = 0;
  for (const uint64_t count : report.missing_rows_count) missing += count;
  if (missing == 0)
    return fmt::format("this shard's rows are all there ({} made)", report.rows_made);
  return fmt::format("{} of {} rows are missing, the first is row {}; the same command continues",
                     missing, report.rows, report.missing_rows_first.front());
}

}  // namespace thz::data
