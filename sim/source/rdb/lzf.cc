#include "sim/source/rdb/lzf.h"

#include <cstring>

namespace keyway::sim {

// An instruction's first byte is LLLDDDDD: with L = 0, D + 1 bytes follow as they are;
// otherwise L + 2 bytes are repeated from D * 256 + (the last byte) + 1 bytes before.
// L = 7 has another byte in between, which is added to it.
bool DecompressLzf(std::string_view in, std::span<char> out) {
  constexpr size_t kLiterals = 32, kLongest = 7;
  size_t to = 0;
  for (size_t at = 0; at < in.size();) {
    const size_t first = static_cast<unsigned char>(in[at++]);
    if (first < kLiterals) {
      const size_t size = first + 1;
      if (size > in.size() - at || size > out.size() - to) return false;
      std::memcpy(&out[to], &in[at], size);
      at += size;
      to += size;
      continue;
    }
    size_t size = first >> 5;
    if (size == kLongest && at < in.size()) size += static_cast<unsigned char>(in[at++]);
    size += 2;
    if (at == in.size()) return false;
    const size_t distance = (first & 31) << 8 | static_cast<unsigned char>(in[at++]);
    if (distance >= to || size > out.size() - to) return false;
    // Byte by byte: what is repeated may be what is being written.
    for (const size_t end = to + size; to < end; ++to) out[to] = out[to - distance - 1];
  }
  return to == out.size();
}

}  // namespace keyway::sim
