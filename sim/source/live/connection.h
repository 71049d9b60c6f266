// A connection to a server that runs. Opened by hiredis for both protocols: names are
// looked up, and no wait is endless.
#ifndef KEYWAY_SIM_SOURCE_LIVE_CONNECTION_H_
#define KEYWAY_SIM_SOURCE_LIVE_CONNECTION_H_

#include <hiredis/hiredis.h>

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sim/source/live/server.h"

namespace keyway::sim {

inline constexpr std::chrono::seconds kConnectTimeout{5};
// From a request to the next bytes of its answer. A server that saves, or runs a script,
// may be silent for a while.
inline constexpr std::chrono::seconds kAnswerTimeout{30};

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using RedisReply = std::unique_ptr<redisReply, FreeReply>;

inline std::string_view TextOf(const redisReply& reply) { return {reply.str, reply.len}; }

// Errors are lines for the user, and name the server. After an error there is nothing more
// to be had.
class Connection {
 public:
  // A Redis connection is logged in, and its database selected.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const LiveServer& server);

  const std::string& name() const { return name_; }
  absl::Status Error(std::string_view message) const;

  // Redis. Requests are gathered until Send, or until a reply is waited for; replies come
  // in the requests' order.
  void Add(std::span<const std::string_view> words);
  void Add(std::initializer_list<std::string_view> words) { Add({words.begin(), words.size()}); }
  absl::Status Send();
  // An answer that is an error of the server's is none of the connection's.
  absl::StatusOr<RedisReply> Receive();
  // The same, but the server's errors are errors.
  absl::StatusOr<RedisReply> ReceiveGood();

  // Any protocol.
  absl::Status Write(std::string_view bytes);
  // 0: the server has closed the connection.
  absl::StatusOr<size_t> Read(std::span<char> space);

 private:
  struct FreeContext {
    void operator()(redisContext* context) const { redisFree(context); }
  };

  Connection(std::string name, redisContext* context) : name_(std::move(name)), context_(context) {}

  absl::Status LogIn(const LiveServer& server);
  absl::Status LastError() const;

  const std::string name_;
  const std::unique_ptr<redisContext, FreeContext> context_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_LIVE_CONNECTION_H_
