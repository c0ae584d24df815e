#pragma once

#include <memory>
#include <string>

#include "thz/core/mesh.h"
#include "thz/sim/head_model.h"
#include "thz/sim/scene.h"

namespace thz::data {

/// What a scene takes from files: a head model or a mesh; both null for subjects made in memory.
struct SubjectFiles {
  std::shared_ptr<const sim::MorphableHead> head;
  std::shared_ptr<const Mesh> mesh;
};

/// A head-morphable/1 file as the simulator takes it, or a mesh (.ply, .obj) in the head frame as a
/// model of one person. @throws thz::InputError.
std::shared_ptr<const sim::MorphableHead> load_head_model(const std::string& path);

/// Loads what the subject names; relative paths start at `folder`, and $NAME or ${NAME} at the
/// front of a path is replaced from the environment. @throws thz::InputError.
SubjectFiles load_subject_files(const sim::Subject& subject, const std::string& folder);

}  // namespace thz::data
