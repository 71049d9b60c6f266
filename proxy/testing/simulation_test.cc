// The whole proxy under chance: clients that pipeline, hesitate and go away, servers that
// are slow, fail, break off and come back, sockets that take little and give less. Each
// seed is a world of its own, and always the same one.
//
// What holds in all of them: every request has one reply, in the order of the requests,
// and it is the right one or an error; nobody sees a byte of another's; a request reaches
// a server at most once and whole; counters add up; memory is bounded and comes back.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/testing/fake_stage.h"
#include "proxy/testing/party.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;

constexpr uint64_t kSeeds = 150;
constexpr uint64_t kSeedsPerTest = 15;
constexpr size_t kClients = 6;
constexpr Duration kBusyTime = std::chrono::seconds(3);

// Long enough for every timeout, probe and stalled client to come to its end.
constexpr Duration kHealTime = std::chrono::seconds(60);

// What the proxy and all parties together may hold at any time. The requests and
// replies of a world come to more.
constexpr size_t kMaxBytes = 24 * 1024 * 1024;

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  // From 0 to below `limit`.
  size_t Below(size_t limit) { return engine_() % limit; }
  bool OneIn(size_t count) { return Below(count) == 0; }
  Duration UpTo(milliseconds limit) {
    return milliseconds(Below(static_cast<size_t>(limit.count()) + 1));
  }

 private:
  std::mt19937_64 engine_;
};

uint32_t Digest(std::string_view text) {
  uint32_t hash = 2166136261;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619;
  return hash;
}

// What the servers hold: a function of the key, so that whose value it is can be seen.
bool Exists(std::string_view key) { return Digest(key) % 7 != 0; }
std::string ValueOf(const std::string& key) {
  const uint32_t digest = Digest(key);
  size_t size = digest % 100;
  if (digest % 40 == 1) size = 5000 + digest % 60000;
  if (digest % 600 == 2) size = kStreamBytes + digest % 100000;
  std::string value = "of " + key;
  while (value.size() < size) value += value;
  return value;
}

std::string Bulk(const std::string& text) {
  return absl::StrFormat("$%d\r\n", text.size()) + text + "\r\n";
}

// What a server answers when all is well; of a merged request, what all of them together
// do.
std::string RightReply(Protocol protocol, const std::vector<std::string>& words) {
  const std::string& command = words[0];
  if (protocol == Protocol::kMemcache) {
    if (command == "set") return "STORED\r\n";
    if (command == "delete") return "DELETED\r\n";
    if (command == "broken") {
      return "SERVER_ERROR the binary protocol is not supported, use the text protocol\r\n";
    }
    if (command != "get") return "ERROR\r\n";
    std::string reply;
    for (size_t i = 1; i < words.size(); ++i) {
      if (!Exists(words[i])) continue;
      const std::string value = ValueOf(words[i]);
      reply += absl::StrFormat("VALUE %s 0 %d\r\n", words[i], value.size()) + value + "\r\n";
    }
    return reply + "END\r\n";
  }
  const auto value = [](const std::string& key) {
    return Exists(key) ? Bulk(ValueOf(key)) : std::string("$-1\r\n");
  };
  if (command == "ping") return "+PONG\r\n";
  if (command == "quit") return "+OK\r\n";
  if (command == "broken") return "-ERR Protocol error: invalid bulk length\r\n";
  if (command == "get") return value(words[1]);
  if (command == "set" || command == "mset") return "+OK\r\n";
  if (command == "del") return absl::StrFormat(":%d\r\n", words.size() - 1);
  if (command != "mget") return absl::StrFormat("-ERR unknown command '%s'\r\n", command);
  std::string reply = absl::StrFormat("*%d\r\n", words.size() - 1);
  for (size_t i = 1; i < words.size(); ++i) reply += value(words[i]);
  return reply;
}

// Faults that servers commit now and then; 0: never.
struct Faults {
  size_t error_one_in = 0;  // answers a request with an error
  size_t slow_one_in = 0;   // takes longer than any timeout
  size_t cut_one_in = 0;    // breaks off within a reply
  size_t bad_one_in = 0;    // answers what is no reply at all
  bool death = false;       // dies, and comes back
};

struct World {
  explicit World(uint64_t world_seed);

  const uint64_t seed;
  Random random;
  Protocol protocol;
  Faults faults;
  bool healing = false;  // no more faults
  bool leavers = false;  // clients go away in the middle
  size_t servers;
  FakeStage stage;
  std::set<std::string> seen_keys;  // by servers
  size_t cuts = 0;                  // replies broken off

