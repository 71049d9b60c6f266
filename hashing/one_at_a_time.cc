#include "hashing/bytes.h"
#include "hashing/functions.h"
#include "hashing/lanes.h"

namespace keyway::hashing {
namespace {

// For one value, and for lanes of them.
template <typename Value>
Value Step(Value value, Value byte) {
  value += byte;
  value += value << 10;
  value ^= value >> 6;
  return value;
}

uint32_t Finish(uint32_t value) {
  value += value << 3;
  value ^= value >> 11;
  value += value << 15;
  return value;
}

uint32_t Steps(std::string_view bytes) {
  uint32_t value = 0;
  for (const char byte : bytes) value = Step(value, SignExtended(byte));
  return value;
}

}  // namespace

uint64_t OneAtATime(std::string_view bytes) { return Finish(Steps(bytes)); }

void OneAtATime(Keys keys, Values values) {
  HashInLanes(keys, values, 0, Step<Lanes>, Steps);
  for (uint64_t& value : values.first(keys.size())) value = Finish(static_cast<uint32_t>(value));
}

}  // namespace keyway::hashing
