// The rows of the command tables: what a proxy must know of each command.
#ifndef KEYWAY_PROXY_PROTOCOL_COMMAND_H_
#define KEYWAY_PROXY_PROTOCOL_COMMAND_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace keyway {

enum class Access : uint8_t { kNone, kRead, kWrite, kAdmin };

// How a request is carried out. The dispatcher's one switch is over this.
enum class Plan : uint8_t {
  kLocal,       // answered by the proxy itself
  kOneShard,    // forwarded to the server of its keys; all keys on one server
  kSplitByKey,  // one part for each server that has some of the keys
  kEveryShard,  // forwarded to all servers
  kCursor,      // iterates over the servers, one after the other
  kLeased,      // needs a server connection for itself
  kRefused,     // known, and not offered: answered with an error
};

// How the replies to the parts become one reply (after Redis's response policies).
enum class Merge : uint8_t {
  kOnly,       // one reply, passed on as it came
  kKeyOrder,   // one element for each key, in the order of the request
  kSum,        // integers added
  kMin,        // the least integer
  kAllOk,      // a status, if every part has one
  kAnyOk,      // the first reply that is no error
  kAllTrue,    // element by element, 1 if all are
  kConcat,     // elements one after the other
  kMatchKeys,  // blocks that name their keys, in the order of the request (memcached's VALUE)
};

// Whether the replies to parts are taken apart into elements.
constexpr bool MergesElements(Merge merge) {
  return merge == Merge::kKeyOrder || merge == Merge::kMatchKeys;
}

// Where keys stand among the arguments; argument 0 is the command's name.
// Positions mean what they mean in Redis's COMMAND reply and key specifications.
struct KeySpec {
  int first = 0;  // position of the first key; 0: this specification names no key
  int last = 0;   // position of the last key; negative ones count from the end
  int step = 1;   // distance from one key to the next
  // When not 0: the position of an argument that says how many keys there are,
  // beginning at `first`; `last` is then not looked at.
  int count_at = 0;
  // When not empty: keys stand behind this word, or one of these with '|' between
  // them (case is ignored), searched from argument `first` on. `halves`: the word's
  // first occurrence counts, and the keys are the first half of what follows it
  // (XREAD … STREAMS key… id…). Else the argument behind each occurrence is a key.
  std::string_view after = {};
  bool halves = false;
};

// One row. Rows live in constexpr tables, so a pointer to one names the command.
struct CommandSpec {
  std::string_view name;  // in lower case
  int arity;              // name included; negative: at least that many (as in Redis)
  KeySpec keys;
  Access access;
  Plan plan;
  Merge merge;
  KeySpec more_keys = {};  // a second place, behind the first: the sources of ZUNIONSTORE
  // When not empty: a request with this option (case is ignored) among the arguments
  // from keys.first up to the word keys.after is refused. For what would block the
  // shared connection.
  std::string_view refused_option = {};
};

inline constexpr KeySpec kNoKeys = {};
inline constexpr KeySpec kFirstKey = {.first = 1, .last = 1, .step = 1};
inline constexpr KeySpec kAllKeys = {.first = 1, .last = -1, .step = 1};

// Requests that have no key but go to one server are routed as by this key, so
// that they meet the server that twemproxy sends them to.
inline constexpr std::string_view kPlaceholderKey = "placeholder";

}  // namespace keyway

#endif  // KEYWAY_PROXY_PROTOCOL_COMMAND_H_
