#include <memory>

#include "commands.h"
#include "program.h"
#include "report_input.h"
#include "thz/core/error.h"
#include "thz/report/report.h"

namespace thz::apps {
namespace {

struct ReportArguments {
  CommonOptions common;
  std::vector<std::string> runs;
  std::string data;
};

void write(const ReportArguments& a) {
  if (a.common.output.empty()) throw_input("--output is missing: the page to write, a .html file");
  report::write_report(gather_report(a.runs, a.data), a.common.output);
  print_result(a.common, {{"page", a.common.output}}, a.common.output);
}

}  // namespace

void add_report(CLI::App& app) {
  auto a = std::make_shared<ReportArguments>();
  CLI::App* command =
      app.add_subcommand("report", "One self-contained HTML page about evaluated runs");
  command->add_option("runs", a->runs, "Run folders; the first is the headline")->required();
  command->add_option("--data", a->data,
                      "Data set of the first run: its folder or file [where it was trained]");
  add_common(*command, a->common, false, true);
  command->callback([a] { write(*a); });
}

}  // namespace thz::apps
