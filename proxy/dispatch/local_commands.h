// Commands that the proxy answers itself: one row per command.
#ifndef KEYWAY_PROXY_DISPATCH_LOCAL_COMMANDS_H_
#define KEYWAY_PROXY_DISPATCH_LOCAL_COMMANDS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/config/config.h"
#include "proxy/dispatch/exchange.h"
#include "proxy/dispatch/session_state.h"
#include "proxy/protocol/request.h"

namespace keyway {

struct LocalCall {
  const PoolConfig& pool;
  const Request& request;
  Exchange& exchange;
  SessionState& state;
};

// Returns the reply.
using LocalHandler = std::string (*)(const LocalCall&);

struct LocalCommand {
  std::string_view codec;
  std::string_view name;
  bool before_auth;  // whether a client may send it before it has authenticated
  LocalHandler handler;
};

// The local commands of one protocol, found by the command's row.
class LocalCommands {
 public:
  explicit LocalCommands(const Codec& codec);

  // Null for a command that is not local.
  const LocalCommand* Find(const CommandSpec& command) const;

 private:
  std::vector<std::pair<const CommandSpec*, const LocalCommand*>> rows_;
};

inline constexpr std::string_view kAuthRequired = "-NOAUTH Authentication required\r\n";

}  // namespace keyway

#endif  // KEYWAY_PROXY_DISPATCH_LOCAL_COMMANDS_H_
