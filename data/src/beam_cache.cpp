#include "thz/data/beam_cache.h"

#include <fmt/core.h>

#include <cstdlib>
#include <map>
#include <mutex>

#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/core/version.h"
#include "thz/io/atomic_file.h"
#include "thz/io/hdf5_file.h"
#include "thz/sim/frame.h"

namespace thz::data {
namespace {

namespace fs = std::filesystem;
using sim::BeamTiles;

constexpr const char* kBeamSchema = "thzface-beam-tiles/1";

/// Numbers as text that tells any two of them apart.
class KeyText {
 public:
  explicit KeyText(const std::string& start) : text_(start) {}
  KeyText& operator<<(double value) {
    text_ += fmt::format(" {:a}", value);
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void add_design(KeyText& key, const sim::GregorianDesign& d) {
  const sim::GregorianMisalignment& m = d.misalignment;
  key << d.main_to_first_focus_m << d.main_to_target_m << d.main_incidence_rad << d.sub_focal_m
      << d.sub_incidence_rad.value_or(99.0) << d.galvo_distance_m.value_or(-1.0)
      << d.galvo_separation_m << d.aperture_m << d.edge_taper_db << d.stop_at_first_galvo
      << d.second_galvo_size_m.x() << d.second_galvo_size_m.y() << d.sub_diameter_m
      << d.main_diameter_m << d.galvo_rms_m << d.sub_rms_m << d.main_rms_m << d.mirror_loss_db;
  for (int i = 0; i < 3; ++i) key << m.sub_shift_m[i] << m.sub_rotation_rad[i];
  for (int i = 0; i < 2; ++i) key << m.feed_shift_m[i] << m.feed_tilt_rad[i];
}

/// Everything but tiles and values, in one row.
std::vector<double> numbers_of(const BeamTiles& b) {
  return {b.frequency_hz,
          b.standoff_m,
          b.field_of_view_m.x(),
          b.field_of_view_m.y(),
          double(b.lines),
          double(b.samples_per_line),
          b.first_depth_m,
          b.tile_depth_m,
          double(b.slabs),
          double(b.line_groups),
          double(b.lines_per_group),
          double(b.depth_groups),
          b.half_width_m,
          b.cell_m,
          double(b.phase_degree),
          b.residual_db,
          b.worst_residual_db,
          b.mean_terms,
          double(b.most_terms)};
}

void set_numbers(const std::vector<double>& n, BeamTiles& b) {
  if (n.size() != numbers_of(b).size()) throw_input("the tables' numbers are not whole");
  std::size_t at = 0;
  b.frequency_hz = n[at++];
  b.standoff_m = n[at++];
  b.field_of_view_m.x() = n[at++];
  b.field_of_view_m.y() = n[at++];
  for (int* whole : {&b.lines, &b.samples_per_line}) *whole = static_cast<int>(n[at++]);
  b.first_depth_m = n[at++];
  b.tile_depth_m = n[at++];
  for (int* whole : {&b.slabs, &b.line_groups, &b.lines_per_group, &b.depth_groups}) {
    *whole = static_cast<int>(n[at++]);
  }
  b.half_width_m = n[at++];
  b.cell_m = n[at++];
  b.phase_degree = static_cast<int>(n[at++]);
  b.residual_db = n[at++];
  b.worst_residual_db = n[at++];
  b.mean_terms = n[at++];
  b.most_terms = static_cast<int>(n[at++]);
}

/// [tile]{terms, half along, half across, place along, place across}.
std::vector<uint64_t> tiles_of(const BeamTiles& beam) {
  std::vector<uint64_t> rows;
  for (const BeamTiles::Tile& tile : beam.tiles) {
    for (const uint64_t v :
         {static_cast<uint64_t>(tile.terms), static_cast<uint64_t>(tile.along_half),
          static_cast<uint64_t>(tile.across_half), tile.along_at, tile.across_at}) {
      rows.push_back(v);
    }
  }
  return rows;
}

std::string content_hash(const std::vector<double>& numbers, const std::vector<double>& phase,
                         const std::vector<uint64_t>& tiles, const std::vector<float>& values) {
  Sha256 hash;
  hash.add(numbers.data(), numbers.size() * sizeof(double));
  hash.add(phase.data(), phase.size() * sizeof(double));
  hash.add(tiles.data(), tiles.size() * sizeof(uint64_t));
  hash.add(values.data(), values.size() * sizeof(float));
  return hash.hex();
}

std::shared_ptr<const BeamTiles> from_file(const fs::path& path, const std::string& key,
                                           const sim::Imager& imager) {
  try {
    if (!fs::exists(path)) return nullptr;
    auto beam = std::make_shared<BeamTiles>(read_beam(path, key));
    if (beam->fits(sim::frame_raster(imager), sim::frame_depths(imager))) return beam;
  } catch (const std::exception&) {
    // Made anew, which replaces the file.
  }
  return nullptr;
}

std::shared_ptr<const BeamTiles> make(const sim::Imager& imager, sim::BeamTileOptions options,
                                      int threads, const ProgressFn& progress,
                                      const CancelToken* cancel) {
  options.threads = threads;
  const CancelToken never;
  return std::make_shared<BeamTiles>(sim::make_beam_tiles(
      sim::Gregorian(imager.design), imager.beam.frequency_hz, sim::frame_raster(imager),
      sim::frame_depths(imager), options, progress, cancel != nullptr ? *cancel : never));
}

void keep(const fs::path& folder, const fs::path& path, const std::string& key,
          const BeamTiles& beam) {
  try {
    io::make_folder(folder);
    write_beam(path, key, beam);
  } catch (const InputError&) {
    // A cache that cannot be written costs time, nothing else.
  }
}

}  // namespace

fs::path beam_cache_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  const std::string own = variable("THZ_CACHE_DIR");
  if (own == "off") return {};
  if (!own.empty()) return own;
  if (const std::string xdg = variable("XDG_CACHE_HOME"); !xdg.empty())
    return fs::path(xdg) / "thzface";
  if (const std::string home = variable("HOME"); !home.empty()) {
    return fs::path(home) / ".cache" / "thzface";
  }
  return {};
}

std::string beam_key(const sim::Imager& imager, const sim::BeamTileOptions& o) {
  KeyText key(std::string(kBeamSchema) + " " + instruction_set());
  add_design(key, imager.design);
  const sim::ScanGeometry scan = sim::frame_raster(imager);
  const sim::RangeAxis depths = sim::frame_depths(imager);
  key << imager.beam.frequency_hz << scan.standoff_m() << scan.field_of_view_m().x()
      << scan.field_of_view_m().y() << scan.lines() << scan.samples_per_line() << depths.first_m
      << depths.spacing_m << depths.bins << depths.cell_m << depths.nodes_per_cell << o.residual_db
      << o.most_terms << o.node_pitch_m << o.half_width << o.cell << o.tile_height_m
      << o.tile_depth_m << o.sampling.rings << o.sampling.spokes << o.sampling.cutoff_db;
  return sha256_hex(key.text());
}

void write_beam(const fs::path& path, const std::string& key, const BeamTiles& beam) {
  const std::vector<double> numbers = numbers_of(beam);
  const std::vector<uint64_t> tiles = tiles_of(beam);
  io::Hdf5File file = io::Hdf5File::create_in_memory(path.string());
  file.set_text("/", "schema", kBeamSchema);
  file.set_text("/", "key", key);
  file.set_text("/", "sha256", content_hash(numbers, beam.phase, tiles, beam.values));
  file.write("/numbers", {numbers.size()}, numbers);
  file.write("/phase", {beam.phase.size()}, beam.phase);
  file.write("/tiles", {beam.tiles.size(), 5}, tiles);
  file.write("/values", {beam.values.size()}, beam.values);
  io::write_hdf5(path, file);
}

BeamTiles read_beam(const fs::path& path, const std::string& key) {
  const io::Hdf5File file = io::Hdf5File::open(path);
  if (file.text("/", "schema") != kBeamSchema || file.text("/", "key") != key) {
    throw_input("{}: these are not the tables of the beam that is asked for", path.string());
  }
  BeamTiles beam;
  const auto numbers = file.read<double>("/numbers");
  beam.phase = file.read<double>("/phase");
  const auto tiles = file.read<uint64_t>("/tiles");
  beam.values = file.read<float>("/values");
  if (content_hash(numbers, beam.phase, tiles, beam.values) != file.text("/", "sha256")) {
    throw_input("{}: the tables of the beam are damaged", path.string());
  }
  set_numbers(numbers, beam);
  for (std::size_t i = 0; i + 5 <= tiles.size(); i += 5) {
    BeamTiles::Tile tile;
    tile.terms = static_cast<int32_t>(tiles[i]);
    tile.along_half = static_cast<int32_t>(tiles[i + 1]);
    tile.across_half = static_cast<int32_t>(tiles[i + 2]);
    tile.along_at = tiles[i + 3];
    tile.across_at = tiles[i + 4];
    beam.tiles.push_back(tile);
  }
  return beam;
}

std::shared_ptr<const BeamTiles> kept_beam(const sim::Imager& imager,
                                           const sim::BeamTileOptions& options,
                                           const fs::path& folder, int threads,
                                           const ProgressFn& progress, const CancelToken* cancel) {
  const std::string key = beam_key(imager, options);
  const fs::path path = folder / ("beam-" + key + ".h5");
  if (!folder.empty()) {
    if (auto beam = from_file(path, key, imager)) return beam;
  }
  auto beam = make(imager, options, threads, progress, cancel);
  if (!folder.empty()) keep(folder, path, key, *beam);
  return beam;
}

std::shared_ptr<const BeamTiles> aperture_beam(const sim::Imager& imager, int threads,
                                               const ProgressFn& progress,
                                               const CancelToken* cancel) {
  if (imager.optics != sim::OpticsKind::kAperture) return nullptr;
  // Tables are some 70 MB; a plan may draw the optics anew for every row.
  constexpr std::size_t kMostInMemory = 4;
  static std::mutex making;
  static std::map<std::string, std::shared_ptr<const BeamTiles>> made;
  const sim::BeamTileOptions options;
  const std::string key = beam_key(imager, options);
  const std::lock_guard<std::mutex> lock(making);
  const auto found = made.find(key);
  if (found != made.end()) return found->second;
  auto beam = kept_beam(imager, options, beam_cache_folder(), threads, progress, cancel);
  if (made.size() >= kMostInMemory) made.erase(made.begin());
  made[key] = beam;
  return beam;
}

}  // namespace thz::data
