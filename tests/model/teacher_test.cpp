#define CATCH_CONFIG_PREFIX_ALL
#include "thz/model/teacher.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "attention.h"
#include "model/toy_data.h"
#include "thz/core/error.h"
#include "thz/model/losses.h"
#include "trainer.h"

using namespace thz::model;

namespace {

NetworkOptions narrow() {
  NetworkOptions options;
  options.base_channels = 8;
  options.dropout = 0.0;
  return options;
}

Teacher small_teacher(const std::string& fusion) {
  TeacherOptions options;
  options.kind = "trained";
  options.fusion = fusion;
  options.dropout = 0.0;
  options.projection_size = 24;
  Teacher teacher(narrow(), options);
  initialise(*teacher, 5);
  return teacher;
}

torch::Tensor random_normal(std::vector<int64_t> shape, uint64_t stream) {
  auto tensor = torch::empty(shape, torch::kDouble);
  thz::Rng rng(9, thz::RngPurpose::kTest, stream);
  auto* v = tensor.data_ptr<double>();
  for (int64_t i = 0; i < tensor.numel(); ++i) v[i] = rng.normal();
  return tensor;
}

TrainConfig taught_config(const std::string& kind = "trained") {
  TrainConfig config = test::toy_config();
  config.teacher.kind = kind;
  config.teacher.projection_size = 16;
  return config;
}

// Every weight of a module, copied.
std::map<std::string, torch::Tensor> copy_of(const torch::nn::Module& module) {
  std::map<std::string, torch::Tensor> weights;
  for (const auto& item : module.named_parameters()) {
    weights[item.key()] = item.value().detach().clone();
  }
  return weights;
}

// Whether LeakyReLU's kinks or not, the largest error of sampled weights over the largest gradient.
double gradient_error(torch::nn::Module& module, const std::function<torch::Tensor()>& loss) {
  loss().backward();
  thz::Rng rng(4, thz::RngPurpose::kTest);
  double worst = 0.0, largest = 0.0;
  for (auto& item : module.named_parameters()) {
    auto& p = item.value();
    if (!p.grad().defined()) continue;
    const auto i = static_cast<int64_t>(rng.index(static_cast<uint64_t>(p.numel())));
    const double analytic = p.grad().contiguous().view(-1)[i].item<double>();
    const torch::NoGradGuard no_grad;
    const double h = 1e-6;
    const auto at = [&](double shift) {
      p.view(-1)[i] += shift;
      const double value = loss().item<double>();
      p.view(-1)[i] -= shift;
      return value;
    };
    worst = std::max(worst, std::abs((at(h) - at(-h)) / (2 * h) - analytic));
    largest = std::max(largest, std::abs(analytic));
  }
  return worst / largest;
}

}  // namespace

CATCH_TEST_CASE("the teacher's shapes follow the table of the documentation", "[model][teacher]") {
  const auto fusion = GENERATE(as<std::string>{}, "none", "visible-guided", "thz-guided", "dual");
  CATCH_CAPTURE(fusion);
  Teacher teacher = small_teacher(fusion);
  const auto pictures = random_normal({3, 1, 64, 64}, 1).to(torch::kFloat);
  const auto map = random_normal({3, 64, 4, 4}, 2).to(torch::kFloat);
  CATCH_CHECK(to_tokens(map).sizes() == torch::IntArrayRef({3, 16, 64}));
  CATCH_CHECK(torch::equal(to_map(to_tokens(map)), map));
  const TeacherOutput out = teacher->forward(pictures, map);
  CATCH_CHECK(out.latent.sizes() == torch::IntArrayRef({3, 64}));
  CATCH_CHECK(out.embedding.sizes() == torch::IntArrayRef({3, 128}));
  CATCH_CHECK(out.posture_logits.sizes() == torch::IntArrayRef({3, 5}));
  CATCH_CHECK(out.projection.sizes() == torch::IntArrayRef({3, 24}));
  CATCH_CHECK(out.student_projection.sizes() == torch::IntArrayRef({3, 24}));
  CATCH_CHECK((out.embedding.norm(2, 1) - 1).abs().max().item<double>() < 1e-5);
  // The joining layer takes what the fusion offers: one sequence or two.
  const bool one = fusion == "visible-guided" || fusion == "thz-guided";
  CATCH_CHECK(teacher->fusion->join->weight.size(1) == (one ? 64 : 128));
  CATCH_CHECK(teacher->fusion->visible_asks.is_empty() ==
              (fusion == "none" || fusion == "thz-guided"));
}

