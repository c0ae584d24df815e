#include "commands.h"
#include "metrics_command.h"
#include "program.h"
#include "thz/core/version.h"
#include "thz/model/memory.h"

int main(int argc, char** argv) {
  thz::model::keep_freed_memory();
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