  FakeLoop& loop() { return stage.loop(); }
  std::string Config();
};

FakeLoop::Options LoopOptions(uint64_t seed) {
  Random random(seed * 7919);
  return {.socket_bytes = random.OneIn(2) ? 256 * 1024 : 500 + random.Below(20000),
          .max_read_bytes = random.OneIn(2) ? 0 : 100 + random.Below(5000),
          .shuffle = true,
          .seed = seed};
}

World::World(uint64_t world_seed)
    : seed(world_seed),
      random(world_seed),
      protocol(random.OneIn(3) ? Protocol::kMemcache : Protocol::kRedis),
      servers(1 + random.Below(4)),
      stage(LoopOptions(world_seed), 1 + world_seed % 3) {
  for (size_t* fault :
       {&faults.error_one_in, &faults.slow_one_in, &faults.cut_one_in, &faults.bad_one_in}) {
    if (random.OneIn(2)) *fault = 10 + random.Below(100);
  }
  faults.death = random.OneIn(2);
  leavers = random.OneIn(2);
}

std::string World::Config() {
  std::string config =
      absl::StrFormat("world:\n  listen: 127.0.0.1:%d\n  redis: %s\n", stage.PortOf("pool"),
                      protocol == Protocol::kRedis ? "true" : "false");
  if (random.OneIn(2)) config += "  timeout: 150\n";
  if (random.OneIn(2)) config += "  auto_eject_hosts: true\n  server_failure_limit: 1\n";
  if (random.OneIn(2)) config += "  server_connections: 3\n";
  if (random.OneIn(2)) config += "  preconnect: true\n";
  absl::StrAppendFormat(&config, "  server_retry_timeout: %d\n  servers:\n",
                        50 + random.Below(500));
  for (size_t i = 1; i <= servers; ++i) {
    absl::StrAppendFormat(&config, "   - 127.0.0.1:%d:1 s%d\n",
                          stage.PortOf("s" + std::to_string(i)), i);
  }
  return config;
}

// Answers in order, each when its time has come, and commits faults.
class SimServer {
 public:
  SimServer(World& world, const std::string& name)
      : world_(world),
        host_(world.loop(), world.stage.AddressOf(name), [this](Party& party) { Serve(party); }) {
    NextPeriod();
  }

  size_t requests() const { return requests_; }

 private:
  struct Answer {
    Party* to;
    Time due;
    std::string bytes;
    bool then_close;
  };

  bool Fault(size_t one_in) {
    return !world_.healing && one_in != 0 && world_.random.OneIn(one_in);
  }
  void Serve(Party& party);
  Answer Decide(Party& party, const std::vector<std::string>& words);
  void Check(const std::vector<std::string>& words);
  void Deliver();
  void NextPeriod();

  World& world_;
  std::deque<Answer> answers_;  // of all connections, as one thread would give them
  Time busy_until_ = {};
  size_t requests_ = 0;
  bool down_ = false;
  Timer next_;
  Timer period_;
  Host host_;
};

void SimServer::Serve(Party& party) {
  // What comes behind a reply that was broken off is not answered.
  if (!party.sending()) party.Take(party.received().size());
  while (const size_t size = RequestSize(world_.protocol, party.received())) {
    const std::string request = party.received().substr(0, size);
    party.Take(size);
    ++requests_;
    const std::vector<std::string> words = RequestWords(world_.protocol, request);
    Check(words);
    answers_.push_back(Decide(party, words));
    busy_until_ = answers_.back().due;
  }
  if (party.ended()) {
    party.Close();
    std::erase_if(answers_, [&](const Answer& answer) { return answer.to == &party; });
  }
  Deliver();
}

// What comes here must be what some client sent, whole, and must come only once.
void SimServer::Check(const std::vector<std::string>& words) {
  static const std::set<std::string> kKnown = {"get",  "set",  "del",  "delete",
                                               "mget", "mset", "PING", "version"};
  ASSERT_TRUE(kKnown.contains(words[0])) << words[0];
  if (words[0] == "PING" || words[0] == "version") return;
  const bool memcache = world_.protocol == Protocol::kMemcache;
  const bool has_values = words[0] == "set" || words[0] == "mset";
  const size_t keys_end = memcache && has_values ? 2 : words.size();
  for (size_t i = 1; i < keys_end; ++i) {
    const std::string& key = words[i];
    EXPECT_TRUE(world_.seen_keys.insert(key).second) << key << " came twice";
    if (!has_values) continue;
    EXPECT_EQ(ValueOf(key), memcache ? words.back() : words[++i]);
  }
}

