#pragma once

#include "thz/eval/fingerprint.h"
#include "thz/io/dataset_reader.h"

namespace thz::data {

/// Reads a data set of mean heads (Plan::mean_heads) and audits it for fingerprints.
/// @param people  the first so many identities; 0: all.
/// @throws InputError if the plan says nothing of mean heads or the rows' head coefficients differ,
/// and as eval::audit_fingerprint.
eval::FingerprintAudit audit_dataset(const io::DatasetReader& dataset, int people,
                                     const eval::FingerprintOptions& options,
                                     const ProgressFn& progress = {},
                                     const CancelToken* cancel = nullptr);

}  // namespace thz::data
