#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace thz::io {

/// Makes a file under a temporary name in the folder of `path`, fsyncs it, renames it to `path` and
/// fsyncs the folder, so that `path` is at any moment either what it was or the whole new file.
/// `fill` gets the temporary path and must leave a closed file there.
/// @throws InputError (folder missing or read-only, disk full, ...) with path and reason; whatever
/// `fill` throws passes through. The temporary file is removed either way.
void write_atomically(const std::filesystem::path& path,
                      const std::function<void(const std::filesystem::path& temporary)>& fill);

/// Writes bytes to `path` as above.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// Whole content of a file. @throws InputError if it is missing, a folder or unreadable.
std::string read_file(const std::filesystem::path& path);

/// Extension of a path in small letters, ".png" for "A.PNG"; empty if there is none.
std::string lower_extension(const std::filesystem::path& path);

/// Makes a folder with its parents. @throws InputError with path and reason.
void make_folder(const std::filesystem::path& path);

/// True for names that `write_atomically` uses before the rename: left-overs of a killed program.
bool is_temporary_name(const std::filesystem::path& path);

/// An advisory lock (flock) on a file, held until destruction or death of the process.
class FileLock {
 public:
  enum class Kind { kExclusive, kShared };
  /// Creates the file if needed; does not wait. @throws InputError if another process (or another
  /// FileLock of this one) holds the lock; `holder` says who is meant ("the data set DIR").
  FileLock(const std::filesystem::path& path, Kind kind, const std::string& holder);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace thz::io
