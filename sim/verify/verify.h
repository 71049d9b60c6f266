// Compares where the keys of a deployment should be with where they are.
#ifndef KEYWAY_SIM_VERIFY_VERIFY_H_
#define KEYWAY_SIM_VERIFY_VERIFY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "sim/engine/experiment.h"
#include "sim/source/live/server.h"

namespace keyway::sim {

struct Deployment {
  std::vector<LiveServer> servers = {};  // of one protocol; as many as Scenario::servers names
  Scenario scenario = {};                // where keys should be
  std::optional<LiveServer> proxy = {};  // to be asked for some of the keys
};

struct VerifyOptions {
  size_t examples = 20;  // of each server
  size_t sample = 1000;  // of each server: for the proxy, and for other explanations
  uint64_t seed = 1;     // of the sample
  // Is told now and then how many keys were looked at, on the thread that called Verify.
  std::function<void(uint64_t keys)> on_progress = {};
};

struct ServerFindings {
  uint64_t keys = 0;
  uint64_t misplaced = 0;              // that belong to another server
  uint64_t copies = 0;                 // of those, how many the other server has as well
  std::vector<uint64_t> belongs = {};  // of the misplaced, by server
};

struct Misplaced {
  std::string key = {};
  size_t found = 0;                  // the server that has it
  size_t belongs = 0;                // the one that should
  std::vector<size_t> also_on = {};  // all others that have it
};

struct FoundKey {
  std::string key = {};
  size_t server = 0;
};

// A key that a server has, and the proxy does not give.
struct Unreadable {
  FoundKey found = {};
  std::string answer = {};  // the proxy's error; empty if it says that there is no such key
};

struct ProxyFindings {
  uint64_t asked = 0;
  uint64_t gone = 0;  // that the server has no longer, either
  std::vector<Unreadable> unreadable = {};
};

struct Findings {
  std::vector<ServerFindings> servers = {};
  std::vector<Misplaced> misplaced = {};  // examples
  std::vector<FoundKey> sample = {};
  std::optional<ProxyFindings> proxy = {};

  uint64_t keys() const;
  uint64_t misplaced_keys() const;
  uint64_t copies() const;
};

// Looks at every key of every server, several servers at a time. What is written meanwhile
// may be seen or not; nothing is changed. Fails where a server cannot be asked.
absl::StatusOr<Findings> Verify(const Deployment& deployment, const VerifyOptions& options);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_VERIFY_VERIFY_H_
