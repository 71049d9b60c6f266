// One client connection.
#ifndef KEYWAY_PROXY_CLIENT_SESSION_H_
#define KEYWAY_PROXY_CLIENT_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/base/ring.h"
#include "proxy/dispatch/dispatcher.h"
#include "proxy/dispatch/exchange.h"
#include "proxy/dispatch/session_state.h"
#include "proxy/dispatch/streamed.h"
#include "proxy/net/event_loop.h"
#include "proxy/protocol/codec.h"
#include "proxy/protocol/request.h"

namespace keyway {

class Session;

class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  // The session has closed its stream, and may be destroyed at the end of the turn.
  virtual void OnSessionClosed(Session& session) = 0;
};

// Reads requests, keeps their exchanges in order, writes the replies that are ready,
// and reads no more than the client takes back: see limits.h for each bound.
class Session : private StreamHandler, private ClientSink {
 public:
  Session(EventLoop& loop, Dispatcher& dispatcher, Incoming& incoming, uint64_t number,
          SessionOwner& owner);
  ~Session() override;

  // Answers nothing but `reply`, and closes.
  void Reject(std::string_view reply);
  // Takes no more requests; closes when those in flight are answered.
  void Drain();

  Dispatcher& dispatcher() const { return dispatcher_; }

 private:
  enum class Ending : uint8_t { kNo, kClean, kError };

  // A server connection held back because this client does not take a reply.
  struct Held {
    const Exchange* exchange;
    ServerPool* server;
    Connection* connection;
  };

  void OnData(InputBuffer& input) override;
  void OnEnd() override;
  void OnFailed(int error) override;
  void OnSent() override;
  void OnWritten(size_t count) override { written_bytes_ += count; }

  OutputBuffer* OutputFor(const Exchange& exchange) override;
  Stash& stash() override { return stash_; }
  void OnPiece(Exchange& exchange, ServerPool& server, Connection& from) override;
  void OnFinished(Exchange& exchange) override;

  bool TakeNext(InputBuffer& input);
  bool TakeMoreOfStreamed(InputBuffer& input);
  void StartStreamed();
  void BreakOffStreamed(std::string cause);
  Exchange& AddExchange();
  void RefuseAndEnd(InputBuffer& input);

  bool MayStartMore() const;
  void Pause();
  void ResumeIfRoom();
  void LearnReplySize(size_t bytes);

  void Pump();
  void WriteReplies();
  bool IsOldest(const Exchange& exchange) const;
  size_t KeptBytes() const;
  void WatchStall();
  void WatchSender();
  void ResumeHeld();

  void EndWith(Ending ending);
  void FinishEnding();
  void Linger();
  void AbandonAll(Ending ending);
  void Close(Ending ending);

  EventLoop& loop_;
  Dispatcher& dispatcher_;
  SessionOwner& owner_;
  SessionState state_;
  std::unique_ptr<RequestParser> parser_;
  Request request_;
  RingQueue<ExchangePtr> queue_;
  std::unique_ptr<StreamedRequest> streamed_;
  Stash stash_;
  std::vector<Held> held_;
  Timer stall_;
  Timer linger_;
  Timer sender_;
  uint64_t streamed_bytes_ = 0;
  uint64_t sender_streamed_bytes_ = 0;  // at the last look
  uint64_t written_bytes_ = 0;
  uint64_t stall_written_bytes_ = 0;   // at the last look
  uint64_t linger_written_bytes_ = 0;  // at the last look
  size_t window_ = kFirstWindow;
  size_t typical_reply_ = 0;  // a slowly falling maximum, in bytes
  Ending ending_ = Ending::kNo;
  bool parsing_ = false;  // finished exchanges wait for the end of OnData
  bool paused_ = false;
  bool input_ended_ = false;
  bool closed_ = false;
  std::unique_ptr<Stream> stream_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CLIENT_SESSION_H_
