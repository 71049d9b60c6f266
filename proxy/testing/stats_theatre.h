// Traffic that is played once with nutcracker and once with the proxy, and what their
// statistics say of it.
#ifndef KEYWAY_PROXY_TESTING_STATS_THEATRE_H_
#define KEYWAY_PROXY_TESTING_STATS_THEATRE_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/testing/fake_server.h"
#include "proxy/testing/flat_json.h"
#include "proxy/testing/party.h"
#include "proxy/testing/stage.h"
#include "proxy/testing/wire.h"

namespace keyway {

// A field that is not the same in both, with the values it then has: "*" is any, "+"
// any but 0.
struct Difference {
  std::string_view field;
  std::string_view nutcracker;
  std::string_view ours;
  std::string_view reason;
};

class Theatre;

struct Act {
  std::string name;
  Protocol protocol = Protocol::kRedis;
  std::string settings = {};  // of the pool
  bool unix_listener = false;
  // Those whose name begins with "dead" are not there, with "unix" are unix sockets, with
  // "nameless" have a host that nobody knows.
  std::vector<std::string> servers;
  std::function<void(Theatre&)> play;
  FlatJson settled = {};  // fields by which one sees that all has been counted
  std::vector<Difference> differences = {};
};

// One pool "p" over fake servers, and its clients.
class Theatre {
 public:
  Theatre(const Act& act, const std::string& path, std::vector<std::string> arguments);
  ~Theatre();

  Party& Connect();
  // Sends, and takes so many replies.
  std::string Ask(Party& client, std::string_view requests, size_t replies = 1);
  // The same for what nutcracker closes the client for, and ours answers.
  void AskWrongly(Party& client, std::string_view request);
  // The client says that it ends, and waits for the proxy's end.
  void End(Party& client);
  // The client is gone without a word.
  void CloseAtOnce(Party& client);
  // A client that is gone with a reset, once the server "one" has its requests.
  void ComeAndReset(const std::string& requests);

  // From now on servers answer these commands with that.
  void SetAnswer(const std::string& command, std::string answer);
  // Waits until that server has had so many bytes of requests.
  void AwaitRequests(const std::string& server, size_t bytes);
  // The connection that the server accepted last.
  Party& LastOf(const std::string& server);
  // The server takes no more of what is sent to it on that connection.
  void StopReading(const std::string& server) { LastOf(server).SetReading(false); }

  // The statistics once all has been counted.
  FlatJson Settle();
  // The statistics once they have these fields, and all clients that are gone.
  FlatJson Await(const FlatJson& settled);

 private:
  std::string Answer(const std::string& server, const std::vector<std::string>& words);
  bool Reached(const FlatJson& fields, const FlatJson& settled) const;
  std::string LineOf(const std::string& server);
  Address AddressOf(const std::string& name);
  Address PoolAddress() { return AddressOf(act_.unix_listener ? "unix_pool" : "p"); }
  void AwaitUnixListener();

  const Act& act_;
  KernelStage stage_;
  std::string folder_;
  std::map<std::string, std::string> answers_;
  std::map<std::string, std::unique_ptr<FakeServer>> servers_;
  std::vector<std::unique_ptr<Party>> parties_;
  int clients_made_ = 1;  // the look whether it listens
  int clients_ = 0;
};

// Requests of Redis for this key, and for so many different keys, which lie on all servers.
std::string Get(const std::string& key);
std::string Gets(int count);

// Plays the act with both programs, and compares each field of nutcracker's.
void ExpectSameStats(const Act& act);

// Acts as the parameters of a test.
template <size_t count>
std::vector<const Act*> Program(const Act (&acts)[count]) {
  std::vector<const Act*> program;
  for (const Act& act : acts) program.push_back(&act);
  return program;
}
std::string ActName(const ::testing::TestParamInfo<const Act*>& test);

}  // namespace keyway

#endif  // KEYWAY_PROXY_TESTING_STATS_THEATRE_H_
