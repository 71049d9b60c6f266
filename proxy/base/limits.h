// Every maximum of the data path, with its reason. What happens at a limit is
// said where it is checked; each has a counter in stats/metrics.h.
#ifndef KEYWAY_PROXY_BASE_LIMITS_H_
#define KEYWAY_PROXY_BASE_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace keyway {

// One read. A pipelining client or server fills it; larger ones gained nothing
// in measurements, and one read per turn and connection keeps turns short.
inline constexpr size_t kReceiveBlockBytes = 64 * 1024;

// Output gathered by copying small pieces. Idle connections hold none.
inline constexpr size_t kOutputBlockBytes = 16 * 1024;

// From this size on bytes are linked instead of copied. Below, a copy is as
// cheap, and does not keep a whole receive block alive for a few bytes.
inline constexpr size_t kLinkBytes = 4 * 1024;

// Free blocks kept by a worker for reuse; the rest goes back to the system.
inline constexpr size_t kSpareBlocks = 64;

// Segments handed to one sendmsg().
inline constexpr int kGatherSegments = 64;

// An argument from this size on is forwarded while it arrives instead of being
// gathered first, on a server connection of its own.
inline constexpr size_t kStreamBytes = 1024 * 1024;

// Largest bulk string of Redis (proto-max-bulk-len) and largest number of
// arguments or reply elements that is believed.
inline constexpr uint64_t kMaxBulkBytes = 512ull * 1024 * 1024;
inline constexpr uint32_t kMaxArguments = 1024 * 1024;

// A request that cannot be forwarded piece by piece (one that is split, or has
// large arguments in front of its keys) is gathered up to this size.
inline constexpr size_t kMaxGatheredBytes = kMaxBulkBytes + kStreamBytes;

// A header line of either protocol, and an inline command (Redis: 64 KB).
inline constexpr size_t kMaxLineBytes = 64 * 1024;

// memcached's own limits: a key, a text line with one key, an item. Lines with
// several keys may be longer; an item may be as large as memcached's -I allows.
inline constexpr size_t kMaxMemcacheKeyBytes = 250;
inline constexpr size_t kMaxMemcacheLineBytes = 1024 * 1024;
inline constexpr uint64_t kMaxMemcacheItemBytes = 1024ull * 1024 * 1024;

// Nesting of a reply that is read element by element.
inline constexpr int kMaxReplyDepth = 128;

// A log line, newline included. Names and error texts of peers fit; more than that
// would only serve to fill the disk.
inline constexpr size_t kMaxLogLineBytes = 2048;

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_LIMITS_H_
