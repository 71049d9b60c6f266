// The real nutcracker and this library, side by side: random pools, random keys, and the
// server that nutcracker sends each key to is the one that Placement names.
//
// Every run draws other pools and prints its seed, with which it can be repeated:
//
//     bazel test //hashing:nutcracker_test --test_arg=--gtest_random_seed=SEED
//
// The ports of the servers are part of some names and differ even so.

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <memory>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "hashing/placement.h"
#include "proxy/testing/fake_server.h"
#include "proxy/testing/party.h"
#include "proxy/testing/process.h"
#include "proxy/testing/seed.h"
#include "proxy/testing/stage.h"
#include "proxy/testing/wire.h"

namespace keyway::hashing {
namespace {

constexpr size_t kKeysPerPool = 400;
constexpr size_t kServers = 40;

// One pool of nutcracker's, and the same for Placement. Members are in the file's order.
struct Pool {
  std::string name;
  PlacementOptions options = {};
  std::vector<Member> members = {};
  std::vector<size_t> servers = {};  // by member: its number
  std::string text = "";             // of the file
};

class PoolMaker {
 public:
  // The members of all pools are the servers on these ports.
  PoolMaker(uint32_t seed, std::vector<uint16_t> ports) : random_(seed), ports_(std::move(ports)) {}

  // With random servers, names, weights and tag.
  Pool Make(PlacementOptions options, const std::string& name, uint16_t port) {
    constexpr std::string_view kTags[] = {"", "{}", "$$", "[]", "::", ""};
    options.hash_tag = kTags[Below(std::size(kTags))];
    Pool pool = {.name = name, .options = std::move(options)};
    AddMembers(pool);

    pool.text = absl::StrFormat(
        "%s:\n  listen: 127.0.0.1:%d\n  redis: true\n  hash: %s\n  distribution: %s\n", pool.name,
        port, pool.options.hash, pool.options.distribution);
    if (!pool.options.hash_tag.empty()) {
      pool.text += absl::StrFormat("  hash_tag: \"%s\"\n", pool.options.hash_tag);
    }
    pool.text += "  servers:\n";
    for (size_t member = 0; member < pool.members.size(); ++member) {
      const std::string address = Address(pool.servers[member]);
      const Member& named = pool.members[member];
      pool.text += absl::StrFormat("   - \"%s:%d%s\"\n", address, named.weight,
                                   named.name == address ? "" : " " + named.name);
    }
    return pool;
  }

  // Short and long ones, of any bytes, with tags here and there; and the empty key.
  std::vector<std::string> Keys(const std::string& tag) {
    std::vector<std::string> keys = {"", tag, "placeholder"};
    while (keys.size() < kKeysPerPool) {
      std::string key = Bytes(Below(Below(4) == 0 ? 200 : 24));
      if (!tag.empty() && Below(2) == 0) {
        key.insert(Below(key.size() + 1), 1, tag[0]);
        key.insert(Below(key.size() + 1), 1, tag[1]);
      }
      keys.push_back(std::move(key));
    }
    return keys;
  }

 private:
  enum NameStyle { kUnnamed, kNumbered, kMixed, kLong, kNameStyles };

  size_t Below(size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
  }

  // Text for every other key, any bytes for the rest.
  std::string Bytes(size_t size) {
    std::string bytes;
    const bool text = Below(2) == 0;
    while (bytes.size() < size) bytes += static_cast<char>(text ? 33 + Below(94) : Below(256));
    return bytes;
  }

  std::string Address(size_t number) const {
    return absl::StrFormat("127.0.0.1:%d", ports_[number]);
  }

  std::string Name(NameStyle style, size_t number) {
    switch (style) {
      case kUnnamed:
      case kNameStyles:
        return Address(number);
      case kNumbered:
        return absl::StrFormat("server%d", number);
      case kMixed:
        return Below(2) == 0 ? Address(number) : absl::StrFormat("cach\u00e9-%x", number * 7919);
      case kLong:
        return absl::StrFormat("%s%d", std::string(Below(Below(8) == 0 ? 300 : 20), 'n'), number);
    }
    return "";
  }

  // Equal, small, large, and for the ring, where they cost nothing, huge.
  uint32_t Weight(size_t style) {
    constexpr size_t kLimits[] = {1, 5, 100, 50'000'000};
    return static_cast<uint32_t>(1 + Below(kLimits[style]));
  }

