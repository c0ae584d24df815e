#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "thz/core/mesh.h"
#include "thz/sim/head_paint.h"

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
  double male_mean = 0.0;  ///< at 30 years
  double male_sd = 0.0;
  double female_mean = 0.0;
  double female_sd = 0.0;
  double male_per_decade = 0.0;  ///< change of the mean in ten years of age
  double female_per_decade = 0.0;
  std::string source;
  bool measured = false;  ///< solved for, so that measure_head() finds it on the built mesh
};

/// All parameters, in the order of HeadIdentity::parameters; docs/theory/head.md.
const std::vector<HeadParameterInfo>& parametric_head_parameters();

/// Index of a parameter by name. @throws thz::InputError if there is none.
std::size_t parametric_head_parameter_index(const std::string& name);

/// Mean and standard deviation of a parameter at an age.
double parametric_head_mean(std::size_t parameter, bool female, double age_years);
double parametric_head_sd(std::size_t parameter, bool female);

/// Correlation within one sex, row-major [P][P]: the published values moved to the nearest positive
/// definite correlation matrix (Higham, IMA J. Numer. Anal. 22(3), 2002).
const std::vector<double>& parametric_head_correlation(bool female);
/// The published values themselves, before that; not positive definite.
std::vector<double> published_head_correlation(bool female);

enum class HeadAgeBand : uint8_t { k18To29, k30To44, k45To59, k60To75 };

/// First year of a band, and the first beyond it.
std::array<double, 2> head_age_range(HeadAgeBand band);

/// Who may be drawn. Unset: sexes evenly; age bands 25, 30, 25 and 20 in a hundred.
struct HeadPopulation {
  std::optional<bool> female;
  std::optional<HeadAgeBand> age_band;
};

/// Hair of the scalp, a slab over the skin.
struct HeadHair {
  float thickness_mm = 6.0f;  ///< on the vault; 0 is a shaved head
  float side_thickness_mm = 4.0f;
  float hairline_mm = 65.0f;  ///< hairline to sellion along the mid-line
  float recession_mm = 6.0f;  ///< how much higher the hairline runs at the temples
  float peak_mm = 0.0f;       ///< widow's peak at the middle of the hairline
  float nape_drop_mm = 0.0f;  ///< how far the hair falls below the short-cut nape, 0 to 110
  float parting = 0.0f;       ///< -1 to 1: more volume on the subject's left or right
  float baldness = 0.0f;      ///< 0: full hair, 1: none on the vault
  float grey = 0.0f;          ///< share of grey hairs
};

/// Hair of the face.
struct FaceHair {
  float brow_density = 1.0f;       ///< 0 to 1
  float brow_thickness_mm = 9.0f;  ///< height of the eyebrow at its middle
  float beard = 0.0f;              ///< density on the jaw and chin, 0 to 1; a slab from 0.5 on
  float moustache = 0.0f;
  float beard_thickness_mm = 0.0f;
};

/// Everything that makes one person.
struct HeadIdentity {
  bool female = false;
  float age_years = 30.0f;
  std::vector<float> parameters;  ///< [P], in the units of parametric_head_parameters()
  std::vector<float> residual;    ///< symmetric smooth field, standard normal coefficients
  std::vector<float> asymmetry;   ///< antisymmetric smooth field, standard normal coefficients
  std::vector<float> meso;        ///< relief of 6-12 mm wavelength, standard normal coefficients
  HeadHair hair;
  FaceHair face_hair;
};

/// Person number `identity` of the population of `seed`. Parameters are normal with the correlation
/// above; a draw with any score beyond 3.5 standard deviations is repeated, and what that takes
/// off the spread is given back.
HeadIdentity sample_head_identity(uint64_t seed, uint64_t identity,
                                  const HeadPopulation& population = {});

/// Mean of the means of both sexes at 30 years, no residual, no asymmetry.
HeadIdentity mean_head_identity();
/// The mean of one sex at one age.
HeadIdentity mean_head_identity(bool female, double age_years);

/// Small changes of the face between captures, 0 at rest; sensible range +-1.
struct HeadExpression {
  float smile = 0.0f;       ///< mouth corners back and up
  float jaw_open = 0.0f;    ///< chin and lower lip down, 1: 6 mm
  float brow_raise = 0.0f;  ///< 1: 4 mm
};

/// How the expression of a capture is drawn: smile, jaw_open, brow_raise.
struct ExpressionLaw {
  Vec3 mean{0.1, 0.0, 0.0};
  Vec3 sd{0.25, 0.15, 0.2};
};

/// The expression of one capture (RngPurpose::kExpression): normal, redrawn beyond 2.5 standard
/// deviations, held within -1 and 1; a jaw that would close farther opens as much.
HeadExpression sample_head_expression(uint64_t seed, uint64_t capture_key,
                                      const ExpressionLaw& law = {});

/// The head: fixed topology, closed manifold of genus 0, 20,000-40,000 triangles, metres, frame of
/// head-morphable/1 (see head_model.h). The neck is cut and closed by a flat cap.
/// @throws thz::ContractError if the identity has the wrong number of parameters.
Mesh build_parametric_head(const HeadIdentity& identity, const HeadExpression& expression = {});
/// The same mesh with its paint, one a vertex.
struct PaintedHead {
  Mesh mesh;
  std::vector<HeadPaint> paint;
};
PaintedHead build_painted_head(const HeadIdentity& identity, const HeadExpression& expression = {});
/// The bare skin without hair, brows and beard: what a caliper meets.
Mesh build_bare_head(const HeadIdentity& identity);

/// One thing measured on a built head.
struct HeadMeasure {
  std::string name;
  std::string unit;
  std::string definition;  ///< landmarks and way of measuring
  bool solved = false;     ///< the head was shaped until it equals the parameter of that name
};
const std::vector<HeadMeasure>& head_measures();
/// Values in the order of head_measures(), read off a bare head (hair counts as skin otherwise).
/// @throws thz::ContractError if the mesh is not a parametric head.
std::vector<double> measure_head(const Mesh& mesh);

/// A named vertex of the fixed topology.
struct ParametricHeadLandmark {
  std::string name;
  int32_t vertex = 0;
};

/// Landmarks by their names in anthropometry: pronasale, sellion, glabella, subnasale, ...; those
/// off the mid-line end in _left and _right (docs/theory/head.md).
const std::vector<ParametricHeadLandmark>& parametric_head_landmarks();

/// Vertex of a landmark. @throws thz::InputError if there is none of that name.
int32_t parametric_head_landmark(const std::string& name);

/// Names of soft_biometrics(), with unit.
const std::vector<std::string>& soft_biometric_names();

/// What belongs to a person whatever the capture: sizes measured on the bare head at rest, areas of
/// skin under hair, facts of the identity.
std::vector<float> soft_biometrics(const HeadIdentity& identity);

}  // namespace thz::sim
