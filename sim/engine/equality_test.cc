// The simulator beside real proxies: random pools of real servers, filled through nutcracker
// and through Keyway. Every server has the keys that the simulator says, and no others.
//
// Every run draws other pools and prints its seed. For many keys:
//
//     bazel test --config=opt //sim/engine:equality_test --test_env=KEYWAY_POOLS=24
//         --test_env=KEYWAY_KEYS=100000 --test_timeout=3600 --test_output=streamed

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "hashing/hash.h"
#include "proxy/config/parse.h"
#include "proxy/testing/both_programs.h"
#include "proxy/testing/client.h"
#include "proxy/testing/process.h"
#include "proxy/testing/seed.h"
#include "sim/engine/experiment.h"
#include "sim/engine/pool_experiment.h"
#include "sim/source/open/open.h"

namespace keyway::sim {
namespace {

// From the environment, for runs that take their time.
size_t Setting(const char* name, size_t otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

class Draw {
 public:
  explicit Draw(uint32_t seed) : random_(seed) {}

  size_t Below(size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
  }

  // Of a pool, but for its servers.
  std::string Settings() {
    const auto hashes = hashing::AllHashes();
    const size_t twemproxys =
        static_cast<size_t>(std::ranges::count(hashes, true, &hashing::HashFunction::twemproxy));
    constexpr std::string_view kTags[] = {"", "  hash_tag: \"{}\"\n", "  hash_tag: \"::\"\n"};
    return absl::StrFormat("  hash: %s\n  distribution: %s\n%s", hashes[Below(twemproxys)].name,
                           Below(3) == 0 ? "modula" : "ketama", kTags[Below(std::size(kTags))]);
  }

  // Texts that all servers take, with tags in some.
  std::set<std::string> Keys(size_t count) {
    std::set<std::string> keys;
    while (keys.size() < count) {
      std::string key;
      const size_t size = 1 + Below(Below(8) == 0 ? 100 : 20);
      while (key.size() < size) key += static_cast<char>(33 + Below(94));
      if (Below(3) == 0) key = absl::StrFormat("user:{%d}:%s", Below(count), key);
      keys.insert(std::move(key));
    }
    return keys;
  }

 private:
  std::mt19937 random_;
};

// Servers of one protocol with nothing in them.
template <class ServerProcess>
class Servers {
 public:
  static constexpr bool kRedis = std::is_same_v<ServerProcess, RedisServer>;

  explicit Servers(size_t count) {
    for (size_t i = 0; i < count; ++i) servers_.push_back(std::make_unique<ServerProcess>());
  }

  // With random names and weights.
  std::string Config(Draw& draw, uint16_t port) const {
    std::string text = absl::StrFormat("p:\n  listen: 127.0.0.1:%d\n  redis: %s\n%s  servers:\n",
                                       port, kRedis ? "true" : "false", draw.Settings());
    const bool named = draw.Below(2) == 0, weighted = draw.Below(2) == 0;
    for (size_t i = 0; i < servers_.size(); ++i) {
      const std::string name = named ? absl::StrFormat(" cache%d", 8 + i) : "";
      absl::StrAppendFormat(&text, "   - 127.0.0.1:%d:%d%s\n", servers_[i]->port(),
                            weighted ? 1 + draw.Below(5) : 1, name);
    }
    return text;
  }

  static void Set(uint16_t port, const std::set<std::string>& keys) {
    constexpr size_t kAtATime = 500;
    Client client(port);
    for (auto next = keys.begin(); next != keys.end();) {
      std::string requests;
      size_t count = 0;
      for (; count < kAtATime && next != keys.end(); ++count, ++next) {
        requests += kRedis ? Resp({"SET", *next, "v"}) : "set " + *next + " 0 0 1\r\nv\r\n";
      }
      client.Send(requests);
      for (const std::string& reply :
           client.ReadReplies(kRedis ? Protocol::kRedis : Protocol::kMemcache, count)) {
        ASSERT_EQ(kRedis ? "+OK\r\n" : "STORED\r\n", reply);
      }
    }
  }

  // All keys of one of them.
  std::unique_ptr<Source> KeysOf(size_t server) const {
    return MustOpen(absl::StrFormat("%s://127.0.0.1:%d", kRedis ? "redis" : "memcached",
                                    servers_[server]->port()),
                    "");
  }

  static std::unique_ptr<Source> MustOpen(const std::string& text, const std::string& format) {
    absl::StatusOr<std::unique_ptr<Source>> source = OpenSource(text, {.format = format});
    EXPECT_TRUE(source.ok()) << source.status();
    return *std::move(source);
  }

 private:
  std::vector<std::unique_ptr<ServerProcess>> servers_;
};

Experiment ExperimentOfConfig(const std::string& config) {
  const ParsedConfig parsed = ParseConfig(config, "pool.yml");
  EXPECT_TRUE(parsed.ok()) << parsed.Report();
  return ExperimentOfPool(parsed.config.pools.at(0));
}

std::vector<Counts> CountsOf(const Experiment& experiment, std::unique_ptr<Source> source) {
  std::vector<std::unique_ptr<Source>> sources;
  sources.push_back(std::move(source));
  const absl::StatusOr<Outcome> outcome = sim::Run(experiment, std::move(sources), {});
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  return outcome->tally.scenarios[0].servers;
}

class EqualityTest : public BothProgramsTest {
 protected:
  // Returns how many keys are not where the simulator has them.
  template <class ServerProcess>
  uint64_t Differences(Draw& draw, size_t key_count) const {
    const size_t count = 2 + draw.Below(5);
    const Servers<ServerProcess> servers(count);
    const FreePort port;
    const std::string config = servers.Config(draw, port.number());
    SCOPED_TRACE(config);
    const std::set<std::string> keys = draw.Keys(key_count);
    {
      const auto proxy = Start(config, {port.number()});
      servers.Set(port.number(), keys);
    }

    const std::string list = ::testing::TempDir() + "equality.keys";
    {
      std::ofstream lines(list);
      for (const std::string& key : keys) lines << key << '\n';
    }
    const Experiment experiment = ExperimentOfConfig(config);
    const std::vector<Counts> expected = CountsOf(experiment, servers.MustOpen(list, "list"));
    uint64_t differences = 0;
    for (size_t server = 0; server < count; ++server) {
      // Of the keys that are there, each belongs there; and there are as many as belong.
      const std::vector<Counts> there = CountsOf(experiment, servers.KeysOf(server));
      for (size_t other = 0; other < count; ++other) {
        if (other != server) differences += there[other].keys;
      }
      EXPECT_EQ(there[server].keys, expected[server].keys) << "server " << server;
      differences += there[server].keys != expected[server].keys;
    }
    return differences;
  }
};

TEST_P(EqualityTest, EveryServerHasTheKeysThatTheSimulatorSays) {
  const uint32_t seed = SeedOfThisRun();
  const size_t pools = Setting("KEYWAY_POOLS", 4), keys = Setting("KEYWAY_KEYS", 3000);
  absl::PrintF("seed %d\n", seed);
  Draw draw(seed);
  uint64_t differences = 0;
  for (size_t pool = 0; pool < pools; ++pool) {
    differences +=
        pool % 2 == 0 ? Differences<RedisServer>(draw, keys) : Differences<Memcached>(draw, keys);
    ASSERT_FALSE(HasFailure());
  }
  absl::PrintF("%d pools of %d keys: %d differences\n", pools, keys, differences);
  EXPECT_EQ(differences, 0u);
}

INSTANTIATE_TEST_SUITE_P(Programs, EqualityTest, BothPrograms(), ProgramName);

}  // namespace
}  // namespace keyway::sim
