// JSON for tests: objects within objects, as a flat list.
#ifndef KEYWAY_PROXY_TESTING_FLAT_JSON_H_
#define KEYWAY_PROXY_TESTING_FLAT_JSON_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace keyway {

// "alpha/redis-1/requests" → "17": texts unescaped, numbers as they stand.
using FlatJson = std::map<std::string, std::string>;

// Strict, but knows only objects, texts and numbers. Nothing if `text` is not one object
// of these, or has a member twice.
std::optional<FlatJson> ReadFlatJson(std::string_view text);

}  // namespace keyway

#endif  // KEYWAY_PROXY_TESTING_FLAT_JSON_H_
