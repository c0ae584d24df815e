// dataset audit: does anything but the head tell persons apart?
#include <fmt/format.h>

#include <memory>

#include "dataset_commands.h"
#include "thz/core/error.h"
#include "thz/data/audit.h"
#include "thz/io/dataset_reader.h"

namespace thz::apps {
namespace {

struct AuditArguments {
  CommonOptions common;
  PlanSource plan;
  std::string data;
  int resamples = 2000;
};

/// Every pair of one posture is matched: a larger plan's first people are enough.
constexpr int kMostPeople = 40;

/// Makes the plan's data set with mean heads, or finds it finished.
std::string make_audited(const AuditArguments& a) {
  data::Plan plan = load_plan(a.plan, a.common);
  plan.mean_heads = true;
  if (plan.table.empty()) {
    plan.visible = false;  // no camera takes part
    if (a.plan.identities == 0 && plan.identities > kMostPeople) {
      say(a.common, fmt::format("the first {} of {} people; --identities says another number",
                                kMostPeople, plan.identities));
      plan.identities = kMostPeople;
    }
  }
  const data::GenerateReport report = make_dataset(plan, a.common, "0/1");
  if (report.cancelled) throw Cancelled();
  return report.file.string();
}

void audit(const AuditArguments& a) {
  const bool planned = !a.plan.file.empty() || !a.plan.preset.empty();
  if (planned != a.data.empty()) {
    throw_input(
        "give either a plan, whose mean heads are made in --output, or --data with a data set of "
        "mean heads");
  }
  const io::DatasetReader dataset(planned ? make_audited(a) : a.data);
  eval::FingerprintOptions options;
  options.seed = a.common.seed.value_or(1);
  options.resamples = a.resamples;
  options.threads = a.common.threads;
  ProgressLine progress("matching", "images", a.common.quiet);
  const eval::FingerprintAudit found = data::audit_dataset(dataset, a.plan.identities, options,
                                                           progress.function(), &cancel_token());
  nlohmann::json result = nlohmann::json::parse(eval::to_json(found));
  result["data"] = dataset.path().string();
  result["content_sha256"] = dataset.content_sha256();
  print_result(a.common, result, eval::audit_table(found));
  if (!found.passed()) throw CheckFailed{};
}

}  // namespace

void add_dataset_audit(CLI::App& dataset) {
  auto a = std::make_shared<AuditArguments>();
  CLI::App* command = dataset.add_subcommand(
      "audit",
      "Give everybody the mean head and see that verification falls to 50 %; exit 1 if it does "
      "not");
  add_plan_source(*command, a->plan);
  command->add_option("--data", a->data, "A data set of mean heads that is there already");
  command->add_option("--resamples", a->resamples, "Bootstrap resamples [2000]")
      ->check(CLI::Range(100, 1000000));
  add_common(*command, a->common, true, true);
  command->callback([a] { audit(*a); });
}

}  // namespace thz::apps
