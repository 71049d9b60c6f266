#include <string>
#include <string_view>

#include "benchmark/benchmark.h"
#include "proxy/protocol/memcache/commands.h"
#include "proxy/protocol/memcache/reply_parser.h"
#include "proxy/protocol/memcache/request_parser.h"

namespace keyway::memcache {
namespace {

constexpr size_t kPipelined = 100;

std::string Repeated(const std::string& message) {
  std::string stream;
  for (size_t i = 0; i < kPipelined; ++i) stream += message;
  return stream;
}

// Parses a pipeline and finds the keys; the time is that of one request.
void ParseRequests(benchmark::State& state, const std::string& message) {
  const std::string stream = Repeated(message);
  MemcacheRequestParser parser;
  Request request;
  KeyPositions positions;
  std::string_view input;
  for (auto _ : state) {
    if (input.empty()) input = stream;
    if (parser.Next(input, nullptr, request) != Parsed::kDone) state.SkipWithError("not parsed");
    if (!request.refusal.empty()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(FindKeys(request, positions));
    input.remove_prefix(request.size);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(message.size()));
}

void ParseReplies(benchmark::State& state, const std::string& name, const std::string& reply) {
  const CommandSpec& asked = *FindCommand(name);
  const std::string stream = Repeated(reply);
  MemcacheReplyParser parser;
  std::string_view input;
  for (auto _ : state) {
    if (input.empty()) input = stream;
    size_t taken = 0;
    if (parser.Next(asked, input, taken) != Parsed::kDone) state.SkipWithError("not parsed");
    input.remove_prefix(taken);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(reply.size()));
}

std::string Get(size_t keys) {
  std::string line = "get";
  for (size_t i = 0; i < keys; ++i) line += " key:" + std::to_string(100000 + i);
  return line + "\r\n";
}

std::string Set(size_t bytes) {
  return "set key:000000012345 0 0 " + std::to_string(bytes) + "\r\n" + std::string(bytes, 'x') +
         "\r\n";
}

std::string Value(size_t bytes) {
  return "VALUE key:000000012345 0 " + std::to_string(bytes) + "\r\n" + std::string(bytes, 'x') +
         "\r\n";
}

std::string Values(size_t count) {
  std::string reply;
  for (size_t i = 0; i < count; ++i) reply += Value(10);
  return reply + "END\r\n";
}

void Find(benchmark::State& state) {
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(FindCommand(Commands()[i].name));
    i = (i + 1) % Commands().size();
  }
}
BENCHMARK(Find);

BENCHMARK_CAPTURE(ParseRequests, get, "get key:000000012345\r\n");
BENCHMARK_CAPTURE(ParseRequests, get_10, Get(10));
BENCHMARK_CAPTURE(ParseRequests, get_1000, Get(1000));
BENCHMARK_CAPTURE(ParseRequests, set, Set(32));
BENCHMARK_CAPTURE(ParseRequests, set_4k, Set(4096));
BENCHMARK_CAPTURE(ParseRequests, mg, "mg key:000000012345 v t f Oabcdef q\r\n");

BENCHMARK_CAPTURE(ParseReplies, stored, "set", "STORED\r\n");
BENCHMARK_CAPTURE(ParseReplies, number, "incr", "12345\r\n");
BENCHMARK_CAPTURE(ParseReplies, value, "get", Value(32) + "END\r\n");
BENCHMARK_CAPTURE(ParseReplies, miss, "get", "END\r\n");
BENCHMARK_CAPTURE(ParseReplies, values_10, "get", Values(10));
BENCHMARK_CAPTURE(ParseReplies, va, "mg", "VA 10 t-1 f0\r\nxxxxxxxxxx\r\n");

}  // namespace
}  // namespace keyway::memcache