CATCH_TEST_CASE("attention over equal answers is their value", "[model][teacher]") {
  CrossAttention attention(8, 4, 0.0);
  attention->to(torch::kDouble);
  const auto one = random_normal({2, 1, 8}, 3);
  const auto expected = attention->leave(attention->value(one)).expand({2, 5, 8});
  const auto out = attention(random_normal({2, 5, 8}, 4), one.expand({2, 7, 8}));
  CATCH_CHECK((out - expected).abs().max().item<double>() < 1e-12);  // weights sum to 1
}

CATCH_TEST_CASE("attention in one operation equals the products it stands for",
                "[model][teacher]") {
  const bool dropped = GENERATE(false, true);
  const auto keep =
      dropped ? (random_normal({3, 4, 5, 7}, 8) > 0.0).to(torch::kFloat) * 2.0 : torch::Tensor();
  const auto weight = random_normal({3, 5, 16}, 9).to(torch::kFloat);
  const auto with = [&](auto&& function) {
    std::vector<torch::Tensor> made;
    for (const auto& [tokens, stream] :
         std::vector<std::pair<int64_t, uint64_t>>{{5, 10}, {7, 11}, {7, 12}}) {
      made.push_back(random_normal({3, tokens, 16}, stream).to(torch::kFloat).requires_grad_(true));
    }
    const auto out = function(made[0], made[1], made[2], 4, keep);
    (out * weight).sum().backward();
    return std::vector<torch::Tensor>{out.detach(), made[0].grad(), made[1].grad(), made[2].grad()};
  };
  const auto fast = with(attend);
  const auto plain = with(attend_by_products);
  for (std::size_t i = 0; i < fast.size(); ++i) {
    // Sums of up to 16 products of order one in float.
    CATCH_CHECK((fast[i] - plain[i]).abs().max().item<double>() <
                1e-5 * plain[i].abs().max().item<double>());
  }
  CATCH_CHECK(has_attend(weight, weight, weight));
  CATCH_CHECK_FALSE(has_attend(weight.to(torch::kDouble), weight, weight));
}

CATCH_TEST_CASE("the teacher's gradient agrees with central differences in double",
                "[model][teacher]") {
  Teacher teacher = small_teacher("dual");
  teacher->to(torch::kDouble);
  const auto pictures = random_normal({6, 1, 64, 64}, 1);
  const auto map = random_normal({6, 64, 4, 4}, 2);
  const auto label = torch::tensor({0, 0, 1, 1, 2, 2}, torch::kLong);
  const auto posture = torch::tensor({0, 1, 2, 3, 4, 0}, torch::kLong);
  const auto loss = [&] {
    const TeacherOutput out = teacher->forward(pictures, map);
    return supervised_contrastive(out.embedding, label, 0.5) +
           smoothed_cross_entropy(out.posture_logits, posture, 0.1) +
           out.projection.square().mean() + out.student_projection.square().mean();
  };
  // Kinks of the rectifiers within a difference of a value add a little to h^2 and rounding.
  CATCH_CHECK(gradient_error(*teacher, loss) < 1e-4);
}

CATCH_TEST_CASE("distillation moves the student alone", "[model][teacher]") {
  const auto student = random_normal({4, 5}, 6).requires_grad_(true);
  const auto teacher = random_normal({4, 5}, 7).requires_grad_(true);
  (feature_distillation(student, teacher, true) + logit_distillation(student, teacher, 3.0))
      .backward();
  CATCH_CHECK(student.grad().abs().max().item<double>() > 0.0);
  CATCH_CHECK_FALSE(teacher.grad().defined());
  CATCH_CHECK(logit_distillation(teacher, teacher, 3.0).item<double>() ==
              Approx(0.0).margin(1e-15));
  CATCH_CHECK(feature_distillation(teacher, teacher, false).item<double>() == 0.0);
  // d/ds of T^2 KL is T (q - p) / B: a closed form for the gradient.
  auto leaf = student.detach().clone().requires_grad_(true);
  logit_distillation(leaf, teacher, 3.0).backward();
  const auto expected =
      3.0 * (torch::softmax(leaf / 3.0, 1) - torch::softmax(teacher / 3.0, 1)) / 4.0;
  CATCH_CHECK((leaf.grad() - expected).abs().max().item<double>() < 1e-14);
}

