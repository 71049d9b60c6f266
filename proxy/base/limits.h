// Every maximum of the data path, with its reason. What happens at a limit is
// said where it is checked; each has a counter in stats/metrics.h.
#ifndef KEYWAY_PROXY_BASE_LIMITS_H_
#define KEYWAY_PROXY_BASE_LIMITS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace keyway {

// One read. A pipelining client or server fills it; larger ones gained nothing
// in measurements, and keeping to few reads per turn and connection keeps turns short.
inline constexpr size_t kReceiveBlockBytes = 64 * 1024;

// Reads of one connection in a turn, while they fill a block and their bytes are linked, and
// how many of all connections may be more than the first. With large values most of the work
// is the kernel's copying: more bytes in a turn mean fewer, larger sends, and a server that
// is behind catches up before the replies that wait for its own fill the caches. CPU for
// pipelined values of 16 KB: 0.8 of what it is with one read. A connection with small
// messages has one, since 64 KB of those are work enough.
inline constexpr int kReadsPerTurn = 8;
inline constexpr int kFurtherReadsPerTurn = 28;

// Output gathered by copying small pieces. Idle connections hold none.
inline constexpr size_t kOutputBlockBytes = 16 * 1024;

// From this size on bytes are linked instead of copied. Below, a copy is as
// cheap, and does not keep a whole receive block alive for a few bytes.
inline constexpr size_t kLinkBytes = 4 * 1024;

// Free blocks and records of each kind that a worker keeps for reuse, and how many of
// them stay when they have not been needed for a while. Records for 128 clients that
// pipeline 128 requests: with 4096, malloc took a twentieth of the instructions.
inline constexpr size_t kSpareBlocks = 64;
inline constexpr size_t kSpareRecords = 16 * 1024;
inline constexpr size_t kSpareReaders = 64;
inline constexpr size_t kIdleBlocks = 2;
inline constexpr size_t kIdleRecords = 64;

// When a worker needs so much less memory than it once did, it gives the difference back
// to the system; how long it waits for that, since the next burst may come soon.
inline constexpr size_t kBurstBytes = 1024 * 1024;
inline constexpr auto kMemoryReturnInterval = std::chrono::seconds(1);

// A patient stream's output waits for more while the loop finds other things to do: at
// most this long, and no more once there is this much. With real servers and clients that
// do not pipeline, sends are most of the cost of a request, and this saves 15 % and more;
// 50 µs save half of that, 400 µs no more.
inline constexpr auto kPatience = std::chrono::microseconds(200);
inline constexpr size_t kPatientBytes = 16 * 1024;

// Segments handed to one sendmsg().
inline constexpr int kGatherSegments = 64;

// An argument from this size on is forwarded while it arrives instead of being
// gathered first, on a server connection of its own.
inline constexpr size_t kStreamBytes = 1024 * 1024;

// Largest bulk string of Redis (proto-max-bulk-len) and largest number of
// arguments that is believed.
inline constexpr uint64_t kMaxBulkBytes = 512ull * 1024 * 1024;
inline constexpr uint32_t kMaxArguments = 1024 * 1024;

// Largest size or number of elements that a header in a Redis reply may announce.
// Replies are passed on as they come, so nothing is reserved for it; beyond, the
// stream has lost its framing.
inline constexpr uint64_t kMaxReplyNumber = 1ull << 32;

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

// Requests waiting on one server connection. Beyond either, further requests are
// refused with an error that names the server.
inline constexpr size_t kMaxServerQueueBytes = 64 * 1024 * 1024;
inline constexpr size_t kMaxServerQueueRequests = 1024 * 1024;

// A server's reply to AUTH or SELECT, error text included.
inline constexpr size_t kMaxHandshakeReplyBytes = 4 * 1024;

// Connections to one server that one worker lends to single sessions, and those of
// them that are kept open for the next session.
inline constexpr size_t kMaxLeases = 64;
inline constexpr size_t kIdleLeases = 4;

