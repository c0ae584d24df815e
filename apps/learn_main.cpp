#include <malloc.h>

#include <climits>

#include "commands.h"
#include "metrics_command.h"
#include "program.h"
#include "thz/core/version.h"

namespace {

// A training step asks for the same hundred megabytes again and again. Given back to the kernel in
// between, every page is cleared and mapped anew: a tenth of the time of a narrow network's step.
void keep_freed_memory() {
  constexpr int kLargestKept = 32 << 20;  // the most that glibc takes
  mallopt(M_MMAP_THRESHOLD, kLargestKept);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 2 * kLargestKept);
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  CLI::App app(
      "The learning half of thzface; called by thzface train, evaluate, protocol, reconstruct, "
      "bench train, bench infer.");
  app.name("thzface-learn");
  app.set_version_flag("--version", thz::version());
  app.require_subcommand(1);
  thz::apps::add_train(app);
  thz::apps::add_evaluate(app);
  thz::apps::add_protocol(app);
  thz::apps::add_reconstruct(app);
  thz::apps::add_metrics(app, thz::apps::load_lpips);
  thz::apps::add_learn_bench(app);
  thz::apps::add_learn_doctor(app);
  return thz::apps::run_program(app, argc, argv);
}
