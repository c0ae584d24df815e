#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "thz/core/mesh.h"

namespace thz::sim {

/// What a triangle of the parametric head is made of; the value is Mesh::triangle_region.
enum class HeadRegion : uint8_t {
  kSkin = 0,
  kLips = 1,
  kEye = 2,  ///< front of an eyeball
  kBrow = 3,
  kHair = 4,  ///< top of the hair cap
  kNeck = 5,
  kEar = 6,
  kBeard = 7,
  kNeckCap = 8,  ///< the flat cut through the neck, no real surface
};

/// Names in the order of HeadRegion.
const std::vector<std::string>& head_region_names();

/// A named size or shape of the head with its spread in the population.
struct HeadParameterInfo {
  std::string name;  ///< ends in its unit, e.g. "head_breadth_mm"
  std::string unit;
  double male_mean = 0.0;
  double male_sd = 0.0;
  double female_mean = 0.0;
  double female_sd = 0.0;
  std::string source;
};

/// All parameters, in the order of HeadIdentity::parameters; docs/theory/head.md.
const std::vector<HeadParameterInfo>& parametric_head_parameters();

/// Index of a parameter by name. @throws thz::InputError if there is none.
std::size_t parametric_head_parameter_index(const std::string& name);

/// Correlation within one sex, row-major [P][P], positive definite.
const std::vector<double>& parametric_head_correlation();

/// Everything that makes one person.
struct HeadIdentity {
  bool female = false;
  std::vector<float> parameters;  ///< [P], in the units of parametric_head_parameters()
  std::vector<float> residual;    ///< symmetric smooth field, standard normal coefficients
  std::vector<float> asymmetry;   ///< antisymmetric smooth field, standard normal coefficients
  float hair_thickness_mm = 5.0f;
  float hairline_mm = 65.0f;  ///< hairline to sellion along the mid-line
  float baldness = 0.0f;      ///< 0: full hair, 1: none on the vault
  float brow_hair = 1.0f;     ///< density of the eyebrows, 0 to 1
  bool beard = false;
};

/// Person number `identity` of the population of `seed`. Sex is drawn evenly; parameters are normal
/// with the correlation above, redrawn beyond 3.5 standard deviations.
HeadIdentity sample_head_identity(uint64_t seed, uint64_t identity);

/// Mean of the means of both sexes, no residual, no asymmetry.
HeadIdentity mean_head_identity();

/// Small changes of the face between captures, 0 at rest; sensible range +-1.
struct HeadExpression {
  float smile = 0.0f;       ///< mouth corners back and up
  float jaw_open = 0.0f;    ///< chin and lower lip down, 1: 6 mm
  float brow_raise = 0.0f;  ///< 1: 4 mm
};

/// A light random expression of one capture (RngPurpose::kExpression).
HeadExpression sample_head_expression(uint64_t seed, uint64_t capture_key);

/// The head: fixed topology, closed manifold of genus 0, 20,000-40,000 triangles, metres, frame of
/// head-morphable/1 (see head_model.h). The neck is cut and closed by a flat cap.
/// @throws thz::ContractError if the identity has the wrong number of parameters.
Mesh build_parametric_head(const HeadIdentity& identity, const HeadExpression& expression = {});

/// A named vertex of the fixed topology.
struct ParametricHeadLandmark {
  std::string name;
  int32_t vertex = 0;
};

/// Landmarks: pronasale, sellion, glabella, subnasale, labrale_superius, stomion, labrale_inferius,
/// sublabiale, pogonion, menton, and with _left/_right: eye_center (front of the eyeball),
/// endocanthion, exocanthion, alare, cheilion, zygion, gonion, tragion, cheekbone, euryon, and
/// vertex, opisthocranion.
const std::vector<ParametricHeadLandmark>& parametric_head_landmarks();

/// Vertex of a landmark. @throws thz::InputError if there is none of that name.
int32_t parametric_head_landmark(const std::string& name);

/// Names of soft_biometrics(), with unit.
const std::vector<std::string>& soft_biometric_names();

/// Sizes measured on the mesh (which must be one of build_parametric_head) and facts of the
/// identity.
std::vector<float> soft_biometrics(const HeadIdentity& identity, const Mesh& mesh);

}  // namespace thz::sim
