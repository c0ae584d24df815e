#include "thz/data/head_scan.h"

#include "thz/core/error.h"
#include "thz/io/csv.h"
#include "thz/io/mesh_reader.h"

namespace thz::data {

std::vector<sim::NamedPoint> read_landmarks(const std::filesystem::path& path) {
  const io::CsvTable table = io::CsvTable::read(path);
  table.require_columns({"name", "x", "y", "z"}, {});
  std::vector<sim::NamedPoint> points;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    points.push_back({table.at(row, "name"), Vec3(table.number(row, "x"), table.number(row, "y"),
                                                  table.number(row, "z"))});
  }
  return points;
}

sim::ImportedHead import_head_scan(const std::filesystem::path& mesh,
                                   const std::filesystem::path& landmarks,
                                   const sim::HeadImportOptions& options) {
  const io::MeshFile file = io::read_mesh(mesh);
  const std::vector<sim::NamedPoint> marked =
      landmarks.empty() ? std::vector<sim::NamedPoint>{} : read_landmarks(landmarks);
  if (!landmarks.empty() && marked.size() < 3) {
    throw_input("{}: holds {} landmarks; three or more are needed", landmarks.string(),
                marked.size());
  }
  sim::ImportedHead head = sim::import_head(file.mesh, marked, options, mesh.string());
  head.repair.degenerate_triangles += file.dropped_degenerate;
  return head;
}

}  // namespace thz::data
