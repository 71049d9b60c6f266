// The real nutcracker and the proxy put every key on the same server.
#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "proxy/testing/client.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

constexpr size_t kKeys = 5000;
constexpr size_t kServers = 3;

struct PoolCase {
  std::string name;
  std::string settings;
  std::vector<int> weights;
};

const PoolCase kPoolCases[] = {
    {"Defaults", "", {1, 1, 1}},
    {"KetamaWeights", "  hash: murmur\n  distribution: ketama\n", {1, 7, 3}},
    {"ModulaTags", "  hash: crc16\n  distribution: modula\n  hash_tag: \"{}\"\n", {2, 1, 1}},
    {"Hsieh", "  hash: hsieh\n  distribution: ketama\n  hash_tag: \"$$\"\n", {1, 1, 1}},
};

std::string Name(const ::testing::TestParamInfo<PoolCase>& test) { return test.param.name; }

// Keys as users have them, and as nobody should: any bytes, tags, the empty one.
std::vector<std::string> MakeKeys(bool text) {
  std::mt19937 random(20);
  std::set<std::string> keys;
  if (!text) keys.insert("");
  while (keys.size() < kKeys) {
    std::string key;
    switch (random() % 4) {
      case 0:
        key = absl::StrFormat("user:%d:profile", random() % 100000);
        break;
      case 1:
        key = absl::StrFormat("a{%d}b$%d$", random() % 500, random() % 500);
        break;
      case 2:
        key = absl::StrFormat("{}%d", random() % 100000);
        break;
      default:
        for (size_t size = 1 + random() % 40; size != 0; --size) {
          key += static_cast<char>(text ? '!' + random() % 94 : random() % 256);
        }
    }
    keys.insert(key);
  }
  return {keys.begin(), keys.end()};
}

std::string Config(const PoolCase& pool, bool redis, uint16_t port,
                   const std::vector<uint16_t>& servers) {
  std::string config = absl::StrFormat("p:\n  listen: 127.0.0.1:%d\n  redis: %s\n%s  servers:\n",
                                       port, redis ? "true" : "false", pool.settings);
  for (size_t i = 0; i < servers.size(); ++i) {
    absl::StrAppendFormat(&config, "   - 127.0.0.1:%d:%d server%d\n", servers[i], pool.weights[i],
                          i + 1);
  }
  return config;
}

class NutcrackerCompareTest : public ::testing::TestWithParam<PoolCase> {};

// Some by SET, the rest by MSETs of many.
void SetAll(uint16_t port, const std::vector<std::string>& keys) {
  Client client(port);
  size_t requests = 0;
  std::string bytes;
  for (size_t i = 0; i < keys.size(); ++requests) {
    std::vector<std::string> words = {requests % 2 == 0 ? "SET" : "MSET"};
    const size_t count = std::min(requests % 2 == 0 ? size_t{1} : requests % 50, keys.size() - i);
    for (size_t end = i + count; i < end; ++i) {
      words.push_back(keys[i]);
      words.push_back("v");
    }
    bytes += Resp(words);
  }
  client.Send(bytes);
  for (const std::string& reply : client.ReadReplies(Protocol::kRedis, requests)) {
    ASSERT_EQ("+OK\r\n", reply);
  }
}

// All keys of a Redis server, which is empty afterwards.
std::set<std::string> TakeKeys(uint16_t port) {
  Client client(port);
  const std::vector<std::string> keys = RequestWords(Protocol::kRedis, client.Ask({"KEYS", "*"}));
  EXPECT_EQ("+OK\r\n", client.Ask({"FLUSHALL"}));
  return {keys.begin(), keys.end()};
}

TEST_P(NutcrackerCompareTest, RedisKeysAreOnTheSameServers) {
  const std::vector<std::string> keys = MakeKeys(false);
  std::vector<std::unique_ptr<RedisServer>> servers;
  std::vector<uint16_t> ports;
  for (size_t i = 0; i < kServers; ++i) {
    servers.push_back(std::make_unique<RedisServer>());
    ports.push_back(servers.back()->port());
  }
  std::map<std::string, std::vector<std::set<std::string>>> placed;
  for (const std::string& path : {NutcrackerPath(), ProxyPath()}) {
    FreePort port;
    ProxyProcess proxy(path, Config(GetParam(), true, port.number(), ports), {port.number()});
    SetAll(port.number(), keys);
    for (const uint16_t server : ports) placed[path].push_back(TakeKeys(server));
  }
  size_t total = 0;
  for (size_t i = 0; i < kServers; ++i) {
    EXPECT_EQ(placed[NutcrackerPath()][i], placed[ProxyPath()][i]) << "server" << i + 1;
    EXPECT_FALSE(placed[ProxyPath()][i].empty());
    total += placed[ProxyPath()][i].size();
  }
  EXPECT_EQ(keys.size(), total);
}

// The keys that a memcached has with this value.
std::set<std::string> FindKeys(uint16_t port, const std::vector<std::string>& keys,
                               const std::string& value) {
  Client client(port);
  std::string bytes;
  for (const std::string& key : keys) bytes += "get " + key + "\r\n";
  client.Send(bytes);
  const std::vector<std::string> replies = client.ReadReplies(Protocol::kMemcache, keys.size());
  std::set<std::string> found;
  for (size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].ends_with("\r\n" + value + "\r\nEND\r\n")) found.insert(keys[i]);
  }
  return found;
}

TEST_P(NutcrackerCompareTest, MemcachedKeysAreOnTheSameServers) {
  const std::vector<std::string> keys = MakeKeys(true);
  std::vector<std::unique_ptr<Memcached>> servers;
  std::vector<uint16_t> ports;
  for (size_t i = 0; i < kServers; ++i) {
    servers.push_back(std::make_unique<Memcached>());
    ports.push_back(servers.back()->port());
  }
  std::map<std::string, std::vector<std::set<std::string>>> placed;
  for (const std::string& path : {NutcrackerPath(), ProxyPath()}) {
    // Each writes its own value, so that the other's need not be removed.
    const std::string value = path == ProxyPath() ? "by proxy" : "by nutcracker";
    FreePort port;
    ProxyProcess proxy(path, Config(GetParam(), false, port.number(), ports), {port.number()});
    Client client(port.number());
    std::string bytes;
    for (const std::string& key : keys) {
      bytes += absl::StrFormat("set %s 0 0 %d\r\n%s\r\n", key, value.size(), value);
    }
    client.Send(bytes);
    for (const std::string& reply : client.ReadReplies(Protocol::kMemcache, keys.size())) {
      ASSERT_EQ("STORED\r\n", reply);
    }
    for (const uint16_t server : ports) placed[path].push_back(FindKeys(server, keys, value));
  }
  size_t total = 0;
  for (size_t i = 0; i < kServers; ++i) {
    EXPECT_EQ(placed[NutcrackerPath()][i], placed[ProxyPath()][i]) << "server" << i + 1;
    total += placed[ProxyPath()][i].size();
  }
  EXPECT_EQ(keys.size(), total);
}

INSTANTIATE_TEST_SUITE_P(Pools, NutcrackerCompareTest, ::testing::ValuesIn(kPoolCases), Name);

}  // namespace
}  // namespace keyway
