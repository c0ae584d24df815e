#include "dataset_parts.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>

#include "dataset_schema.h"
#include "thz/core/error.h"
#include "thz/io/atomic_file.h"

namespace thz::io {

namespace {

uint64_t array_bytes(const DatasetHeader& header, bool pictures) {
  constexpr uint64_t kOverheadBytes = uint64_t{4} << 20;
  uint64_t bytes = kOverheadBytes + 2 * internal::header_json(header).size();
  const DatasetColumns none;
  internal::for_each_column(
      header, none, [&](const internal::ColumnInfo& info, const auto& values) {
        if (!pictures && internal::is_picture(info)) return;
        constexpr uint64_t kElement = sizeof(internal::ElementOf<decltype(values)>);
        const uint64_t rows = info.visible ? header.visible_rows : header.rows;
        const uint64_t chunk =
            std::max<uint64_t>(1, std::min(rows, internal::chunk_rows(info, kElement)));
        bytes += (rows + chunk - 1) / chunk * (chunk * info.row_size() * kElement + 64);
      });
  return bytes;
}

}  // namespace

uint64_t dataset_bytes(const DatasetHeader& header) { return array_bytes(header, true); }

namespace internal {
namespace {

namespace fs = std::filesystem;

uint64_t index_bytes(const DatasetHeader& header) { return array_bytes(header, false); }

/// The arrays of pictures out of other files, and what those files must be.
void make_virtual_arrays(Hdf5File& file, const DatasetHeader& header, const fs::path& path,
                         const std::vector<IndexSource>& sources) {
  std::vector<std::string> files, hashes;
  const fs::path folder = fs::absolute(path).parent_path();
  for (const IndexSource& source : sources) {
    files.push_back(fs::relative(fs::absolute(source.file), folder).string());
    hashes.push_back(source.content_sha256);
  }
  const DatasetColumns none;
  for_each_column(header, none, [&](const ColumnInfo& info, const auto&) {
    if (!is_picture(info)) return;
    std::vector<VirtualRows> rows;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      rows.push_back({files[i], info.visible ? sources[i].visible_rows : sources[i].rows});
    }
    file.make_virtual(info.path,
                      with_rows(info.visible ? header.visible_rows : header.rows, info.row_shape),
                      rows);
  });
  file.set_texts("/", kIndexFilesKey, files);
  file.set_texts("/", kIndexHashesKey, hashes);
}

// Takes the blocks of the file before HDF5 writes to them, because the library does not survive a
// disk that fills up under it. Where a file system cannot reserve, this is skipped.
void reserve_room(const fs::path& temporary, const fs::path& shown, uint64_t bytes) {
  int error = 0;
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      limit.rlim_cur < bytes) {
    error = EFBIG;
  } else {
    const int file = ::open(temporary.c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    if (::fallocate(file, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) != 0) error = errno;
    ::close(file);
  }
  if (error == ENOSPC || error == EFBIG || error == EDQUOT) {
    throw_input("{}: cannot be written: {} bytes are needed: {}", shown.string(), bytes,
                std::system_category().message(error));
  }
}

StoredPart part_header(const Hdf5File& file, const fs::path& path) {
  const std::string schema =
      file.has_attribute("/", "schema") ? file.text("/", "schema") : "no schema";
  if (schema != kPartSchema) {
    throw NotAPart(fmt::format("{}: is {}, a part file of schema {} is expected", path.string(),
                               schema, kPartSchema));
  }
  StoredPart part;
  part.header = read_header(file);
  part.range.index = file.unsigned_number("/", "part_index");
  part.range.first_row = file.unsigned_number("/", "first_row");
  part.range.rows = file.unsigned_number("/", "part_rows");
  part.range.first_visible = file.unsigned_number("/", "first_visible");
  part.range.visible_rows = file.unsigned_number("/", "part_visible_rows");
  part.content_sha256 = file.text("/", kHashKey);
  return part;
}

/// Gives back the blocks behind the end of the file.
void release_room(const fs::path& file) {
  std::error_code ignored;
  fs::resize_file(file, fs::file_size(file), ignored);
}

}  // namespace

fs::path part_path(const fs::path& folder, std::size_t index) {
  return folder / kPartsFolder / fmt::format("part-{:06}.h5", index);
}

std::vector<fs::path> part_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder / kPartsFolder, error)) {
    if (entry.path().extension() == ".h5") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string missing_rows(const std::vector<DatasetPart>& parts, uint64_t rows) {
  std::string text;
  uint64_t next = 0;
  const auto gap = [&](uint64_t end) {
    if (next < end) text += fmt::format("{}{} to {}", text.empty() ? "" : ", ", next, end - 1);
  };
  for (const DatasetPart& part : parts) {
    gap(part.first_row);
    next = std::max(next, part.first_row + part.rows);
  }
  gap(rows);
  return text;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

void write_part_file(const fs::path& path, const DatasetHeader& header, const DatasetPart& range,
                     const DatasetColumns& columns) {
  Hdf5File file = Hdf5File::create_in_memory(path.string());
  file.set_text("/", "schema", kPartSchema);
  write_header(file, header);
  file.set_unsigned("/", "part_index", range.index);
  file.set_unsigned("/", "first_row", range.first_row);
  file.set_unsigned("/", "part_rows", range.rows);
  file.set_unsigned("/", "first_visible", range.first_visible);
  file.set_unsigned("/", "part_visible_rows", range.visible_rows);
  make_arrays(file, header, range.rows, range.visible_rows);
  write_run(file, header, columns, 0, 0);
  file.set_text("/", kHashKey, content_sha256(header, columns));
  write_hdf5(path, file);
}

StoredPart read_part_header(const fs::path& path) {
  const Hdf5File file = Hdf5File::open(path);
  return part_header(file, path);
}

StoredPart read_part_file(const fs::path& path) {
  const Hdf5File file = Hdf5File::open(path);
  StoredPart part = part_header(file, path);
  check_arrays(file, part.header, part.range.rows, part.range.visible_rows);
  part.columns = read_run(file, part.header, 0, part.range.rows, 0, part.range.visible_rows);
  if (content_sha256(part.header, part.columns) != part.content_sha256) {
    throw_input("{}: its content does not match its content hash", path.string());
  }
  return part;
}

void write_finished(const fs::path& path, const DatasetHeader& header, std::size_t runs,
                    const RunSource& source, const std::vector<IndexSource>& sources) {
  write_atomically(path, [&](const fs::path& temporary) {
    Hdf5File file = Hdf5File::create(temporary, path.string());
    const bool index = !sources.empty();
    reserve_room(temporary, path, index ? index_bytes(header) : dataset_bytes(header));
    file.set_text("/", "schema", kDatasetSchema);
    write_header(file, header);
    if (index) make_virtual_arrays(file, header, path, sources);
    make_arrays(file, header, header.rows, header.visible_rows, index);
    ContentHash hash(header);
    uint64_t row = 0;
    uint64_t visible = 0;
    for (std::size_t i = 0; i < runs; ++i) {
      const DatasetColumns run = source(i);
      write_run(file, header, run, row, visible, index);
      hash.add(run);
      row += run.rows;
      visible += run.visible_rows;
    }
    THZ_REQUIRE(row == header.rows && visible == header.visible_rows,
                "the runs do not add up to the rows of the header");
    file.set_text("/", kHashKey, hash.hex());
    file.set_text("/", "created_utc", utc_now());
    file.set_unsigned("/", "complete", 1);
    file.close();
    release_room(temporary);
  });
}

}  // namespace internal

}  // namespace thz::io