SimServer::Answer SimServer::Decide(Party& party, const std::vector<std::string>& words) {
  const bool probe = words[0] == "PING" || words[0] == "version";
  Answer answer{.to = &party,
                .due = std::max(busy_until_, world_.loop().Now()),
                .bytes = RightReply(world_.protocol, words),
                .then_close = false};
  if (words[0] == "PING") answer.bytes = "+PONG\r\n";
  if (words[0] == "version") answer.bytes = "VERSION 1\r\n";
  if (!world_.healing && world_.random.OneIn(3)) answer.due += world_.random.UpTo(milliseconds(20));
  if (Fault(world_.faults.slow_one_in)) answer.due += milliseconds(200);
  if (probe) return answer;
  if (Fault(world_.faults.error_one_in)) {
    answer.bytes =
        (world_.protocol == Protocol::kRedis ? "-ERR no " : "SERVER_ERROR no ") + words[1] + "\r\n";
  } else if (Fault(world_.faults.cut_one_in)) {
    answer.bytes.resize(world_.random.Below(answer.bytes.size()));
    answer.then_close = true;
    ++world_.cuts;
  } else if (Fault(world_.faults.bad_one_in)) {
    answer.bytes = "what?\r\n";
  }
  return answer;
}

void SimServer::Deliver() {
  while (!answers_.empty() && answers_.front().due <= world_.loop().Now()) {
    const Answer answer = std::move(answers_.front());
    answers_.pop_front();
    answer.to->Send(answer.bytes);
    if (!answer.then_close) continue;
    answer.to->SendEnd();
    std::erase_if(answers_, [&](const Answer& other) { return other.to == answer.to; });
  }
  next_ = Timer();
  if (answers_.empty()) return;
  next_ = world_.loop().After(answers_.front().due - world_.loop().Now(), [this] { Deliver(); });
}

void SimServer::NextPeriod() {
  const auto longest = milliseconds(down_ ? 100 : 500);
  period_ = world_.loop().After(milliseconds(20) + world_.random.UpTo(longest), [this] {
    if (down_) {
      host_.Listen();
      down_ = false;
    } else if (world_.faults.death && Fault(4)) {
      host_.Refuse();
      answers_.clear();
      down_ = true;
    }
    if (down_ || !world_.healing) NextPeriod();
  });
}

struct SimRequest {
  std::vector<std::string> words;
  std::string bytes;
  bool replied = true;  // not noreply
};

// Sends requests in pieces, now and then stops reading, and holds each reply against
// its request.
class SimClient {
 public:
  SimClient(World& world, size_t number)
      : world_(world), number_(number), left_(20 + world.random.Below(150)) {
    Act();
  }

  // All that was asked is answered.
  void ExpectComplete() const;

  size_t sent() const { return sent_; }
  size_t replies() const { return replies_; }
  size_t failures() const { return failures_; }
  bool left_early() const { return left_early_; }

 private:
  void Act();
  void SendSome();
  void SayGoodbye();
  void ActLater() {
    next_ = world_.loop().After(world_.random.UpTo(milliseconds(30)), [this] { Act(); });
  }
  SimRequest MakeRequest();
  std::string NewKey() { return absl::StrFormat("c%d:%d", number_, ++keys_made_); }
  void OnChanged();
  void Check(const SimRequest& request, const std::string& reply);

  World& world_;
  const size_t number_;
  size_t left_;  // requests still to be sent
  size_t sent_ = 0;
  size_t replies_ = 0;
  size_t failures_ = 0;  // replies that say that a server failed
  size_t keys_made_ = 0;
  std::string unsent_;  // the rest of a request of which a piece was sent
  std::deque<SimRequest> waiting_;
  bool reading_ = true;
  bool left_early_ = false;
  bool goodbye_ = false;  // the proxy is to close
  Timer next_;
  std::unique_ptr<Party> party_;
};

