#pragma once

#include <CLI/CLI.hpp>

namespace thz::apps {

// One file a subcommand; each adds itself to the program.
void add_simulate(CLI::App& app);
void add_beam(CLI::App& app);
void add_dataset(CLI::App& app);
void add_calibrate(CLI::App& app);
void add_head(CLI::App& app);
void add_report(CLI::App& app);
void add_doctor(CLI::App& app);
void add_bench(CLI::App& app);
/// `head import-scan` and `head landmarks`.
void add_head_scan(CLI::App& app);
/// train, evaluate, protocol, reconstruct: handed over to thzface-learn, which links LibTorch.
void add_learn_gateway(CLI::App& app);
/// `bench train` and `bench infer`, handed over, too.
void add_learn_bench_gateway(CLI::App& bench);

// In thzface-learn.
void add_train(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_reconstruct(CLI::App& app);
void add_protocol(CLI::App& app);
void add_learn_bench(CLI::App& app);
void add_learn_doctor(CLI::App& app);

}  // namespace thz::apps
