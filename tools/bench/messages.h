// Requests and their only right replies, as bytes, in both protocols.
#ifndef KEYWAY_TOOLS_BENCH_MESSAGES_H_
#define KEYWAY_TOOLS_BENCH_MESSAGES_H_

#include <span>
#include <string>

#include "tools/bench/content.h"

namespace keyway::bench {

enum class Protocol { kRedis, kMemcache };

// kMultiGet is MGET, or get with several keys; the others have one key.
enum class Operation { kGet, kSet, kMultiGet };

// What is asked, and how.
struct RequestKind {
  Protocol protocol = Protocol::kRedis;
  Operation operation = Operation::kGet;
};

void AppendRequest(RequestKind kind, std::span<const Item> items, std::string& out);

// Memcached's values may come in any order: this gives that of the keys.
void AppendReply(RequestKind kind, std::span<const Item> items, std::string& out);

// A value as it stands in a reply: a bulk string, or "VALUE …" and its data.
void AppendValue(Protocol protocol, Item item, std::string& out);

// "$16\r\n" and the like.
void AppendHeader(char type, size_t number, std::string& out);

inline constexpr std::string_view kMemcacheValue = "VALUE ";
inline constexpr std::string_view kMemcacheEnd = "END\r\n";

}  // namespace keyway::bench

#endif  // KEYWAY_TOOLS_BENCH_MESSAGES_H_
