#include <algorithm>

#include "head_recent.h"
#include "head_solved.h"
#include "thz/sim/parametric_head.h"

namespace thz::sim {
namespace {

/// Measures that are soft biometrics as they are.
const std::vector<std::string>& soft_measures() {
  static const std::vector<std::string> names = {
      "face_width_mm",        "face_length_mm",
      "gonial_breadth_mm",    "temple_breadth_mm",
      "cheekbone_breadth_mm", "chin_breadth_mm",
      "interpupillary_mm",    "intercanthal_breadth_mm",
      "eye_opening_mm",       "palpebral_fissure_length_mm",
      "nose_length_mm",       "nose_breadth_mm",
      "nose_protrusion_mm",   "nose_bridge_slope_deg",
      "lip_length_mm",        "lip_thickness_mm",
      "philtrum_length_mm",   "lower_face_height_mm",
      "chin_height_mm",       "facial_convexity_deg",
      "forehead_slope_deg",   "ear_length_mm",
      "ear_protrusion_mm",    "neck_circumference_mm"};
  return names;
}

double square_mm(const Mesh& mesh, const std::array<int32_t, 3>& t) {
  const Vec3& a = mesh.vertices[static_cast<std::size_t>(t[0])];
  const Vec3& b = mesh.vertices[static_cast<std::size_t>(t[1])];
  const Vec3& c = mesh.vertices[static_cast<std::size_t>(t[2])];
  const Vec3 u = b - a;
  const Vec3 v = c - a;
  const Vec3 cross(u.y() * v.z() - u.z() * v.y(), u.z() * v.x() - u.x() * v.z(),
                   u.x() * v.y() - u.y() * v.x());
  return 0.5e6 * cross.norm();
}

/// Share of the scalp (what lies above the ears' roots and behind the forehead) without hair.
float bare_scalp(const Mesh& mesh, const std::vector<uint8_t>& cover) {
  double bare = 0.0;
  double all = 0.0;
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
    const Vec3& p = mesh.vertices[static_cast<std::size_t>(mesh.triangles[t][0])];
    if (p.y() < 0.085 || p.z() > 0.075) continue;
    const double area = square_mm(mesh, mesh.triangles[t]);
    all += area;
    if (cover[t] != static_cast<uint8_t>(HeadRegion::kHair)) bare += area;
  }
  return static_cast<float>(all > 0.0 ? bare / all : 0.0);
}

/// Skin under one region, cm2.
float region_square_cm(const Mesh& mesh, const std::vector<uint8_t>& cover, HeadRegion region) {
  double sum = 0.0;
  for (std::size_t t = 0; t < mesh.triangles.size(); ++t) {
    if (cover[t] == static_cast<uint8_t>(region)) {
      sum += 0.01 * square_mm(mesh, mesh.triangles[t]);
    }
  }
  return static_cast<float>(sum);
}

std::vector<float> measure_person(const HeadIdentity& identity) {
  const Mesh mesh = build_bare_head(identity);
  const auto person = internal::covered_head(identity);
  const std::vector<uint8_t>& cover = person->cover.triangle_region;
  const std::vector<double> measured = measure_head(mesh);
  const auto value = [&](const std::string& name) {
    const auto& rows = head_measures();
    const auto at = std::find_if(rows.begin(), rows.end(),
                                 [&](const HeadMeasure& row) { return row.name == name; });
    return static_cast<float>(measured[static_cast<std::size_t>(at - rows.begin())]);
  };
  const auto depth_mm = [&](const char* landmark) {
    return 1e3 * mesh.vertices[static_cast<std::size_t>(parametric_head_landmark(landmark))].z();
  };
  std::vector<float> values = {identity.female ? 1.0f : 0.0f, identity.age_years};
  for (const std::string& name : soft_measures()) values.push_back(value(name));
  values.push_back(static_cast<float>(depth_mm("glabella") - depth_mm("sellion")));
  values.push_back(static_cast<float>(depth_mm("pogonion") - depth_mm("sublabiale")));
  values.push_back(bare_scalp(mesh, cover));
  values.push_back(region_square_cm(mesh, cover, HeadRegion::kHair));
  values.push_back(region_square_cm(mesh, cover, HeadRegion::kBrow));
  const float beard = region_square_cm(mesh, cover, HeadRegion::kBeard);
  values.push_back(beard);
  constexpr float kBeardCm2 = 20.0f;
  values.push_back(beard > kBeardCm2 ? 1.0f : 0.0f);
  return values;
}

}  // namespace

const std::vector<std::string>& soft_biometric_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list = {"sex_female", "age_years"};
    list.insert(list.end(), soft_measures().begin(), soft_measures().end());
    for (const char* name : {"brow_projection_mm", "chin_projection_mm", "baldness", "hair_cm2",
                             "eyebrow_cm2", "beard_cm2", "beard"}) {
      list.push_back(name);
    }
    return list;
  }();
  return names;
}

std::vector<float> soft_biometrics(const HeadIdentity& identity) {
  static internal::Recent<std::vector<float>> people;
  return *people.get(internal::identity_key(identity), [&] { return measure_person(identity); });
}

}  // namespace thz::sim
