#include "proxy/protocol/memcache/codec.h"

#include <memory>
#include <optional>

#include "proxy/protocol/memcache/commands.h"
#include "proxy/protocol/memcache/compose.h"
#include "proxy/protocol/memcache/merge.h"
#include "proxy/protocol/memcache/reply_line.h"
#include "proxy/protocol/memcache/reply_parser.h"
#include "proxy/protocol/memcache/request_parser.h"

namespace keyway::memcache {
namespace {

std::optional<ReplyLine> FirstLine(std::string_view reply) {
  return ReadReplyLine(reply.substr(0, reply.find('\n') + 1));
}

class TextCodec final : public Codec {
 public:
  std::string_view name() const override { return "memcache"; }
  std::span<const CommandSpec> commands() const override { return Commands(); }
  const CommandSpec* FindCommand(std::string_view name) const override {
    return memcache::FindCommand(name);
  }

  std::unique_ptr<RequestParser> MakeRequestParser() const override {
    return std::make_unique<MemcacheRequestParser>();
  }
  std::unique_ptr<ReplyParser> MakeReplyParser() const override {
    return std::make_unique<MemcacheReplyParser>();
  }

  void Compose(const Request& request, std::span<const uint32_t> positions,
               std::span<const uint32_t> ordinals, OutputBuffer& out) const override {
    ComposePart(request, positions, ordinals, out);
  }
  void Combine(const CommandSpec& command, std::span<const std::string_view> keys,
               std::span<const Part> parts, OutputBuffer& out) const override {
    CombineReplies(command, keys, parts, out);
  }
  std::string Error(ErrorKind kind, std::string_view detail) const override {
    return ComposeError(kind, detail);
  }

  bool IsError(std::string_view reply) const override {
    const std::optional<ReplyLine> line = FirstLine(reply);
    return line && line->word == ReplyWord::kError;
  }
  bool Hides(const CommandSpec& command, std::string_view reply) const override {
    const std::optional<ReplyLine> line = FirstLine(reply);
    return line && FormOf(command).hidden.Has(line->word);
  }

  std::vector<HandshakeStep> Handshake(const Credentials&) const override { return {}; }
  HandshakeStep Probe() const override {
    return {.what = "version", .bytes = "version\r\n", .asked = FindCommand("version")};
  }
};

}  // namespace

const Codec& MemcacheCodec() {
  static const TextCodec codec;
  return codec;
}

}  // namespace keyway::memcache
