// MD5() needs no state, no allocation and no look-up of a provider, and so takes 0.11 µs
// for a short key where a reused EVP context takes 0.13 and EVP_Digest 0.35. OpenSSL 3
// calls it deprecated because it goes past the providers; here it is no secret's guard.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/md5.h>

#include "hashing/bytes.h"
#include "hashing/functions.h"

namespace keyway::hashing {

std::array<uint32_t, 4> Md5Words(std::string_view bytes) {
  unsigned char digest[MD5_DIGEST_LENGTH];
  MD5(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  const char* words = reinterpret_cast<const char*>(digest);
  return {Load32(words), Load32(words + 4), Load32(words + 8), Load32(words + 12)};
}

uint64_t Md5(std::string_view bytes) { return Md5Words(bytes)[0]; }

}  // namespace keyway::hashing
