#include <array>
#include <bit>
#include <cstring>

#include "hashing/bytes.h"
#include "hashing/functions.h"

namespace keyway::hashing {
namespace {

constexpr size_t kBlock = 12;

struct State {
  uint32_t a, b, c;

  void Add(const char* block) {
    a += Load32(block);
    b += Load32(block + 4);
    c += Load32(block + 8);
  }

  void Mix() {
    a -= c, a ^= std::rotl(c, 4), c += b;
    b -= a, b ^= std::rotl(a, 6), a += c;
    c -= b, c ^= std::rotl(b, 8), b += a;
    a -= c, a ^= std::rotl(c, 16), c += b;
    b -= a, b ^= std::rotl(a, 19), a += c;
    c -= b, c ^= std::rotl(b, 4), b += a;
  }

  void Finish() {
    c ^= b, c -= std::rotl(b, 14);
    a ^= c, a -= std::rotl(c, 11);
    b ^= a, b -= std::rotl(a, 25);
    c ^= b, c -= std::rotl(b, 16);
    a ^= c, a -= std::rotl(c, 4);
    b ^= a, b -= std::rotl(a, 14);
    c ^= b, c -= std::rotl(b, 24);
  }
};

}  // namespace

uint64_t Jenkins(std::string_view bytes) {
  constexpr uint32_t kInitial = 13;
  const uint32_t start = 0xdeadbeef + static_cast<uint32_t>(bytes.size()) + kInitial;
  State state{.a = start, .b = start, .c = start};
  if (bytes.empty()) return state.c;

  // The last block, full or not, is not mixed but finished.
  while (bytes.size() > kBlock) {
    state.Add(bytes.data());
    state.Mix();
    bytes.remove_prefix(kBlock);
  }
  std::array<char, kBlock> tail{};
  std::memcpy(tail.data(), bytes.data(), bytes.size());
  state.Add(tail.data());
  state.Finish();
  return state.c;
}

}  // namespace keyway::hashing
