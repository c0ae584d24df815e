#include "head_tables.h"

#include <fmt/format.h>

#include <Eigen/Geometry>

#include "thz/core/parallel.h"
#include "thz/data/subject_files.h"
#include "thz/sim/head_model.h"

namespace thz::apps {

std::string head_parameters_text() {
  std::string text = fmt::format("{:<36}{:>10}{:>9}{:>10}{:>9}  {:<9}{}\n", "parameter", "men",
                                 "sd", "women", "sd", "measured", "source");
  for (const sim::HeadParameterInfo& p : sim::parametric_head_parameters()) {
    text += fmt::format("{:<36}{:>10.4g}{:>9.3g}{:>10.4g}{:>9.3g}  {:<9}{}\n", p.name, p.male_mean,
                        p.male_sd, p.female_mean, p.female_sd, p.measured ? "yes" : "imposed",
                        p.source);
  }
  text.pop_back();
  return text;
}

nlohmann::json head_parameters_json() {
  nlohmann::json list = nlohmann::json::array();
  for (const sim::HeadParameterInfo& p : sim::parametric_head_parameters()) {
    list.push_back({{"name", p.name},
                    {"unit", p.unit},
                    {"male", {{"mean", p.male_mean}, {"sd", p.male_sd}}},
                    {"female", {{"mean", p.female_mean}, {"sd", p.female_sd}}},
                    {"male_per_decade", p.male_per_decade},
                    {"female_per_decade", p.female_per_decade},
                    {"measured", p.measured},
                    {"source", p.source}});
  }
  return {{"parameters", list}};
}

std::string head_sample_csv(uint64_t seed, std::size_t count,
                            const sim::HeadPopulation& population) {
  std::string csv = "identity";
  for (const auto& p : sim::parametric_head_parameters()) csv += ",drawn_" + p.name;
  for (const auto& name : sim::soft_biometric_names()) csv += "," + name;
  csv += "\n";
  std::vector<std::string> rows(count);
  parallel_for(count, 0, [&](std::size_t i) {
    const sim::HeadIdentity head = sim::sample_head_identity(seed, i, population);
    rows[i] = fmt::format("{}", i);
    for (const float value : head.parameters) rows[i] += fmt::format(",{:.6g}", value);
    for (const float value : sim::soft_biometrics(head)) {
      rows[i] += fmt::format(",{:.6g}", value);
    }
    rows[i] += "\n";
  });
  for (const std::string& row : rows) csv += row;
  return csv;
}

namespace {

/// What was drawn for a measure that is solved for; null otherwise.
nlohmann::json drawn_value(const sim::HeadIdentity& head, const sim::HeadMeasure& measure) {
  if (!measure.solved) return nullptr;
  return head.parameters[sim::parametric_head_parameter_index(measure.name)];
}

}  // namespace

nlohmann::json head_measures_json(const sim::HeadIdentity& head) {
  const auto values = sim::measure_head(sim::build_bare_head(head));
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const sim::HeadMeasure& m = sim::head_measures()[i];
    list.push_back({{"name", m.name},
                    {"unit", m.unit},
                    {"definition", m.definition},
                    {"measured", values[i]},
                    {"drawn", drawn_value(head, m)}});
  }
  return {{"female", head.female}, {"age_years", head.age_years}, {"measures", list}};
}

std::string head_measures_text(const sim::HeadIdentity& head) {
  const nlohmann::json json = head_measures_json(head);
  std::string text =
      fmt::format("{}, {:.0f} years\n{:<36}{:>12}{:>12}  {}\n", head.female ? "female" : "male",
                  head.age_years, "measure", "measured", "drawn", "definition");
  for (const auto& m : json["measures"]) {
    text += fmt::format("{:<36}{:>12.4g}{:>12}  {}\n", m["name"].get<std::string>(),
                        m["measured"].get<double>(),
                        m["drawn"].is_null() ? "" : fmt::format("{:.4g}", m["drawn"].get<double>()),
                        m["definition"].get<std::string>());
  }
  text.pop_back();
  return text;
}

std::string population_text(const sim::HeadPopulationReport& report) {
  std::string text;
  for (const bool female : {false, true}) {
    text += fmt::format("{:<36}{:>10}{:>9}{:>11}{:>9}{:>9}{:>9}{:>9}\n", female ? "women" : "men",
                        "measured", "sd", "published", "sd", "z mean", "z sd", "misfit");
    for (const auto& r : report.rows) {
      if (r.female != female) continue;
      text += fmt::format("{:<36}{:>10.4g}{:>9.3g}{:>11.4g}{:>9.3g}{:>+9.2f}{:>9.2f}{:>9.2f}\n",
                          r.name, r.mean, r.sd, r.published_mean, r.published_sd, r.score_mean,
                          r.score_sd, r.misfit);
    }
  }
  for (const auto& c : report.correlations) {
    text += fmt::format(
        "{}: {} correlations differ by {:.3f} RMS (sampling alone {:.3f}), at most {:.2f}: {}\n",
        c.female ? "women" : "men", c.pairs, c.rms, c.sampling_rms, c.worst, c.worst_pair);
  }
  text.pop_back();
  return text;
}

