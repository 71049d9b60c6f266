#include "proxy/control/server_address.h"

#include <algorithm>
#include <utility>

#include "proxy/base/limits.h"

namespace keyway {

ServerAddress::ServerAddress(EventLoop& loop, Resolver& resolver, const Options& options, Told told)
    : loop_(loop),
      resolver_(resolver),
      endpoint_(options.endpoint),
      interval_(options.interval),
      is_name_(IsName(endpoint_)),
      told_(std::move(told)) {}

void ServerAddress::Refresh() {
  doubted_ = true;
  if (refreshing_ || loop_.Now() < next_refresh_) return;
  if (is_name_) {
    LookUp();
  } else {
    next_refresh_ = Time::max();
    Take(ResolveAll(endpoint_));
  }
}

void ServerAddress::LookUp() {
  again_ = Timer();
  next_refresh_ = loop_.Now() + kLookupInterval;
  refreshing_ = true;
  resolver_.Lookup(endpoint_, [this](const absl::StatusOr<std::vector<Address>>& addresses) {
    refreshing_ = false;
    if (interval_ != Duration::zero()) {
      again_ = loop_.After(std::max<Duration>(interval_, kLookupInterval), [this] { LookUp(); });
    }
    Take(addresses);
  });
}

// A name may have several addresses, told in a new order each time. While the server
// does not fail, that is no reason to leave the one that is in use.
void ServerAddress::Take(const absl::StatusOr<std::vector<Address>>& addresses) {
  const bool doubted = std::exchange(doubted_, false);
  if (!addresses.ok()) return told_({.status = addresses.status()});
  const bool listed =
      address_ && std::find(addresses->begin(), addresses->end(), *address_) != addresses->end();
  if (listed && !doubted) return told_({});
  if (address_ == addresses->front()) return told_({});
  told_({.changed = true, .before = std::exchange(address_, addresses->front())});
}

}  // namespace keyway
