#include "commands.h"
#include "metrics_command.h"
#include "program.h"
#include "thz/core/version.h"

int main(int argc, char** argv) {
  CLI::App app(
      "thzface simulates what a 340 GHz imager sees of faces, bare and under cloth, makes data "
      "sets "
      "of them, and trains and judges networks on simulated or real images.");
  app.name("thzface");
  app.set_version_flag("--version", thz::version());
  app.require_subcommand(1);
  thz::apps::add_simulate(app);
  thz::apps::add_beam(app);
  thz::apps::add_dataset(app);
  thz::apps::add_calibrate(app);
  thz::apps::add_head(app);
  thz::apps::add_learn_gateway(app);
  thz::apps::add_metrics(app, thz::apps::lpips_by_learn(argc, argv));
  thz::apps::add_report(app);
  thz::apps::add_doctor(app);
  thz::apps::add_bench(app);
  thz::apps::add_head_scan(app);
  return thz::apps::run_program(app, argc, argv);
}
