// Servers that answer by themselves, on any event loop.
#ifndef KEYWAY_PROXY_TESTING_FAKE_SERVER_H_
#define KEYWAY_PROXY_TESTING_FAKE_SERVER_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/net/event_loop.h"
#include "proxy/testing/party.h"
#include "proxy/testing/wire.h"

namespace keyway {

// Answers each complete request at once.
class FakeServer {
 public:
  // The reply to the request with these words; may be empty.
  using Answer = std::function<std::string(const std::vector<std::string>& words)>;

  FakeServer(EventLoop& loop, Protocol protocol, const Address& address, Answer answer);

  Host& host() { return host_; }
  // The bytes of all requests so far.
  const std::string& requests() const { return requests_; }
  void ForgetRequests() { requests_.clear(); }

 private:
  void Serve(Party& client);

  const Protocol protocol_;
  const Answer answer_;
  std::string requests_;
  Host host_;
};

// What the server called `id` answered when the transcripts in testdata/vectors were
// recorded; see the README there.
std::string RecordedAnswer(Protocol protocol, std::string_view id,
                           const std::vector<std::string>& words);

}  // namespace keyway

#endif  // KEYWAY_PROXY_TESTING_FAKE_SERVER_H_