CATCH_TEST_CASE("a step with a teacher has its terms and moves both", "[model][teacher]") {
  const TrainingData data = test::toy_data({4, 3});
  Trainer trainer(taught_config(), data, std::nullopt);
  const auto before = copy_of(*trainer.teacher());
  const StepReport report = trainer.step(1e-3);
  for (const char* name :
       {"teacher_verification", "teacher_posture", "feature", "logit", "posture"}) {
    CATCH_CAPTURE(name);
    CATCH_CHECK(report.loss.count(name) == 1);
  }
  double sum = 0.0;
  const TrainConfig c = taught_config();
  const std::map<std::string, double> weights = {
      {"verification", 1}, {"posture", 1}, {"charbonnier", 1},       {"ssim", 0.8},
      {"feature", 1},      {"logit", 0.5}, {"teacher_posture", 0.5}, {"teacher_verification", 0.5}};
  for (const auto& [name, weight] : weights) sum += weight * report.loss.at(name);
  CATCH_CHECK(report.loss.at("total") == Approx(sum).epsilon(1e-12));
  for (const auto& item : trainer.teacher()->named_parameters()) {
    CATCH_CAPTURE(item.key());
    // The teacher's projection is a fixed one: the feature term is no task of the teacher's, and if
    // it moved, both projections could agree on nothing.
    const bool fixed = item.key().rfind("teacher_projection.", 0) == 0;
    CATCH_CHECK(torch::equal(item.value(), before.at(item.key())) == fixed);
  }
}

CATCH_TEST_CASE("a random teacher stays as it was drawn", "[model][teacher]") {
  const TrainingData data = test::toy_data({4, 3});
  Trainer trainer(taught_config("random"), data, std::nullopt);
  const auto before = copy_of(*trainer.teacher());
  const StepReport report = trainer.step(1e-3);
  CATCH_CHECK(report.loss.count("teacher_posture") == 0);
  CATCH_CHECK(report.loss.at("feature") > 0.0);
  for (const auto& item : trainer.teacher()->named_parameters()) {
    CATCH_CAPTURE(item.key());
    const bool student = item.key().rfind("student_projection.", 0) == 0;
    CATCH_CHECK(torch::equal(item.value(), before.at(item.key())) != student);
  }
}

CATCH_TEST_CASE("permuted targets change the feature term and nothing else", "[model][teacher]") {
  const TrainingData data = test::toy_data({4, 3});
  TrainConfig config = taught_config();
  Trainer straight(config, data, std::nullopt);
  config.teacher.permuted = true;
  Trainer permuted(config, data, std::nullopt);
  const auto a = straight.step(1e-3).loss;
  const auto b = permuted.step(1e-3).loss;
  CATCH_CHECK(a.at("feature") != b.at("feature"));
  for (const char* name : {"verification", "posture", "ssim", "logit", "teacher_posture"}) {
    CATCH_CHECK(a.at(name) == b.at(name));
  }
}

CATCH_TEST_CASE("a teacher's weights of zero leave the student as it is without one",
                "[model][teacher]") {
  const TrainingData data = test::toy_data({4, 3});
  TrainConfig config = taught_config("random");
  config.teacher.feature = config.teacher.logit = 0.0;
  config.network.dropout = 0.0;  // its masks would come from another place of the stream
  TrainConfig plain = config;
  plain.teacher.kind = "none";
  Trainer taught(config, data, std::nullopt);
  Trainer alone(plain, data, std::nullopt);
  for (int i = 0; i < 2; ++i) {
    taught.step(1e-3);
    alone.step(1e-3);
  }
  CATCH_CHECK(torch::equal(taught.network()->encoder->reduce->weight,
                           alone.network()->encoder->reduce->weight));
}

CATCH_TEST_CASE("rows without a visible picture take part without the teacher",
                "[model][teacher]") {
  TrainingData data = test::toy_data({4, 3});
  for (std::size_t row = 0; row < data.visible_index.size(); row += 2) data.visible_index[row] = -1;
  Trainer trainer(taught_config(), data, std::nullopt);
  CATCH_CHECK(std::isfinite(trainer.step(1e-3).loss.at("feature")));
  data.visible_index.clear();
  CATCH_CHECK_THROWS_WITH(Trainer(taught_config(), data, std::nullopt), Catch::Contains("visible"));
}
