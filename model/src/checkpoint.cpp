#include "checkpoint.h"

#include <algorithm>

#include "run_log.h"
#include "thz/core/error.h"
#include "thz/core/version.h"
#include "thz/io/atomic_file.h"
#include "thz/io/safetensors.h"

namespace thz::model {
namespace {

using nlohmann::json;
using torch::optim::AdamWParamState;

constexpr const char* kCheckpointSchema = "thzface-checkpoint/1";
constexpr const char* kMetadataKey = "thzface";

std::filesystem::path with_suffix(const std::filesystem::path& path, const char* suffix) {
  return path.string() + suffix;
}

json to_json(const RunState& s) {
  json history = json::array();
  for (const EpochRecord& record : s.history) history.push_back(to_json(record));
  return {{"schema", kCheckpointSchema},
          {"thzface_version", version()},
          {"config_toml", s.config_toml},
          {"data_sha256", s.data_sha256},
          {"split_sha256", s.split_sha256},
          {"lpips_sha256", s.lpips_sha256},
          {"step", s.step},
          {"image_exposures", s.image_exposures},
          {"history", history},
          {"epoch_steps", s.epoch_steps},
          {"epoch_loss_sum", s.epoch_loss_sum}};
}

RunState state_from_json(const json& j) {
  RunState s;
  s.config_toml = j.at("config_toml").get<std::string>();
  s.data_sha256 = j.at("data_sha256").get<std::string>();
  s.split_sha256 = j.at("split_sha256").get<std::string>();
  s.lpips_sha256 = j.at("lpips_sha256").get<std::string>();
  s.step = j.at("step").get<int64_t>();
  s.image_exposures = j.at("image_exposures").get<int64_t>();
  for (const json& item : j.at("history")) s.history.push_back(epoch_from_json(item));
  s.epoch_steps = j.at("epoch_steps").get<int64_t>();
  s.epoch_loss_sum = j.at("epoch_loss_sum").get<std::map<std::string, double>>();
  return s;
}

io::Tensor stored(const torch::Tensor& tensor) {
  const auto flat = tensor.detach().contiguous();
  io::Tensor out;
  out.shape.assign(flat.sizes().begin(), flat.sizes().end());
  if (flat.scalar_type() == torch::kLong) {
    const auto* v = flat.data_ptr<int64_t>();
    out.values = std::vector<int64_t>(v, v + flat.numel());
  } else {
    const auto* v = flat.data_ptr<float>();
    out.values = std::vector<float>(v, v + flat.numel());
  }
  return out;
}

void restore(torch::Tensor& into, const io::Safetensors& file, const std::string& name,
             const std::string& source) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) throw_input("{}: tensor '{}' is missing", source, name);
  const io::Tensor& from = found->second;
  if (into.sizes() != torch::IntArrayRef(from.shape)) {
    throw_input("{}: tensor '{}' has another shape than the network of its configuration", source,
                name);
  }
  const torch::NoGradGuard no_grad;
  if (into.scalar_type() == torch::kLong) {
    std::copy(from.ints().begin(), from.ints().end(), into.data_ptr<int64_t>());
  } else {
    std::copy(from.floats().begin(), from.floats().end(), into.data_ptr<float>());
  }
}

// Calls visit(name, tensor) for every weight and buffer.
template <typename Visit>
void for_each_tensor(Network& network, Visit&& visit) {
  for (auto& item : network->named_parameters()) visit("model." + item.key(), item.value());
  for (auto& item : network->named_buffers()) visit("model." + item.key(), item.value());
}

// The optimiser's key of a weight.
std::string optimiser_key(const torch::Tensor& weight) {
  return c10::guts::to_string(weight.unsafeGetTensorImpl());
}

std::string moment(const std::string& key, const char* which) {
  return "optimiser." + key + "." + which;
}

io::Safetensors read_checkpoint(const std::filesystem::path& path) {
  const auto file = with_suffix(path, ".safetensors");
  io::Safetensors content = io::read_safetensors(file);
  if (content.metadata.count(kMetadataKey) == 0) {
    throw_input("{}: is a safetensors file, but not a checkpoint of thzface", file.string());
  }
  return content;
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const RunState& state, Network& network,
                     torch::optim::AdamW* optimiser) {
  io::Safetensors content;
  const json j = to_json(state);
  content.metadata[kMetadataKey] = j.dump();
  for_each_tensor(network, [&](const std::string& name, torch::Tensor& tensor) {
    content.tensors[name] = stored(tensor);
  });
  if (optimiser != nullptr) {
    for (auto& item : network->named_parameters()) {
      const auto found = optimiser->state().find(optimiser_key(item.value()));
      if (found == optimiser->state().end()) continue;  // never had a gradient
      const auto& moments = static_cast<const AdamWParamState&>(*found->second);
      content.tensors[moment(item.key(), "exp_avg")] = stored(moments.exp_avg());
      content.tensors[moment(item.key(), "exp_avg_sq")] = stored(moments.exp_avg_sq());
      content.tensors[moment(item.key(), "step")] = {{}, std::vector<int64_t>{moments.step()}};
    }
  }
  io::write_safetensors(with_suffix(path, ".safetensors"), content);
  io::write_file(with_suffix(path, ".json"), j.dump(1) + "\n");
}

RunState load_state(const std::filesystem::path& path) {
  const io::Safetensors content = read_checkpoint(path);
  try {
    const json j = json::parse(content.metadata.at(kMetadataKey));
    if (j.at("schema") != kCheckpointSchema) {
      throw_input("{}.safetensors: schema is {}, but {} is needed", path.string(),
                  j.at("schema").dump(), kCheckpointSchema);
    }
    return state_from_json(j);
  } catch (const json::exception& e) {
    throw_input("{}.safetensors: the state in its metadata cannot be read: {}", path.string(),
                e.what());
  }
}

void load_tensors(const std::filesystem::path& path, Network& network,
                  torch::optim::AdamW* optimiser) {
  const io::Safetensors content = read_checkpoint(path);
  const std::string source = with_suffix(path, ".safetensors").string();
  for_each_tensor(network, [&](const std::string& name, torch::Tensor& tensor) {
    restore(tensor, content, name, source);
  });
  if (optimiser == nullptr) return;
  optimiser->state().clear();
  for (auto& item : network->named_parameters()) {
    if (content.tensors.count(moment(item.key(), "step")) == 0) continue;
    auto moments = std::make_unique<AdamWParamState>();
    auto mean = torch::zeros_like(item.value());
    auto square = torch::zeros_like(item.value());
    restore(mean, content, moment(item.key(), "exp_avg"), source);
    restore(square, content, moment(item.key(), "exp_avg_sq"), source);
    moments->step(content.at(moment(item.key(), "step")).ints().at(0));
    moments->exp_avg(mean);
    moments->exp_avg_sq(square);
    optimiser->state()[optimiser_key(item.value())] = std::move(moments);
  }
}

}  // namespace thz::model
