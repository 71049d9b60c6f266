#include "proxy/protocol/redis/codec.h"

#include "proxy/protocol/redis/commands.h"
#include "proxy/protocol/redis/compose.h"
#include "proxy/protocol/redis/merge.h"
#include "proxy/protocol/redis/reply_parser.h"
#include "proxy/protocol/redis/request_parser.h"

namespace keyway::redis {
namespace {

class RedisProtocol final : public Codec {
 public:
  std::string_view name() const override { return "redis"; }
  std::span<const CommandSpec> commands() const override { return Commands(); }
  const CommandSpec* FindCommand(std::string_view name) const override {
    return redis::FindCommand(name);
  }

  std::unique_ptr<RequestParser> MakeRequestParser() const override {
    return std::make_unique<RedisRequestParser>();
  }
  std::unique_ptr<ReplyParser> MakeReplyParser() const override {
    return std::make_unique<RedisReplyParser>();
  }

  void Compose(const Request& request, std::span<const uint32_t> positions,
               std::span<const uint32_t> ordinals, OutputBuffer& out) const override {
    ComposePart(request, positions, ordinals, out);
  }
  void Combine(const CommandSpec& command, std::span<const std::string_view>,
               std::span<const Part> parts, OutputBuffer& out) const override {
    redis::Combine(command, parts, out);
  }
  std::string Error(ErrorKind kind, std::string_view detail) const override {
    return ErrorReply(kind, detail);
  }

  bool IsError(std::string_view reply) const override { return redis::IsError(reply); }
  bool Hides(const CommandSpec&, std::string_view) const override { return false; }

  std::vector<HandshakeStep> Handshake(const Credentials& credentials) const override {
    return ComposeHandshake(credentials);
  }
  HandshakeStep Probe() const override { return ComposeProbe(); }
};

}  // namespace

const Codec& RedisCodec() {
  static const RedisProtocol kProtocol;
  return kProtocol;
}

}  // namespace keyway::redis
