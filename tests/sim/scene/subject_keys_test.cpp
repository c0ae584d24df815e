// [subject]: the face's expression and the mean head, and what is said of mistakes.
#include <catch2/catch.hpp>
#include <cmath>

#include "support/test_scene.h"
#include "thz/core/error.h"

using namespace thz;
using namespace thz::sim;
using thz::test::scene_of;

namespace {

Subject subject_of(const std::string& keys) { return scene_of("[subject]\n" + keys).subject; }

/// Whose face, in that capture.
Person person_of(const std::string& keys, uint64_t capture_key) {
  return make_person(nullptr, subject_of(keys), 3, capture_key);
}

double lip_height_m(const Person& person) { return person.mouth_m->y(); }

}  // namespace

TEST_CASE("an expression has the mean and the spread its keys say", "[sim][scene]") {
  const ExpressionLaw law =
      subject_of("expression = [0.3, 0.6, -0.2]\nexpression_jitter = [0.1, 0.05, 0.2]\n")
          .expression;
  constexpr int kCaptures = 4000;
  test::Moments found[3];
  std::vector<double> drawn[3];
  for (uint64_t i = 0; i < kCaptures; ++i) {
    const HeadExpression e = sample_head_expression(5, i, law);
    drawn[0].push_back(static_cast<double>(e.smile));
    drawn[1].push_back(static_cast<double>(e.jaw_open));
    drawn[2].push_back(static_cast<double>(e.brow_raise));
  }
  for (int i = 0; i < 3; ++i) {
    found[i] = test::moments(drawn[i]);
    CAPTURE(i, found[i].mean, found[i].std);
    // Four standard errors of a mean; a normal cut at 2.5 has 0.955 of its deviation, whose own
    // standard error is 1.1 %.
    CHECK(found[i].mean == Approx(law.mean[i]).margin(4.0 * law.sd[i] / std::sqrt(kCaptures)));
    CHECK(found[i].std == Approx(0.955 * law.sd[i]).epsilon(0.05));
  }
  // Held within what the face can do, and no jaw closes beyond its teeth.
  const ExpressionLaw wide = {{0.9, 0.0, -0.9}, {0.5, 0.5, 0.5}};
  for (uint64_t i = 0; i < 200; ++i) {
    const HeadExpression e = sample_head_expression(6, i, wide);
    REQUIRE(std::abs(e.smile) <= 1.0f);
    REQUIRE(std::abs(e.brow_raise) <= 1.0f);
    REQUIRE(e.jaw_open >= 0.0f);
    REQUIRE(e.jaw_open <= 1.0f);
  }
}

TEST_CASE("without spread every capture has the expression asked for", "[sim][scene]") {
  const std::string still = "expression_jitter = [0, 0, 0]\n";
  const Person rest = person_of("expression = [0, 0, 0]\n" + still, 1);
  const HeadIdentity head = sample_head_identity(3, 0);
  CHECK(rest.mesh.vertices == build_parametric_head(head).vertices);
  const Person smile = person_of("expression = [1, 0, 0]\n" + still, 1);
  CHECK(smile.mesh.vertices == person_of("expression = [1, 0, 0]\n" + still, 2).mesh.vertices);
  CHECK(smile.mesh.vertices == build_parametric_head(head, {1.0f, 0.0f, 0.0f}).vertices);
  CHECK(smile.mesh.vertices != rest.mesh.vertices);
  const Person open = person_of("expression = [0, 1, 0]\n" + still, 1);
  CHECK(open.mesh.vertices != rest.mesh.vertices);
  // The back of the head does not take part.
  for (std::size_t v = 0; v < rest.mesh.vertices.size(); ++v) {
    if (rest.mesh.vertices[v].z() < 0.0) {
      REQUIRE(open.mesh.vertices[v] == rest.mesh.vertices[v]);
    }
  }
  // What is drawn by default moves from capture to capture.
  CHECK(person_of("", 1).mesh.vertices != person_of("", 2).mesh.vertices);
  CHECK(lip_height_m(rest) == Approx(lip_height_m(person_of("", 1))).margin(6e-3));
}

TEST_CASE("with the mean head everybody is the same, and captures still differ", "[sim][scene]") {
  const std::string mean = "mean_head = true\n";
  const Person one = person_of(mean + "identity = 1\n", 8);
  const Person two = person_of(mean + "identity = 2\n", 8);
  CHECK(one.mesh.vertices == two.mesh.vertices);
  CHECK(one.tissue == two.tissue);
  CHECK(one.coefficients == two.coefficients);
  CHECK(one.soft_biometrics == two.soft_biometrics);
  CHECK(one.grey_hair == two.grey_hair);
  CHECK(person_of(mean + "identity = 1\n", 9).mesh.vertices != one.mesh.vertices);
  CHECK(person_of("identity = 1\n", 8).coefficients != person_of("identity = 2\n", 8).coefficients);

  // Glasses are a person's: with the mean head they are drawn for the capture.
  GlassesOptions half;
  half.share = 0.5;
  int worn = 0;
  for (uint64_t capture = 0; capture < 40; ++capture) {
    Person a = one, b = two;
    put_on_glasses(a, half, subject_of(mean + "identity = 1\n"), 3, capture);
    put_on_glasses(b, half, subject_of(mean + "identity = 2\n"), 3, capture);
    CHECK(a.glasses.has_value() == b.glasses.has_value());
    worn += a.glasses ? 1 : 0;
  }
  // A binomial of 40 at one half stays within 20 +- 13 but for one time in 30,000.
  CHECK(worn > 7);
  CHECK(worn < 33);
}

TEST_CASE("mistakes in an expression get one sentence with their line", "[sim][scene]") {
  const auto refused = [](const std::string& keys, const std::string& said) {
    CAPTURE(keys);
    CHECK_THROWS_WITH(subject_of(keys), Catch::Contains(said) && Catch::Contains(":3"));
  };
  refused("expression = [1.5, 0, 0]\n", "expression");
  refused("expression = [0, 0]\n", "3 numbers");
  refused("expression = [0, -0.1, 0]\n", "must not be negative");
  refused("expression_jitter = [0.6, 0, 0]\n", "expression_jitter");
  refused("mean_head = 1\n", "mean_head");
  CHECK_THROWS_WITH(subject_of("model = 'head.h5'\nexpression = [0, 0, 0]\n"),
                    Catch::Contains("\"parametric\" only") && Catch::Contains(":4"));
  CHECK_THROWS_WITH(subject_of("kind = 'sphere'\nmean_head = true\n"),
                    Catch::Contains("unknown key 'mean_head'"));
}
