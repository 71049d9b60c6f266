// Twitter's cache traces, github.com/twitter/cache-trace:
//   timestamp,key,key size,value size,client id,operation,TTL
#include "sim/source/format/formats.h"
#include "sim/source/format/lines.h"
#include "sim/source/format/operations.h"

namespace keyway::sim {
namespace {

struct Request {
  std::string_view key;
  uint64_t value_size = 0;
  Operation operation = Operation::kUnknown;
};

// Returns why the line is no request; nothing if it is one.
std::string_view ParseRequest(std::string_view line, Request& request) {
  uint64_t number;
  if (!ParseNumber(TakeField(line, ','), number)) return "its first field is no time";
  // From behind, since the key may hold commas.
  if (!ParseNumber(TakeLastField(line, ','), number)) return "its last field is no TTL";
  request.operation = FindOperation(TakeLastField(line, ','));
  if (request.operation == Operation::kUnknown) return "its sixth field is no operation";
  TakeLastField(line, ',');  // the client
  if (!ParseNumber(TakeLastField(line, ','), request.value_size)) return "has no size of the value";
  if (!ParseNumber(TakeLastField(line, ','), number)) return "has no size of the key";
  request.key = line;
  return {};
}

class TwitterFormat final : public Format {
 public:
  uint64_t Parse(std::string_view bytes, RecordSink& sink) const override {
    return ParseLines(bytes, sink, [&](std::string_view line) { return ParseLine(line, sink); });
  }

 private:
  static std::string_view ParseLine(std::string_view line, RecordSink& sink) {
    if (line.empty()) return {};
    Request request;
    const std::string_view wrong = ParseRequest(line, request);
    if (!wrong.empty()) return wrong;
    const bool reads = request.operation == Operation::kRead;
    sink.Add(request.key, {.keys = 0,
                           .bytes = request.value_size,
                           .reads = reads ? 1u : 0u,
                           .writes = reads ? 0u : 1u});
    return {};
  }
};

bool IsTwitter(std::string_view head) {
  Request request;
  return ParseRequest(FirstLine(head), request).empty();
}

}  // namespace

const FormatSpec kTwitterFormat = {
    .name = "twitter",
    .help = "a trace of github.com/twitter/cache-trace: requests",
    .content = Content::kRequests,
    .recognise = IsTwitter,
    .make = Make<TwitterFormat>,
};

}  // namespace keyway::sim
