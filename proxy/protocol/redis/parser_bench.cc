#include <string>
#include <string_view>
#include <vector>

#include "benchmark/benchmark.h"
#include "proxy/protocol/redis/inline_command.h"
#include "proxy/protocol/redis/reply_parser.h"
#include "proxy/protocol/redis/request_parser.h"

namespace keyway::redis {
namespace {

constexpr size_t kPipelined = 100;

std::string Repeated(const std::string& message) {
  std::string stream;
  for (size_t i = 0; i < kPipelined; ++i) stream += message;
  return stream;
}

// Parses a pipeline and finds the keys; the time is that of one request.
void ParseRequests(benchmark::State& state, const std::vector<std::string>& words) {
  std::string message;
  AppendArray(words, message);
  const std::string stream = Repeated(message);
  RedisRequestParser parser;
  Request request;
  KeyPositions positions;
  std::string_view input;
  for (auto _ : state) {
    if (input.empty()) input = stream;
    if (parser.Next(input, nullptr, request) != Parsed::kDone) state.SkipWithError("not parsed");
    benchmark::DoNotOptimize(FindKeys(request, positions));
    input.remove_prefix(request.size);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(message.size()));
}

void ParseReplies(benchmark::State& state, const std::string& reply) {
  const std::string stream = Repeated(reply);
  RedisReplyParser parser;
  std::string_view input;
  for (auto _ : state) {
    if (input.empty()) input = stream;
    size_t taken = 0;
    if (parser.Next(input, taken) != Parsed::kDone) state.SkipWithError("not parsed");
    input.remove_prefix(taken);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(reply.size()));
}

std::vector<std::string> Mget(size_t keys) {
  std::vector<std::string> words = {"MGET"};
  for (size_t i = 0; i < keys; ++i) words.push_back("key:" + std::to_string(100000 + i));
  return words;
}

std::string ArrayReply(size_t elements) {
  std::string reply;
  AppendArray(std::vector<std::string>(elements, "value of ten"), reply);
  return reply;
}

BENCHMARK_CAPTURE(ParseRequests, get, {"GET", "key:000000012345"});
BENCHMARK_CAPTURE(ParseRequests, set, {"SET", "key:000000012345", std::string(32, 'x')});
BENCHMARK_CAPTURE(ParseRequests, set_4k, {"SET", "key:000000012345", std::string(4096, 'x')});
BENCHMARK_CAPTURE(ParseRequests, mget_10, Mget(10));
BENCHMARK_CAPTURE(ParseRequests, mget_1000, Mget(1000));

BENCHMARK_CAPTURE(ParseReplies, status, "+OK\r\n");
BENCHMARK_CAPTURE(ParseReplies, integer, ":12345\r\n");
BENCHMARK_CAPTURE(ParseReplies, bulk, "$32\r\n" + std::string(32, 'x') + "\r\n");
BENCHMARK_CAPTURE(ParseReplies, null, "$-1\r\n");
BENCHMARK_CAPTURE(ParseReplies, array_10, ArrayReply(10));

}  // namespace
}  // namespace keyway::redis