  void AddMembers(Pool& pool) {
    std::vector<size_t> numbers(ports_.size());
    std::iota(numbers.begin(), numbers.end(), size_t{0});
    std::shuffle(numbers.begin(), numbers.end(), random_);
    numbers.resize(2 + Below(ports_.size() - 1));
    const auto names = static_cast<NameStyle>(Below(kNameStyles));
    const size_t weights = Below(pool.options.distribution == "ketama" ? 4 : 3);
    for (const size_t number : numbers) {
      pool.servers.push_back(number);
      pool.members.push_back({.name = Name(names, number), .weight = Weight(weights)});
    }
  }

  std::mt19937 random_;
  const std::vector<uint16_t> ports_;
};

// A nutcracker with these pools, and Redis servers that answer with their numbers.
class Oracle {
 public:
  Oracle() : stage_(NutcrackerPath(), {}) {
    for (size_t number = 0; number < kServers; ++number) {
      servers_.push_back(std::make_unique<FakeServer>(stage_.loop(), Protocol::kRedis,
                                                      stage_.AddressOf(ServerName(number)),
                                                      [number](const std::vector<std::string>&) {
                                                        return absl::StrFormat(":%d\r\n", number);
                                                      }));
    }
  }

  std::vector<uint16_t> ServerPorts() {
    std::vector<uint16_t> ports;
    for (size_t number = 0; number < kServers; ++number) {
      ports.push_back(stage_.PortOf(ServerName(number)));
    }
    return ports;
  }

  // Where the pool of that name listens.
  uint16_t PortOf(const std::string& pool) { return stage_.PortOf(pool); }

  void Start(const std::vector<Pool>& pools) {
    std::string config;
    std::vector<uint16_t> ports;
    for (const Pool& pool : pools) {
      config += pool.text;
      ports.push_back(PortOf(pool.name));
    }
    stage_.StartProxy(config, ports);
  }

  // Asks for all the keys at once, and returns the numbers of who answered.
  std::vector<size_t> ServersOf(const std::string& pool, const std::vector<std::string>& keys) {
    Party client(stage_.loop(), stage_.AddressOf(pool), [this](Party&) { stage_.Changed(); });
    for (const std::string& key : keys) client.Send(Resp({"GET", key}));
    stage_.RunUntil([&] {
      return client.ended() || std::ranges::count(client.received(), '\n') == std::ssize(keys);
    });

    std::vector<size_t> numbers;
    std::istringstream replies(client.received());
    for (std::string reply; std::getline(replies, reply);) {
      size_t number = SIZE_MAX;
      std::from_chars(&reply[1], reply.data() + reply.size(), number);
      numbers.push_back(number);
    }
    return numbers;
  }

 private:
  static std::string ServerName(size_t number) { return absl::StrFormat("server %d", number); }

  KernelStage stage_;
  std::vector<std::unique_ptr<FakeServer>> servers_;
};

void ExpectSameServers(Oracle& oracle, const Pool& pool, const std::vector<std::string>& keys) {
  SCOPED_TRACE(pool.text);
  const absl::StatusOr<Placement> placement = Placement::Make(pool.options, pool.members);
  ASSERT_TRUE(placement.ok()) << placement.status();
  const std::vector<size_t> answers = oracle.ServersOf(pool.name, keys);
  ASSERT_EQ(answers.size(), keys.size());
  for (size_t index = 0; index < keys.size(); ++index) {
    ASSERT_EQ(pool.servers[placement->MemberFor(keys[index])], answers[index])
        << "for the key " << testing::PrintToString(keys[index]);
  }
}

TEST(NutcrackerTest, SendsKeysWherePlacementDoes) {
  const uint32_t seed = SeedOfThisRun();
  SCOPED_TRACE(absl::StrFormat("--gtest_random_seed=%d", seed));
  absl::PrintF("seed %d\n", seed);

  Oracle oracle;
  PoolMaker maker(seed, oracle.ServerPorts());
  std::vector<Pool> pools;
  for (const HashFunction& function : AllHashes()) {
    if (!function.twemproxy) continue;
    for (const std::string distribution : {"ketama", "modula", "ketama", "modula"}) {
      const std::string name = absl::StrFormat("pool%d", pools.size());
      pools.push_back(maker.Make({.hash = std::string(function.name), .distribution = distribution},
                                 name, oracle.PortOf(name)));
    }
  }
  ASSERT_EQ(pools.size(), 48u);

  oracle.Start(pools);
  for (const Pool& pool : pools) {
    ExpectSameServers(oracle, pool, maker.Keys(pool.options.hash_tag));
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace keyway::hashing
