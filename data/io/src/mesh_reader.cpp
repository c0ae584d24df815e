#include "thz/io/mesh_reader.h"

#include <assimp/config.h>
#include <assimp/postprocess.h>
#include <assimp/scene.h>
#include <fmt/format.h>

#include <algorithm>
#include <assimp/Importer.hpp>
#include <cctype>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "mesh_expectation.h"
#include "ply_reader.h"
#include "thz/core/error.h"
#include "thz/core/one_line.h"
#include "thz/io/atomic_file.h"

namespace thz::io {

namespace fs = std::filesystem;

namespace {

/// Vertices by position: welds what materials, normals and texture seams have torn apart.
class Welder {
 public:
  explicit Welder(Mesh& mesh) : mesh_(mesh) {}

  int32_t index_of(const Vec3& position) {
    const auto [found, is_new] =
        indices_.try_emplace({position.x() + 0.0, position.y() + 0.0, position.z() + 0.0},
                             static_cast<int32_t>(mesh_.vertices.size()));
    if (is_new) mesh_.vertices.push_back(position);
    return found->second;
  }

 private:
  using Key = std::array<double, 3>;
  struct Hash {
    std::size_t operator()(const Key& key) const {
      uint64_t hash = 0;
      for (const double value : key) {
        uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        hash = (hash ^ bits) * 0x9E3779B97F4A7C15ULL;
        hash ^= hash >> 32;
      }
      return hash;
    }
  };
  Mesh& mesh_;
  std::unordered_map<Key, int32_t, Hash> indices_;
};

bool is_degenerate(const Mesh& mesh, const std::array<int32_t, 3>& triangle) {
  const Vec3& a = mesh.vertices[static_cast<std::size_t>(triangle[0])];
  const Vec3 ab = mesh.vertices[static_cast<std::size_t>(triangle[1])] - a;
  const Vec3 ac = mesh.vertices[static_cast<std::size_t>(triangle[2])] - a;
  // Files hold some 7 digits: a height below 1e-7 of the longest side is rounding.
  const double longest = std::max({ab.squaredNorm(), ac.squaredNorm(), (ac - ab).squaredNorm()});
  return ab.cross(ac).norm() <= 1e-7 * longest;
}

void add_triangle(const std::array<int32_t, 3>& triangle, MeshFile& file) {
  if (is_degenerate(file.mesh, triangle)) {
    ++file.dropped_degenerate;
  } else {
    file.mesh.triangles.push_back(triangle);
  }
}

/// Counts faces and holds every vertex and index against its mesh, before anything is mended.
std::size_t check_scene(const fs::path& path, const aiScene& scene) {
  std::size_t faces = 0;
  for (unsigned m = 0; m < scene.mNumMeshes; ++m) {
    const aiMesh& part = *scene.mMeshes[m];
    for (unsigned v = 0; v < part.mNumVertices; ++v) {
      const aiVector3D& p = part.mVertices[v];
      if (!std::isfinite(p.x) || !std::isfinite(p.y) || !std::isfinite(p.z)) {
        throw_input("{}: vertex {} is ({}, {}, {}), but must be finite", path.string(), v, p.x, p.y,
                    p.z);
      }
    }
    for (unsigned f = 0; f < part.mNumFaces; ++f) {
      const aiFace& face = part.mFaces[f];
      if (face.mNumIndices == 0) {
        throw_input("{}: face {} has no vertices (truncated?)", path.string(), f);
      }
      for (unsigned k = 0; k < face.mNumIndices; ++k) {
        if (face.mIndices[k] >= part.mNumVertices) {
          throw_input("{}: face {} names vertex {}, but there are {}", path.string(), f,
                      static_cast<int32_t>(face.mIndices[k]), part.mNumVertices);
        }
      }
    }
    faces += part.mNumFaces;
  }
  return faces;
}

void add_node(const aiScene& scene, const aiNode& node, const aiMatrix4x4& world_from_parent,
              double scale, Welder& welder, MeshFile& file) {
  const aiMatrix4x4 world_from_node = world_from_parent * node.mTransformation;
  // A mirrored node would turn its triangles inside out.
  const bool mirrored = world_from_node.Determinant() < 0;
  for (unsigned m = 0; m < node.mNumMeshes; ++m) {
    const aiMesh& part = *scene.mMeshes[node.mMeshes[m]];
    for (unsigned f = 0; f < part.mNumFaces; ++f) {
      const aiFace& face = part.mFaces[f];
      if (face.mNumIndices != 3) continue;  // points and lines
      std::array<int32_t, 3> triangle{};
      for (unsigned k = 0; k < 3; ++k) {
        const aiVector3D p = world_from_node * part.mVertices[face.mIndices[k]];
        triangle[k] = welder.index_of(scale * Vec3(p.x, p.y, p.z));
      }
      if (mirrored) std::swap(triangle[1], triangle[2]);
      add_triangle(triangle, file);
    }
  }
  for (unsigned c = 0; c < node.mNumChildren; ++c) {
    add_node(scene, *node.mChildren[c], world_from_node, scale, welder, file);
  }
}

void add_ply(const fs::path& path, double scale, MeshFile& file) {
  internal::RawTriangles raw;
  try {
    raw = internal::read_ply(path);
  } catch (const InputError& e) {
    throw_input("{}: not a readable mesh: {}", path.string(), e.what());
  }
  Welder welder(file.mesh);
  for (const auto& corners : raw.triangles) {
    std::array<int32_t, 3> triangle{};
    for (std::size_t k = 0; k < 3; ++k) {
      triangle[k] = welder.index_of(scale * raw.vertices[corners[k]]);
    }
    add_triangle(triangle, file);
  }
}

/// Every other kind, by assimp.
void import(const fs::path& path, const std::string& extension, double scale, MeshFile& file) {
  Assimp::Importer importer;
  importer.SetPropertyInteger(AI_CONFIG_PP_SBP_REMOVE,
                              aiPrimitiveType_POINT | aiPrimitiveType_LINE);
  const aiScene* scene = importer.ReadFile(path.string(), 0);
  if (scene == nullptr) {
    throw_input("{}: not a readable mesh: {}", path.string(), one_line(importer.GetErrorString()));
  }
  const std::size_t faces = check_scene(path, *scene);
  if (extension != ".obj" && extension != ".stl") internal::check_gltf(path, extension, faces);
  // Sorting by kind fails where nothing but points and lines is left.
  scene = faces == 0 ? nullptr
                     : importer.ApplyPostProcessing(aiProcess_Triangulate | aiProcess_SortByPType);
  if (scene == nullptr || scene->mRootNode == nullptr) return;
  Welder welder(file.mesh);
  add_node(*scene, *scene->mRootNode, aiMatrix4x4(), scale, welder, file);
}

std::string obj_text(const Mesh& mesh) {
  std::string text;
  for (const Vec3& v : mesh.vertices) {
    text += fmt::format("v {:.9g} {:.9g} {:.9g}\n", v.x(), v.y(), v.z());
  }
  for (const auto& t : mesh.triangles) {
    text += fmt::format("f {} {} {}\n", t[0] + 1, t[1] + 1, t[2] + 1);
  }
  return text;
}

template <typename T>
void append_bytes(std::string& bytes, T value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  bytes.append(raw, sizeof raw);
}

std::string ply_file_bytes(const Mesh& mesh) {
  std::string bytes = fmt::format(
      "ply\nformat binary_little_endian 1.0\ncomment units: metres\nelement vertex {}\n"
      "property float x\nproperty float y\nproperty float z\nelement face {}\n"
      "property list uchar int vertex_indices\nend_header\n",
      mesh.vertices.size(), mesh.triangles.size());
  for (const Vec3& v : mesh.vertices) {
    for (int i = 0; i < 3; ++i) append_bytes(bytes, static_cast<float>(v[i]));
  }
  for (const auto& triangle : mesh.triangles) {
    append_bytes(bytes, uint8_t{3});
    for (const int32_t index : triangle) append_bytes(bytes, index);
  }
  return bytes;
}

}  // namespace

MeshFile read_mesh(const fs::path& path, double scale) {
  THZ_REQUIRE(scale > 0.0 && std::isfinite(scale), "scale must be positive");
  const std::string extension = lower_extension(path);
  static const std::vector<std::string> kKinds = {".obj", ".ply", ".stl", ".gltf", ".glb"};
  if (std::find(kKinds.begin(), kKinds.end(), extension) == kKinds.end()) {
    throw_input("{}: '{}' is no mesh file we read; allowed are {}", path.string(), extension,
                fmt::join(kKinds, ", "));
  }
  read_file(path);  // says why, where the importer would only say that it could not
  MeshFile file;
  if (extension == ".ply") {
    add_ply(path, scale, file);
  } else {
    import(path, extension, scale, file);
  }
  if (file.mesh.triangles.empty()) {
    throw_input("{}: holds no triangles{}", path.string(),
                file.dropped_degenerate > 0 ? " with an area" : "");
  }
  return file;
}

void write_mesh(const fs::path& path, const Mesh& mesh) {
  const std::string extension = lower_extension(path);
  if (extension == ".obj") {
    write_file(path, obj_text(mesh));
  } else if (extension == ".ply") {
    write_file(path, ply_file_bytes(mesh));
  } else {
    throw_input("{}: '{}' is no mesh file we write; allowed are .obj, .ply", path.string(),
                extension);
  }
}

}  // namespace thz::io
