// One connection to a server: requests go out pipelined, replies come back in order.
#ifndef KEYWAY_PROXY_UPSTREAM_CONNECTION_H_
#define KEYWAY_PROXY_UPSTREAM_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/base/ring.h"
#include "proxy/net/event_loop.h"
#include "proxy/protocol/codec.h"
#include "proxy/stats/metrics.h"

namespace keyway {

class Connection;

// Why a reply does not come.
enum class FailureKind : uint8_t {
  kClosed,
  kError,
  kTimedOut,
  kBadReply,
  kHandshake,
  kOverloaded,
  kShortage,  // of files, ports or memory here: no server is to blame
  kStopped,
};
struct Failure {
  FailureKind kind = FailureKind::kError;
  std::string text;  // for the client: "Connection refused"
};

// Where the reply to one request goes, piece by piece as it arrives. Lives until the
// last piece or OnNoReply. Must not destroy the connection, but may send on it.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  // `piece` lies in `block` and is gone after the call, as from.element_ends() is.
  virtual void OnReply(Connection& from, Block* block, std::string_view piece, bool last) = 0;
  // Also after some pieces, when the connection broke in the middle of a reply.
  virtual void OnNoReply(const Failure& failure) = 0;
  // Tells clients apart: sinks of one client return the same, and null when it is gone.
  virtual const void* client() const = 0;
  // Whether all earlier requests of the client are answered.
  virtual bool IsOldest() const = 0;
};

// Told what a connection's owner must know; may destroy the connection only later.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  // It can take requests no more; all sinks have been told. `busy`: requests were lost
  // of which OnRequestTimedOut has not told.
  virtual void OnConnectionLost(Connection& connection, const Failure& failure, bool busy) = 0;
  virtual void OnRequestTimedOut(Connection& connection) = 0;
  // Replies are coming that somebody waits for.
  virtual void OnReplies() = 0;
  // No request is outstanding, and nothing is held back.
  virtual void OnConnectionIdle(Connection& connection) = 0;
};

// The server, as a connection needs to know it. Outlives its connections.
struct ConnectionTarget {
  std::string name;
  const Codec* codec;
  Credentials credentials;
  Duration timeout = Duration::zero();  // of a request; zero: none
  bool keepalive = false;
};

// Knows a connection until it is lost.
class ConnectionHandle {
 public:
  explicit ConnectionHandle(Connection& connection);
  ConnectionHandle(const ConnectionHandle&) = delete;
  ConnectionHandle& operator=(const ConnectionHandle&) = delete;
  ~ConnectionHandle();

  Connection* get() const { return connection_; }  // null once it is lost

 private:
  friend class Connection;
  Connection* connection_;
  ConnectionHandle* next_;  // of the same connection
};

// Connects when made. Requests may be sent at once; they wait for the handshake. A
// request that times out gets OnNoReply, its late reply is dropped, and the others go
// on. The connection is given up when it is not ready in time, when a reply stops in
// the middle, or when the oldest request is overdue for a second timeout.
class Connection : private StreamHandler {
 public:
  Connection(EventLoop& loop, const ConnectionTarget& target, const Address& address,
             ServerStats& stats, ConnectionOwner& owner);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  // Sinks that still wait are told kStopped.
  ~Connection() override;

  // Append one request here, then call Sent.
  OutputBuffer& output() { return ready_ ? stream_->output() : held_; }
  // Announces the request that was just appended in `bytes` bytes.
  void Sent(const CommandSpec& asked, size_t bytes, ReplySink& sink) {
    Enqueue(asked, bytes, sink, true);
  }
  // The same for the beginning of a request, which is the last one until SentMore has
  // announced its end. Its time runs while something of it is to be written, and from
  // its end on: for a client that sends slowly the server is not to blame.
  void SentHead(const CommandSpec& asked, size_t bytes, ReplySink& sink) {
    Enqueue(asked, bytes, sink, false);
  }
  void SentMore(size_t bytes, bool last);
  // Asks for one call when everything has been written; replaces an earlier wish.
  void WhenWritten(Task task);

  // Holds the server back while a client does not take its reply.
  void SetReading(bool reading);

  // Ends it without a word to its owner; sinks are told `cause`. For what was sent and
  // cannot be completed. Not from within a sink.
  void GiveUp(std::string cause);

  // ReplyParser::element_ends of the reply that ends with the piece being passed on.
  std::span<const uint32_t> element_ends() const { return parser_->element_ends(); }

  bool lost() const { return lost_; }
  size_t outstanding() const { return slots_.size(); }
  size_t unwritten_bytes() const { return unwritten_bytes_ + uncounted_bytes_; }
  // Whether requests of other clients than `client` wait here.
  bool HasOthers(const void* client) const;
  // The clients whose requests wait here; some of them several times.
  std::vector<const void*> Clients() const;

 private:
  friend class ConnectionHandle;
  struct Slot {
    ReplySink* sink = nullptr;  // null: timed out
    const CommandSpec* asked = nullptr;
    Time sent;  // when the last of it was announced
    Time deadline;
    size_t bytes = 0;
    bool began = false;      // a piece of the reply has come
    bool in_pieces = false;  // announced by SentHead
    bool whole = true;       // all of it has been announced
  };

  void OnConnected() override;
  void OnData(InputBuffer& input) override;
  void OnEnd() override;
  void OnFailed(int error) override;
  void OnSent() override;
  void OnWritten(size_t count) override;

  void Enqueue(const CommandSpec& asked, size_t bytes, ReplySink& sink, bool whole);
  Parsed TakeHandshakeReply(InputBuffer& input);
  Parsed TakeReply(InputBuffer& input, bool& replied);
  void PopSlot();
  void BecomeReady();
  void Lose(const Failure& failure);
  bool SomebodyWaits() const;
  Time FromNow() const { return loop_.Now() + target_.timeout; }
  Time GiveUpTime() const;
  void ArmTimer();
  void CheckDeadlines();
  void CountWritten(const Slot& slot, int sign);

  EventLoop& loop_;
  const ConnectionTarget& target_;
  ServerStats& stats_;
  ConnectionOwner& owner_;
  std::unique_ptr<ReplyParser> parser_;
  std::unique_ptr<Stream> stream_;
  OutputBuffer held_;  // requests that wait for the handshake
  std::vector<HandshakeStep> handshake_;
  size_t handshake_done_ = 0;  // replies that have come
  std::string handshake_reply_;
  RingQueue<Slot> slots_;
  size_t written_slots_ = 0;    // slots whose request is written as a whole
  size_t unwritten_bytes_ = 0;  // of requests
  size_t partly_written_ = 0;   // bytes written of the first unwritten slot
  size_t uncounted_bytes_ = 0;  // unwritten bytes in front that belong to no slot
  size_t passed_ = 0;           // slots at the front that timed out or have a reply begun
  Timer timer_;
  Task when_written_;
  ConnectionHandle* handles_ = nullptr;  // the first of a list
  bool connected_ = false;
  bool ready_ = false;
  bool lost_ = false;
  bool reading_ = true;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_UPSTREAM_CONNECTION_H_
