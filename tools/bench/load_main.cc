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
bool ReadFlags(LoadOptions& options) {
  const std::string protocol = absl::GetFlag(FLAGS_protocol);
  const std::string operation = absl::GetFlag(FLAGS_operation);
  if (protocol != "redis" && protocol != "memcached") return false;
  if (operation != "get" && operation != "set" && operation != "mget") return false;
  options.kind.protocol = protocol == "redis" ? Protocol::kRedis : Protocol::kMemcache;
  options.kind.operation = operation == "get"   ? Operation::kGet
                           : operation == "set" ? Operation::kSet
                                                : Operation::kMultiGet;
  options.endpoint = absl::GetFlag(FLAGS_endpoint);
  options.choice = {
      .items = absl::GetFlag(FLAGS_items),
      .value_bytes = absl::GetFlag(FLAGS_value_bytes),
      .per_request = operation == "mget" ? absl::GetFlag(FLAGS_keys) : 1,
      .in_order = absl::GetFlag(FLAGS_in_order),
  };
  options.clients = absl::GetFlag(FLAGS_clients);
  options.pipeline = absl::GetFlag(FLAGS_pipeline);
  options.rate = absl::GetFlag(FLAGS_rate);
  options.requests = absl::GetFlag(FLAGS_requests);
  options.warm_up = Seconds(options.requests > 0 ? 0 : absl::GetFlag(FLAGS_warm_up));
  options.duration = Seconds(absl::GetFlag(FLAGS_seconds));
  for (const std::string& process : absl::GetFlag(FLAGS_processes)) {
    options.processes.push_back(std::stoi(process));
  }
  return options.choice.items > 0 && options.choice.items <= kMaxItems &&
         options.choice.value_bytes <= kMaxValueBytes && options.choice.per_request > 0 &&
         options.clients > 0 && options.pipeline > 0;
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
