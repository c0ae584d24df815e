#include "checkpoint.h"

#include <algorithm>

#include "run_log.h"
#include "thz/core/error.h"
#include "thz/core/json_number.h"
#include "thz/core/version.h"
#include "thz/io/atomic_file.h"
#include "thz/io/safetensors.h"

namespace thz::model {
namespace {

using nlohmann::json;

constexpr const char* kCheckpointSchema = "thzface-checkpoint/1";
constexpr const char* kMetadataKey = "thzface";

std::filesystem::path with_suffix(const std::filesystem::path& path, const char* suffix) {
  return path.string() + suffix;
}

json to_json(const RunState& s) {
  json history = json::array();
  for (const EpochRecord& record : s.history) history.push_back(to_json(record));
  return {{"schema", kCheckpointSchema},          {"thzface_version", version()},
          {"config_toml", s.config_toml},         {"data_sha256", s.data_sha256},
          {"split_sha256", s.split_sha256},       {"lpips_sha256", s.lpips_sha256},
          {"init_sha256", s.init_sha256},         {"step", s.step},
          {"image_exposures", s.image_exposures}, {"history", history},
          {"epoch_steps", s.epoch_steps},         {"epoch_loss_sum", s.epoch_loss_sum}};
}

RunState state_from_json(const json& j) {
  RunState s;
  s.config_toml = j.at("config_toml").get<std::string>();
  s.data_sha256 = j.at("data_sha256").get<std::string>();
  s.split_sha256 = j.at("split_sha256").get<std::string>();
  s.lpips_sha256 = j.at("lpips_sha256").get<std::string>();
  s.init_sha256 = j.value("init_sha256", "");
  s.step = whole_number<int64_t>(j.at("step"));
  s.image_exposures = whole_number<int64_t>(j.at("image_exposures"));
  for (const json& item : j.at("history")) s.history.push_back(epoch_from_json(item));
  s.epoch_steps = whole_number<int64_t>(j.at("epoch_steps"));
  s.epoch_loss_sum = j.at("epoch_loss_sum").get<std::map<std::string, double>>();
  return s;
}

io::Tensor stored(const torch::Tensor& tensor) {
  const auto flat = tensor.detach().cpu().contiguous();
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
    into.copy_(torch::tensor(from.ints(), torch::kLong).reshape(from.shape));
  } else {
    into.copy_(torch::tensor(from.floats(), torch::kFloat).reshape(from.shape));
  }
}

// Calls visit(name, tensor) for every weight and buffer.
template <typename Visit>
void for_each_tensor(const CheckpointParts& parts, Visit&& visit) {
  const auto all_of = [&](torch::nn::Module& module, const std::string& prefix) {
    for (auto& item : module.named_parameters()) visit(prefix + item.key(), item.value());
    for (auto& item : module.named_buffers()) visit(prefix + item.key(), item.value());
  };
  all_of(*parts.network, "model.");
  if (parts.teacher != nullptr && !parts.teacher->is_empty()) all_of(**parts.teacher, "teacher.");
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

void save_checkpoint(const std::filesystem::path& path, const RunState& state,
                     const CheckpointParts& parts) {
  io::Safetensors content;
  const json j = to_json(state);
  content.metadata[kMetadataKey] = j.dump();
  for_each_tensor(parts, [&](const std::string& name, torch::Tensor& tensor) {
    content.tensors[name] = stored(tensor);
  });
  if (parts.optimiser != nullptr) {
    for (const AdamW::Weight& weight : parts.optimiser->weights()) {
      const AdamW::Moments& m = weight.moments;
      if (m.steps == 0) continue;  // never had a gradient
      content.tensors[moment(weight.name, "exp_avg")] = stored(m.mean);
      content.tensors[moment(weight.name, "exp_avg_sq")] = stored(m.square);
      content.tensors[moment(weight.name, "step")] = {{}, std::vector<int64_t>{m.steps}};
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
    try {
      return state_from_json(j);
    } catch (const InputError& e) {
      throw_input("{}.safetensors: the state in its metadata: {}", path.string(), e.what());
    }
  } catch (const json::exception& e) {
    throw_input("{}.safetensors: the state in its metadata cannot be read: {}", path.string(),
                e.what());
  }
}

bool has_teacher(const std::filesystem::path& path) {
  const io::Safetensors content = read_checkpoint(path);
  const auto first = content.tensors.lower_bound("teacher.");
  return first != content.tensors.end() && first->first.rfind("teacher.", 0) == 0;
}

void load_tensors(const std::filesystem::path& path, const CheckpointParts& parts) {
  const io::Safetensors content = read_checkpoint(path);
  const std::string source = with_suffix(path, ".safetensors").string();
  for_each_tensor(parts, [&](const std::string& name, torch::Tensor& tensor) {
    restore(tensor, content, name, source);
  });
  if (parts.optimiser == nullptr) return;
  for (AdamW::Weight& weight : parts.optimiser->weights()) {
    weight.moments = {};
    if (content.tensors.count(moment(weight.name, "step")) == 0) continue;
    AdamW::Moments& m = weight.moments;
    m.mean = torch::zeros_like(weight.value);
    m.square = torch::zeros_like(weight.value);
    restore(m.mean, content, moment(weight.name, "exp_avg"), source);
    restore(m.square, content, moment(weight.name, "exp_avg_sq"), source);
    m.steps = content.at(moment(weight.name, "step")).ints().at(0);
  }
}

}  // namespace thz::model
