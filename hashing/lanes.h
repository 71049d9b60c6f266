// Hash functions that go byte by byte, for several keys side by side: each step waits for
// the one before, and processors have room for the steps of other keys meanwhile. Private
// to this folder.
#ifndef KEYWAY_HASHING_LANES_H_
#define KEYWAY_HASHING_LANES_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "hashing/bytes.h"

namespace keyway::hashing {

// Four values of four keys; operators work on each. An extension that GCC and Clang have
// for all processors.
using Lanes = uint32_t __attribute__((vector_size(16)));
using SignedLanes = int32_t __attribute__((vector_size(16)));

// Two of these hide the latency of a multiplication; more of them gained nothing.
class EightKeys {
 public:
  static constexpr size_t kKeys = 8;
  static constexpr uint32_t kWordBytes = 4;

  explicit EightKeys(std::span<const std::string_view, kKeys> keys) {
    for (size_t key = 0; key < kKeys; ++key) {
      bytes_[key] = keys[key].data();
      sizes_[key] = static_cast<uint32_t>(keys[key].size());
      shortest_ = std::min(shortest_, keys[key].size());
      longest_ = std::max(longest_, keys[key].size());
    }
  }

  // Keys shorter than a word cannot be read by words, and sizes are counted in a lane.
  bool fit() const { return shortest_ >= kWordBytes && longest_ <= INT32_MAX - kWordBytes; }

  // After this each lane of `state` has seen all bytes of its key: step(lane, byte) gives
  // the next state, `byte` being a signed char widened to 32 bits.
  template <typename Step>
  void ForAllBytes(std::array<Lanes, 2>& state, const Step& step) const {
    uint32_t at = 0;
    for (; at + kWordBytes <= shortest_; at += kWordBytes) {
      const std::array<SignedLanes, 2> words = {Words(0, at), Words(4, at)};
      for (int byte = 0; byte < 4; ++byte) {
        state = {step(state[0], ByteOf(words[0], byte)), step(state[1], ByteOf(words[1], byte))};
      }
    }
    // From here on a word may go beyond the end of some keys.
    const std::array<SignedLanes, 2> sizes = {Sizes(0), Sizes(4)};
    for (; at < longest_; at += kWordBytes) {
      const std::array<SignedLanes, 2> words = {LastWords(0, at), LastWords(4, at)};
      const int bytes = static_cast<int>(std::min<size_t>(kWordBytes, longest_ - at));
      for (int byte = 0; byte < bytes; ++byte) {
        const SignedLanes position = SignedLanes{} + static_cast<int32_t>(at) + byte;
        for (size_t half = 0; half < 2; ++half) {
          const Lanes next = step(state[half], ByteOf(words[half], byte));
          const Lanes within = reinterpret_cast<Lanes>(position < sizes[half]);
          state[half] = (next & within) | (state[half] & ~within);
        }
      }
    }
  }

 private:
  static Lanes ByteOf(SignedLanes words, int byte) {
    return reinterpret_cast<Lanes>((words << (24 - 8 * byte)) >> 24);
  }

  SignedLanes Sizes(size_t first) const {
    return SignedLanes{Signed(sizes_[first]), Signed(sizes_[first + 1]), Signed(sizes_[first + 2]),
                       Signed(sizes_[first + 3])};
  }

  SignedLanes Words(size_t first, uint32_t at) const {
    const auto word = [&](size_t key) { return Signed(Load32(bytes_[key] + at)); };
    return SignedLanes{word(first), word(first + 1), word(first + 2), word(first + 3)};
  }

  // Where a key ends within the word or before it, the word that ends with the key, moved
  // down so that the bytes there are come first. Nothing beyond a key is read.
  SignedLanes LastWords(size_t first, uint32_t at) const {
    const auto word = [&](size_t key) {
      const uint32_t from = std::min(at, sizes_[key] - kWordBytes);
      return Signed(Load32(bytes_[key] + from) >> (8 * (at - from) % 32));
    };
    return SignedLanes{word(first), word(first + 1), word(first + 2), word(first + 3)};
  }

  static int32_t Signed(uint32_t value) { return static_cast<int32_t>(value); }

  std::array<const char*, kKeys> bytes_;
  std::array<uint32_t, kKeys> sizes_;
  size_t shortest_ = SIZE_MAX;
  size_t longest_ = 0;
};

// Hashes as many keys as it can side by side; `one` hashes a single key.
template <typename Step, typename One>
void HashInLanes(std::span<const std::string_view> keys, std::span<uint64_t> hashes, uint32_t start,
                 const Step& step, const One& one) {
  size_t done = 0;
  for (; done + EightKeys::kKeys <= keys.size(); done += EightKeys::kKeys) {
    const EightKeys eight(keys.subspan(done).first<EightKeys::kKeys>());
    if (!eight.fit()) {
      for (size_t i = done; i < done + EightKeys::kKeys; ++i) hashes[i] = one(keys[i]);
      continue;
    }
    std::array<Lanes, 2> state = {Lanes{} + start, Lanes{} + start};
    eight.ForAllBytes(state, step);
    for (size_t key = 0; key < EightKeys::kKeys; ++key) {
      hashes[done + key] = state[key / 4][key % 4];
    }
  }
  for (; done < keys.size(); ++done) hashes[done] = one(keys[done]);
}

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_LANES_H_
