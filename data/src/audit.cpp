#include "thz/data/audit.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "thz/core/config.h"
#include "thz/core/error.h"
#include "thz/data/plan.h"

namespace thz::data {
namespace {

/// What the plan claims, and what the rows show: a fingerprint of real heads is no finding.
void require_mean_heads(const io::DatasetReader& dataset, const io::DatasetColumns& labels) {
  const std::string path = dataset.path().string();
  if (!plans_mean_heads(dataset.header().plan_toml, path)) {
    throw_input(
        "{}: was not made with mean heads, so that its persons may differ; an audit needs a plan "
        "with mean_heads = true",
        path);
  }
  const std::size_t width = dataset.header().head_coefficient_names.size();
  const auto& all = labels.head_coefficients;
  for (std::size_t row = 1; row < labels.rows && width > 0; ++row) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(row * width);
    if (!std::equal(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(width), begin)) {
      throw_input(
          "{}: row {} has another head than row 0, although its plan says mean_heads = true", path,
          row);
    }
  }
}

}  // namespace

eval::FingerprintAudit audit_dataset(const io::DatasetReader& dataset, int people,
                                     const eval::FingerprintOptions& options,
                                     const ProgressFn& progress, const CancelToken* cancel) {
  const io::DatasetColumns all = dataset.read_labels();
  require_mean_heads(dataset, all);
  std::set<int32_t> chosen(all.identity.begin(), all.identity.end());
  while (people > 0 && chosen.size() > static_cast<std::size_t>(people)) {
    chosen.erase(std::prev(chosen.end()));
  }
  std::vector<uint64_t> rows;
  eval::Labels labels;
  for (uint64_t row = 0; row < all.rows; ++row) {
    if (chosen.count(all.identity[row]) == 0) continue;
    rows.push_back(row);
    labels.identity.push_back(all.identity[row]);
    labels.posture.push_back(all.posture[row]);
    labels.concealed.push_back(all.concealed[row]);
  }
  return eval::audit_fingerprint(io::images_of(dataset.read_images(rows)), labels, options,
                                 progress, cancel);
}

}  // namespace thz::data
