#include "sim/verify/visit.h"

#include <array>
#include <utility>

#include "absl/strings/str_format.h"
#include "proxy/config/problem.h"
#include "sim/source/live/live.h"

namespace keyway::sim {

Visit::Visit(const Deployment& deployment, const hashing::Placement& placement,
             const VerifyOptions& options, size_t server, std::atomic<uint64_t>& keys_seen)
    : deployment_(deployment),
      placement_(placement),
      options_(options),
      server_(server),
      keys_seen_(keys_seen),
      random_(options.seed + server) {
  findings_.belongs.resize(deployment.servers.size());
}

absl::Status Visit::Run() {
  const absl::StatusOr<std::unique_ptr<Source>> source = OpenLive(deployment_.servers[server_]);
  if (!source.ok()) return source.status();
  while (true) {
    const absl::StatusOr<std::unique_ptr<Block>> block = (*source)->Next();
    if (!block.ok()) return block.status();
    if (*block == nullptr) break;
    (*block)->Parse(*this);
    Flush();
    if (status_.ok()) status_ = LookForCopies();
    if (!status_.ok()) return status_;
    rooms_.clear();
  }
  others_.clear();
  return absl::OkStatus();
}

std::span<char> Visit::Room(size_t bytes) {
  rooms_.push_back(std::make_unique<char[]>(bytes));
  return {rooms_.back().get(), bytes};
}

void Visit::Bad(uint64_t, std::string_view text, std::string_view reason) {
  status_ = absl::UnavailableError(
      absl::StrFormat("%s: %s: %s", NameOf(deployment_.servers[server_]), Quoted(text), reason));
}

void Visit::Flush() {
  std::array<uint32_t, RecordBatch::kCapacity> members;
  const std::span<const std::string_view> keys(batch_.keys.data(), batch_.size);
  placement_.MembersFor(keys, members);
  for (size_t i = 0; i < keys.size(); ++i) {
    Choose(keys[i]);
    const size_t belongs = deployment_.scenario.servers[members[i]];
    if (belongs == server_) continue;
    ++findings_.misplaced;
    ++findings_.belongs[belongs];
    misplaced_[belongs].emplace_back(keys[i]);
  }
  keys_seen_ += keys.size();
  batch_.size = 0;
}

// J. S. Vitter, "Random Sampling with a Reservoir" (1985), algorithm R.
void Visit::Choose(std::string_view key) {
  const uint64_t place = findings_.keys++;
  if (sample_.size() < options_.sample) {
    sample_.emplace_back(key);
    return;
  }
  const uint64_t chosen = random_() % (place + 1);
  if (chosen < sample_.size()) sample_[chosen] = key;
}

absl::Status Visit::LookForCopies() {
  for (auto& [belongs, keys] : misplaced_) {
    const LiveServer& other = deployment_.servers[belongs];
    std::vector<std::string_view> askable;
    for (const std::string& key : keys) {
      if (CanAsk(other, key)) askable.push_back(key);
    }
    std::unique_ptr<Presence>& presence = others_[belongs];
    if (presence == nullptr) {
      absl::StatusOr<std::unique_ptr<Presence>> opened = OpenPresence(other, Asked::kServer);
      if (!opened.ok()) return opened.status();
      presence = *std::move(opened);
    }
    const absl::StatusOr<std::vector<Answer>> answers = presence->Ask(askable);
    if (!answers.ok()) return answers.status();
    for (const Answer& answer : *answers) {
      if (answer.there) ++findings_.copies;
    }
    for (std::string& key : keys) {
      if (examples_.size() == options_.examples) break;
      examples_.push_back({.key = std::move(key), .found = server_, .belongs = belongs});
    }
  }
  misplaced_.clear();
  return absl::OkStatus();
}

}  // namespace keyway::sim
