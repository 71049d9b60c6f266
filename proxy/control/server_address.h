// Where one server is, kept up to date.
#ifndef KEYWAY_PROXY_CONTROL_SERVER_ADDRESS_H_
#define KEYWAY_PROXY_CONTROL_SERVER_ADDRESS_H_

#include <optional>
#include <vector>

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
  // Of one look-up: how it went, and whether the address is another one now.
  struct Result {
    absl::Status status = absl::OkStatus();
    bool changed = false;
    std::optional<Address> before = std::nullopt;  // if there was one, and it changed
  };
  using Told = absl::AnyInvocable<void(const Result& result)>;  // after each

  struct Options {
    const Endpoint& endpoint;  // outlives this
    // From one look-up to the next, from the first Refresh on; zero: only on Refresh.
    Duration interval = Duration::zero();
  };

  ServerAddress(EventLoop& loop, Resolver& resolver, const Options& options, Told told);
  ServerAddress(const ServerAddress&) = delete;
  ServerAddress& operator=(const ServerAddress&) = delete;

  const std::optional<Address>& get() const { return address_; }

  // Looks it up, unless that was done within kLookupInterval, and takes the first
  // address, as there is a reason to doubt the one it has. What is no name is looked up
  // by the first call only, and within it.
  void Refresh();

  // Whether a look-up is under way, which will be told.
  bool refreshing() const { return refreshing_; }

 private:
  void LookUp();
  void Take(const absl::StatusOr<std::vector<Address>>& addresses);

  EventLoop& loop_;
  Resolver& resolver_;
  const Endpoint& endpoint_;
  const Duration interval_;
  const bool is_name_;
  Told told_;
  std::optional<Address> address_;
  bool refreshing_ = false;
  bool doubted_ = false;  // since the last look-up
  Time next_refresh_ = Time::min();
  Timer again_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_SERVER_ADDRESS_H_
