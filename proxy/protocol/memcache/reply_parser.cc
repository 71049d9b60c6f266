#include "proxy/protocol/memcache/reply_parser.h"

#include <algorithm>
#include <optional>

#include "proxy/base/limits.h"
#include "proxy/protocol/memcache/commands.h"
#include "proxy/protocol/memcache/reply_line.h"
#include "proxy/protocol/memcache/value_block.h"

namespace keyway::memcache {

Parsed MemcacheReplyParser::Next(const CommandSpec& asked, std::string_view input, size_t& taken) {
  ClearElementEnds();
  taken = 0;
  const Parsed parsed = Take(asked, input, taken);
  if (begun_ || parsed != Parsed::kDone) ClearElementEnds();
  begun_ = parsed == Parsed::kNeedMore && (begun_ || taken != 0);
  return parsed;
}

// Both readers return kHead for: this piece is whole, and the reply goes on.
Parsed MemcacheReplyParser::Take(const CommandSpec& asked, std::string_view input, size_t& taken) {
  Parsed parsed = Parsed::kHead;
  while (parsed == Parsed::kHead) {
    if (state_ == State::kLine && PassValues(asked, input, taken)) return Parsed::kDone;
    const std::string_view rest = input.substr(taken);
    parsed = state_ == State::kLine ? ReadLine(asked, rest, taken) : ReadData(rest, taken);
  }
  return parsed;
}

bool MemcacheReplyParser::PassValues(const CommandSpec& asked, std::string_view input,
                                     size_t& taken) {
  if (!FormOf(asked).replies.Has(ReplyWord::kValue)) return false;
  ValueBlocks blocks(input.substr(taken));
  while (blocks.Next()) AddElementEnd(taken + blocks.passed());
  const bool ended = blocks.PassEnd();
  if (blocks.passed() != 0) searched_ = 0;
  taken += blocks.passed();
  return ended;
}

Parsed MemcacheReplyParser::ReadLine(const CommandSpec& asked, std::string_view input,
                                     size_t& taken) {
  const size_t line_end = input.find('\n', searched_);
  if (line_end == input.npos) {
    searched_ = input.size();
    return input.size() > kMaxLineBytes ? Parsed::kBad : Parsed::kNeedMore;
  }
  searched_ = 0;
  const std::optional<ReplyLine> line = ReadReplyLine(input.substr(0, line_end + 1));
  if (!line) return Parsed::kBad;
  if (line->word != ReplyWord::kError && !FormOf(asked).replies.Has(line->word)) {
    return Parsed::kBad;
  }
  taken += line_end + 1;
  if (HasData(line->word)) {
    state_ = Continues(line->word) ? State::kData : State::kLastData;
    data_left_ = line->data_bytes;
    return Parsed::kHead;
  }
  return Continues(line->word) ? Parsed::kHead : Parsed::kDone;
}

Parsed MemcacheReplyParser::ReadData(std::string_view input, size_t& taken) {
  const size_t data = std::min<uint64_t>(input.size(), data_left_);
  data_left_ -= data;
  taken += data;
  if (data_left_ != 0) return Parsed::kNeedMore;
  const std::string_view tail = input.substr(data, kCrLf.size());
  if (!kCrLf.starts_with(tail)) return Parsed::kBad;
  if (tail.size() < kCrLf.size()) return Parsed::kNeedMore;
  taken += kCrLf.size();
  const bool last = state_ == State::kLastData;
  state_ = State::kLine;
  return last ? Parsed::kDone : Parsed::kHead;
}

}  // namespace keyway::memcache
