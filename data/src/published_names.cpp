#include "thz/data/published_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <sstream>

#include "thz/core/error.h"
#include "thz/io/dataset.h"

namespace thz::data {

PostureMap parse_posture_map(const std::string& text) {
  PostureMap map;
  std::istringstream items(text);
  const auto& names = io::kPostureNames;
  for (std::string item; std::getline(items, item, ',');) {
    const auto posture =
        std::find(names.begin(), names.end(), item.size() > 2 ? item.substr(2) : std::string());
    if (item.size() < 3 || item[0] < '1' || item[0] > '5' || item[1] != '=' ||
        posture == names.end()) {
      throw_input(
          "--posture-map holds '{}', but must hold DIGIT=POSTURE with a digit from 1 to 5 and one "
          "of {}",
          item, fmt::join(names, ", "));
    }
    const int index = static_cast<int>(posture - names.begin());
    const bool twice = std::any_of(map.begin(), map.end(),
                                   [&](const auto& entry) { return entry.second == index; });
    if (twice || !map.emplace(item[0] - '0', index).second) {
      throw_input("--posture-map names the digit or the posture of '{}' twice", item);
    }
  }
  if (map.empty()) throw_input("--posture-map is empty, but must say which digit is which posture");
  return map;
}

std::string posture_map_text(const PostureMap& map) {
  std::string text;
  for (const auto& [digit, posture] : map) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", digit,
                        io::kPostureNames[static_cast<std::size_t>(posture)]);
  }
  return text;
}

std::optional<PublishedName> parse_published_name(const std::string& file_name) {
  static const std::regex pattern("(.+)_(?:b([1-5])b|n([1-5])n)_([0-9]{1,9})\\.png",
                                  std::regex::icase);
  std::smatch found;
  if (!std::regex_match(file_name, found, pattern)) return std::nullopt;
  PublishedName name;
  name.person = found[1];
  name.concealed = found[2].matched ? 1 : 0;
  name.digit = std::stoi(found[2].matched ? found[2] : found[3]);
  name.number = std::stoi(found[4]);
  return name;
}

std::string published_name(const PublishedName& name) {
  const char code = name.concealed != 0 ? 'b' : 'n';
  return fmt::format("{}_{}{}{}_{}.png", name.person, code, name.digit, code, name.number);
}

}  // namespace thz::data
