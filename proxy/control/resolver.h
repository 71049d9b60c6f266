// Host names to addresses, without holding up the loop.
#ifndef KEYWAY_PROXY_CONTROL_RESOLVER_H_
#define KEYWAY_PROXY_CONTROL_RESOLVER_H_

#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "proxy/base/endpoint.h"
#include "proxy/net/address.h"
#include "proxy/net/event_loop.h"

namespace keyway {

// Whether the endpoint needs a look-up that may block and may change: it is neither
// a unix socket nor an IP address in numbers.
bool IsName(const Endpoint& endpoint);

class Resolver {
 public:
  using Done = absl::AnyInvocable<void(const absl::StatusOr<std::vector<Address>>& addresses)>;

  virtual ~Resolver() = default;
  // Does what net's ResolveAll does, without blocking. `done` is called on the loop of
  // the caller in a later turn, or never, if the resolver is destroyed before.
  virtual void Lookup(const Endpoint& endpoint, Done done) = 0;
};

// Asks the system's resolver on up to kMaxLookups threads, which are started as they
// are needed; more look-ups wait.
class ThreadResolver final : public Resolver {
 public:
  // Answers are posted to `loop`.
  explicit ThreadResolver(EventLoop& loop);
  // Does not wait: the system's resolver cannot be interrupted. A look-up under way
  // is left to finish by itself, and its answer is dropped.
  ~ThreadResolver() override;

  void Lookup(const Endpoint& endpoint, Done done) override;

 private:
  struct Shared;
  static void Work(const std::shared_ptr<Shared>& shared);
  int StartThread();
  void RefuseLast(int error);

  const std::shared_ptr<Shared> shared_;  // with the threads, which may outlive this
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_RESOLVER_H_
