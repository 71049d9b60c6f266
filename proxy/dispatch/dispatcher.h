// What a request means: from its row's plan to the servers that answer it.
#ifndef KEYWAY_PROXY_DISPATCH_DISPATCHER_H_
#define KEYWAY_PROXY_DISPATCH_DISPATCHER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "proxy/dispatch/exchange.h"
#include "proxy/dispatch/fan_out.h"
#include "proxy/dispatch/key_split.h"
#include "proxy/dispatch/local_commands.h"
#include "proxy/dispatch/session_state.h"
#include "proxy/net/event_loop.h"
#include "proxy/protocol/request.h"
#include "proxy/routing/snapshot.h"
#include "proxy/upstream/server_pool.h"

namespace keyway {

// One pool on one worker: its route and its connections to the servers.
class Dispatcher {
 public:
  struct Parts {
    EventLoop& loop;
    const Codec& codec;
    WorkerStats& worker_stats;
    PoolStats& stats;
    ServerEvents& events;
    Logger& logger;
    ObjectPool<Exchange>& exchanges;
    ObjectPool<FanOut>& fan_outs;
  };

  Dispatcher(const Parts& parts, uint32_t pool, std::shared_ptr<const PoolRoute> route);

  const PoolConfig& config() const { return route_->config(); }
  const Codec& codec() const { return context_.codec; }
  PoolStats& stats() const { return context_.stats; }
  const ExchangeContext& context() const { return context_; }

  // Routes by `route` from the next request on; what was sent is not touched.
  void Adopt(std::shared_ptr<const PoolRoute> route);

  // Carries out `request`. The exchange is the last of its session's queue; it
  // finishes now or later.
  void Start(Exchange& exchange, const Request& request, SessionState& state);

  // The server of a request with Plan::kOneShard; null when it was answered with an
  // error instead.
  ServerPool* ServerOf(Exchange& exchange, const Request& request);
  // Whether the client must authenticate first; then that is the answer.
  bool RefusedForAuth(Exchange& exchange, const CommandSpec& command, const SessionState& state);

 private:
  // Scratch of requests with more keys is not kept.
  static constexpr size_t kKeptKeys = 4096;

  void StartLocal(Exchange& exchange, const Request& request, SessionState& state);
  void StartOneShard(Exchange& exchange, const Request& request, const SessionState& state);
  void StartSplit(Exchange& exchange, const Request& request, const SessionState& state);
  void StartEveryShard(Exchange& exchange, const Request& request, const SessionState& state);
  void SendPart(FanOut& fan_out, size_t server, const Request& request,
                std::span<const uint32_t> ordinals, const SessionState& state);
  void Forward(Exchange& exchange, ServerPool& server, const Request& request,
               const SessionState& state);

  bool LocateKeys(Exchange& exchange, const Request& request);
  ServerPool* ServerOfKeys(Exchange& exchange, const Request& request);
  void Refuse(Exchange& exchange, ErrorKind kind, std::string_view detail);
  void FinishWithoutServer(Exchange& exchange);

  ExchangeContext context_;
  LocalCommands local_commands_;
  std::shared_ptr<const PoolRoute> route_;
  std::vector<std::unique_ptr<ServerPool>> servers_;
  // Scratch, kept for its memory.
  KeyPositions positions_;
  KeySplit split_;
};

// Appends the request without the part that is not for servers; returns the size.
size_t AppendForwarded(const Request& request, OutputBuffer& out);

}  // namespace keyway

#endif  // KEYWAY_PROXY_DISPATCH_DISPATCHER_H_
