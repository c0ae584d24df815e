#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "thz/model/learning_data.h"
#include "thz/model/protocol.h"

namespace thz::model {

/// One split of a protocol; those of one group make one table.
struct ProtocolSplit {
  std::string group;
  std::string group_title;
  bool cluster_by_split = false;  ///< its persons are tested in no other split of the group
  std::string name;
  io::Split split;
};

struct ProtocolProgress {
  std::size_t unit = 0;  ///< from 1, of those to be made here
  std::size_t units = 0;
  std::string name;            ///< "image-disjoint-folds/fold-2/thz-only/seed-1"
  std::string doing;           ///< "training", "judging", "baselines"
  int64_t exposures_done = 0;  ///< images shown, of all units to be made here
  int64_t exposures_total = 0;
  bool finished_unit = false;
};
using ProtocolProgressFn = std::function<void(const ProtocolProgress&)>;

struct ProtocolRequest {
  Protocol protocol;
  std::vector<ProtocolSplit> splits;
  uint64_t split_seed = 1;
  /// Rows of two data sets: 0 or 1 by row; empty for one.
  std::vector<int> generator;
  std::string data_name;        ///< as messages call the data
  std::string budget;           ///< path of an experiment; empty: the protocol's
  int64_t exposures = 0;        ///< images shown to each network; 0: as the budget says
  std::vector<uint64_t> seeds;  ///< empty: the protocol's
  std::string output;
  std::string lpips_weights;
  std::string device = "cpu";
  int threads = 0;
  int part = 1, parts = 1;  ///< of the units, those whose turn (ProtocolUnit) it is are made here
  int template_shift_px = 4;
  bool keep_checkpoints = true;  ///< the best one of each network
  ProtocolProgressFn progress;
  const CancelToken* cancel = nullptr;
};

struct ProtocolOutcome {
  std::size_t units = 0;     ///< of the whole protocol
  std::size_t finished = 0;  ///< of those, in this folder
  std::size_t made = 0;      ///< now
};

/// Trains and judges every (split, variant, seed), and every split's baselines, each in a folder of
/// its own below `output`: state.json, run/, result.json (written last, at once). What is finished
/// is left alone; what was begun goes on from its checkpoint. Splits, protocol and settings are
/// kept beside them.
/// @throws InputError if the data do not fit the protocol (a variant with a teacher without visible
/// pictures, one picture in two parts), or the folder holds results of other data, splits or
/// settings; Cancelled after keeping a checkpoint.
ProtocolOutcome run_protocol(const ProtocolRequest& request, LearningData& data);

struct ProtocolTableOptions {
  int resamples = 2000;
  uint64_t seed = 1;
  int threads = 0;
  bool times = true;  ///< false: no wall times, so that equal runs have equal tables
};

/// The table of what is finished in a protocol's folder.
/// @throws InputError if there is none, or a result is damaged.
eval::ResultsTable protocol_table(const std::string& folder,
                                  const ProtocolTableOptions& options = {});

}  // namespace thz::model
