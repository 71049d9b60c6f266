// One request of a client, and its reply on the way back.
#ifndef KEYWAY_PROXY_DISPATCH_EXCHANGE_H_
#define KEYWAY_PROXY_DISPATCH_EXCHANGE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/base/buffer.h"
#include "proxy/base/object_pool.h"
#include "proxy/protocol/codec.h"
#include "proxy/stats/metrics.h"
#include "proxy/upstream/server_pool.h"

namespace keyway {

class Exchange;
class FanOut;

// "Connection refused (server NAME)": what a client is told.
std::string DescribeFailure(const Failure& failure, const ServerPool& server);

// What is there of one client's replies that cannot be written yet: because it is not
// their turn, or because other parts are still to come.
struct Kept {
  Stash stash;
  size_t bytes = 0;
};

// A client, as dispatch sees it: the session.
class ClientSink {
 public:
  virtual ~ClientSink() = default;

  // The client's output when `exchange` is its oldest one, else null: replies leave
  // in the order of the requests.
  virtual OutputBuffer* OutputFor(const Exchange& exchange) = 0;
  virtual Kept& kept() = 0;
  // A piece of a reply was appended or kept. More of it will come over `from`, or the
  // client has much already: it may hold `from` back.
  virtual void OnPiece(Exchange& exchange, ServerPool& server, Connection& from) = 0;
  virtual void OnFinished(Exchange& exchange) = 0;
};

// What all exchanges of one pool on one worker share; outlives them.
struct ExchangeContext {
  const EventLoop& loop;
  const Codec& codec;
  PoolStats& stats;
  BlockPool& blocks;
  ObjectPool<Exchange>& exchanges;
  ObjectPool<FanOut>& fan_outs;
};

struct ExchangeDelete {
  void operator()(Exchange* exchange) const;
};
using ExchangePtr = std::unique_ptr<Exchange, ExchangeDelete>;

struct FanOutDelete {
  void operator()(FanOut* fan_out) const;
};

// Made for each request, in a session's queue until it is finished and written. When
// the client goes away first, it stays behind, swallows its reply and frees itself.
// Finishing may end in its destruction, by ClientSink::OnFinished.
class Exchange : public ReplySink {
 public:
  static ExchangePtr Make(const ExchangeContext& context, ClientSink& client) {
    return ExchangePtr(context.exchanges.Make(context, client));
  }
  ~Exchange() override;

  // Set by whoever starts it.
  const CommandSpec* command = nullptr;
  ServerPool* server = nullptr;  // that the request went to, if to one
  Quiet quiet = Quiet::kOff;
  size_t request_bytes = 0;
  bool close_after = false;  // QUIT: the client is closed once this is written

  Exchange* next = nullptr;  // in its session's queue

  const ExchangeContext& context() const { return context_; }
  bool finished() const { return finished_; }
  // The reply broke off after some of it had been passed on: what the client has
  // cannot be completed, so it must be closed.
  bool broken() const { return broken_; }
  // Size of the reply so far, and of what is kept here of it.
  size_t reply_bytes() const { return reply_bytes_; }
  size_t kept_bytes() const { return kept_bytes_; }

  // Ends it with a whole reply of the proxy's own.
  void Finish(std::string_view reply);
  // Ends it with an error because of a server; counts it.
  void FinishFailed(ErrorKind kind, std::string_view detail);
  // Ends it with what `compose` appends, in the place where the reply belongs.
  template <class Compose>
  void FinishWith(Compose compose) {
    if (OutputBuffer* out = client_->OutputFor(*this)) {
      const size_t before = out->size();
      compose(*out);
      reply_bytes_ += out->size() - before;
    } else {
      OutputBuffer composed(context_.blocks);
      compose(composed);
      KeepAll(std::move(composed));
    }
    End();
  }

  // Moves what was kept to `out`; for the session, when its turn has come.
  void Release(OutputBuffer& out);

  // The client is gone. Deletes the exchange, at once or when its reply has come.
  static void Abandon(ExchangePtr exchange);

  // Announces one reply to come, to this or to a part of its fan-out.
  void Await() {
    ++awaited_;
    asked_server_ = true;
  }
  // The last of the request has come only now: its latency begins.
  void RestartLatency() { begin_ = context_.loop.Now(); }
  // One announced reply has come or will not come. False when that was the last one
  // an abandoned exchange waited for: it is deleted then.
  bool Settle();
  // For a request that is sent in `parts` parts, which have `keys` keys between them.
  FanOut& MakeFanOut(size_t parts, size_t keys);
  ClientSink* client_sink() const { return client_; }  // null when abandoned

  void OnReply(Connection& from, Block* block, std::string_view piece, bool last) override;
  void OnNoReply(const Failure& failure) override;
  const void* client() const override { return client_; }
  bool IsOldest() const override {
    return client_ != nullptr && client_->OutputFor(*this) != nullptr;
  }

 private:
  friend class ObjectPool<Exchange>;
  Exchange(const ExchangeContext& context, ClientSink& client);

  // Passes a piece of the reply on, or keeps it until its turn comes. Whether the client
  // may have too much now.
  bool Deliver(Block* block, std::string_view piece);
  void Keep(Block* block, std::string_view piece);
  void KeepAll(OutputBuffer&& reply);
  void CountKept(size_t bytes);
  void UncountKept();
  void Forget();
  void End();

  const ExchangeContext& context_;
  ClientSink* client_;  // null: abandoned
  std::unique_ptr<FanOut, FanOutDelete> fan_out_;
  Slice first_;                         // what is kept of the reply: most replies are one piece
  std::unique_ptr<OutputBuffer> rest_;  // what follows first_
  size_t reply_bytes_ = 0;
  size_t kept_bytes_ = 0;
  Time begin_;  // of the latency
  uint32_t awaited_ = 0;
  bool asked_server_ = false;
  bool began_ = false;
  bool hidden_ = false;
  bool finished_ = false;
  bool broken_ = false;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_DISPATCH_EXCHANGE_H_
