// Which server has which keys of one request.
#ifndef KEYWAY_PROXY_DISPATCH_KEY_SPLIT_H_
#define KEYWAY_PROXY_DISPATCH_KEY_SPLIT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "proxy/protocol/request.h"
#include "proxy/routing/snapshot.h"

namespace keyway {

// Groups keys by server in a few passes over the keys, whatever the number of servers.
// Reused for all requests of a pool, for its memory.
class KeySplit {
 public:
  // The keys on one server: their ordinals among the keys of the request, ascending.
  struct Group {
    size_t server;
    std::span<const uint32_t> ordinals;
  };

  explicit KeySplit(size_t servers) : group_of_server_(servers, kNone) {}

  // Groups the keys at `positions`, in the order in which servers first appear. False
  // when no server is live. Keys and groups are valid until the next call.
  bool Make(const PoolRoute& route, const Request& request, std::span<const uint32_t> positions);

  std::span<const std::string_view> keys() const { return keys_; }
  std::span<const Group> groups() const { return groups_; }

 private:
  static constexpr uint32_t kNone = static_cast<uint32_t>(-1);

  std::vector<std::string_view> keys_;  // where they lie in the request
  std::vector<uint32_t> server_of_key_;
  std::vector<Group> groups_;
  std::vector<uint32_t> group_of_server_;  // kNone: no key there
  std::vector<uint32_t> ends_;             // of each group's ordinals, while they are being filled
  std::vector<uint32_t> ordinals_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_DISPATCH_KEY_SPLIT_H_
