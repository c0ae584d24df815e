#include "mutator.h"

#include <algorithm>
#include <cctype>
#include <limits>

namespace thz::fuzz {
namespace {

/// A place in `text`, or just behind it.
std::size_t place(const std::string& text, Rng& rng) { return rng.index(text.size() + 1); }

/// A length: short ones as likely as long ones.
std::size_t run_length(std::size_t most, Rng& rng) {
  if (most == 0) return 0;
  const std::size_t limit = std::min<std::size_t>(most, std::size_t{1} << rng.index(16));
  return 1 + rng.index(limit);
}

void flip_bit(std::string& text, Rng& rng) {
  if (text.empty()) return;
  char& byte = text[rng.index(text.size())];
  byte = static_cast<char>(byte ^ (1 << rng.index(8)));
}

void fill_run(std::string& text, Rng& rng) {
  static const unsigned char kBytes[] = {0x00, 0xFF, 0x7F, 0x80, 0x20, 0x0A, 0x41};
  const std::size_t at = place(text, rng), length = run_length(text.size() - at, rng);
  const bool random = rng.index(3) == 0;
  for (std::size_t i = 0; i < length; ++i) {
    text[at + i] = static_cast<char>(random ? rng.bits() : kBytes[(at + length) % 7]);
  }
}

/// Writes a number at the edge of its range over 1, 2, 4 or 8 bytes, either byte order.
void boundary_bytes(std::string& text, Rng& rng) {
  static const uint64_t kNumbers[] = {0,
                                      1,
                                      2,
                                      3,
                                      0x7F,
                                      0x80,
                                      0xFF,
                                      0x100,
                                      0x7FFF,
                                      0x8000,
                                      0xFFFF,
                                      0x10000,
                                      0x7FFFFFFF,
                                      0x80000000,
                                      0xFFFFFFFF,
                                      0x100000000,
                                      0x7F800000,  // infinity of a float
                                      0x7FC00000,
                                      0x7FF0000000000000,
                                      0x3FFFFFFFFFFFFFFF,
                                      0x7FFFFFFFFFFFFFFF,
                                      0x8000000000000000,
                                      0xFFFFFFFFFFFFFFFF};
  const std::size_t width = std::size_t{1} << rng.index(4);
  if (text.size() < width) return;
  const std::size_t at = rng.index(text.size() - width + 1);
  uint64_t value = kNumbers[rng.index(std::size(kNumbers))];
  if (rng.index(4) == 0) {  // what is there, a little more or less
    value = 0;
    for (std::size_t i = width; i-- > 0;) {
      value = (value << 8) | static_cast<unsigned char>(text[at + i]);
    }
    value += rng.index(33) - 16;
  }
  const bool big_endian = rng.index(4) == 0;
  for (std::size_t i = 0; i < width; ++i) {
    text[at + (big_endian ? width - 1 - i : i)] = static_cast<char>(value >> (8 * i));
  }
}

void cut_out(std::string& text, Rng& rng) {
  const std::size_t at = place(text, rng);
  text.erase(at, run_length(text.size() - at, rng));
}

void truncate(std::string& text, Rng& rng) { text.resize(place(text, rng)); }

void copy_run(std::string& text, const std::string& from, Rng& rng) {
  const std::size_t start = place(from, rng);
  const std::string run = from.substr(start, run_length(from.size() - start, rng));
  const std::size_t at = place(text, rng);
  if (rng.index(2) == 0) {
    text.insert(at, run);
  } else {
    text.replace(at, std::min(run.size(), text.size() - at), run);
  }
}

void splice(std::string& text, const std::vector<std::string>& seeds, Rng& rng) {
  const std::string& other = seeds[rng.index(seeds.size())];
  text = text.substr(0, place(text, rng)) + other.substr(place(other, rng));
}

/// Begin and end of the words of a text: runs of letters, digits and what numbers are made of.
std::vector<std::pair<std::size_t, std::size_t>> words_of(const std::string& text) {
  std::vector<std::pair<std::size_t, std::size_t>> words;
  for (std::size_t i = 0; i < text.size();) {
    const auto in_word = [&](std::size_t k) {
      const auto c = static_cast<unsigned char>(text[k]);
      return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '+' || c == '_';
    };
    const std::size_t begin = i;
    while (i < text.size() && in_word(i)) ++i;
    if (i > begin) words.emplace_back(begin, i);
    if (i == begin) ++i;
  }
  return words;
}

void change_number(std::string& text, Rng& rng) {
  static const char* const kNumbers[] = {"0",
                                         "-0.0",
                                         "1",
                                         "-1",
                                         "1e999",
                                         "-1e999",
                                         "nan",
                                         "-nan",
                                         "inf",
                                         "+inf",
                                         "1e-320",
                                         "2147483647",
                                         "2147483648",
                                         "-2147483649",
                                         "4294967295",
                                         "4294967296",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "-9223372036854775808",
                                         "18446744073709551615",
                                         "99999999999999999999999999",
                                         "0x7fffffff",
                                         "1_000",
                                         "1.7976931348623157e308",
                                         "1e308",
                                         "0.1.2",
                                         "1/2/3",
                                         "true",
                                         ""};
  std::vector<std::pair<std::size_t, std::size_t>> numbers;
  for (const auto& word : words_of(text)) {
    const std::size_t digit = text.find_first_of("0123456789", word.first);
    if (digit < word.second && digit <= word.first + 1) numbers.push_back(word);
  }
  if (numbers.empty()) return;
  const auto [begin, end] = numbers[rng.index(numbers.size())];
  text.replace(begin, end - begin, kNumbers[rng.index(std::size(kNumbers))]);
}

/// One word doubled, put elsewhere, or swapped for another one.
void move_word(std::string& text, Rng& rng) {
  const auto words = words_of(text);
  if (words.empty()) return;
  const auto [begin, end] = words[rng.index(words.size())];
  const auto [other, other_end] = words[rng.index(words.size())];
  const std::string word = text.substr(begin, end - begin);
  if (rng.index(3) == 0) {
    text.insert(end, " " + word);
  } else {
    text.replace(other, other_end - other, word);
  }
}

void move_line(std::string& text, Rng& rng) {
  const auto line_at = [&text](std::size_t at) {
    const std::size_t before = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    const std::size_t end = text.find('\n', at);
    return std::make_pair(begin, (end == std::string::npos ? text.size() : end + 1) - begin);
  };
  const auto [begin, length] = line_at(place(text, rng));
  const std::string line = text.substr(begin, length);
  if (rng.index(3) == 0) text.erase(begin, length);
  if (rng.index(3) != 0) {
    const std::size_t to = line_at(place(text, rng)).first;
    for (uint64_t i = rng.index(3) == 0 ? 100 : 1; i > 0; --i) text.insert(to, line);
  }
}

void insert_special(std::string& text, Rng& rng) {
  static const std::string kPieces[] = {"[",
                                        "]",
                                        "[[",
                                        "]]",
                                        "{",
                                        "}",
                                        "\"",
                                        "'",
                                        "\"\"\"",
                                        "\\u",
                                        "\\uD800",
                                        "\\",
                                        "=",
                                        ".",
                                        ",",
                                        "#",
                                        "\r",
                                        "\n",
                                        "\t",
                                        " ",
                                        "%s%n",
                                        "/",
                                        "../",
                                        "$HOME/",
                                        "\xEF\xBB\xBF",
                                        "\xC3\x28",
                                        "\xED\xA0\x80",
                                        "\xF8\x88",
                                        "-",
                                        "e",
                                        "null",
                                        "1979-05-27T07:32:00Z",
                                        "{}"};
  static const std::string kNested[] = {"[", "{\"a\":", "{a=", "(", "a."};
  if (rng.index(10) == 0) {
    const std::string& piece = kNested[rng.index(std::size(kNested))];
    std::string deep;
    for (uint64_t i = uint64_t{10} << rng.index(11); i > 0; --i) deep += piece;
    text.insert(place(text, rng), deep);
    return;
  }
  const std::string zero(1, '\0');
  const std::size_t which = rng.index(std::size(kPieces) + 1);
  text.insert(place(text, rng), which == std::size(kPieces) ? zero : kPieces[which]);
}

}  // namespace

std::string mutated(const std::vector<std::string>& seeds, std::size_t which, Material material,
                    Rng& rng) {
  std::string text = seeds[which];
  std::size_t longest = 0;
  for (const std::string& seed : seeds) longest = std::max(longest, seed.size());
  for (uint64_t step = 1 + rng.index(8); step > 0; --step) {
    if (material == Material::kText && rng.index(4) != 0) {
      void (*const steps[])(std::string&, Rng&) = {change_number, change_number, move_word,
                                                   move_line, insert_special};
      steps[rng.index(std::size(steps))](text, rng);
    } else {
      const uint64_t kind = rng.index(16);
      if (kind == 0) truncate(text, rng);
      if (kind == 1) splice(text, seeds, rng);
      if (kind == 2) copy_run(text, seeds[rng.index(seeds.size())], rng);
      if (kind == 3) copy_run(text, std::string(text), rng);
      if (kind == 4) cut_out(text, rng);
      if (kind == 5 || kind == 6) fill_run(text, rng);
      if (kind >= 7 && kind <= 11) boundary_bytes(text, rng);
      if (kind >= 12) flip_bit(text, rng);
    }
    text.resize(std::min(text.size(), 2 * longest + (std::size_t{64} << 10)));
  }
  return text;
}

}  // namespace thz::fuzz