nlohmann::json population_json(const sim::HeadPopulationReport& report) {
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& r : report.rows) {
    rows.push_back({{"name", r.name},
                    {"unit", r.unit},
                    {"female", r.female},
                    {"count", r.count},
                    {"mean", r.mean},
                    {"sd", r.sd},
                    {"published_mean", r.published_mean},
                    {"published_sd", r.published_sd},
                    {"score_mean", r.score_mean},
                    {"score_sd", r.score_sd},
                    {"misfit", r.misfit}});
  }
  nlohmann::json correlations = nlohmann::json::array();
  for (const auto& c : report.correlations) {
    correlations.push_back({{"female", c.female},
                            {"pairs", c.pairs},
                            {"rms", c.rms},
                            {"sampling_rms", c.sampling_rms},
                            {"worst", c.worst},
                            {"worst_pair", c.worst_pair}});
  }
  return {{"measures", rows}, {"correlations", correlations}};
}

namespace {

std::vector<Vec3> unit_normals(const Mesh& mesh) {
  std::vector<Vec3> normals(mesh.vertices.size(), Vec3::Zero());
  for (const auto& t : mesh.triangles) {
    const auto at = [&](std::size_t k) { return mesh.vertices[static_cast<std::size_t>(t[k])]; };
    const Vec3 twice_area = (at(1) - at(0)).cross(at(2) - at(0));
    for (const int32_t v : t) normals[static_cast<std::size_t>(v)] += twice_area;
  }
  for (Vec3& n : normals) n.normalize();
  return normals;
}

template <typename T>
std::vector<T> pick(const std::vector<T>& values, const std::vector<int32_t>& chosen) {
  std::vector<T> picked;
  for (const int32_t v : chosen) picked.push_back(values[static_cast<std::size_t>(v)]);
  return picked;
}

void add_rows(const std::string& model, const std::vector<std::vector<Vec3>>& faces,
              const std::vector<Vec3>& normals, std::vector<NeighbourRow>& rows) {
  rows.push_back({model, "raw, full", sim::face_neighbours(faces, {}, false)});
  rows.push_back({model, "raw, normal part", sim::face_neighbours(faces, normals, false)});
  rows.push_back({model, "rigid, full", sim::face_neighbours(faces, {}, true)});
  rows.push_back({model, "rigid, normal part", sim::face_neighbours(faces, normals, true)});
}

}  // namespace

std::vector<NeighbourRow> neighbour_rows(uint64_t seed, std::size_t count,
                                         const std::string& model_path) {
  std::vector<NeighbourRow> rows;
  std::vector<std::vector<Vec3>> faces(count);
  const std::vector<int32_t> chosen = sim::parametric_face_vertices(4);
  parallel_for(count, 0, [&](std::size_t i) {
    faces[i] = pick(sim::build_bare_head(sim::sample_head_identity(seed, i)).vertices, chosen);
  });
  const auto mean_normals = unit_normals(sim::build_bare_head(sim::mean_head_identity()));
  add_rows("parametric", faces, pick(mean_normals, chosen), rows);
  if (model_path.empty()) return rows;
  const auto model = data::load_head_model(model_path);
  const Mesh mean = sim::evaluate(*model, {}, {});
  std::vector<int32_t> front;
  for (std::size_t v = 0, seen = 0; v < mean.vertices.size(); ++v) {
    const Vec3& p = mean.vertices[v];
    const bool skin = model->vertex_region.empty() || model->vertex_region[v] <= 1;
    if (skin && p.z() > 0.045 && p.y() > -0.078 && p.y() < 0.102 && seen++ % 4 == 0) {
      front.push_back(static_cast<int32_t>(v));
    }
  }
  parallel_for(count, 0, [&](std::size_t i) {
    faces[i] =
        pick(sim::evaluate(*model, sim::sample_identity(*model, seed, i), {}).vertices, front);
  });
  add_rows(model->name, faces, pick(unit_normals(mean), front), rows);
  return rows;
}

std::string neighbours_text(const std::vector<NeighbourRow>& rows) {
  std::string text =
      fmt::format("{:<24}{:<20}{:>9}{:>8}{:>8}{:>8}{:>12}{:>10}\n", "model", "frame, mm RMS",
                  "nearest", "p5", "median", "p95", "all pairs", "their p1");
  for (const NeighbourRow& r : rows) {
    const sim::NeighbourStatistics& d = r.distance_mm;
    text += fmt::format("{:<24}{:<20}{:>9.2f}{:>8.2f}{:>8.2f}{:>8.2f}{:>12.2f}{:>10.2f}\n", r.model,
                        r.frame, d.nearest_min, d.nearest_p5, d.nearest_median, d.nearest_p95,
                        d.pairs_median, d.pairs_p1);
  }
  text.pop_back();
  return text;
}

nlohmann::json neighbours_json(const std::vector<NeighbourRow>& rows) {
  nlohmann::json list = nlohmann::json::array();
  for (const NeighbourRow& r : rows) {
    const sim::NeighbourStatistics& d = r.distance_mm;
    list.push_back({{"model", r.model},
                    {"frame", r.frame},
                    {"nearest_min_mm", d.nearest_min},
                    {"nearest_p5_mm", d.nearest_p5},
                    {"nearest_median_mm", d.nearest_median},
                    {"nearest_p95_mm", d.nearest_p95},
                    {"pairs_median_mm", d.pairs_median},
                    {"pairs_p1_mm", d.pairs_p1}});
  }
  return {{"neighbours", list}};
}

}  // namespace thz::apps
