#include <memory>

#include "commands.h"
#include "program.h"
#include "thz/model/run.h"

namespace thz::apps {

void add_learn_doctor(CLI::App& app) {
  CLI::App* command = app.add_subcommand("doctor", "LibTorch's part of thzface doctor, as JSON");
  command->callback([] {
    const int threads = model::use_threads(0);
    CommonOptions options;
    options.json = true;
    print_result(options, {{"torch", model::torch_version()}, {"threads", threads}}, "");
  });
}

}  // namespace thz::apps
