#include "proxy/routing/snapshot.h"

#include <utility>

namespace keyway {

absl::StatusOr<std::shared_ptr<const PoolRoute>> PoolRoute::Make(
    std::shared_ptr<const PoolConfig> config, const std::vector<bool>& live,
    std::vector<std::optional<Address>> addresses) {
  std::shared_ptr<PoolRoute> route(new PoolRoute);
  route->config_ = std::move(config);
  route->is_live_ = live;
  route->addresses_ = std::move(addresses);
  std::vector<hashing::Member> members;
  for (uint32_t i = 0; i < live.size(); ++i) {
    if (!live[i]) continue;
    const ServerConfig& server = route->config_->servers[i];
    members.push_back({server.name, server.weight});
    route->live_.push_back(i);
  }
  if (members.empty()) return route;
  auto placement = hashing::Placement::Make({.hash = route->config_->hash,
                                             .hash_tag = route->config_->hash_tag,
                                             .distribution = route->config_->distribution},
                                            members);
  if (!placement.ok()) return placement.status();
  route->placement_ = *std::move(placement);
  return route;
}

bool PoolRoute::ServersFor(std::span<const std::string_view> keys,
                           std::span<uint32_t> servers) const {
  if (!placement_) return false;
  placement_->MembersFor(keys, servers);
  for (uint32_t& server : servers) server = live_[server];
  return true;
}

std::optional<hashing::Explanation> PoolRoute::Explain(std::string_view key) const {
  if (!placement_) return std::nullopt;
  hashing::Explanation explanation = placement_->Explain(key);
  std::optional<size_t>& member = explanation.finding.member;
  if (member) member = live_[*member];
  return explanation;
}

absl::StatusOr<std::shared_ptr<const PoolRoute>> PoolRoute::WithLive(
    const std::vector<bool>& live) const {
  return Make(config_, live, addresses_);
}

absl::StatusOr<std::shared_ptr<const PoolRoute>> PoolRoute::WithAllLive() const {
  return WithLive(std::vector<bool>(server_count(), true));
}

}  // namespace keyway
