#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "thz/core/progress.h"
#include "thz/data/plan.h"
#include "thz/io/dataset.h"
#include "thz/io/dataset_writer.h"

namespace thz::data {

/// Makes row `row` alone; called from several threads at once, must depend on nothing but its
/// argument.
using MakeRow = std::function<io::DatasetRow(const PlanRow& row)>;
/// Makes the visible picture that belongs to the (identity, posture, condition) of `row`.
using MakeVisible = std::function<io::VisibleRow(const PlanRow& row)>;

struct GenerateOptions {
  int threads = 0;  ///< 0: all
  int shard = 0;    ///< this shard, in [0, shards)
  int shards = 1;   ///< parts are dealt out in turn
  uint64_t rows_per_part = io::kRowsPerPart;
  std::string file_name = "dataset.h5";
  ProgressFn progress;                  ///< rows done (those found finished included), rows in all
  const CancelToken* cancel = nullptr;  ///< polled between rows
};

/// What was done and what is missing.
struct GenerateReport {
  bool finished = false;
  std::filesystem::path file;  ///< the finished data set; empty otherwise
  uint64_t rows = 0;           ///< in all
  uint64_t rows_found = 0;     ///< already there
  uint64_t rows_made = 0;
  std::vector<uint64_t> missing_rows_first;  ///< first row of every missing part
  std::vector<uint64_t> missing_rows_count;  ///< its rows
  std::vector<std::string> repairs;          ///< sentences about damaged parts that were made anew
  bool cancelled = false;
};

/// Header with the fields that follow from the plan: rows, seeds, fabrics, plan text and hash,
/// version, instruction set. The caller adds scene, mapping, names and the size of the power frame.
io::DatasetHeader plan_header(const Plan& plan);

/// Makes (or takes up again) the data set in `folder`: parts missing there are made in parallel
/// over rows, each part is stored when its rows are done, and the last one is followed by the
/// finished file. Cancelling keeps finished parts and says so in the report; an exception of
/// `make_row` passes through and keeps them too. The result depends neither on threads, shards nor
/// interruptions.
/// @param make_visible  may be empty when the plan has no visible pictures.
/// @throws InputError as DatasetWriter.
GenerateReport generate(const Plan& plan, const io::DatasetHeader& header,
                        const std::filesystem::path& folder, const MakeRow& make_row,
                        const MakeVisible& make_visible, const GenerateOptions& options = {});

/// One sentence: what there is and what is missing.
std::string summary(const GenerateReport& report);

}  // namespace thz::data
