// Hash tags: the part of a key that decides where it goes.
#ifndef KEYWAY_HASHING_HASH_TAG_H_
#define KEYWAY_HASHING_HASH_TAG_H_

#include <string_view>

namespace keyway::hashing {

// What is hashed of `key` where `tag` is the pair of bytes that encloses it, as "{}":
// the bytes between the first opening byte and the first closing byte after it. The
// whole key if either is missing, if nothing is between them, or if `tag` is empty.
// A second opening byte is not considered; both bytes may be the same, as in "$$".
// `tag` is empty or two bytes. Twemproxy and, for "{}", Redis Cluster agree on this.
std::string_view TaggedPart(std::string_view key, std::string_view tag);

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_HASH_TAG_H_
