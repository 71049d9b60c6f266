// A look at all keys of one server. Private to this folder.
#ifndef KEYWAY_SIM_VERIFY_VISIT_H_
#define KEYWAY_SIM_VERIFY_VISIT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "hashing/placement.h"
#include "sim/source/source.h"
#include "sim/verify/presence.h"
#include "sim/verify/verify.h"

namespace keyway::sim {

// Of one thread.
class Visit final : private RecordSink {
 public:
  // All references outlive it. `keys_seen` counts for the progress of all visits.
  Visit(const Deployment& deployment, const hashing::Placement& placement,
        const VerifyOptions& options, size_t server, std::atomic<uint64_t>& keys_seen);

  absl::Status Run();

  const ServerFindings& findings() const { return findings_; }
  // The first ones.
  const std::vector<Misplaced>& examples() const { return examples_; }
  // A fair choice among all.
  const std::vector<std::string>& sample() const { return sample_; }

 private:
  std::span<char> Room(size_t bytes) override;
  void Bad(uint64_t line, std::string_view text, std::string_view reason) override;
  void Skip(std::string_view, uint64_t) override {}
  void Flush() override;

  void Choose(std::string_view key);
  // Asks the servers that should have what was found here whether they do.
  absl::Status LookForCopies();

  const Deployment& deployment_;
  const hashing::Placement& placement_;
  const VerifyOptions& options_;
  const size_t server_;
  std::atomic<uint64_t>& keys_seen_;

  ServerFindings findings_;
  std::vector<Misplaced> examples_;
  std::vector<std::string> sample_;
  std::mt19937_64 random_;
  absl::Status status_;

  // Of the block at hand.
  std::vector<std::unique_ptr<char[]>> rooms_;
  std::map<size_t, std::vector<std::string>> misplaced_;  // by the server that should have them
  // The servers that were asked so far.
  std::map<size_t, std::unique_ptr<Presence>> others_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_VERIFY_VISIT_H_
