#pragma once

#include <cstdint>
#include <vector>

#include "thz/eval/person_draws.h"
#include "thz/model/run.h"

namespace thz::model {

/// How alike student and teacher are on the same captures (Table 8 of Bergman et al., 2026).
struct TeacherAlignment {
  int64_t rows = 0;        ///< that have a visible picture: the teacher needs one
  int64_t identities = 0;  ///< among them; retrieval at 5 by chance is 5 / identities
  /// What the feature term compares. High here and low below: a student that imitates numbers
  /// which mean nothing to its tasks.
  eval::Alignment projection;
  eval::Alignment latent;  ///< what the task heads take
  /// Of both, under "projection_cka" and so on, if asked for.
  eval::FigureDraws draws;
};

/// Both spaces on `rows` of a data set; rows without a visible picture are left out.
/// @param run   one with a teacher in its checkpoint
/// @param rows  numbered as in `data`, e.g. the split's test rows
/// @param resample  draws of persons to be kept beside the values; null: none
/// @throws InputError if the run has no teacher, a row is not there, fewer than three rows have a
/// visible picture, or a space has collapsed (all rows the same).
TeacherAlignment alignment_of(const Run& run, const TrainingData& data,
                              const std::vector<int64_t>& rows,
                              const eval::BootstrapOptions* resample = nullptr);

}  // namespace thz::model
