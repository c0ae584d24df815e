#include "thz/io/dataset_index.h"

#include <map>

#include "dataset_file.h"
#include "dataset_parts.h"
#include "thz/core/error.h"

namespace thz::io {

namespace fs = std::filesystem;

namespace {

/// The parts of all folders by their first row, headers only.
std::map<uint64_t, std::pair<fs::path, internal::StoredPart>> collect_parts(
    const std::vector<fs::path>& folders) {
  std::map<uint64_t, std::pair<fs::path, internal::StoredPart>> parts;
  const internal::StoredPart* first = nullptr;
  for (const fs::path& folder : folders) {
    for (const fs::path& file : internal::part_files(folder)) {
      internal::StoredPart part = internal::read_part_header(file);
      if (first != nullptr) {
        internal::require_same_header(part.header, first->header, folder.string());
      }
      const uint64_t row = part.range.first_row;
      const auto [place, fresh] = parts.emplace(row, std::make_pair(file, std::move(part)));
      if (fresh && first == nullptr) first = &place->second.second;
    }
  }
  if (parts.empty()) throw_input("{}: holds no parts of a data set", folders.front().string());
  return parts;
}

/// An index of an index names the files behind the latter.
std::vector<IndexSource> whole_sources(const std::vector<IndexSource>& sources) {
  std::vector<IndexSource> whole;
  for (const IndexSource& source : sources) {
    const Hdf5File file = Hdf5File::open(source.file);
    if (!file.has_attribute("/", internal::kIndexFilesKey)) {
      whole.push_back(source);
      continue;
    }
    const internal::DatasetFile index(source.file);
    for (const auto& behind : index.sources()) {
      whole.push_back(
          {behind.path, behind.captures.count, behind.visible.count, behind.content_sha256});
    }
  }
  return whole;
}

}  // namespace

void write_dataset_index(const fs::path& path, const DatasetHeader& header, std::size_t runs,
                         const std::function<DatasetColumns(std::size_t run)>& source,
                         const std::vector<IndexSource>& sources) {
  THZ_REQUIRE(!sources.empty(), "an index needs a source");
  internal::write_finished(path, header, runs, source, whole_sources(sources));
}

bool is_dataset_in_the_making(const fs::path& path) {
  if (!fs::is_directory(path) || !fs::is_directory(path / internal::kPartsFolder)) return false;
  try {
    find_dataset(path);
    return false;
  } catch (const InputError&) {
    return true;
  }
}

void join_shards(const std::vector<fs::path>& folders, const fs::path& path, bool index) {
  const auto parts = collect_parts(folders);
  const DatasetHeader& header = parts.begin()->second.second.header;
  std::vector<IndexSource> sources;
  std::vector<DatasetPart> ranges;
  for (const auto& [row, entry] : parts) {
    const auto& [file, part] = entry;
    ranges.push_back(part.range);
    sources.push_back({file, part.range.rows, part.range.visible_rows, part.content_sha256});
  }
  const std::string missing = internal::missing_rows(ranges, header.rows);
  if (!missing.empty()) {
    throw_input("{}: rows {} of {} are in none of the {} folders", folders.front().string(),
                missing, header.rows, folders.size());
  }
  const auto run = [&](std::size_t i) { return internal::read_part_file(sources[i].file).columns; };
  internal::write_finished(path, header, sources.size(), run,
                           index ? sources : std::vector<IndexSource>{});
}

}  // namespace thz::io
