#include "thz/data/subject_files.h"

#include <cstdlib>
#include <filesystem>

#include "thz/core/error.h"
#include "thz/io/atomic_file.h"
#include "thz/io/head_model_reader.h"
#include "thz/io/mesh_reader.h"

namespace thz::data {
namespace {

std::string expand(const std::string& path, const std::string& folder) {
  std::string text = path;
  if (!text.empty() && text[0] == '$') {
    const bool braces = text.size() > 1 && text[1] == '{';
    const std::size_t begin = braces ? 2 : 1;
    const std::size_t end = braces ? text.find('}') : text.find('/');
    if (end == std::string::npos)
      throw_input("'{}' is not a path: a name after $ must end at / or }}", path);
    const std::string name = text.substr(begin, end - begin);
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) {
      throw_input("'{}' needs the environment variable {}, which is not set", path, name);
    }
    text = value + text.substr(end + (braces ? 1 : 0));
  }
  if (text.empty()) throw_input("the path of the subject's file is empty; a file is expected");
  const std::filesystem::path result(text);
  return result.is_absolute() ? text : (std::filesystem::path(folder) / result).string();
}

/// A mesh in the head frame (`thzface head import-scan`) as a model of one person without modes.
std::shared_ptr<const sim::MorphableHead> load_scanned_head(const std::string& path) {
  io::MeshFile file = io::read_mesh(path);
  auto head = std::make_shared<sim::MorphableHead>();
  head->name = std::filesystem::path(path).filename().string();
  head->mean_m = std::move(file.mesh.vertices);
  head->triangles = std::move(file.mesh.triangles);
  head->outer_triangle_count = static_cast<int32_t>(head->triangles.size());
  Eigen::AlignedBox3d box;
  for (const Vec3& p : head->mean_m) box.extend(p);
  constexpr double kReach_m = 0.6;  // of a head with neck and hair about the frame's origin
  if (box.min().minCoeff() < -kReach_m || box.max().maxCoeff() > kReach_m ||
      box.sizes().maxCoeff() < 0.1) {
    throw_input(
        "{}: reaches from ({:.3g}, {:.3g}, {:.3g}) to ({:.3g}, {:.3g}, {:.3g}), which is no head "
        "in metres in the head frame; `thzface head import-scan` makes one of a scan",
        path, box.min().x(), box.min().y(), box.min().z(), box.max().x(), box.max().y(),
        box.max().z());
  }
  sim::validate(*head, path);
  return head;
}

}  // namespace

std::shared_ptr<const sim::MorphableHead> load_head_model(const std::string& path) {
  const std::string extension = io::lower_extension(path);
  if (extension == ".ply" || extension == ".obj") return load_scanned_head(path);
  io::HeadMorphableFile file = io::read_head_model(path);
  auto head = std::make_shared<sim::MorphableHead>();
  head->name = std::filesystem::path(path).filename().string();
  for (std::size_t v = 0; v + 2 < file.mean_m.size(); v += 3) {
    head->mean_m.emplace_back(file.mean_m[v], file.mean_m[v + 1], file.mean_m[v + 2]);
  }
  head->triangles = std::move(file.triangles);
  head->vertex_region = std::move(file.vertex_region);
  head->triangle_region = std::move(file.triangle_region);
  head->region_names = std::move(file.region_names);
  head->identity = {std::move(file.identity.names), std::move(file.identity.displacement_m)};
  head->expression = {std::move(file.expression.names), std::move(file.expression.displacement_m)};
  head->outer_triangle_count = static_cast<int32_t>(file.outer_triangles);
  for (const auto& [scheme, vertices] : file.landmarks) {
    for (std::size_t i = 0; i < vertices.size(); ++i) {
      head->landmarks.push_back({fmt::format("{}_{}", scheme, i), vertices[i]});
    }
  }
  sim::validate(*head, path);
  return head;
}

SubjectFiles load_subject_files(const sim::Subject& subject, const std::string& folder) {
  SubjectFiles files;
  if (subject.kind == sim::SubjectKind::kHead && subject.model != "parametric") {
    files.head = load_head_model(expand(subject.model, folder));
  }
  if (subject.kind == sim::SubjectKind::kMesh) {
    files.mesh =
        std::make_shared<Mesh>(io::read_mesh(expand(subject.file, folder), subject.scale).mesh);
  }
  return files;
}

}  // namespace thz::data
