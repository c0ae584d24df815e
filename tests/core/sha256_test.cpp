#include "thz/core/sha256.h"

#include <catch2/catch.hpp>
#include <string>

// Values: FIPS 180-4 examples (NIST), "abc" and the 448-bit message; a million 'a'.
TEST_CASE("SHA-256 gives the published digests", "[core][sha256]") {
  CHECK(thz::sha256_hex("abc") ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(thz::sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  thz::Sha256 hash;
  for (int i = 0; i < 1000; ++i) hash.add(std::string(1000, 'a'));
  CHECK(hash.hex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
