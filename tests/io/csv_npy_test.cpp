#include <catch2/catch.hpp>
#include <cmath>

#include "io/io_support.h"
#include "thz/core/error.h"
#include "thz/io/csv.h"
#include "thz/io/npy.h"

using Catch::Matchers::Contains;
using thz::test::Scratch;
using thz::test::spill;
using namespace thz::io;

TEST_CASE("a CSV table reads what a spreadsheet writes", "[io][csv]") {
  const CsvTable table = CsvTable::parse(
      "\xef\xbb\xbf"
      "name,\"n, m\",note\r\na,1,\"says \"\"so\"\"\nand on\"\r\n\r\nb,-2.5,\n",
      "t.csv");
  REQUIRE(table.rows() == 2);
  CHECK(table.columns() == std::vector<std::string>{"name", "n, m", "note"});
  CHECK(table.at(0, "note") == "says \"so\"\nand on");
  CHECK(table.integer(0, "n, m", 0, 9) == 1);
  CHECK(table.number(1, "n, m") == -2.5);
  // The quoted line end counts as a line of the file.
  CHECK(table.where(1) == "t.csv:5");
  const std::string line = csv_line({"a,b", "c\"d", "plain", ""});
  CHECK(line == "\"a,b\",\"c\"\"d\",plain,\n");
  CHECK(CsvTable::parse("w,x,y,z\n" + line, "t").at(0, "x") == "c\"d");
}

TEST_CASE("a faulty CSV table is refused with its line", "[io][csv]") {
  const auto parse = [](const std::string& text) { return CsvTable::parse(text, "t.csv"); };
  CHECK_THROWS_WITH(parse(""), Contains("t.csv") && Contains("empty"));
  CHECK_THROWS_WITH(parse("a,a\n"), Contains("'a'") && Contains("twice"));
  CHECK_THROWS_WITH(parse("a,b\n1,2\n3\n"), Contains("t.csv:3") && Contains("1 fields"));
  CHECK_THROWS_WITH(parse("a\n\"x\n"), Contains("t.csv:2") && Contains("not closed"));
  CHECK_THROWS_WITH(parse("a\n\"x\"y\n"), Contains("t.csv:2") && Contains("'y'"));
  CHECK_THROWS_WITH(parse(std::string("a\nx\0y\n", 6)), Contains("no text"));
  const CsvTable table = parse("a,b\n1x,nan\n");
  CHECK_THROWS_WITH(table.integer(0, "a", 0, 5), Contains("t.csv:2") && Contains("'1x'"));
  CHECK_THROWS_WITH(table.number(0, "b"), Contains("'nan'"));
  CHECK_THROWS_WITH(table.at(0, "c"), Contains("'c'") && Contains("a, b"));
  CHECK_THROWS_WITH(table.require_columns({"a"}, {"z"}), Contains("'b'") && Contains("a, z"));
}

TEST_CASE("arrays survive NumPy files of our own and are read row by row", "[io][npy]") {
  const Scratch scratch;
  std::vector<float> values;
  for (int i = 0; i < 24; ++i) values.push_back(0.25F * static_cast<float>(i));
  write_npy(scratch / "a.npy", {4, 2, 3}, values);
  const NpyFile file(scratch / "a.npy");
  CHECK(file.shape() == std::vector<uint64_t>{4, 2, 3});
  CHECK(file.type() == "float32");
  CHECK_FALSE(file.is_integer());
  CHECK(file.row_size() == 6);
  const auto rows = file.read_rows(2, 2);
  REQUIRE(rows.size() == 12);
  CHECK(rows[0] == 3.0);
  CHECK(rows[11] == 5.75);
  // NEP 1: data begins at a multiple of 64 bytes.
  CHECK((thz::test::slurp(scratch / "a.npy").size() - 24 * 4) % 64 == 0);
  write_npy(scratch / "l.npy", {2}, std::vector<int32_t>{-7, 8});
  CHECK(NpyFile(scratch / "l.npy").read_rows(0, 2) == std::vector<double>{-7.0, 8.0});
  CHECK_THROWS_WITH(file.read_rows(3, 2), Contains("no rows 3"));
}

namespace {

std::string npy(const std::string& header, const std::string& data) {
  std::string bytes = "\x93NUMPY\x01";
  bytes += '\0';
  bytes += static_cast<char>(header.size());
  bytes += '\0';
  return bytes + header + data;
}

}  // namespace

TEST_CASE("NumPy files of other machines and kinds are read or refused by name", "[io][npy]") {
  const Scratch scratch;
  const auto made = [&](const std::string& header, const std::string& data) {
    spill(scratch / "x.npy", npy(header, data));
    return NpyFile(scratch / "x.npy");
  };
  const std::string tail = ", 'fortran_order': False, 'shape': (2,), }";
  CHECK(made("{'descr': '>u2'" + tail, std::string("\x01\x02\x00\x05", 4)).read_rows(0, 2) ==
        std::vector<double>{258.0, 5.0});
  CHECK(made("{'descr': '|b1'" + tail, std::string("\x01\x00", 2)).read_rows(0, 2) ==
        std::vector<double>{1.0, 0.0});
  CHECK(made("{'descr': '|i1'" + tail, "\xff\x02").read_rows(0, 1) == std::vector<double>{-1.0});
  CHECK_THROWS_WITH(made("{'descr': '<c8'" + tail, ""), Contains("x.npy") && Contains("<c8"));
  CHECK_THROWS_WITH(made("{'descr': '|O'" + tail, ""), Contains("|O"));
  CHECK_THROWS_WITH(made("{'descr': '<f4'" + tail, "1234567"), Contains("7 bytes"));
  CHECK_THROWS_WITH(made("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", "12345678"),
                    Contains("Fortran"));
  CHECK_THROWS_WITH(made("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "1234"),
                    Contains("single number"));
  CHECK_THROWS_WITH(
      made("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999, 999999999999), }", ""),
      Contains("too large"));
  CHECK_THROWS_WITH(made("{'shape': 1}", ""), Contains("descr"));
  spill(scratch / "y.npy", "PK\x03\x04 an archive");
  CHECK_THROWS_WITH(NpyFile(scratch / "y.npy"), Contains("not a NumPy"));
  spill(scratch / "z.npy", std::string("\x93NUMPY\x01\x00\xff", 9));
  CHECK_THROWS_WITH(NpyFile(scratch / "z.npy"), Contains("too early"));
  CHECK_THROWS_WITH(NpyFile(scratch / "none.npy"), Contains("none.npy"));
}
