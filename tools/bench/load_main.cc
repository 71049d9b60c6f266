// Sends requests, checks each reply, and prints what it took as one line of JSON.
//
//     bazel run --config=opt //tools/bench:load -- --endpoint=22121 --clients=50 --pipeline=16
#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tools/bench/load.h"

ABSL_FLAG(std::string, endpoint, "22121", "A port of 127.0.0.1, or the path of a unix socket.");
ABSL_FLAG(std::string, protocol, "redis", "redis or memcached.");
ABSL_FLAG(std::string, operation, "get", "get, set, or mget, which asks for several keys.");
ABSL_FLAG(uint32_t, keys, 10, "Keys in each mget.");
ABSL_FLAG(uint32_t, value_bytes, 16, "The size of values.");
ABSL_FLAG(uint32_t, items, 10'000, "So many different keys.");
ABSL_FLAG(bool, in_order, false, "Take one key after the other, not by chance.");
ABSL_FLAG(uint32_t, clients, 50, "Connections.");
ABSL_FLAG(uint32_t, pipeline, 1, "Requests that each client sends before it waits for replies.");
ABSL_FLAG(uint32_t, beside_clients, 0, "Further connections, whose replies do not count.");
ABSL_FLAG(std::string, beside_operation, "get", "As --operation, for those.");
ABSL_FLAG(uint32_t, beside_keys, 10, "As --keys, for those.");
ABSL_FLAG(uint32_t, beside_value_bytes, 16, "As --value_bytes, for those.");
ABSL_FLAG(uint32_t, beside_pipeline, 1, "As --pipeline, for those.");
ABSL_FLAG(double, rate, 0,
          "Open loop: so many requests a second by chance, whether or not replies come.");
ABSL_FLAG(double, warm_up, 0.2, "Seconds before measuring.");
ABSL_FLAG(double, seconds, 1, "Seconds that are measured.");
ABSL_FLAG(uint64_t, requests, 0, "Instead of --seconds: exactly so many requests.");
ABSL_FLAG(std::vector<std::string>, processes, {},
          "Process ids, separated by commas, whose processor time is measured.");

namespace keyway::bench {
namespace {

constexpr int kWrongUse = 2;

std::chrono::nanoseconds Seconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

// False if a flag has a value that means nothing.
bool ReadGroup(Protocol protocol, const std::string& operation, uint32_t keys, Group& group) {
  if (operation != "get" && operation != "set" && operation != "mget") return false;
  group.kind.protocol = protocol;
  group.kind.operation = operation == "get"   ? Operation::kGet
                         : operation == "set" ? Operation::kSet
                                              : Operation::kMultiGet;
  group.choice.items = absl::GetFlag(FLAGS_items);
  group.choice.per_request = operation == "mget" ? keys : 1;
  group.choice.in_order = absl::GetFlag(FLAGS_in_order);
  return group.choice.items > 0 && group.choice.items <= kMaxItems &&
         group.choice.value_bytes <= kMaxValueBytes && group.choice.per_request > 0 &&
         group.pipeline > 0;
}

bool ReadFlags(LoadOptions& options) {
  const std::string name = absl::GetFlag(FLAGS_protocol);
  if (name != "redis" && name != "memcached") return false;
  const Protocol protocol = name == "redis" ? Protocol::kRedis : Protocol::kMemcache;
  options.endpoint = absl::GetFlag(FLAGS_endpoint);
  options.measured.clients = absl::GetFlag(FLAGS_clients);
  options.measured.pipeline = absl::GetFlag(FLAGS_pipeline);
  options.measured.choice.value_bytes = absl::GetFlag(FLAGS_value_bytes);
  options.beside.clients = absl::GetFlag(FLAGS_beside_clients);
  options.beside.pipeline = absl::GetFlag(FLAGS_beside_pipeline);
  options.beside.choice.value_bytes = absl::GetFlag(FLAGS_beside_value_bytes);
  options.rate = absl::GetFlag(FLAGS_rate);
  options.requests = absl::GetFlag(FLAGS_requests);
  options.warm_up = Seconds(options.requests > 0 ? 0 : absl::GetFlag(FLAGS_warm_up));
  options.duration = Seconds(absl::GetFlag(FLAGS_seconds));
  for (const std::string& process : absl::GetFlag(FLAGS_processes)) {
    options.processes.push_back(std::stoi(process));
  }
  return options.measured.clients > 0 &&
         ReadGroup(protocol, absl::GetFlag(FLAGS_operation), absl::GetFlag(FLAGS_keys),
                   options.measured) &&
         ReadGroup(protocol, absl::GetFlag(FLAGS_beside_operation),
                   absl::GetFlag(FLAGS_beside_keys), options.beside);
}

std::string Json(const LoadResult& result) {
  const auto seconds = [](std::chrono::nanoseconds time) {
    return absl::StrFormat("%.9f", std::chrono::duration<double>(time).count());
  };
  std::vector<std::string> cpu_times;
  for (const auto time : result.cpu_times) cpu_times.push_back(seconds(time));
  const Latencies& latencies = result.latencies;
  return absl::StrFormat(
      R"({"replies": %d, "seconds": %s, "p50_us": %.2f, "p90_us": %.2f, "p99_us": %.2f, )"
      R"("p999_us": %.2f, "longest_us": %.2f, "cpu_seconds": [%s], "own_cpu_seconds": %s})",
      result.replies, seconds(result.duration), latencies.QuantileUs(0.5),
      latencies.QuantileUs(0.9), latencies.QuantileUs(0.99), latencies.QuantileUs(0.999),
      latencies.LongestUs(), absl::StrJoin(cpu_times, ", "), seconds(result.own_cpu_time));
}

int Main() {
  LoadOptions options;
  if (!ReadFlags(options)) {
    fputs("load: a flag is out of bounds; --help tells what there is\n", stderr);
    return kWrongUse;
  }
  const absl::StatusOr<LoadResult> result = RunLoad(options);
  if (!result.ok()) {
    fprintf(stderr, "load: %s\n", std::string(result.status().message()).c_str());
    return 1;
  }
  puts(Json(*result).c_str());
  return 0;
}

}  // namespace
}  // namespace keyway::bench

int main(int argc, char* argv[]) {
  absl::SetProgramUsageMessage(
      "Sends requests to a proxy or server, checks each reply in full, and prints what it "
      "took as one line of JSON. Exits with 1 at the first wrong reply.");
  absl::ParseCommandLine(argc, argv);
  return keyway::bench::Main();
}
