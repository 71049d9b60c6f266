// A large request that is forwarded while it arrives.
#ifndef KEYWAY_PROXY_DISPATCH_STREAMED_H_
#define KEYWAY_PROXY_DISPATCH_STREAMED_H_

#include <string>
#include <string_view>

#include "proxy/base/buffer.h"
#include "proxy/dispatch/dispatcher.h"
#include "proxy/dispatch/exchange.h"
#include "proxy/net/event_loop.h"

namespace keyway {

// Uses a leased connection: on a shared one a slow sender would hold up everybody.
// Since another connection would overtake or be overtaken by the client's other
// requests, the session begins it when all earlier ones are finished, and starts no
// other before this one is. When no server takes it, its bytes are dropped.
class StreamedRequest {
 public:
  // `head` as from Parsed::kHead. May finish the exchange with an error; there is
  // nothing to begin then.
  StreamedRequest(Dispatcher& dispatcher, Exchange& exchange, const Request& head,
                  const SessionState& state);

  // All earlier requests are finished: takes a connection and sends the head.
  void Begin();
  bool begun() const { return begun_; }

  // The next bytes of the request; `last` ends it.
  void Write(Block* block, std::string_view bytes, bool last);
  bool written() const { return written_; }

  // False when more bytes should be read from the client only after WhenWanted.
  bool WantsMore() const;
  void WhenWanted(Task task);

  // The rest of it will not come: ends the exchange, if it waits for a reply.
  void BreakOff(std::string cause);

  // The exchange has its reply. The connection can be given back once all is written.
  void OnFinished() { finished_ = true; }
  bool finished() const { return finished_ && written_; }

 private:
  bool sending() const { return lease_ && !lease_->lost() && begun_; }

  Exchange& exchange_;
  const CommandSpec* command_;
  ServerPool* server_ = nullptr;  // null: the bytes are dropped
  OutputBuffer head_;
  Lease lease_;
  bool begun_ = false;
  bool written_ = false;
  bool finished_ = false;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_DISPATCH_STREAMED_H_
