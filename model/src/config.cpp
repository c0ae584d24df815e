#include "thz/model/config.h"

#include <fmt/format.h>

#include <filesystem>
#include <limits>

#include "thz/core/error.h"

namespace thz::model {
namespace {

constexpr const char* kSchema = "thzface-train/1";
constexpr int kMaxExtends = 8;  // deeper chains are taken for a circle
constexpr Range kWeight = {0.0, 1e4};

void read_network(ConfigTable table, NetworkOptions& o) {
  o.base_channels = static_cast<int>(table.integer("base_channels", o.base_channels, 4, 256));
  if (o.base_channels % 4 != 0) table.fail("base_channels", "must be a multiple of 4");
  o.experts = static_cast<int>(table.integer("experts", o.experts, 1, 5));
  if (o.experts != 1 && o.experts != 5) table.fail("experts", "must be 1 or 5");
  o.embedding_size = static_cast<int>(table.integer("embedding_size", o.embedding_size, 2, 4096));
  o.dropout = table.number("dropout", o.dropout, {0.0, 0.95});
}

void read_loss(ConfigTable table, LossOptions& o) {
  o.verification = table.number("verification", o.verification, kWeight);
  o.posture = table.number("posture", o.posture, kWeight);
  o.reconstruction = table.number("reconstruction", o.reconstruction, kWeight);
  o.charbonnier = table.number("charbonnier", o.charbonnier, kWeight);
  o.ssim = table.number("ssim", o.ssim, kWeight);
  o.lpips = table.number("lpips", o.lpips, kWeight);
  o.temperature = table.number("temperature", o.temperature, {1e-3, 10.0});
  o.label_smoothing = table.number("label_smoothing", o.label_smoothing, {0.0, 0.9});
  o.charbonnier_epsilon = table.number("charbonnier_epsilon", o.charbonnier_epsilon, {1e-8, 1.0});
  o.reconstruct = table.choice("reconstruct", o.reconstruct, {"concealed", "all", "self"});
}

void read_teacher(ConfigTable table, TeacherOptions& o) {
  o.kind = table.choice("kind", o.kind, {"none", "trained", "random"});
  o.fusion = table.choice("fusion", o.fusion, {"none", "visible-guided", "thz-guided", "dual"});
  o.attention_heads = static_cast<int>(table.integer("attention_heads", o.attention_heads, 1, 64));
  o.dropout = table.number("dropout", o.dropout, {0.0, 0.95});
  o.projection_size =
      static_cast<int>(table.integer("projection_size", o.projection_size, 2, 4096));
  o.verification = table.number("verification", o.verification, kWeight);
  o.posture = table.number("posture", o.posture, kWeight);
  o.feature = table.number("feature", o.feature, kWeight);
  o.logit = table.number("logit", o.logit, kWeight);
  o.temperature = table.number("temperature", o.temperature, {0.1, 100.0});
  o.sum_dimensions = table.boolean("sum_dimensions", o.sum_dimensions);
  o.permuted = table.boolean("permuted", o.permuted);
}

void read_batch(ConfigTable table, BatchOptions& o) {
  o.kind = table.choice("kind", o.kind, {"cells", "triplets"});
  o.triplets = static_cast<int>(table.integer("triplets", o.triplets, 2, 4096));
  o.labels = table.choice("labels", o.labels, {"identity", "triplet"});
  o.encode = table.choice("encode", o.encode, {"once", "published"});
  o.identities = static_cast<int>(table.integer("identities", o.identities, 2, 1024));
  o.postures = static_cast<int>(table.integer("postures", o.postures, 1, 5));
  o.captures = static_cast<int>(table.integer("captures", o.captures, 1, 64));
}

void read_optimiser(ConfigTable table, OptimiserOptions& o) {
  o.learning_rate = table.number("learning_rate", o.learning_rate, {1e-8, 1.0});
  o.weight_decay = table.number("weight_decay", o.weight_decay, {0.0, 1.0});
  o.clip_norm = table.number("clip_norm", o.clip_norm, {0.0, 1e6});
  o.schedule = table.choice("schedule", o.schedule, {"cosine", "restarts", "plateau", "constant"});
  o.warmup_fraction = table.number("warmup_fraction", o.warmup_fraction, {0.0, 0.9});
  o.final_fraction = table.number("final_fraction", o.final_fraction, {0.0, 1.0});
  if (o.schedule == "restarts") {  // elsewhere the keys are unknown
    o.cycle_fraction = table.number("cycle_fraction", o.cycle_fraction, {1e-3, 1.0});
    o.cycle_gamma = table.number("cycle_gamma", o.cycle_gamma, {0.01, 1.0});
  }
  o.plateau_factor = table.number("plateau_factor", o.plateau_factor, {0.01, 1.0});
  o.plateau_epochs = static_cast<int>(table.integer("plateau_epochs", o.plateau_epochs, 1, 100000));
}

void read_budget(ConfigTable table, BudgetOptions& o) {
  constexpr int64_t kMost = int64_t{1} << 40;
  o.image_exposures = table.integer("image_exposures", o.image_exposures, 1, kMost);
  o.epoch_exposures = table.integer("epoch_exposures", o.epoch_exposures, 0, kMost);
  o.early_stop_epochs =
      static_cast<int>(table.integer("early_stop_epochs", o.early_stop_epochs, 0, 1000000));
}

// What no table can see alone.
void check_together(const TrainConfig& config, const std::string& source) {
  const LossOptions& loss = config.loss;
  if (loss.verification + loss.posture + loss.reconstruction <= 0.0) {
    throw_input("{}: loss: all weights are 0; at least one task must be trained", source);
  }
  if (loss.reconstruction > 0.0 && loss.charbonnier + loss.ssim + loss.lpips <= 0.0) {
    throw_input("{}: loss: reconstruction is {} but charbonnier, ssim and lpips are all 0", source,
                loss.reconstruction);
  }
  const int channels = 8 * config.network.base_channels;
  if (channels % config.teacher.attention_heads != 0) {
    throw_input("{}: teacher.attention_heads is {}, but must divide 8 base_channels = {}", source,
                config.teacher.attention_heads, channels);
  }
  const BatchOptions& batch = config.batch;
  if (batch.kind != "triplets" && (batch.labels != "identity" || batch.encode != "once")) {
    throw_input(
        "{}: batch.labels is \"{}\" and batch.encode \"{}\", but without triplets (kind = "
        "\"cells\") only \"identity\" and \"once\" have a meaning",
        source, batch.labels, batch.encode);
  }
  if (batch.kind == "triplets" && loss.reconstruct != "concealed") {
    throw_input("{}: loss.reconstruct is \"{}\", but triplets reconstruct their anchors alone",
                source, loss.reconstruct);
  }
  if (batch.encode == "published" && config.teacher.in_use()) {
    throw_input("{}: batch.encode is \"published\", but that step has no teacher", source);
  }
}

// `base` is read in place of the file at the end of the chain of extends; empty: the file itself.
TrainConfig read_config(ConfigTable root, const std::string& folder, const std::string& base_file,
                        int depth) {
  TrainConfig config;
  if (!root.has("schema")) {
    root.fail("schema", fmt::format("is missing; schema = \"{}\" is needed", kSchema));
  }
  root.choice("schema", "", {kSchema});
  const std::string base = root.text("extends", "");
  if (base.empty() && depth == 0 && !base_file.empty()) {
    throw_input("{}: has no key extends, so it cannot be laid over {}", root.source_name(),
                base_file);
  }
  if (!base.empty()) {
    if (depth == kMaxExtends) root.fail("extends", "the chain of files it starts never ends");
    const auto path = std::filesystem::path(folder) / base;
    ConfigTable table = ConfigTable::parse_file(path.string());
    const bool replaced = !base_file.empty() && !table.has("extends");
    config = replaced ? load_train_config(base_file)
                      : read_config(table, path.parent_path().string(), base_file, depth + 1);
  }
  config.name = root.text("name", config.name);
  config.seed = static_cast<uint64_t>(root.integer("seed", static_cast<int64_t>(config.seed), 0,
                                                   std::numeric_limits<int64_t>::max()));
  config.augmentation = root.choice("augmentation", config.augmentation,
                                    {"none", "slight", "gentle", "medium", "strong"});
  config.precision = root.choice("precision", config.precision, {"float32", "bfloat16", "auto"});
  config.init = root.text("init", config.init);
  read_network(root.table("network"), config.network);
  read_loss(root.table("loss"), config.loss);
  read_teacher(root.table("teacher"), config.teacher);
  read_batch(root.table("batch"), config.batch);
  read_optimiser(root.table("optimiser"), config.optimiser);
  read_budget(root.table("budget"), config.budget);
  root.finish();
  if (depth == 0) check_together(config, root.source_name());
  return config;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

TrainConfig load_train_config(const std::string& path, const std::string& base) {
  return read_config(ConfigTable::parse_file(path),
                     std::filesystem::path(path).parent_path().string(), base, 0);
}

TrainConfig parse_train_config(const std::string& text, const std::string& name,
                               const std::string& folder) {
  return read_config(ConfigTable::parse(text, name), folder, "", 0);
}

bool uses_lpips(const LossOptions& loss) { return loss.reconstruction > 0.0 && loss.lpips > 0.0; }

bool picks_decoder(const TrainConfig& config) {
  return config.loss.posture > 0.0 || config.network.experts == 1;
}

std::string to_toml(const TrainConfig& c) {
  // fmt's "{}" of a double is the shortest text that reads back to the same bits; integers are
  // accepted where a number is wanted.
  std::string out;
  out += fmt::format(
      "schema = \"{}\"\nname = {}\nseed = {}\naugmentation = {}\nprecision = {}\ninit = {}\n",
      kSchema, quoted(c.name), c.seed, quoted(c.augmentation), quoted(c.precision), quoted(c.init));
  out += fmt::format(
      "\n[network]\nbase_channels = {}\nexperts = {}\nembedding_size = {}\ndropout = {}\n",
      c.network.base_channels, c.network.experts, c.network.embedding_size, c.network.dropout);
  out += fmt::format(
      "\n[loss]\nverification = {}\nposture = {}\nreconstruction = {}\ncharbonnier = {}\n"
      "ssim = {}\nlpips = {}\ntemperature = {}\nlabel_smoothing = {}\ncharbonnier_epsilon = {}\n"
      "reconstruct = {}\n",
      c.loss.verification, c.loss.posture, c.loss.reconstruction, c.loss.charbonnier, c.loss.ssim,
      c.loss.lpips, c.loss.temperature, c.loss.label_smoothing, c.loss.charbonnier_epsilon,
      quoted(c.loss.reconstruct));
  const TeacherOptions& t = c.teacher;
  out += fmt::format(
      "\n[teacher]\nkind = {}\nfusion = {}\nattention_heads = {}\ndropout = {}\n"
      "projection_size = {}\nverification = {}\nposture = {}\nfeature = {}\nlogit = {}\n"
      "temperature = {}\nsum_dimensions = {}\npermuted = {}\n",
      quoted(t.kind), quoted(t.fusion), t.attention_heads, t.dropout, t.projection_size,
      t.verification, t.posture, t.feature, t.logit, t.temperature, t.sum_dimensions, t.permuted);
  out += fmt::format(
      "\n[batch]\nkind = {}\nidentities = {}\npostures = {}\ncaptures = {}\ntriplets = {}\n"
      "labels = {}\nencode = {}\n",
      quoted(c.batch.kind), c.batch.identities, c.batch.postures, c.batch.captures,
      c.batch.triplets, quoted(c.batch.labels), quoted(c.batch.encode));
  out += fmt::format(
      "\n[optimiser]\nlearning_rate = {}\nweight_decay = {}\nclip_norm = {}\nschedule = {}\n"
      "warmup_fraction = {}\nfinal_fraction = {}\nplateau_factor = {}\nplateau_epochs = {}\n",
      c.optimiser.learning_rate, c.optimiser.weight_decay, c.optimiser.clip_norm,
      quoted(c.optimiser.schedule), c.optimiser.warmup_fraction, c.optimiser.final_fraction,
      c.optimiser.plateau_factor, c.optimiser.plateau_epochs);
  if (c.optimiser.schedule == "restarts") {
    out += fmt::format("cycle_fraction = {}\ncycle_gamma = {}\n", c.optimiser.cycle_fraction,
                       c.optimiser.cycle_gamma);
  }
  out += fmt::format(
      "\n[budget]\nimage_exposures = {}\nepoch_exposures = {}\nearly_stop_epochs = {}\n",
      c.budget.image_exposures, c.budget.epoch_exposures, c.budget.early_stop_epochs);
  return out;
}

}  // namespace thz::model
