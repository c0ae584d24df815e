#include <map>

#include "thz/core/error.h"
#include "thz/data/plan.h"

namespace thz::data {
namespace {

const std::map<std::string, std::string>& presets() {
  static const std::map<std::string, std::string> texts = {
      {"smoke", R"(# The least that goes the whole way: for tests and a first look.
schema = "thzface-plan/1"
name = "smoke"
identities = 4
captures = 1              # per identity, posture and condition
postures = ["front-left", "front-center", "front-right", "full-left", "full-right"]
conditions = ["bare", "concealed"]
visible = true
seed = 1
head = "parametric"
fabrics = ["acrylic"]
# Coarser than the default sampling, to be quick: docs/validation.md has the error this makes.
scene_overrides = '''
[sampling]
ray_pitch_m = 0.6e-3
subdivision = 1
'''
)"},
      {"demo", R"(# Ten people, five postures, with and without a balaclava, four captures each.
schema = "thzface-plan/1"
name = "demo"
identities = 10
captures = 4              # per identity, posture and condition
postures = ["front-left", "front-center", "front-right", "full-left", "full-right"]
conditions = ["bare", "concealed"]
visible = true
seed = 1
head = "parametric"
fabrics = ["acrylic"]
# Coarser than the default sampling, to be quick: docs/validation.md has the error this makes.
scene_overrides = '''
[sampling]
ray_pitch_m = 0.6e-3
subdivision = 1
'''
)"},
      {"paper",
       R"(# The size of the published data set: 20 people, 35 + 35 images each, 200 visible pictures.
schema = "thzface-plan/1"
name = "paper"
identities = 20
captures = 7              # per identity, posture and condition
postures = ["front-left", "front-center", "front-right", "full-left", "full-right"]
conditions = ["bare", "concealed"]
visible = true
seed = 1
head = "parametric"
fabrics = ["acrylic"]
# Coarser than the default sampling, to be quick: docs/validation.md has the error this makes.
scene_overrides = '''
[sampling]
ray_pitch_m = 0.6e-3
subdivision = 1
'''
)"},
      {"population",
       R"(# Many people, few captures; fabric and instrument are drawn anew for every capture.
schema = "thzface-plan/1"
name = "population"
identities = 1000
captures = 2              # per identity, posture and condition
postures = ["front-left", "front-center", "front-right", "full-left", "full-right"]
conditions = ["bare", "concealed"]
visible = true
seed = 1
head = "parametric"
fabrics = ["acrylic", "cotton", "wool", "fleece", "nylon"]
# Coarser than the default sampling, to be quick: docs/validation.md has the error this makes.
scene_overrides = '''
[sampling]
ray_pitch_m = 0.6e-3
subdivision = 1
'''
# Subharmonic receivers of 320-360 GHz: Sobis, Emrich, Stake, IEEE Trans. THz Sci. Technol. 1, 403 (2011).
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
)"},
  };
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
