// thz_fuzz: reads damaged files by the thousand. Every one must be read or refused in one sentence.
//   thz_fuzz --inputs 122232 --keep findings      the long run
//   thz_fuzz --only obj --inputs 16000 --seed 7   one kind; inputs are shared out over all kinds
#include <fmt/core.h>

#include <cstdio>
#include <stdexcept>

#include "io/io_support.h"
#include "runner.h"

namespace thz::fuzz {

std::vector<Target> make_targets(const std::filesystem::path& scratch) {
  std::vector<Target> targets;
  add_text_targets(targets);
  add_mesh_targets(targets);
  add_hdf5_targets(scratch, targets);
  add_other_targets(scratch, targets);
  add_index_target(scratch, targets);
  add_table_targets(scratch, targets);
  return targets;
}

namespace {

RunOptions parse(int argc, char** argv) {
  RunOptions options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string key = argv[i], value = argv[i + 1];
    if (key == "--inputs") {
      options.inputs = std::stoull(value);
    } else if (key == "--seed") {
      options.seed = std::stoull(value);
    } else if (key == "--seconds") {
      options.seconds_an_input = std::stoi(value);
    } else if (key == "--memory-mib") {
      options.memory_mib = std::stoull(value);
    } else if (key == "--keep") {
      options.keep = value;
    } else if (key == "--only") {
      options.only.push_back(value);
    } else {
      throw std::invalid_argument("unknown option " + key);
    }
  }
  if (argc % 2 == 0) throw std::invalid_argument("every option takes a value");
  return options;
}

const char* const kNames[] = {"read", "refused", "other exception", "crash", "hang"};

void print_counts(const std::string& name, const Counts& counts) {
  fmt::print("{:<16}", name);
  for (const uint64_t count : counts) fmt::print("{:>17}", count);
  fmt::print("\n");
  std::fflush(stdout);
}

int fuzz(const RunOptions& options, const std::filesystem::path& scratch) {
  fmt::print("{:<16}", "kind");
  for (const char* name : kNames) fmt::print("{:>17}", name);
  fmt::print("\n");
  std::fflush(stdout);  // or each child would print it again
  Counts total{};
  const RunResult result =
      run(make_targets(scratch), options, scratch, [&](const Target& target, const Counts& counts) {
        print_counts(target.name, counts);
        for (std::size_t k = 0; k < counts.size(); ++k) total[k] += counts[k];
      });
  print_counts("all", total);
  for (const Finding& finding : result.findings) {
    fmt::print("{}: {} {}: {}\n", kNames[static_cast<int>(finding.outcome)], finding.target,
               finding.number, finding.what);
  }
  return result.findings.empty() ? 0 : 1;
}

}  // namespace
}  // namespace thz::fuzz

int main(int argc, char** argv) {
  try {
    const thz::fuzz::RunOptions options = thz::fuzz::parse(argc, argv);
    const thz::test::Scratch scratch;
    return thz::fuzz::fuzz(options, scratch.path());
  } catch (const std::exception& e) {
    fmt::print(stderr, "thz_fuzz: {}\n", e.what());
    return 2;
  }
}
