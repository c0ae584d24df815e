#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "commands.h"
#include "metrics_command.h"
#include "thz/core/error.h"

namespace thz::apps {
namespace {

/// thzface-learn beside this program, else the one on PATH.
std::string learn_program() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = self.parent_path() / "thzface-learn";
  return !error && std::filesystem::exists(beside) ? beside.string() : "thzface-learn";
}

[[noreturn]] void hand_over(const std::string& command, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"thzface-learn", command};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string program = learn_program();
  // Threads that spin while they wait take the processor from those that work: on a shared machine
  // training is several times slower without this. A choice of the user's own stands.
  setenv("OMP_WAIT_POLICY", "passive", 0);
  execvp(program.c_str(), argv.data());
  throw_input("{} cannot be started ({}); it is built with THZ_WITH_MODEL=ON", program,
              std::strerror(errno));
}

/// @param first  words before the user's
void add_handed_over(CLI::App& app, const std::string& name, const std::string& description,
                     const std::string& target, const std::vector<std::string>& first = {}) {
  CLI::App* command = app.add_subcommand(name, description);
  command->prefix_command();
  // thzface-learn answers --help itself, with all options.
  command->set_help_flag();
  command->callback([command, target, first] {
    std::vector<std::string> words = first;
    for (const std::string& word : command->remaining()) words.push_back(word);
    hand_over(target, words);
  });
}

}  // namespace

LoadLpips lpips_by_learn(int argc, char** argv) {
  // Behind the names of the program and of the command.
  const std::vector<std::string> words(argv + std::min(argc, 2), argv + argc);
  return [words](const std::string&, int) -> LpipsFn { hand_over("metrics", words); };
}

void add_learn_gateway(CLI::App& app) {
  add_handed_over(app, "train", "Train a network on a data set, or go on with a run", "train");
  add_handed_over(app, "evaluate", "Judge a trained run on the test rows of its data set",
                  "evaluate");
  add_handed_over(app, "protocol",
                  "The published studies: splits, variants, seeds, and their tables", "protocol");
  add_handed_over(app, "reconstruct",
                  "Pictures of concealed faces: reconstruction, posture, nearest identities",
                  "reconstruct");
}

void add_learn_bench_gateway(CLI::App& bench) {
  add_handed_over(bench, "train", "A training step against the published recipe's", "bench",
                  {"train"});
  add_handed_over(bench, "infer", "Milliseconds an image of a student, alone and in batches",
                  "bench", {"infer"});
}

}  // namespace thz::apps
