#include "proxy/dispatch/dispatcher.h"

#include <utility>

namespace keyway {

size_t AppendForwarded(const Request& request, OutputBuffer& out) {
  if (request.cut_size == 0) {
    out.Append(request.block, request.bytes);
    return request.bytes.size();
  }
  out.Append(request.block, request.bytes.substr(0, request.cut_offset));
  out.Append(request.block, request.bytes.substr(request.cut_offset + request.cut_size));
  return request.bytes.size() - request.cut_size;
}

Dispatcher::Dispatcher(const Parts& parts, uint32_t pool, std::shared_ptr<const PoolRoute> route)
    : context_{.loop = parts.loop,
               .codec = parts.codec,
               .stats = parts.stats,
               .blocks = parts.loop.blocks(),
               .exchanges = parts.exchanges,
               .fan_outs = parts.fan_outs},
      local_commands_(parts.codec),
      split_(route->server_count()) {
  const PoolConfig& config = route->config();
  for (uint32_t i = 0; i < config.servers.size(); ++i) {
    servers_.push_back(std::make_unique<ServerPool>(
        ServerPool::Parts{.loop = parts.loop,
                          .codec = parts.codec,
                          .worker_stats = parts.worker_stats,
                          .stats = parts.stats.servers[i],
                          .events = parts.events,
                          .logger = parts.logger},
        ServerId{.pool = pool, .server = i}, config, config.servers[i]));
  }
  Adopt(std::move(route));
  if (!config.preconnect) return;
  for (const std::unique_ptr<ServerPool>& server : servers_) server->Preconnect();
}

void Dispatcher::Adopt(std::shared_ptr<const PoolRoute> route) {
  route_ = std::move(route);
  for (size_t i = 0; i < servers_.size(); ++i) servers_[i]->SetAddress(route_->address(i));
}

void Dispatcher::Refuse(Exchange& exchange, ErrorKind kind, std::string_view detail) {
  context_.stats.refused.Add();
  exchange.Finish(context_.codec.Error(kind, detail));
}

void Dispatcher::FinishWithoutServer(Exchange& exchange) {
  exchange.FinishFailed(ErrorKind::kServerFailed,
                        "Connection refused (no server of the pool is live)");
}

bool Dispatcher::RefusedForAuth(Exchange& exchange, const CommandSpec& command,
                                const SessionState& state) {
  if (state.authenticated) return false;
  const LocalCommand* local = local_commands_.Find(command);
  if (local != nullptr && local->before_auth) return false;
  context_.stats.refused.Add();
  exchange.Finish(kAuthRequired);
  return true;
}

void Dispatcher::Start(Exchange& exchange, const Request& request, SessionState& state) {
  exchange.command = request.command;
  exchange.quiet = request.quiet;
  exchange.request_bytes = request.bytes.size();
  context_.stats.requests.Add();
  if (!request.refusal.empty()) {
    context_.stats.refused.Add();
    exchange.Finish(request.refusal);
    return;
  }
  if (request.command == nullptr) {
    Refuse(exchange, ErrorKind::kUnknownCommand, request.Text(0));
    return;
  }
  const CommandSpec& command = *request.command;
  if (!ArityFits(command.arity, request.arguments.size())) {
    Refuse(exchange, ErrorKind::kWrongArity, command.name);
    return;
  }
  if (RefusedForAuth(exchange, command, state)) return;
  switch (command.plan) {
    case Plan::kLocal:
      StartLocal(exchange, request, state);
      break;
    case Plan::kOneShard:
      StartOneShard(exchange, request, state);
      break;
    case Plan::kSplitByKey:
      StartSplit(exchange, request, state);
      break;
    case Plan::kEveryShard:
      StartEveryShard(exchange, request, state);
      break;
    case Plan::kCursor:
    case Plan::kLeased:
    case Plan::kRefused:
      Refuse(exchange, ErrorKind::kRefused, command.name);
      break;
  }
  if (positions_.size() > kKeptKeys) {
    positions_ = KeyPositions();
    split_ = KeySplit(servers_.size());
  }
}

void Dispatcher::StartLocal(Exchange& exchange, const Request& request, SessionState& state) {
  const LocalCommand* local = local_commands_.Find(*request.command);
  exchange.Finish(local->handler({route_->config(), request, exchange, state}));
}

bool Dispatcher::LocateKeys(Exchange& exchange, const Request& request) {
  switch (FindKeys(request, positions_)) {
    case KeysFound::kOk:
      return true;
    case KeysFound::kBadCount:
      Refuse(exchange, ErrorKind::kBadKeyCount, request.command->name);
      return false;
    case KeysFound::kMalformed:
      Refuse(exchange, ErrorKind::kWrongArity, request.command->name);
      return false;
  }
  return false;
}

ServerPool* Dispatcher::ServerOf(Exchange& exchange, const Request& request) {
  return LocateKeys(exchange, request) ? ServerOfKeys(exchange, request) : nullptr;
}

ServerPool* Dispatcher::ServerOfKeys(Exchange& exchange, const Request& request) {
  size_t server;
  if (!request.decoded_key.empty()) {
    server = route_->ServerFor(request.decoded_key);
  } else if (positions_.empty()) {
    server = route_->ServerFor(kPlaceholderKey);
  } else {
    server = route_->ServerFor(request.Text(positions_[0]));
    for (size_t i = 1; i < positions_.size(); ++i) {
      if (route_->ServerFor(request.Text(positions_[i])) == server) continue;
      Refuse(exchange, ErrorKind::kCrossShard, request.command->name);
      return nullptr;
    }
  }
  if (server == PoolRoute::kNoServer) {
    FinishWithoutServer(exchange);
    return nullptr;
  }
  return servers_[server].get();
}

void Dispatcher::StartOneShard(Exchange& exchange, const Request& request,
                               const SessionState& state) {
  if (ServerPool* server = ServerOf(exchange, request)) Forward(exchange, *server, request, state);
}

void Dispatcher::Forward(Exchange& exchange, ServerPool& server, const Request& request,
                         const SessionState& state) {
  exchange.server = &server;
  exchange.Await();
  Failure failure;
  Connection* connection = server.ForRequest(state.number, exchange, failure);
  if (connection == nullptr) {
    exchange.OnNoReply(failure);
    return;
  }
  const size_t size = AppendForwarded(request, connection->output());
  connection->Sent(*request.command, size, exchange);
}

void Dispatcher::StartSplit(Exchange& exchange, const Request& request, const SessionState& state) {
  if (!LocateKeys(exchange, request)) return;
  if (positions_.size() == 1) {
    if (ServerPool* server = ServerOfKeys(exchange, request)) {
      Forward(exchange, *server, request, state);
    }
    return;
  }
  if (!split_.Make(*route_, request, positions_)) {
    FinishWithoutServer(exchange);
    return;
  }
  const std::span<const KeySplit::Group> groups = split_.groups();
  if (groups.size() == 1) {
    Forward(exchange, *servers_[groups.front().server], request, state);
    return;
  }
  FanOut& fan_out = exchange.MakeFanOut(groups.size(), positions_.size());
  if (request.command->merge == Merge::kMatchKeys) fan_out.KeepKeys(split_.keys());
  for (const KeySplit::Group& group : groups) {
    SendPart(fan_out, group.server, request, group.ordinals, state);
  }
  fan_out.Start();
}

void Dispatcher::StartEveryShard(Exchange& exchange, const Request& request,
                                 const SessionState& state) {
  FanOut& fan_out = exchange.MakeFanOut(servers_.size(), 0);
  for (size_t server = 0; server < servers_.size(); ++server) {
    SendPart(fan_out, server, request, {}, state);
  }
  fan_out.Start();
}

void Dispatcher::SendPart(FanOut& fan_out, size_t server, const Request& request,
                          std::span<const uint32_t> ordinals, const SessionState& state) {
  Failure failure;
  Connection* connection = servers_[server]->ForRequest(state.number, fan_out.exchange(), failure);
  if (connection == nullptr) {
    fan_out.AddFailure(DescribeFailure(failure, *servers_[server]));
    return;
  }
  OutputBuffer& out = connection->output();
  const size_t before = out.size();
  if (request.command->plan == Plan::kEveryShard) {
    AppendForwarded(request, out);
  } else {
    context_.codec.Compose(request, positions_, ordinals, out);
  }
  connection->Sent(*request.command, out.size() - before,
                   fan_out.AddPart(*servers_[server], ordinals));
}

}  // namespace keyway
