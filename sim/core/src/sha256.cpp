#include "thz/core/sha256.h"

#include <openssl/evp.h>

#include "thz/core/error.h"

namespace thz {

struct Sha256::Context {
  EVP_MD_CTX* handle = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(handle); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  const int ok = EVP_DigestInit_ex(context_->handle, EVP_sha256(), nullptr);
  THZ_REQUIRE(ok == 1, "OpenSSL could not start a SHA-256 digest");
}

Sha256::~Sha256() = default;

void Sha256::add(const void* bytes, std::size_t count) {
  EVP_DigestUpdate(context_->handle, bytes, count);
}

std::string Sha256::hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_DigestFinal_ex(context_->handle, digest, &length);
  std::string text;
  for (unsigned int i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::string sha256_hex(std::string_view text) {
  Sha256 hash;
  hash.add(text);
  return hash.hex();
}

}  // namespace thz
