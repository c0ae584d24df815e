#pragma once

#include <filesystem>

#include "thz/core/progress.h"
#include "thz/io/head_model_reader.h"

namespace thz::io {

/// Reads the published ICT-FaceKit folder: generic_neutral_mesh.obj, identity000.obj and on, one
/// NAME.obj for every expression of vertex_indices.json (keys "expressions", and, if there,
/// "idx_to_landmark_verts"). All meshes have the same vertices in the same order. Lengths are
/// centimetres; the head is moved so that the mid-point between the eyeballs is where
/// head-morphable/1 wants it. Kept are face, head and neck, the sockets of mouth and eyes and the
/// front of the eyeballs; gums, teeth, lashes and fluids are left out. A folder of another topology
/// is taken whole, or by the ranges of a key "regions" {name: [first, last]}, and not moved.
/// @throws InputError naming the file and line if something is missing or does not fit.
HeadMorphableFile read_ict_facekit(const std::filesystem::path& folder,
                                   const ProgressFn& progress = {});

}  // namespace thz::io
