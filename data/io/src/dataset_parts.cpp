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

namespace thz::io::internal {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kOverheadBytes = uint64_t{4} << 20;

/// Bytes the file will take at most: whole chunks, texts, the library's own structures.
uint64_t needed_bytes(const DatasetHeader& header) {
  uint64_t bytes = kOverheadBytes + 2 * header_json(header).size();
  const DatasetColumns none;
  for_each_column(header, none, [&](const ColumnInfo& info, const auto& values) {
    constexpr uint64_t kElement = sizeof(ElementOf<decltype(values)>);
    const uint64_t rows = info.visible ? header.visible_rows : header.rows;
    const uint64_t chunk = std::max<uint64_t>(1, std::min(rows, chunk_rows(info, kElement)));
    bytes += (rows + chunk - 1) / chunk * (chunk * info.row_size() * kElement + 64);
  });
  return bytes;
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

/// Gives back the blocks behind the end of the file.
void release_room(const fs::path& file) {
  std::error_code ignored;
  fs::resize_file(file, fs::file_size(file), ignored);
}

}  // namespace

fs::path part_path(const fs::path& folder, std::size_t index) {
  return folder / kPartsFolder / fmt::format("part-{:06}.h5", index);
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

StoredPart read_part_file(const fs::path& path) {
  const Hdf5File file = Hdf5File::open(path);
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
  check_arrays(file, part.header, part.range.rows, part.range.visible_rows);
  part.columns = read_run(file, part.header, 0, part.range.rows, 0, part.range.visible_rows);
  if (content_sha256(part.header, part.columns) != file.text("/", kHashKey)) {
    throw_input("{}: its content does not match its content hash", path.string());
  }
  return part;
}

void write_finished(const fs::path& path, const DatasetHeader& header, std::size_t runs,
                    const RunSource& source) {
  write_atomically(path, [&](const fs::path& temporary) {
    Hdf5File file = Hdf5File::create(temporary, path.string());
    reserve_room(temporary, path, needed_bytes(header));
    file.set_text("/", "schema", kDatasetSchema);
    write_header(file, header);
    make_arrays(file, header, header.rows, header.visible_rows);
    ContentHash hash(header);
    uint64_t row = 0;
    uint64_t visible = 0;
    for (std::size_t i = 0; i < runs; ++i) {
      const DatasetColumns run = source(i);
      write_run(file, header, run, row, visible);
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

}  // namespace thz::io::internal
