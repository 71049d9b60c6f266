#include "proxy/protocol/codec.h"

namespace keyway {

std::vector<uint32_t> Codec::ElementEnds(const CommandSpec& asked, std::string_view reply) const {
  const std::unique_ptr<ReplyParser> parser = MakeReplyParser();
  size_t taken;
  parser->Next(asked, reply, taken);
  return {parser->element_ends().begin(), parser->element_ends().end()};
}

}  // namespace keyway
