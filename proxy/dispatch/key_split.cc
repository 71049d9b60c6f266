#include "proxy/dispatch/key_split.h"

#include <algorithm>

namespace keyway {

bool KeySplit::Make(const PoolRoute& route, const Request& request,
                    std::span<const uint32_t> positions) {
  for (const Group& group : groups_) group_of_server_[group.server] = kNone;
  groups_.clear();
  ends_.clear();
  keys_.resize(positions.size());
  std::ranges::transform(positions, keys_.begin(),
                         [&](uint32_t position) { return request.Text(position); });
  server_of_key_.resize(positions.size());
  if (!route.ServersFor(keys_, server_of_key_)) return false;
  for (const uint32_t server : server_of_key_) {
    uint32_t& group = group_of_server_[server];
    if (group == kNone) {
      group = static_cast<uint32_t>(groups_.size());
      groups_.push_back({.server = server, .ordinals = {}});
      ends_.push_back(0);
    }
    ++ends_[group];
  }
  ordinals_.resize(positions.size());
  uint32_t begin = 0;
  for (size_t group = 0; group < groups_.size(); ++group) {
    groups_[group].ordinals = std::span(ordinals_).subspan(begin, ends_[group]);
    begin += ends_[group];
    ends_[group] = begin - ends_[group];
  }
  for (uint32_t i = 0; i < positions.size(); ++i) {
    ordinals_[ends_[group_of_server_[server_of_key_[i]]]++] = i;
  }
  return true;
}

}  // namespace keyway
