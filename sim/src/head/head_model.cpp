#include "thz/sim/head_model.h"

#include <algorithm>
#include <cmath>

#include "thz/core/error.h"
#include "thz/core/rng.h"

namespace thz::sim {
namespace {

constexpr double kCoefficientLimit = 3.0;

void validate_modes(const HeadModes& modes, std::size_t vertices, const char* kind,
                    const std::string& origin) {
  if (modes.names.size() != modes.size()) {
    throw_input("{}: {} {} modes have {} names; every mode needs one", origin, modes.size(), kind,
                modes.names.size());
  }
  for (std::size_t k = 0; k < modes.size(); ++k) {
    if (modes.displacement_m[k].size() != 3 * vertices) {
      throw_input("{}: {} mode {} ('{}') has {} numbers; {} vertices need {}", origin, kind, k,
                  modes.names[k], modes.displacement_m[k].size(), vertices, 3 * vertices);
    }
    for (float value : modes.displacement_m[k]) {
      if (!std::isfinite(value)) {
        throw_input("{}: {} mode {} ('{}') holds a value that is not finite", origin, kind, k,
                    modes.names[k]);
      }
    }
  }
}

void validate_regions(const std::vector<uint8_t>& region, std::size_t expected, std::size_t names,
                      const char* what, const std::string& origin) {
  if (!region.empty() && region.size() != expected) {
    throw_input("{}: {} has {} entries; {} are needed", origin, what, region.size(), expected);
  }
  for (std::size_t i = 0; i < region.size(); ++i) {
    if (region[i] >= names) {
      throw_input("{}: {}[{}] is {}; there are {} region names", origin, what, i, region[i], names);
    }
  }
}

void add_modes(const HeadModes& modes, const std::vector<float>& coefficients,
               std::vector<Vec3>& vertices) {
  THZ_REQUIRE(coefficients.size() <= modes.size(), "more coefficients than modes");
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    const double c = coefficients[k];
    if (c == 0.0) continue;
    const std::vector<float>& d = modes.displacement_m[k];
    for (std::size_t v = 0; v < vertices.size(); ++v) {
      vertices[v] += c * Vec3(d[3 * v], d[3 * v + 1], d[3 * v + 2]);
    }
  }
}

}  // namespace

void validate(const MorphableHead& head, const std::string& origin) {
  const std::size_t vertices = head.mean_m.size();
  if (vertices == 0 || head.triangles.empty()) {
    throw_input("{}: the head has {} vertices and {} triangles; it needs both", origin, vertices,
                head.triangles.size());
  }
  for (std::size_t v = 0; v < vertices; ++v) {
    if (!head.mean_m[v].allFinite()) throw_input("{}: mean vertex {} is not finite", origin, v);
  }
  for (std::size_t t = 0; t < head.triangles.size(); ++t) {
    for (int32_t v : head.triangles[t]) {
      if (v < 0 || static_cast<std::size_t>(v) >= vertices) {
        throw_input("{}: triangle {} names vertex {}; allowed are 0 to {}", origin, t, v,
                    vertices - 1);
      }
    }
  }
  validate_regions(head.vertex_region, vertices, head.region_names.size(), "vertex_region", origin);
  validate_regions(head.triangle_region, head.triangles.size(), head.region_names.size(),
                   "triangle_region", origin);
  validate_modes(head.identity, vertices, "identity", origin);
  validate_modes(head.expression, vertices, "expression", origin);
  if (head.outer_triangle_count < 1 ||
      static_cast<std::size_t>(head.outer_triangle_count) > head.triangles.size()) {
    throw_input("{}: outer_triangles is {}; allowed are 1 to {}", origin, head.outer_triangle_count,
                head.triangles.size());
  }
  for (const HeadLandmark& landmark : head.landmarks) {
    if (landmark.vertex < 0 || static_cast<std::size_t>(landmark.vertex) >= vertices) {
      throw_input("{}: landmark '{}' names vertex {}; allowed are 0 to {}", origin, landmark.name,
                  landmark.vertex, vertices - 1);
    }
  }
}

Mesh evaluate(const MorphableHead& head, const std::vector<float>& identity,
              const std::vector<float>& expression) {
  Mesh mesh;
  mesh.vertices = head.mean_m;
  mesh.triangles = head.triangles;
  mesh.triangle_region = head.triangle_region;
  add_modes(head.identity, identity, mesh.vertices);
  add_modes(head.expression, expression, mesh.vertices);
  return mesh;
}

std::vector<float> sample_identity(const MorphableHead& head, uint64_t seed, uint64_t identity) {
  Rng rng(seed, RngPurpose::kIdentity, identity);
  std::vector<float> coefficients(head.identity.size());
  for (float& c : coefficients) {
    c = static_cast<float>(rng.truncated_normal(0.0, 1.0, kCoefficientLimit));
  }
  return coefficients;
}

}  // namespace thz::sim
