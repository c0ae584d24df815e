#include "thz/io/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <system_error>
#include <utility>

#include "thz/core/error.h"

namespace thz::io {
namespace {

namespace fs = std::filesystem;

constexpr char kTemporaryMark[] = ".tmp-";

std::string reason(int error) { return std::system_category().message(error); }

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }
  /// Some file systems report a full disk only here.
  int close_now() { return ::close(std::exchange(value_, -1)); }

 private:
  int value_;
};

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

void sync_path(const fs::path& path, const fs::path& shown, int flags) {
  Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (file.get() < 0 || ::fsync(file.get()) != 0) {
    throw_input("{}: cannot be written to disk: {}", shown.string(), reason(errno));
  }
}

void check_target(const fs::path& path) {
  const fs::path folder = folder_of(path);
  std::error_code error;
  if (path.filename().empty() || fs::is_directory(path, error)) {
    throw_input("{}: cannot be written: it names a folder, a file is expected", path.string());
  }
  if (!fs::is_directory(folder, error)) {
    throw_input("{}: cannot be written: there is no folder '{}'", path.string(), folder.string());
  }
}

/// An empty file of a new name beside `path`, with the permissions of any new file.
fs::path make_temporary(const fs::path& path) {
  static std::atomic<unsigned> counter{0};
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const fs::path name =
        folder_of(path) / fmt::format(".{}{}{}-{}", path.filename().string(), kTemporaryMark,
                                      ::getpid(), counter.fetch_add(1));
    const Descriptor file(::open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
    if (file.get() >= 0) return name;
    if (errno != EEXIST) throw_input("{}: cannot be written: {}", path.string(), reason(errno));
  }
  throw_input("{}: cannot be written: no free temporary name beside it", path.string());
}

void write_all(const fs::path& temporary, const fs::path& shown, std::string_view bytes) {
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (file.get() < 0) throw_input("{}: cannot be written: {}", shown.string(), reason(errno));
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw_input("{}: cannot be written: {}", shown.string(), reason(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (file.close_now() != 0) {
    throw_input("{}: cannot be written: {}", shown.string(), reason(errno));
  }
}

}  // namespace

void write_atomically(const fs::path& path, const std::function<void(const fs::path&)>& fill) {
  check_target(path);
  const fs::path temporary = make_temporary(path);
  try {
    fill(temporary);
    sync_path(temporary, path, O_RDWR);
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
      throw_input("{}: cannot be put in place: {}", path.string(), reason(errno));
    }
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_path(folder_of(path), path, O_RDONLY | O_DIRECTORY);
}

void write_file(const fs::path& path, std::string_view bytes) {
  write_atomically(path, [&](const fs::path& temporary) { write_all(temporary, path, bytes); });
}

std::string read_file(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw_input("{}: cannot be read: {}", path.string(), reason(errno));
  std::string bytes;
  struct stat status {};
  if (::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode)) {
    bytes.reserve(static_cast<std::size_t>(status.st_size));
  }
  char block[1 << 16];
  for (;;) {
    const ssize_t count = ::read(file.get(), block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_input("{}: cannot be read: {}", path.string(), reason(errno));
    if (count == 0) return bytes;
    bytes.append(block, static_cast<std::size_t>(count));
  }
}

std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path)) {
    throw_input("{}: cannot be made a folder: {}", path.string(),
                error ? error.message() : "a file of this name is in the way");
  }
}

bool is_temporary_name(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.size() > 1 && name.front() == '.' && name.find(kTemporaryMark) != std::string::npos;
}

FileLock::FileLock(const fs::path& path, Kind kind, const std::string& holder)
    : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) throw_input("{}: cannot be written: {}", path.string(), reason(errno));
  const int operation = (kind == Kind::kExclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;
  if (::flock(descriptor_, operation) == 0) return;
  const int error = errno;
  ::close(std::exchange(descriptor_, -1));
  if (error == EWOULDBLOCK) {
    throw_input("{} is being written by another process; one writer at a time is allowed", holder);
  }
  throw_input("{}: cannot be locked: {}", path.string(), reason(error));
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

}  // namespace thz::io
