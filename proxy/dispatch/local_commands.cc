#include "proxy/dispatch/local_commands.h"

#include <string_view>

namespace keyway {
namespace {

std::string Bulk(std::string_view text) {
  std::string reply = "$" + std::to_string(text.size()) + "\r\n";
  reply.append(text);
  return reply + "\r\n";
}

std::string Ping(const LocalCall& call) {
  switch (call.request.arguments.size()) {
    case 1:
      return "+PONG\r\n";
    case 2:
      return Bulk(call.request.Text(1));
    default:
      return call.exchange.context().codec.Error(ErrorKind::kWrongArity, "ping");
  }
}

std::string Echo(const LocalCall& call) { return Bulk(call.request.Text(1)); }

// Two arguments name a user as well; the only one there is has Redis's default name.
std::string Auth(const LocalCall& call) {
  const size_t arguments = call.request.arguments.size();
  if (arguments > 3) return call.exchange.context().codec.Error(ErrorKind::kWrongArity, "auth");
  if (call.pool.redis_auth.empty()) {
    return "-ERR Client sent AUTH, but no password is set\r\n";
  }
  const bool user_fits = arguments == 2 || call.request.Text(1) == "default";
  call.state.authenticated = user_fits && call.request.Text(arguments - 1) == call.pool.redis_auth;
  return call.state.authenticated ? "+OK\r\n" : "-ERR invalid password\r\n";
}

std::string RedisQuit(const LocalCall& call) {
  call.exchange.close_after = true;
  return "+OK\r\n";
}

// memcached closes without a word.
std::string MemcacheQuit(const LocalCall& call) {
  call.exchange.close_after = true;
  return "";
}

std::string MetaNoop(const LocalCall&) { return "MN\r\n"; }

constexpr LocalCommand kLocalCommands[] = {
    {"redis", "auth", true, Auth},       {"redis", "echo", false, Echo},
    {"redis", "ping", false, Ping},      {"redis", "quit", true, RedisQuit},
    {"memcache", "mn", false, MetaNoop}, {"memcache", "quit", true, MemcacheQuit},
};

}  // namespace

LocalCommands::LocalCommands(const Codec& codec) {
  for (const LocalCommand& local : kLocalCommands) {
    if (local.codec != codec.name()) continue;
    rows_.emplace_back(codec.FindCommand(local.name), &local);
  }
}

const LocalCommand* LocalCommands::Find(const CommandSpec& command) const {
  for (const auto& [spec, local] : rows_) {
    if (spec == &command) return local;
  }
  return nullptr;
}

}  // namespace keyway
