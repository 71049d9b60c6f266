// Where one server is, kept up to date.
#ifndef KEYWAY_PROXY_CONTROL_SERVER_ADDRESS_H_
#define KEYWAY_PROXY_CONTROL_SERVER_ADDRESS_H_

#include <optional>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proxy/base/endpoint.h"
#include "proxy/control/resolver.h"
#include "proxy/net/address.h"
#include "proxy/net/event_loop.h"

namespace keyway {

// The last known address of an endpoint. A look-up that fails leaves it as it was: an
// old address is a better guess than none. Lives on the control loop.
class ServerAddress {
 public:
  // After each look-up; `changed` says whether the address is another one now.
  using Told = absl::AnyInvocable<void(const absl::Status& result, bool changed)>;

  // `endpoint` outlives this.
  ServerAddress(EventLoop& loop, Resolver& resolver, const Endpoint& endpoint, Told told);
  ServerAddress(const ServerAddress&) = delete;
  ServerAddress& operator=(const ServerAddress&) = delete;

  const std::optional<Address>& get() const { return address_; }

  // Looks it up, unless that was done within kLookupInterval. What is no name is looked
  // up by the first call only, and within it.
  void Refresh();

  // Whether a look-up is under way, which will be told.
  bool refreshing() const { return refreshing_; }

 private:
  void Take(const absl::StatusOr<Address>& address);

  EventLoop& loop_;
  Resolver& resolver_;
  const Endpoint& endpoint_;
  const bool is_name_;
  Told told_;
  std::optional<Address> address_;
  bool refreshing_ = false;
  Time next_refresh_ = Time::min();
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_SERVER_ADDRESS_H_