SimRequest SimClient::MakeRequest() {
  Random& random = world_.random;
  SimRequest request;
  std::vector<std::string> keys;
  for (size_t i = random.OneIn(3) ? 1 + random.Below(8) : 1; i != 0; --i) keys.push_back(NewKey());
  if (world_.protocol == Protocol::kRedis) {
    static const char* const kCommands[] = {"get",  "get",  "set",  "del",
                                            "mget", "mset", "ping", "nosuch"};
    const std::string command = kCommands[random.Below(std::size(kCommands))];
    request.words = {command};
    if (command == "ping") keys.clear();
    if (command == "get" || command == "set") keys.resize(1);
    for (const std::string& key : keys) {
      request.words.push_back(key);
      if (command == "set" || command == "mset") request.words.push_back(ValueOf(key));
    }
    request.bytes = Resp(request.words);
    return request;
  }
  static const char* const kCommands[] = {"get", "get", "set", "delete", "nosuch"};
  const std::string command = kCommands[random.Below(std::size(kCommands))];
  if (command != "get") keys.resize(1);
  request.words = {command};
  request.words.insert(request.words.end(), keys.begin(), keys.end());
  request.bytes = command;
  for (const std::string& key : keys) request.bytes += " " + key;
  if (command == "set") {
    const std::string value = ValueOf(keys[0]);
    request.replied = !random.OneIn(4);
    absl::StrAppendFormat(&request.bytes, " 0 0 %d%s\r\n", value.size(),
                          request.replied ? "" : " noreply");
    request.bytes += value;
  }
  request.bytes += "\r\n";
  return request;
}

void SimClient::Act() {
  Random& random = world_.random;
  if (party_ == nullptr || (party_->ended() && left_ != 0)) {
    party_ = std::make_unique<Party>(world_.loop(), world_.stage.AddressOf("pool"),
                                     [this](Party&) { OnChanged(); });
    reading_ = true;
  }
  if (party_->ended()) return;
  if (world_.leavers && random.OneIn(60)) {
    left_early_ = true;
    waiting_.clear();
    party_->Close();
    return;
  }
  if (!reading_ || random.OneIn(20)) party_->SetReading(reading_ = !reading_);
  SendSome();
  if (left_ != 0 || !unsent_.empty() || !reading_) {
    ActLater();
  } else {
    SayGoodbye();
  }
}

// The proxy closes after each of these but the last, when all replies are there.
void SimClient::SayGoodbye() {
  const bool redis = world_.protocol == Protocol::kRedis;
  switch (world_.random.Below(4)) {
    case 0:
      party_->SendEnd();
      break;
    case 1:
      if (redis) waiting_.push_back({.words = {"quit"}, .bytes = Resp({"quit"})});
      ++sent_;
      party_->Send(redis ? Resp({"quit"}) : "quit\r\n");
      break;
    case 2:
      // Breaks the protocol.
      waiting_.push_back({.words = {"broken"}, .bytes = redis ? "*1\r\n$-5\r\n" : "\x80"});
      party_->Send(waiting_.back().bytes + "what stands behind it");
      break;
    default:
      return;
  }
  goodbye_ = true;
}

void SimClient::SendSome() {
  Random& random = world_.random;
  std::string bytes = std::exchange(unsent_, {});
  for (size_t i = std::min(left_, random.OneIn(3) ? random.Below(40) : random.Below(3)); i != 0;
       --i) {
    SimRequest request = MakeRequest();
    bytes += request.bytes;
    --left_;
    ++sent_;
    if (request.replied) waiting_.push_back(std::move(request));
  }
  if (random.OneIn(2)) {
    const size_t now = random.Below(bytes.size() + 1);
    unsent_ = bytes.substr(now);
    bytes.resize(now);
  }
  party_->Send(bytes);
}

void SimClient::OnChanged() {
  while (const size_t size = ReplySize(world_.protocol, party_->received())) {
    const std::string reply = party_->received().substr(0, size);
    party_->Take(size);
    ++replies_;
    ASSERT_FALSE(waiting_.empty()) << "a reply to nobody: " << reply;
    Check(waiting_.front(), reply);
    waiting_.pop_front();
  }
  if (!party_->ended()) return;
  // Only a reply that a server broke off may cost a client its connection.
  if (world_.cuts == 0) ExpectComplete();
  party_->Take(party_->received().size());
  waiting_.clear();
  unsent_.clear();
}

void SimClient::Check(const SimRequest& request, const std::string& reply) {
  if (reply == RightReply(world_.protocol, request.words)) return;
  const bool error = reply.starts_with("-ERR ") || reply.starts_with("SERVER_ERROR ");
  // A server's own error names the key that it was made for.
  bool names_key = false;
  for (const std::string& word : request.words) {
    names_key = names_key || reply.find(" no " + word + "\r") != reply.npos ||
                reply.find(" no " + word + " ") != reply.npos;
  }
  const bool names_server =
      reply.find("server s") != reply.npos || reply.find("no server of") != reply.npos;
  EXPECT_TRUE(error && (names_key || (names_server && reply.find(" no c") == reply.npos)))
      << request.bytes.substr(0, 300) << " was answered " << reply.substr(0, 300);
  if (!names_key && reply.find("unexpected reply to '") == reply.npos) ++failures_;
}

