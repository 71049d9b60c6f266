#include "proxy/protocol/memcache/request_parser.h"

#include <algorithm>
#include <optional>

#include "proxy/base/limits.h"
#include "proxy/protocol/memcache/line.h"
#include "proxy/protocol/memcache/reply_line.h"

namespace keyway::memcache {
namespace {

constexpr std::string_view kLineTooLong = "CLIENT_ERROR line too long\r\n";
constexpr std::string_view kBareLineFeed = "CLIENT_ERROR lines must end in CR LF\r\n";
constexpr std::string_view kBadDataChunk = "CLIENT_ERROR bad data chunk\r\n";
constexpr std::string_view kTooLarge = "SERVER_ERROR object too large for cache\r\n";
constexpr std::string_view kBinary =
    "SERVER_ERROR the binary protocol is not supported, use the text protocol\r\n";
constexpr char kBinaryMagic = '\x80';

}  // namespace

Parsed MemcacheRequestParser::NeedMore(size_t wanted, Request& request) {
  wanted_ = request.wanted = wanted;
  return Parsed::kNeedMore;
}

Parsed MemcacheRequestParser::Next(std::string_view input, Block* block, Request& request) {
  if (input.size() < wanted_) return NeedMore(wanted_, request);
  request.Clear();
  if (input.starts_with(kBinaryMagic)) {
    request.refusal = kBinary;
    return Parsed::kBad;
  }
  const size_t line_end = std::min(input.find('\n', searched_), input.size());
  searched_ = line_end;
  if (line_end >= kMaxMemcacheLineBytes) {
    request.refusal = kLineTooLong;
    return Parsed::kBad;
  }
  if (line_end == input.size()) return NeedMore(input.size() + 1, request);

  if (line_end == 0 || input[line_end - 1] != '\r') {
    request.refusal = kBareLineFeed;
    return Parsed::kBad;
  }
  const std::string_view line = input.substr(0, line_end - 1);
  const size_t lead = std::min(line.find_first_not_of(' '), line.size());
  const size_t begin = line_end + 1;
  request.bytes = input.substr(lead, begin - lead);
  request.block = block;
  request.size = begin;
  const std::optional<uint64_t> data_size = ReadLine(line.size() - lead, request);

  Parsed parsed = Parsed::kDone;
  if (data_size) parsed = NextData(input, begin, *data_size, request);
  if (parsed == Parsed::kNeedMore) return parsed;
  searched_ = wanted_ = 0;
  request.bytes = input.substr(lead, request.size - lead);
  return parsed;
}

// `begin` is where the data block begins. Sets request.size.
Parsed MemcacheRequestParser::NextData(std::string_view input, size_t begin, uint64_t data_size,
                                       Request& request) {
  if (request.refusal.empty() && data_size > kMaxMemcacheItemBytes) request.refusal = kTooLarge;
  if (!request.refusal.empty()) return Drop(input, begin, data_size, request);

  const std::string_view rest = input.substr(begin);
  const size_t whole = data_size + kCrLf.size();
  if (rest.size() >= whole) {
    request.size = begin + whole;
    if (rest.substr(data_size, kCrLf.size()) == kCrLf) return Parsed::kDone;
    request.refusal = kBadDataChunk;
    return Drop(input, begin, data_size, request);
  }
  if (data_size < kStreamBytes) return NeedMore(begin + whole, request);
  dropping_ = false;
  const size_t there = std::min<size_t>(rest.size(), data_size);
  data_left_ = data_size - there;
  request.size = begin + there;
  return Parsed::kHead;
}

// Drops the data block of a refused request, so that it is not taken for requests.
Parsed MemcacheRequestParser::Drop(std::string_view input, size_t begin, uint64_t data_size,
                                   Request& request) {
  dropping_ = true;
  data_left_ = data_size;
  size_t taken = 0;
  const Parsed parsed = Rest(input.substr(begin), taken);
  request.size = begin + taken;
  return parsed == Parsed::kDone ? Parsed::kDone : Parsed::kHead;
}

Parsed MemcacheRequestParser::Rest(std::string_view input, size_t& taken) {
  taken = std::min<uint64_t>(input.size(), data_left_);
  data_left_ -= taken;
  if (data_left_ != 0) return Parsed::kNeedMore;
  const std::string_view tail = input.substr(taken);
  if (dropping_) {
    // What stands between the data and the end of the line belongs to the mistake.
    const size_t line_end = tail.find('\n');
    taken = line_end == tail.npos ? input.size() : taken + line_end + 1;
    return line_end == tail.npos ? Parsed::kNeedMore : Parsed::kDone;
  }
  if (!kCrLf.starts_with(tail.substr(0, kCrLf.size()))) return Parsed::kBad;
  if (tail.size() < kCrLf.size()) return Parsed::kNeedMore;
  taken += kCrLf.size();
  return Parsed::kDone;
}

}  // namespace keyway::memcache
