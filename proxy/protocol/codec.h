// What a protocol is to the proxy: bytes to messages and back. Pure: no I/O, no
// clock, no routing.
#ifndef KEYWAY_PROXY_PROTOCOL_CODEC_H_
#define KEYWAY_PROXY_PROTOCOL_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/base/buffer.h"
#include "proxy/protocol/command.h"
#include "proxy/protocol/request.h"

namespace keyway {

enum class Parsed : uint8_t {
  kDone,      // the message is complete
  kHead,      // requests only: name and keys are there, the rest goes on in Rest()
  kNeedMore,  // present the same bytes again with more behind them
  kBad,       // no message can be found in this stream any more
};

// Finds the requests in one client's stream.
class RequestParser {
 public:
  virtual ~RequestParser() = default;

  // Looks for the next request at the start of `input`, which lies in `block`.
  // kDone and kHead: `request` is filled and request.size bytes of the input are used.
  // kNeedMore: the next call must see the same bytes and some more; the work done is
  // not repeated. kBad: request.refusal is the error to answer before closing.
  // With kHead the arguments are those that are complete: all keys are among them, and
  // the number of arguments announced fits the row's arity. kHead with a refusal: the
  // rest is passed through Rest() and dropped.
  virtual Parsed Next(std::string_view input, Block* block, Request& request) = 0;

  // After kHead: the following bytes of the same request. `taken` of them belong to
  // it and may be forwarded at once. kDone: it ends with them. kNeedMore: present
  // what was not taken again with more behind it. kBad: it does not end as it must, so
  // the server connection that has its head cannot be used again. Never kHead.
  virtual Parsed Rest(std::string_view input, size_t& taken) = 0;
};

// Finds the replies in one server's stream.
class ReplyParser {
 public:
  virtual ~ReplyParser() = default;

  // Scans the next piece of the reply to a request for `asked`. `taken` bytes of
  // the input belong to that reply and may be passed on at once. kDone: it ends with
  // them, and the next call begins another reply. kNeedMore: present what was not
  // taken again with more behind it. kBad: the stream cannot be understood.
  virtual Parsed Next(const CommandSpec& asked, std::string_view input, size_t& taken) = 0;

  // Where the elements of the reply end that the last call of Next took as a whole, counted
  // from its first byte: those of an array, or VALUE blocks. For commands with
  // MergesElements; else, and if the reply came in several pieces, empty.
  std::span<const uint32_t> element_ends() const { return element_ends_; }

 protected:
  void AddElementEnd(size_t end) { element_ends_.push_back(static_cast<uint32_t>(end)); }
  void ClearElementEnds() {
    constexpr size_t kKeptEnds = 1024;
    element_ends_.clear();
    if (element_ends_.capacity() > kKeptEnds) element_ends_ = {};
  }

 private:
  std::vector<uint32_t> element_ends_;
};

enum class ErrorKind : uint8_t {
  kUnknownCommand,  // detail: the name as the client wrote it
  kWrongArity,      // detail: the command
  kRefused,         // a known command that is not offered; detail: its name
  kCrossShard,      // keys of one command on different servers; detail: its name
  kBadKeyCount,     // detail: the command
  kServerFailed,    // detail: cause and server
  kOverloaded,      // a queue is full; detail: which
  kBadReply,        // a part's reply is not what the merge takes; detail: server and reason
};

// The replies for up to so many keys are merged without taking memory.
inline constexpr size_t kUsualKeys = 128;

// One part of a split request, complete.
struct Part {
  std::span<const uint32_t> keys;  // ordinals of the request's keys that it asked for
  std::string_view server;         // for error texts
  Slice reply;                     // contiguous
  // ReplyParser::element_ends of it; of more elements than `keys` only so many.
  std::span<const uint32_t> element_ends;
};

// A request of the proxy's own before a server connection is used.
struct HandshakeStep {
  std::string what;  // for logs: "AUTH", "SELECT 3"
  std::string bytes;
  const CommandSpec* asked;
};

struct Credentials {
  std::string user;      // empty: the default user
  std::string password;  // empty: no AUTH
  int database = 0;      // 0: no SELECT
};

// One protocol. Stateless and shared by all threads.
class Codec {
 public:
  virtual ~Codec() = default;

  virtual std::string_view name() const = 0;
  virtual std::span<const CommandSpec> commands() const = 0;
  // The row with that name, in any letter case the protocol allows; null if none.
  virtual const CommandSpec* FindCommand(std::string_view name) const = 0;

  virtual std::unique_ptr<RequestParser> MakeRequestParser() const = 0;
  virtual std::unique_ptr<ReplyParser> MakeReplyParser() const = 0;

  // Appends the request for a part: those of `positions` (FindKeys of `request`) that
  // `ordinals` index, each with its arguments: KeySpec::step of them, the key included.
  virtual void Compose(const Request& request, std::span<const uint32_t> positions,
                       std::span<const uint32_t> ordinals, OutputBuffer& out) const = 0;

  // Appends the one reply that the complete replies of all parts make. An error
  // reply, or one that the row's merge cannot take, makes the whole reply an error
  // with the server's text and name; never a shorter or partial result. `keys` are
  // all keys of the request in order for Merge::kMatchKeys, else empty.
  virtual void Combine(const CommandSpec& command, std::span<const std::string_view> keys,
                       std::span<const Part> parts, OutputBuffer& out) const = 0;

  // The error reply for a client.
  virtual std::string Error(ErrorKind kind, std::string_view detail) const = 0;

  // Whether the complete reply `reply` is an error.
  virtual bool IsError(std::string_view reply) const = 0;
  // Whether a client that asked for Quiet::kHideOrdinary does not see `reply`.
  virtual bool Hides(const CommandSpec& command, std::string_view reply) const = 0;

  // What to send first on a new server connection; may be empty.
  virtual std::vector<HandshakeStep> Handshake(const Credentials& credentials) const = 0;
  // A request that any healthy server answers without an error, at no cost.
  virtual HandshakeStep Probe() const = 0;

  // ReplyParser::element_ends of a reply that is there as a whole.
  std::vector<uint32_t> ElementEnds(const CommandSpec& asked, std::string_view reply) const;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_PROTOCOL_CODEC_H_
