#include "thz/eval/labels.h"

#include "thz/core/error.h"

namespace thz::eval {

void Labels::validate() const {
  const std::size_t n = identity.size();
  if (posture.size() != n || concealed.size() != n ||
      (!twin_group.empty() && twin_group.size() != n)) {
    throw_input(
        "labels must have one length, found {} identities, {} postures, {} conditions, {} twin "
        "groups",
        n, posture.size(), concealed.size(), twin_group.size());
  }
}

Labels Labels::subset(const std::vector<int>& rows) const {
  Labels out;
  for (const int row : rows) {
    if (row < 0 || static_cast<std::size_t>(row) >= size()) {
      throw_input("row {} is asked for, but there are labels of {} rows only", row, size());
    }
    const auto r = static_cast<std::size_t>(row);
    out.identity.push_back(identity[r]);
    out.posture.push_back(posture[r]);
    out.concealed.push_back(concealed[r]);
    if (!twin_group.empty()) out.twin_group.push_back(twin_group[r]);
  }
  return out;
}

}  // namespace thz::eval
