#include "proxy/protocol/redis/commands.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <type_traits>

namespace keyway::redis {
namespace {

using enum Access;
using enum Plan;
using enum Merge;

constexpr KeySpec kSecondKey = {.first = 2, .last = 2};
constexpr KeySpec kThirdKey = {.first = 3, .last = 3};
constexpr KeySpec kTwoKeys = {.first = 1, .last = 2};
constexpr KeySpec kFromSecond = {.first = 2, .last = -1};
constexpr KeySpec kAllButLast = {.first = 1, .last = -2};
constexpr KeySpec kPairs = {.first = 1, .last = -1, .step = 2};
constexpr KeySpec kCountedFrom2 = {.first = 2, .count_at = 1};
constexpr KeySpec kCountedFrom3 = {.first = 3, .count_at = 2};
constexpr KeySpec kSortTarget = {.first = 2, .after = "store"};
constexpr KeySpec kRadiusTarget = {.first = 6, .after = "store|storedist"};
constexpr KeySpec kMemberTarget = {.first = 5, .after = "store|storedist"};
constexpr KeySpec kStreams = {.first = 1, .after = "streams", .halves = true};
constexpr KeySpec kGroupStreams = {.first = 4, .after = "streams", .halves = true};

// Arities and keys are the server's own, with one exception: of MEMORY only USAGE is
// offered, since the rest describes one server, and USAGE has an argument more.
//
// What is refused either belongs to a connection (MULTI, SUBSCRIBE, SELECT, CLIENT),
// would block the one that clients share (BLPOP, WAIT), concerns all servers (SCAN,
// DBSIZE, SCRIPT), or is the business of an operator.
// clang-format off
constexpr CommandSpec kCommands[] = {
    {"acl",                  -2, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"append",                3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"asking",                1, kNoKeys,       kNone,  kRefused,    kOnly},
    {"auth",                 -2, kNoKeys,       kNone,  kLocal,      kOnly},
    {"bgrewriteaof",          1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"bgsave",               -1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"bitcount",             -2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"bitfield",             -2, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"bitfield_ro",          -2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"bitop",                -4, kFromSecond,   kWrite, kOneShard,   kOnly},
    {"bitpos",               -3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"blmove",                6, kTwoKeys,      kWrite, kRefused,    kOnly},
    {"blmpop",               -5, kCountedFrom3, kWrite, kRefused,    kOnly},
    {"blpop",                -3, kAllButLast,   kWrite, kRefused,    kOnly},
    {"brpop",                -3, kAllButLast,   kWrite, kRefused,    kOnly},
    {"brpoplpush",            4, kTwoKeys,      kWrite, kRefused,    kOnly},
    {"bzmpop",               -5, kCountedFrom3, kWrite, kRefused,    kOnly},
    {"bzpopmax",             -3, kAllButLast,   kWrite, kRefused,    kOnly},
    {"bzpopmin",             -3, kAllButLast,   kWrite, kRefused,    kOnly},
    {"client",               -2, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"cluster",              -2, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"command",              -1, kNoKeys,       kNone,  kOneShard,   kOnly},
    {"config",               -2, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"copy",                 -3, kTwoKeys,      kWrite, kOneShard,   kOnly},
    {"dbsize",                1, kNoKeys,       kRead,  kRefused,    kOnly},
    {"debug",                -2, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"decr",                  2, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"decrby",                3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"del",                  -2, kAllKeys,      kWrite, kSplitByKey, kSum},
    {"discard",               1, kNoKeys,       kNone,  kRefused,    kOnly},
    {"dump",                  2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"echo",                  2, kNoKeys,       kNone,  kLocal,      kOnly},
    {"eval",                 -3, kCountedFrom3, kWrite, kOneShard,   kOnly},
    {"eval_ro",              -3, kCountedFrom3, kRead,  kOneShard,   kOnly},
    {"evalsha",              -3, kCountedFrom3, kWrite, kOneShard,   kOnly},
    {"evalsha_ro",           -3, kCountedFrom3, kRead,  kOneShard,   kOnly},
    {"exec",                  1, kNoKeys,       kNone,  kRefused,    kOnly},
    {"exists",               -2, kAllKeys,      kRead,  kSplitByKey, kSum},
    {"expire",               -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"expireat",             -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"expiretime",            2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"failover",             -1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"fcall",                -3, kCountedFrom3, kWrite, kOneShard,   kOnly},
    {"fcall_ro",             -3, kCountedFrom3, kRead,  kOneShard,   kOnly},
    {"flushall",             -1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"flushdb",              -1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"function",             -2, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"geoadd",               -5, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"geodist",              -4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"geohash",              -2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"geopos",               -2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"georadius",            -6, kFirstKey,     kWrite, kOneShard,   kOnly, kRadiusTarget},
    {"georadius_ro",         -6, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"georadiusbymember",    -5, kFirstKey,     kWrite, kOneShard,   kOnly, kMemberTarget},
    {"georadiusbymember_ro", -5, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"geosearch",            -7, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"geosearchstore",       -8, kTwoKeys,      kWrite, kOneShard,   kOnly},
    {"get",                   2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"getbit",                3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"getdel",                2, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"getex",                -2, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"getrange",              4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"getset",                3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"hdel",                 -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"hexists",               3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"hget",                  3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"hgetall",               2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"hincrby",               4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"hincrbyfloat",          4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"hkeys",                 2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"hlen",                  2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"hmget",                -3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"hmset",                -4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"hrandfield",           -2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"hscan",                -3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"hset",                 -4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"hsetnx",                4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"hstrlen",               3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"hvals",                 2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"incr",                  2, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"incrby",                3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"incrbyfloat",           3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"info",                 -1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"keys",                  2, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"lastsave",              1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"latency",              -2, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"lcs",                  -3, kTwoKeys,      kRead,  kOneShard,   kOnly},
    {"lindex",                3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"linsert",               5, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"llen",                  2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"lmove",                 5, kTwoKeys,      kWrite, kOneShard,   kOnly},
    {"lmpop",                -4, kCountedFrom2, kWrite, kOneShard,   kOnly},
    {"lolwut",               -1, kNoKeys,       kNone,  kOneShard,   kOnly},
    {"lpop",                 -2, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"lpos",                 -3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"lpush",                -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"lpushx",               -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"lrange",                4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"lrem",                  4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"lset",                  4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"ltrim",                 4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"memory",               -3, kSecondKey,    kRead,  kOneShard,   kOnly},
    {"mget",                 -2, kAllKeys,      kRead,  kSplitByKey, kKeyOrder},
    {"migrate",              -6, kThirdKey,     kWrite, kRefused,    kOnly},
    {"module",               -2, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"monitor",               1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"move",                  3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"mset",                 -3, kPairs,        kWrite, kSplitByKey, kAllOk},
    {"msetnx",               -3, kPairs,        kWrite, kOneShard,   kOnly},
    {"multi",                 1, kNoKeys,       kNone,  kRefused,    kOnly},
    {"object",               -2, kSecondKey,    kRead,  kOneShard,   kOnly},
    {"persist",               2, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"pexpire",              -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"pexpireat",            -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"pexpiretime",           2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"pfadd",                -2, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"pfcount",              -2, kAllKeys,      kRead,  kOneShard,   kOnly},
    {"pfdebug",               3, kSecondKey,    kAdmin, kRefused,    kOnly},
    {"pfmerge",              -2, kAllKeys,      kWrite, kOneShard,   kOnly},
    {"pfselftest",            1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"ping",                 -1, kNoKeys,       kNone,  kLocal,      kOnly},
    {"psetex",                4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"psubscribe",           -2, kNoKeys,       kNone,  kRefused,    kOnly},
    {"psync",                -3, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"pttl",                  2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"publish",               3, kNoKeys,       kWrite, kRefused,    kOnly},
    {"pubsub",               -2, kNoKeys,       kNone,  kRefused,    kOnly},
    {"punsubscribe",         -1, kNoKeys,       kNone,  kRefused,    kOnly},
    {"quit",                 -1, kNoKeys,       kNone,  kLocal,      kOnly},
    {"randomkey",             1, kNoKeys,       kRead,  kRefused,    kOnly},
    {"readonly",              1, kNoKeys,       kNone,  kRefused,    kOnly},
    {"readwrite",             1, kNoKeys,       kNone,  kRefused,    kOnly},
    {"rename",                3, kTwoKeys,      kWrite, kOneShard,   kOnly},
    {"renamenx",              3, kTwoKeys,      kWrite, kOneShard,   kOnly},
    {"replconf",             -1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"replicaof",             3, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"reset",                 1, kNoKeys,       kNone,  kRefused,    kOnly},
    {"restore",              -4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"restore-asking",       -4, kFirstKey,     kWrite, kRefused,    kOnly},
    {"role",                  1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"rpop",                 -2, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"rpoplpush",             3, kTwoKeys,      kWrite, kOneShard,   kOnly},
    {"rpush",                -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"rpushx",               -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"sadd",                 -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"save",                  1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"scan",                 -2, kNoKeys,       kRead,  kRefused,    kOnly},
    {"scard",                 2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"script",               -2, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"sdiff",                -2, kAllKeys,      kRead,  kOneShard,   kOnly},
    {"sdiffstore",           -3, kAllKeys,      kWrite, kOneShard,   kOnly},
    {"select",                2, kNoKeys,       kNone,  kRefused,    kOnly},
    {"set",                  -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"setbit",                4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"setex",                 4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"setnx",                 3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"setrange",              4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"shutdown",             -1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"sinter",               -2, kAllKeys,      kRead,  kOneShard,   kOnly},
    {"sintercard",           -3, kCountedFrom2, kRead,  kOneShard,   kOnly},
    {"sinterstore",          -3, kAllKeys,      kWrite, kOneShard,   kOnly},
    {"sismember",             3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"slaveof",               3, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"slowlog",              -2, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"smembers",              2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"smismember",           -3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"smove",                 4, kTwoKeys,      kWrite, kOneShard,   kOnly},
    {"sort",                 -2, kFirstKey,     kWrite, kOneShard,   kOnly, kSortTarget},
    {"sort_ro",              -2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"spop",                 -2, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"spublish",              3, kFirstKey,     kWrite, kRefused,    kOnly},
    {"srandmember",          -2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"srem",                 -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"sscan",                -3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"ssubscribe",           -2, kAllKeys,      kNone,  kRefused,    kOnly},
    {"strlen",                2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"subscribe",            -2, kNoKeys,       kNone,  kRefused,    kOnly},
    {"substr",                4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"sunion",               -2, kAllKeys,      kRead,  kOneShard,   kOnly},
    {"sunionstore",          -3, kAllKeys,      kWrite, kOneShard,   kOnly},
    {"sunsubscribe",         -1, kAllKeys,      kNone,  kRefused,    kOnly},
    {"swapdb",                3, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"sync",                  1, kNoKeys,       kAdmin, kRefused,    kOnly},
    {"time",                  1, kNoKeys,       kNone,  kRefused,    kOnly},
    {"touch",                -2, kAllKeys,      kRead,  kSplitByKey, kSum},
    {"ttl",                   2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"type",                  2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"unlink",               -2, kAllKeys,      kWrite, kSplitByKey, kSum},
    {"unsubscribe",          -1, kNoKeys,       kNone,  kRefused,    kOnly},
    {"unwatch",               1, kNoKeys,       kNone,  kRefused,    kOnly},
    {"wait",                  3, kNoKeys,       kNone,  kRefused,    kOnly},
    {"watch",                -2, kAllKeys,      kNone,  kRefused,    kOnly},
    {"xack",                 -4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"xadd",                 -5, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"xautoclaim",           -6, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"xclaim",               -6, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"xdel",                 -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"xgroup",               -2, kSecondKey,    kWrite, kOneShard,   kOnly},
    {"xinfo",                -2, kSecondKey,    kRead,  kOneShard,   kOnly},
    {"xlen",                  2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"xpending",             -3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"xrange",               -4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"xread",                -4, kStreams,      kRead,  kOneShard,   kOnly, {}, "block"},
    {"xreadgroup",           -7, kGroupStreams, kWrite, kOneShard,   kOnly, {}, "block"},
    {"xrevrange",            -4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"xsetid",               -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"xtrim",                -4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"zadd",                 -4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"zcard",                 2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zcount",                4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zdiff",                -3, kCountedFrom2, kRead,  kOneShard,   kOnly},
    {"zdiffstore",           -4, kFirstKey,     kWrite, kOneShard,   kOnly, kCountedFrom3},
    {"zincrby",               4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"zinter",               -3, kCountedFrom2, kRead,  kOneShard,   kOnly},
    {"zintercard",           -3, kCountedFrom2, kRead,  kOneShard,   kOnly},
    {"zinterstore",          -4, kFirstKey,     kWrite, kOneShard,   kOnly, kCountedFrom3},
    {"zlexcount",             4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zmpop",                -4, kCountedFrom2, kWrite, kOneShard,   kOnly},
    {"zmscore",              -3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zpopmax",              -2, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"zpopmin",              -2, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"zrandmember",          -2, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zrange",               -4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zrangebylex",          -4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zrangebyscore",        -4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zrangestore",          -5, kTwoKeys,      kWrite, kOneShard,   kOnly},
    {"zrank",                 3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zrem",                 -3, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"zremrangebylex",        4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"zremrangebyrank",       4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"zremrangebyscore",      4, kFirstKey,     kWrite, kOneShard,   kOnly},
    {"zrevrange",            -4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zrevrangebylex",       -4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zrevrangebyscore",     -4, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zrevrank",              3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zscan",                -3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zscore",                3, kFirstKey,     kRead,  kOneShard,   kOnly},
    {"zunion",               -3, kCountedFrom2, kRead,  kOneShard,   kOnly},
    {"zunionstore",          -4, kFirstKey,     kWrite, kOneShard,   kOnly, kCountedFrom3},
};
// clang-format on

// A name of up to 16 bytes in lower case, as two words: its first and its last bytes,
// which overlap in names shorter than that. With the size they tell names apart.
struct Folded {
  uint64_t head = 0;
  uint64_t tail = 0;
  friend bool operator==(const Folded&, const Folded&) = default;
};

// `count` bytes at `bytes` as one number; `count` is a constant where this is called.
constexpr uint64_t Load(const char* bytes, size_t count) {
  uint64_t word = 0;
  if (std::is_constant_evaluated()) {
    for (size_t i = 0; i < count; ++i) {
      word |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
    }
  } else {
    std::memcpy(&word, bytes, count);
  }
  return word;
}

// Lower case for eight ASCII letters at once; other bytes stay as they are. After
// setting bit 7 by an addition for bytes from 'A' on, and for bytes above 'Z', the
// bytes where only the first is set are the capital letters.
constexpr uint64_t ToLower(uint64_t word) {
  constexpr uint64_t kEach = 0x0101010101010101;
  const uint64_t low = word & (0x7f * kEach);
  const uint64_t from_a = low + (0x80 - 'A') * kEach;
  const uint64_t above_z = low + (0x7f - 'Z') * kEach;
  const uint64_t capital = from_a & ~above_z & ~word & (0x80 * kEach);
  return word | (capital >> 2);
}

constexpr Folded Fold(std::string_view name) {
  const char* const begin = name.data();
  const char* const end = begin + name.size();
  if (name.size() >= 8) return {ToLower(Load(begin, 8)), ToLower(Load(end - 8, 8))};
  if (name.size() >= 4) return {ToLower(Load(begin, 4)), ToLower(Load(end - 4, 4))};
  if (name.size() >= 2) return {ToLower(Load(begin, 2)), ToLower(Load(end - 2, 2))};
  return {};  // no command has a name of one byte
}

constexpr size_t kSlots = 1024;
constexpr size_t kLongestName = 20;

constexpr size_t SlotOf(const Folded& folded, size_t size) {
  // Odd constants of the 64-bit golden ratio kind; the upper bits depend on all others.
  const uint64_t mixed = (folded.head + size) * 0x9e3779b97f4a7c15 + folded.tail;
  return (mixed * 0xc2b2ae3d27d4eb4f) >> 54;
}

struct Slot {
  Folded folded;
  uint8_t size = 0;  // of the name; 0: the slot is free
  uint8_t row = 0;
};

// Open addressing; a chain ends at a free slot.
constexpr std::array<Slot, kSlots> MakeSlots() {
  std::array<Slot, kSlots> slots = {};
  for (size_t row = 0; row < std::size(kCommands); ++row) {
    const std::string_view name = kCommands[row].name;
    const Folded folded = Fold(name);
    size_t i = SlotOf(folded, name.size());
    while (slots[i].size != 0) i = (i + 1) % kSlots;
    slots[i] = {folded, static_cast<uint8_t>(name.size()), static_cast<uint8_t>(row)};
  }
  return slots;
}

constexpr std::array<Slot, kSlots> kSlotTable = MakeSlots();
static_assert(std::size(kCommands) <= 256, "Slot::row is one byte");

// The bytes that the two words of a name longer than 16 bytes leave out.
bool SameMiddle(std::string_view name, std::string_view row_name) {
  return ToLower(Load(name.data() + 6, 8)) == ToLower(Load(row_name.data() + 6, 8));
}

}  // namespace

std::span<const CommandSpec> Commands() { return kCommands; }

const CommandSpec* FindCommand(std::string_view name) {
  if (name.size() < 2 || name.size() > kLongestName) return nullptr;
  const Folded folded = Fold(name);
  for (size_t i = SlotOf(folded, name.size());; i = (i + 1) % kSlots) {
    const Slot& slot = kSlotTable[i];
    if (slot.size == 0) return nullptr;
    if (slot.size != name.size() || slot.folded != folded) continue;
    const CommandSpec& row = kCommands[slot.row];
    if (name.size() <= 16 || SameMiddle(name, row.name)) return &row;
  }
}

}  // namespace keyway::redis
