#include "hashing/hash_tag.h"

namespace keyway::hashing {

std::string_view TaggedPart(std::string_view key, std::string_view tag) {
  if (tag.empty()) return key;
  const size_t open = key.find(tag[0]);
  if (open == std::string_view::npos) return key;
  const size_t begin = open + 1;
  const size_t end = key.find(tag[1], begin);
  if (end == std::string_view::npos || end == begin) return key;
  return key.substr(begin, end - begin);
}

}  // namespace keyway::hashing
