#include "proxy/control/server_address.h"

#include <utility>

#include "proxy/base/limits.h"

namespace keyway {

ServerAddress::ServerAddress(EventLoop& loop, Resolver& resolver, const Endpoint& endpoint,
                             Told told)
    : loop_(loop),
      resolver_(resolver),
      endpoint_(endpoint),
      is_name_(IsName(endpoint)),
      told_(std::move(told)) {}

void ServerAddress::Refresh() {
  if (refreshing_ || loop_.Now() < next_refresh_) return;
  if (!is_name_) {
    next_refresh_ = Time::max();
    Take(Resolve(endpoint_));
    return;
  }
  next_refresh_ = loop_.Now() + kLookupInterval;
  refreshing_ = true;
  resolver_.Lookup(endpoint_, [this](const absl::StatusOr<Address>& address) {
    refreshing_ = false;
    Take(address);
  });
}

void ServerAddress::Take(const absl::StatusOr<Address>& address) {
  if (!address.ok()) {
    told_(address.status(), false);
    return;
  }
  const bool changed = !address_ || ToString(*address_) != ToString(*address);
  address_ = *address;
  told_(absl::OkStatus(), changed);
}

}  // namespace keyway
