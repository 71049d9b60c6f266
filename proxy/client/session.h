// One client connection.
#ifndef KEYWAY_PROXY_CLIENT_SESSION_H_
#define KEYWAY_PROXY_CLIENT_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/client/exchange_queue.h"
#include "proxy/client/request_reader.h"
#include "proxy/dispatch/dispatcher.h"
#include "proxy/dispatch/exchange.h"
#include "proxy/dispatch/session_state.h"
#include "proxy/dispatch/streamed.h"
#include "proxy/net/event_loop.h"

namespace keyway {

class Session;

class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  // The session has closed its stream, and may be destroyed at the end of the turn.
  virtual void OnSessionClosed(Session& session) = 0;
};

// What the sessions of one pool on one worker share; outlives them.
struct SessionContext {
  EventLoop& loop;
  Dispatcher& dispatcher;
  SessionOwner& owner;
  RequestReaders readers{dispatcher.codec()};
};

// Reads requests, keeps their exchanges in order, writes the replies that are ready,
// and reads no more than the client takes back: see limits.h for each bound. There are
// many that do nothing: what only a busy one needs is not kept in an idle one.
class Session : private StreamHandler, private ClientSink {
 public:
  Session(SessionContext& context, Incoming& incoming, uint64_t number);
  ~Session() override;

  // Answers nothing but `reply`, and closes.
  void Reject(std::string_view reply);
  // Because the proxy stops: takes no more requests, and closes when those in flight are
  // answered. Whether the client closes, too, is not waited for beyond kDrainLinger.
  void Drain();

 private:
  enum class Ending : uint8_t { kNo, kClean, kError };

  // A server connection held back because this client has too much of its replies.
  struct Held {
    Held(const Exchange& of, ServerPool& from, Connection& held)
        : exchange(&of), server(from), connection(held) {}

    const Exchange* exchange;  // whose reply came over it; null: it is written
    ServerPool& server;
    ConnectionHandle connection;
  };

  // A large request on its way to the server.
  struct Streaming {
    Streaming(Dispatcher& dispatcher, Exchange& exchange, const Request& head,
              const SessionState& state)
        : request(dispatcher, exchange, head, state) {}

    StreamedRequest request;
    Timer sender;
    uint64_t bytes = 0;          // of it that have come
    uint64_t watched_bytes = 0;  // at the last look
  };

  void OnData(InputBuffer& input) override;
  void OnEnd() override;
  void OnFailed(int error) override;
  void OnSent() override;
  void OnWritten(size_t count) override { written_bytes_ += count; }

  OutputBuffer* OutputFor(const Exchange& exchange) override;
  Kept& kept() override { return kept_; }
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
  void WatchReader(Duration patience);
  void LoseReader();
  void WatchSender();
  void ResumeHeld();
  void LetGo(const Held& held);

  void EndWith(Ending ending);
  void FinishEnding();
  void Linger();
  void AbandonAll(Ending ending);
  void Close(Ending ending);

  EventLoop& loop() const { return context_.loop; }
  PoolStats& stats() const { return context_.dispatcher.stats(); }

  SessionContext& context_;
  SessionState state_;
  std::unique_ptr<RequestReader> reader_;  // null between two requests
  ExchangeQueue queue_;
  std::unique_ptr<Streaming> streaming_;
  Kept kept_;
  std::list<Held> held_;
  Timer patience_;  // with a client that reads nothing: while others wait, or at the end
  uint64_t written_bytes_ = 0;
  uint64_t watched_written_bytes_ = 0;  // at the last look
  size_t typical_reply_ = 0;            // a slowly falling maximum, in bytes
  uint32_t window_ = kFirstWindow;
  Ending ending_ = Ending::kNo;
  bool in_request_ = false;  // some of one has come, and not all
  bool parsing_ = false;     // finished exchanges wait for the end of OnData
  bool paused_ = false;
  bool draining_ = false;
  bool input_ended_ = false;
  bool lingering_ = false;  // all is answered; the client is to close its side
  bool closed_ = false;
  std::unique_ptr<Stream> stream_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CLIENT_SESSION_H_
