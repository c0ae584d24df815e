#include <embree3/rtcore_config.h>
#include <fftw3.h>
#include <fmt/core.h>
#include <unistd.h>

#include <Eigen/Core>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "commands.h"
#include "program.h"
#include "thz/core/version.h"

namespace thz::apps {
namespace {

double memory_gib(const char* key) {
  std::ifstream info("/proc/meminfo");
  std::string name;
  double kib = 0.0;
  std::string unit;
  while (info >> name >> kib >> unit) {
    if (name == std::string(key) + ":") return kib / (1024.0 * 1024.0);
  }
  return 0.0;
}

/// "torch 1.13.1, ..." as thzface-learn tells it, or why it does not.
std::string ask_learn() {
  const auto beside =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "thzface-learn";
  const std::string command =
      (std::filesystem::exists(beside) ? "'" + beside.string() + "'" : "thzface-learn") +
      std::string(" doctor 2>/dev/null");
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  char buffer[256];
  while (pipe != nullptr && std::fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
  if (pipe != nullptr) pclose(pipe);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

void doctor(const CommonOptions& options) {
  const int threads = use_openmp_threads(options.threads);
  nlohmann::json json = {{"thzface", version()},
                         {"threads", threads},
                         {"processors", std::thread::hardware_concurrency()},
                         {"simd", instruction_set()},
                         {"bf16", __builtin_cpu_supports("avx512bf16") != 0},
                         {"memory_gib", memory_gib("MemTotal")},
                         {"memory_free_gib", memory_gib("MemAvailable")},
                         {"gnuplot", std::system("command -v gnuplot >/dev/null 2>&1") == 0},
                         {"versions",
                          {{"eigen", fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION,
                                                 EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION)},
                           {"embree", RTC_VERSION_STRING},
                           {"fftw", std::string(static_cast<const char*>(fftwf_version))}}}};
  const std::string learn = ask_learn();
  json["learn"] =
      learn.empty() ? nlohmann::json(nullptr) : nlohmann::json::parse(learn, nullptr, false);
  std::string text;
  for (const auto& [key, value] : json.items())
    text += fmt::format("{:16} {}\n", key, value.dump());
  text.pop_back();
  print_result(options, json, text);
}

}  // namespace

void add_doctor(CLI::App& app) {
  auto options = std::make_shared<CommonOptions>();
  CLI::App* command = app.add_subcommand("doctor", "What is installed here and what will be used");
  add_common(*command, *options, false, false);
  command->callback([options] { doctor(*options); });
}

}  // namespace thz::apps