void SimClient::ExpectComplete() const {
  EXPECT_TRUE(waiting_.empty()) << waiting_.size() << " requests of client " << number_
                                << " have no reply, from " << waiting_.front().bytes.substr(0, 100);
  EXPECT_TRUE(left_early_ || party_->received().empty());
  EXPECT_TRUE(!goodbye_ || party_->ended()) << "client " << number_ << " was not closed";
}

struct Totals {
  int64_t requests = 0, forward_errors = 0, clients = 0, queued = 0, leases = 0;
};

Totals AddUp(const Server& server) {
  Totals totals;
  for (const auto& worker : server.stats()) {
    for (const auto& pool : worker->pools) {
      totals.requests += pool->requests.value();
      totals.forward_errors += pool->forward_error.value();
      totals.clients += pool->client_connections.value();
      for (const ServerStats& stats : pool->servers) {
        totals.queued += stats.in_queue.value() + stats.in_queue_bytes.value() +
                         stats.out_queue.value() + stats.out_queue_bytes.value();
        totals.leases += stats.leases.value();
      }
    }
  }
  return totals;
}

void RunWorld(uint64_t seed) {
  World world(seed);
  std::vector<std::unique_ptr<SimServer>> servers;
  for (size_t i = 1; i <= world.servers; ++i) {
    servers.push_back(std::make_unique<SimServer>(world, "s" + std::to_string(i)));
  }
  world.stage.StartProxy(world.Config(), {});
  std::vector<std::unique_ptr<SimClient>> clients;
  for (size_t i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<SimClient>(world, i));
  }
  for (Duration passed{}; passed < kBusyTime; passed += milliseconds(10)) {
    world.stage.Pass(milliseconds(10));
    ASSERT_LT(world.loop().blocks().bytes_in_use(), kMaxBytes);
  }
  world.healing = true;
  world.stage.Pass(kHealTime);

  size_t sent = 0, failures = 0;
  bool undisturbed = true;
  for (const auto& client : clients) {
    client->ExpectComplete();
    sent += client->sent();
    failures += client->failures();
    undisturbed = undisturbed && !client->left_early() && world.cuts == 0;
  }
  const Totals totals = AddUp(world.stage.server());
  EXPECT_EQ(0, totals.queued);
  EXPECT_EQ(0, totals.leases);
  if (undisturbed) {
    EXPECT_EQ(static_cast<int64_t>(sent), totals.requests);
    EXPECT_EQ(static_cast<int64_t>(failures), totals.forward_errors);
  }
  clients.clear();
  world.stage.Pass(kHealTime);
  EXPECT_EQ(0, AddUp(world.stage.server()).clients);
  servers.clear();
  world.stage.StopProxy();
  world.loop().RunUntilIdle();
  EXPECT_EQ(0u, world.loop().blocks().bytes_in_use());
}

// The seeds of some worlds: a test each, so that they can be shared out.
struct Worlds {
  uint64_t first;
  uint64_t last;
};

// KEYWAY_SEED=17 in the environment means that world alone.
std::vector<Worlds> AllWorlds() {
  if (const char* only = std::getenv("KEYWAY_SEED")) {
    const uint64_t seed = std::strtoull(only, nullptr, 10);
    return {{seed, seed}};
  }
  std::vector<Worlds> all;
  for (uint64_t first = 1; first <= kSeeds; first += kSeedsPerTest) {
    all.push_back({first, std::min(first + kSeedsPerTest - 1, kSeeds)});
  }
  return all;
}

std::string NameOf(const ::testing::TestParamInfo<Worlds>& test) {
  return absl::StrFormat("From%dTo%d", test.param.first, test.param.last);
}

class SimulationTest : public ::testing::TestWithParam<Worlds> {};

TEST_P(SimulationTest, TheInvariantsHoldInEveryWorld) {
  for (uint64_t seed = GetParam().first; seed <= GetParam().last; ++seed) {
    SCOPED_TRACE("KEYWAY_SEED=" + std::to_string(seed));
    RunWorld(seed);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(All, SimulationTest, ::testing::ValuesIn(AllWorlds()), NameOf);

}  // namespace
}  // namespace keyway
