#include "thz/io/atomic_file.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "io/io_support.h"
#include "thz/core/error.h"

using Catch::Matchers::Contains;
using thz::InputError;
using thz::test::Scratch;
using thz::test::slurp;
using namespace thz::io;

TEST_CASE("a written file holds the bytes and leaves no temporary behind", "[io][atomic]") {
  const Scratch scratch;
  write_file(scratch / "a", std::string("old"));
  write_file(scratch / "a", std::string("new\0bytes", 9));
  CHECK(read_file(scratch / "a") == std::string("new\0bytes", 9));
  CHECK(thz::test::count_entries(scratch.path()) == 1);
}

TEST_CASE("a failing writer harms nothing and leaves nothing", "[io][atomic]") {
  const Scratch scratch;
  write_file(scratch / "a", "old");
  CHECK_THROWS_AS(write_atomically(scratch / "a",
                                   [](const std::filesystem::path& temporary) {
                                     thz::test::spill(temporary, "half");
                                     throw InputError("stop");
                                   }),
                  InputError);
  CHECK(slurp(scratch / "a") == "old");
  CHECK(thz::test::count_entries(scratch.path()) == 1);
}

TEST_CASE("places that cannot be written are named with the reason", "[io][atomic]") {
  const Scratch scratch;
  CHECK_THROWS_WITH(write_file(scratch / "none/a", "x"), Contains("none") && Contains("folder"));
  CHECK_THROWS_WITH(write_file(scratch.path(), "x"), Contains("names a folder"));
  CHECK_THROWS_WITH(read_file(scratch / "absent"), Contains("absent") && Contains("No such file"));
  thz::test::spill(scratch / "file", "x");
  CHECK_THROWS_AS(make_folder(scratch / "file/below"), InputError);
}

namespace {

/// Runs `body` in a child; true if it threw an InputError whose text holds `wanted`.
template <typename Body>
bool child_sees_input_error(const std::string& wanted, Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    int status = 1;
    try {
      body();
    } catch (const InputError& e) {
      status = std::string(e.what()).find(wanted) == std::string::npos ? 2 : 0;
    } catch (...) {
      status = 3;
    }
    ::_exit(status);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("a read-only folder is one sentence", "[io][atomic]") {
  const Scratch scratch;
  std::filesystem::permissions(scratch.path(), std::filesystem::perms(0555));
  CHECK(child_sees_input_error("Permission denied", [&] {
    // Root may write anywhere: nobody may not.
    if (::getuid() == 0 && ::setuid(65534) != 0) ::_exit(4);
    write_file(scratch / "a", "x");
  }));
  std::filesystem::permissions(scratch.path(), std::filesystem::perms(0755));
  CHECK(thz::test::count_entries(scratch.path()) == 0);
}

TEST_CASE("a file that may not grow is one sentence and is removed", "[io][atomic]") {
  const Scratch scratch;
  CHECK(child_sees_input_error("File too large", [&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    write_file(scratch / "a", std::string(5000, 'x'));
  }));
  CHECK(thz::test::count_entries(scratch.path()) == 0);
}

TEST_CASE("a lock admits one exclusive holder or several shared ones", "[io][atomic]") {
  const Scratch scratch;
  const auto path = scratch / "lock";
  {
    const FileLock lock(path, FileLock::Kind::kExclusive, "the set");
    CHECK_THROWS_WITH(FileLock(path, FileLock::Kind::kExclusive, "the set"),
                      Contains("the set is being written"));
    CHECK_THROWS_AS(FileLock(path, FileLock::Kind::kShared, "the set"), InputError);
  }
  const FileLock one(path, FileLock::Kind::kShared, "the set");
  CHECK_NOTHROW(FileLock(path, FileLock::Kind::kShared, "the set"));
  CHECK_THROWS_AS(FileLock(path, FileLock::Kind::kExclusive, "the set"), InputError);
}
