// One try to find out whether a server works.
#ifndef KEYWAY_PROXY_CONTROL_PROBE_H_
#define KEYWAY_PROXY_CONTROL_PROBE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "proxy/net/event_loop.h"
#include "proxy/protocol/codec.h"

namespace keyway {

struct ProbeTarget {
  const Codec* codec = nullptr;
  Credentials credentials;
  Address address;
  Duration timeout = {};  // for all of it
};

// Connects, does the handshake of a worker's connection, sends Codec::Probe and waits
// for all replies, within kMaxProbeReplyBytes each. Lives on the control loop.
// Destroying it cancels it.
class Probe : private StreamHandler {
 public:
  // Why the server does not work, or OK. Called once, never from the constructor;
  // may destroy the probe.
  using Done = absl::AnyInvocable<void(const absl::Status& result)>;

  Probe(EventLoop& loop, const ProbeTarget& target, Done done);
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

 private:
  void OnData(InputBuffer& input) override;
  void OnEnd() override;
  void OnFailed(int error) override;

  void Fail(const std::string& cause);
  void Finish(const absl::Status& result);

  const Codec& codec_;
  std::vector<HandshakeStep> steps_;  // the last one is the probe itself
  size_t answered_ = 0;
  std::string reply_;  // to steps_[answered_], as far as it came
  std::unique_ptr<ReplyParser> parser_;
  Done done_;
  std::unique_ptr<Stream> stream_;
  Timer deadline_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_PROBE_H_
