// The commands of Redis 7.0, and what this proxy does with each.
#ifndef KEYWAY_PROXY_PROTOCOL_REDIS_COMMANDS_H_
#define KEYWAY_PROXY_PROTOCOL_REDIS_COMMANDS_H_

#include <span>
#include <string_view>

#include "proxy/protocol/command.h"

namespace keyway::redis {

// All rows, ordered by name. HELLO has none on purpose: clients that ask for RESP3
// fall back to RESP2 when they are told that the command is unknown.
std::span<const CommandSpec> Commands();

// The row named `name` in any letter case; null if there is none. Takes a few
// nanoseconds: names are compared as two machine words, after one look in a hash table
// that the compiler builds.
const CommandSpec* FindCommand(std::string_view name);

}  // namespace keyway::redis

#endif  // KEYWAY_PROXY_PROTOCOL_REDIS_COMMANDS_H_
