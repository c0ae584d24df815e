#include <fmt/format.h>

#include <map>

#include "thz/core/error.h"
#include "thz/data/plan.h"

namespace thz::data {
namespace {

/// What the presets differ in; all see five postures, bare and concealed.
struct Preset {
  const char* name;
  const char* remark;
  int identities, captures;
  const char* fabrics;
  const char* tail;
};

constexpr char kTemplate[] = R"(# {remark}
schema = "thzface-plan/1"
name = "{name}"
identities = {identities}
captures = {captures}              # per identity, posture and condition
postures = ["front-left", "front-center", "front-right", "full-left", "full-right"]
conditions = ["bare", "concealed"]
visible = true
seed = 1
head = "parametric"
fabrics = [{fabrics}]
# Coarser than the default sampling, to be quick: docs/validation.md has the error this makes.
scene_overrides = '''
[sampling]
ray_pitch_m = 0.6e-3
'''
{tail})";

constexpr char kDrawnInstrument[] =
    R"(# Subharmonic receivers of 320-360 GHz: Sobis, Emrich, Stake, IEEE Trans. THz Sci. Technol. 1, 403 (2011).
[[randomise]]
key = "imager.noise_temperature_k"
low = 2700.0
high = 6000.0
law = "log-uniform"
# Directional couplers of this band.
[[randomise]]
key = "imager.coupler_directivity_db"
low = 18.0
high = 30.0
)";

constexpr Preset kPresets[] = {
    {"smoke", "The least that goes the whole way: for tests and a first look.", 4, 1, "\"acrylic\"",
     ""},
    {"demo", "Ten people, five postures, with and without a balaclava, four captures each.", 10, 4,
     "\"acrylic\"", ""},
    {"paper",
     "The size of the published data set: 20 people, 35 + 35 images each, 200 visible pictures.",
     20, 7, "\"acrylic\"", ""},
    {"population",
     "Many people, few captures; fabric and instrument are drawn anew for every capture.", 1000, 2,
     R"("acrylic", "cotton", "wool", "fleece", "nylon")", kDrawnInstrument},
};

const std::map<std::string, std::string>& presets() {
  static const std::map<std::string, std::string> texts = [] {
    std::map<std::string, std::string> made;
    for (const Preset& p : kPresets) {
      made[p.name] =
          fmt::format(kTemplate, fmt::arg("remark", p.remark), fmt::arg("name", p.name),
                      fmt::arg("identities", p.identities), fmt::arg("captures", p.captures),
                      fmt::arg("fabrics", p.fabrics), fmt::arg("tail", p.tail));
    }
    return made;
  }();
  return texts;
}

}  // namespace

std::vector<std::string> preset_plan_names() {
  std::vector<std::string> names;
  for (const auto& [name, text] : presets()) names.push_back(name);
  return names;
}

const std::string& preset_plan_text(const std::string& name) {
  const auto found = presets().find(name);
  if (found == presets().end()) {
    std::string allowed;
    for (const std::string& item : preset_plan_names()) {
      allowed += (allowed.empty() ? "" : ", ") + item;
    }
    throw_input("there is no preset '{}'; allowed are {}", name, allowed);
  }
  return found->second;
}

Plan preset_plan(const std::string& name) {
  ConfigTable table = ConfigTable::parse(preset_plan_text(name), "preset " + name);
  return parse_plan(table);
}

}  // namespace thz::data
