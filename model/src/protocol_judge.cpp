#include <algorithm>
#include <chrono>
#include <cmath>

#include "protocol_units.h"
#include "thz/core/error.h"
#include "thz/core/sha256.h"
#include "thz/eval/test_sums.h"
#include "thz/io/atomic_file.h"
#include "thz/model/alignment_of.h"

namespace thz::model::internal {
namespace {

using JudgeJson = nlohmann::json;
using Systems = eval::TestedSystems;

JudgeJson finite(double value) { return std::isfinite(value) ? JudgeJson(value) : JudgeJson(); }

/// The rows that one test looks at: those of its source among the test rows.
std::vector<std::size_t> places_of_test(const ProtocolTest& test, const ProtocolRequest& request,
                                        const LearningData& data,
                                        const std::vector<int64_t>& rows) {
  std::vector<std::size_t> places;
  const auto generator_of = [&](int64_t row) {
    return request.generator.empty() ? 0 : request.generator[static_cast<std::size_t>(row)];
  };
  const int trained = generator_of(data.training.train_rows.front());
  for (std::size_t t = 0; t < rows.size(); ++t) {
    const bool own = generator_of(rows[t]) == trained;
    if (test.source == "any" || own == (test.source == "own")) places.push_back(t);
  }
  return places;
}

template <typename T>
std::vector<T> picked(const std::vector<T>& all, const std::vector<std::size_t>& places) {
  std::vector<T> out;
  if (all.empty()) return out;
  for (const std::size_t place : places) out.push_back(all[place]);
  return out;
}

eval::MatrixF picked(const eval::MatrixF& all, const std::vector<std::size_t>& places) {
  if (all.size() == 0) return all;
  eval::MatrixF out(static_cast<Eigen::Index>(places.size()), all.cols());
  for (std::size_t t = 0; t < places.size(); ++t) {
    out.row(static_cast<Eigen::Index>(t)) = all.row(static_cast<Eigen::Index>(places[t]));
  }
  return out;
}

/// What belongs to each test row, without the pictures of the whole data set.
eval::Predictions per_row(const eval::Predictions& p) {
  eval::Predictions out;
  out.test_rows = p.test_rows;
  out.embeddings = p.embeddings;
  out.posture_logits = p.posture_logits;
  out.reconstructions = p.reconstructions;
  out.oracle_reconstructions = p.oracle_reconstructions;
  return out;
}

/// Puts some of the test rows in the place of all of them.
void show_places(const eval::Predictions& all, const std::vector<std::size_t>& places,
                 eval::Predictions& p) {
  p.test_rows = picked(all.test_rows, places);
  p.embeddings = picked(all.embeddings, places);
  p.posture_logits = picked(all.posture_logits, places);
  p.reconstructions = picked(all.reconstructions, places);
  p.oracle_reconstructions = picked(all.oracle_reconstructions, places);
}

eval::TestView view_of(const ProtocolTest& test, const Protocol& protocol) {
  const bool unknown =
      std::any_of(protocol.columns.begin(), protocol.columns.end(), [](const std::string& column) {
        return column.size() > 4 && column.compare(column.size() - 4, 4, "_any") == 0;
      });
  return {test.concealed_input, test.independent_target, unknown};
}

/// A task without weight was not learned: what the network says of it means nothing.
void drop_untrained(const LossOptions& loss, Systems& systems) {
  for (auto& [name, system] : systems) {
    if (loss.verification <= 0.0) {
      for (const char* table : {"triplets", "triplets_any", "rank", "rank_any"}) {
        system.sums.tables.erase(table);
      }
      system.draws.clear();
    }
    if (loss.posture <= 0.0) {
      system.sums.tables.erase("posture");
      system.sums.tables.erase("posture_unconcealed");
    }
  }
}

/// Whether a column shows how student and teacher are aligned.
bool shows_alignment(const Protocol& protocol) {
  return std::any_of(protocol.columns.begin(), protocol.columns.end(), [](const std::string& c) {
    return c.rfind("projection_", 0) == 0 || c.rfind("latent_", 0) == 0;
  });
}

/// Table 8: student and teacher on the test rows that have a visible picture, with draws if a
/// column shows them. What cannot be measured (a space that collapsed) is a finding about the
/// variant: it becomes a note.
void add_alignment(const Run& run, const LearningData& data, const std::vector<int>& rows,
                   const eval::BootstrapOptions* resample, JudgeJson& scalars,
                   eval::FigureDraws& draws, JudgeJson& notes) {
  const auto add = [&](const std::string& space, const eval::Alignment& a) {
    scalars[space + "_cka"] = finite(a.cka);
    scalars[space + "_rank_correlation"] = finite(a.rank_correlation);
    scalars[space + "_cosine"] = finite(a.cosine);
    scalars[space + "_retrieval_5"] = finite(a.retrieval_at_5);
  };
  try {
    const TeacherAlignment alignment =
        alignment_of(run, data.training, std::vector<int64_t>(rows.begin(), rows.end()), resample);
    draws.insert(alignment.draws.begin(), alignment.draws.end());
    add("projection", alignment.projection);
    add("latent", alignment.latent);
  } catch (const InputError& e) {
    notes.push_back(std::string("student and teacher are not compared: ") + e.what());
  }
}

JudgeJson systems_json(const Systems& systems) {
  JudgeJson json = JudgeJson::object();
  for (const auto& [name, system] : systems) {
    json[name] = JudgeJson::parse(eval::to_json(system.sums));
  }
  return json;
}

/// By system, then by figure: what an interval over persons is made of.
JudgeJson draws_json(const Systems& systems) {
  JudgeJson json = JudgeJson::object();
  for (const auto& [name, system] : systems) {
    if (!system.draws.empty()) json[name] = JudgeJson::parse(eval::to_json(system.draws));
  }
  return json;
}

/// Embeddings of the reconstructions, where a column asks for them.
eval::MatrixF reconstruction_embeddings(const Run& run, const Protocol& protocol,
                                        const eval::Predictions& p, const CancelToken* cancel) {
  if (!protocol.has_column("embedding_cosine") || p.reconstructions.empty()) return {};
  std::vector<float> pixels;
  for (const ImageF& image : p.reconstructions) {
    pixels.insert(pixels.end(), image.data.begin(), image.data.end());
  }
  PredictOptions options;
  options.reconstruct = false;
  options.cancel = cancel;
  const Predictions said = run.predict(pixels, options);
  return Eigen::Map<const eval::MatrixF>(said.embeddings.data(), said.count, said.embedding_size);
}

JudgeJson training_json(const Run& run, const std::string& folder) {
  const TrainingTotals totals = training_totals(folder);
  return {{"epoch", run.epoch()},
          {"epochs", totals.epochs},
          {"image_exposures", totals.image_exposures},
          {"parameters", run.parameters()},
          {"width", run.config().network.base_channels},
          {"seconds", totals.seconds}};
}

}  // namespace

JudgeJson judge_network(const ProtocolRequest& request, const ProtocolUnit& unit,
                        const LearningData& data, eval::Predictions& arrays,
                        const std::string& folder) {
  const Protocol& protocol = request.protocol;
  const Run run = Run::load(folder, "best", request.threads);
  const LossOptions& loss = run.config().loss;
  const auto rows = test_rows(data.split);
  // Every image is encoded once; all tests and triplets are index arithmetic on that.
  predict_into(arrays, run, data, rows, loss.reconstruction > 0.0, request.cancel);
  const eval::MatrixF rebuilt = reconstruction_embeddings(run, protocol, arrays, request.cancel);
  JudgeJson tests = JudgeJson::object();
  const eval::Predictions said = per_row(arrays);
  for (const ProtocolTest& test : protocol.tests) {
    const auto places = places_of_test(test, request, data, rows);
    show_places(said, places, arrays);
    const eval::TestView view = view_of(test, protocol);
    Systems systems = eval::network_sums(arrays, picked(rebuilt, places), view, request.threads);
    drop_untrained(loss, systems);
    eval::FigureDraws& draws = systems.at("network").draws;
    JudgeJson scalars = JudgeJson::object();
    for (const auto& [figure, drawn] : draws) scalars[figure] = finite(drawn.value);
    JudgeJson notes = JudgeJson::array();
    if (loss.reconstruction > 0.0 && !picks_decoder(run.config())) {
      notes.push_back(
          "no posture task: its reconstructions are by the decoder of the true posture");
    }
    if (unit.config.teacher.in_use()) {
      eval::BootstrapOptions resample;
      resample.threads = request.threads;
      add_alignment(run, data, arrays.test_rows, shows_alignment(protocol) ? &resample : nullptr,
                    scalars, draws, notes);
    }
    tests[test.name] = {{"images", places.size()},
                        {"systems", systems_json(systems)},
                        {"scalars", scalars},
                        {"draws", draws_json(systems)},
                        {"notes", notes}};
  }
  return {{"tests", tests},
          {"training", training_json(run, folder)},
          {"checkpoint_sha256", sha256_hex(io::read_file(std::filesystem::path(folder) /
                                                         "checkpoints" / "best.safetensors"))}};
}

JudgeJson judge_baselines(const ProtocolRequest& request, const ProtocolUnit& unit,
                          const LearningData& data, eval::Predictions& arrays,
                          const ProgressFn& progress) {
  THZ_REQUIRE(unit.variant == nullptr, "baselines have no network");
  JudgeJson tests = JudgeJson::object();
  const auto rows = test_rows(data.split);
  arrays.train_rows.assign(data.training.train_rows.begin(), data.training.train_rows.end());
  for (const ProtocolTest& test : request.protocol.tests) {
    const auto places = places_of_test(test, request, data, rows);
    arrays.test_rows.clear();
    for (const std::size_t place : places) {
      arrays.test_rows.push_back(static_cast<int>(rows[place]));
    }
    const Systems systems =
        eval::baseline_sums(arrays, view_of(test, request.protocol), request.template_shift_px,
                            request.threads, progress, request.cancel);
    tests[test.name] = {{"images", places.size()},
                        {"systems", systems_json(systems)},
                        {"scalars", JudgeJson::object()},
                        {"draws", draws_json(systems)}};
  }
  return {{"tests", tests}};
}

}  // namespace thz::model::internal
