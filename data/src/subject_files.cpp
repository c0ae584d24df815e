#include "thz/data/subject_files.h"

#include <cstdlib>
#include <filesystem>

#include "thz/core/error.h"
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

}  // namespace

std::shared_ptr<const sim::MorphableHead> load_head_model(const std::string& path) {
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