// Requests of one client in flight. The window starts small and doubles while the
// replies stay small: a client that pipelines requests for large values must not
// make the proxy hold all of them at once. 1024 of one client are work enough for a turn:
// with 4096, others wait half as long again beside one that pipelines 2000, which gains a
// tenth by it.
inline constexpr size_t kFirstWindow = 32;
inline constexpr size_t kMaxWindow = 1024;
inline constexpr size_t kMaxExpectedReplyBytes = 1024 * 1024;

// Reply bytes that wait for a client to read them, for their turn, or for the other parts
// of a merged reply. From the first on its requests wait; from the second on the servers'
// connections are held back as well, but not for what the oldest reply is merged from.
inline constexpr size_t kClientOutputHigh = 1024 * 1024;
inline constexpr size_t kClientOutputHold = 4 * 1024 * 1024;

// The same while requests of other clients wait on that connection: those should not wait
// for a client that does not read, so what it has asked for already is taken in. But only
// while a worker has less than the second in all its blocks.
inline constexpr size_t kClientOutputMost = 32 * 1024 * 1024;
inline constexpr size_t kMaxTakenInBytes = 256 * 1024 * 1024;

// How long a client that reads nothing may hold back a server connection on which
// requests of other clients wait.
inline constexpr int kClientStallSeconds = 10;

// How long a client may send nothing in the middle of a large request, for which it
// has a server connection to itself.
inline constexpr int kSenderStallSeconds = 300;

// How long a client that is being closed may read nothing of its last replies, and
// then take to close its side.
inline constexpr int kLingerSeconds = 2;

// Bytes of a large request that wait to be written to the server; beyond, the client
// that sends it is held back.
inline constexpr size_t kStreamWindowBytes = 1024 * 1024;

// How long a stop waits for requests in flight, and for clients that have been told the
// end to close their side: idle ones do not notice before their next request.
inline constexpr int kDrainSeconds = 5;
inline constexpr auto kDrainLinger = std::chrono::milliseconds(50);

// A log line, newline included. Names and error texts of peers fit; more than that
// would only serve to fill the disk.
inline constexpr size_t kMaxLogLineBytes = 2048;

// The control thread. Probes at a time; the least time between two of one server
// (server_retry_timeout may be 0); how long one may take where the pool has no
// timeout; and the reply it is content to read, an error text included.
inline constexpr size_t kMaxProbes = 32;
inline constexpr auto kMinProbeInterval = std::chrono::milliseconds(10);
inline constexpr auto kProbeTimeout = std::chrono::seconds(5);
inline constexpr size_t kMaxProbeReplyBytes = 4 * 1024;

// Names looked up at a time; how often a failing server's name is looked up again;
// and how long the start waits for names.
inline constexpr size_t kMaxLookups = 4;
inline constexpr auto kLookupInterval = std::chrono::seconds(1);
inline constexpr auto kStartLookupTimeout = std::chrono::seconds(5);

// Operators. How long a call waits for the control thread; the threads of gRPC, of which
// each call keeps one, and without which calls are refused; and a request: a key.
inline constexpr auto kAdminWait = std::chrono::seconds(5);
inline constexpr int kMaxAdminThreads = 32;
inline constexpr int kMaxAdminRequestBytes = 1024 * 1024;

// Readers of the statistics at a time, and how long one may take to ask and to read.
inline constexpr size_t kMaxStatsReaders = 32;
inline constexpr auto kStatsReaderTimeout = std::chrono::seconds(3);

// How long a reader of the statistics may be silent before it is taken for one of
// nutcracker's, which never speak. An HTTP client's request comes right behind its
// connect: within a millisecond, unless that machine is very busy.
inline constexpr auto kStatsAskWait = std::chrono::milliseconds(50);
inline constexpr size_t kMaxHttpHeadBytes = 8 * 1024;

// An error text in the statistics. The client that it was made for got all of it.
inline constexpr size_t kMaxNoteBytes = 160;

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_LIMITS_H_
