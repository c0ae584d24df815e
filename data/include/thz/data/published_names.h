#pragma once

#include <map>
#include <optional>
#include <string>

namespace thz::data {

/// Which digit of the published naming means which posture (index into io::kPostureNames). The
/// publications tell it in three ways, so there is no default.
using PostureMap = std::map<int, int>;

/// "1=front-left,2=front-center,...": digits 1 to 5, each posture once at most; not all need be
/// there. @throws InputError.
PostureMap parse_posture_map(const std::string& text);
std::string posture_map_text(const PostureMap& map);

/// What a file name of the published data says.
struct PublishedName {
  std::string person;
  int concealed = 0;
  int digit = 1;  ///< 1 to 5
  int number = 0;
};

/// `<person>_<b1b|n1n>_<n>.png`; none if the name is another.
std::optional<PublishedName> parse_published_name(const std::string& file_name);
std::string published_name(const PublishedName& name);

}  // namespace thz::data
