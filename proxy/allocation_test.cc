// Requests cost no allocation once the pools are warm, and clients that do
// nothing hardly any memory: counted on a worker's thread, over real sockets.
#include <malloc.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/net/epoll_loop.h"
#include "proxy/testing/fake_server.h"
#include "proxy/testing/process.h"
#include "proxy/worker.h"

namespace {

struct Count {
  size_t allocations = 0;
  int64_t bytes = 0;  // allocated and not freed
};
thread_local Count count;

int64_t SizeOf(void *memory) { return static_cast<int64_t>(malloc_usable_size(memory)); }

}  // namespace

void *operator new(size_t size) {
  void *memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  ++count.allocations;
  count.bytes += SizeOf(memory);
  return memory;
}
void *operator new(size_t size, const std::nothrow_t &) noexcept { return operator new(size); }
void operator delete(void *memory) noexcept {
  count.bytes -= SizeOf(memory);
  std::free(memory);
}
void operator delete(void *memory, size_t) noexcept { operator delete(memory); }

namespace keyway {
namespace {

constexpr size_t kServers = 3;
constexpr int kWarmUp = 50;
constexpr int kBatches = 300;

// By chance a read ends within a message, and what is there of it is kept in a
// block of its own.
constexpr size_t kByChance = 20;

// Of one client after its first requests: its session, its stream and its place
// in tables.
constexpr int64_t kIdleClients = 200;
constexpr int64_t kMostIdleBytes = 600;

struct Load {
  const char *name;
  Protocol protocol;
  std::string request;
  size_t pipeline;
  size_t allocations = 0;  // per request at most
};

std::ostream &operator<<(std::ostream &out, const Load &load) { return out << load.name; }

std::string WithKeys(std::string command, size_t keys, bool values = false) {
  std::vector<std::string> words = {std::move(command)};
  for (size_t i = 0; i < keys; ++i) {
    words.push_back("key" + std::to_string(i));
    if (values) words.push_back("value");
  }
  return Resp(words);
}

std::string MemcacheGet(size_t keys) {
  std::string line = "get";
  for (size_t i = 0; i < keys; ++i) line += " key" + std::to_string(i);
  return line + "\r\n";
}

std::vector<Load> Loads() {
  constexpr Protocol kRedis = Protocol::kRedis;
  constexpr Protocol kMemcache = Protocol::kMemcache;
  return {
      {"get", kRedis, Resp({"GET", "key"}), 1},
      {"get_pipelined", kRedis, Resp({"GET", "key"}), 100},
      {"set", kRedis, Resp({"SET", "key", std::string(500, 'v')}), 10},
      {"ping", kRedis, Resp({"PING"}), 10},
      {"mget", kRedis, WithKeys("MGET", 10), 1},
      {"mget_pipelined", kRedis, WithKeys("MGET", 10), 10},
      {"mget_many", kRedis, WithKeys("MGET", 200), 1, 2},
      {"mset", kRedis, WithKeys("MSET", 10, true), 1},
      {"del", kRedis, WithKeys("DEL", 10), 1},
      {"memcache_get", kMemcache, MemcacheGet(1), 1},
      {"memcache_get_pipelined", kMemcache, MemcacheGet(1), 100},
      {"memcache_set", kMemcache, "set key 0 0 5\r\nvalue\r\n", 10},
      {"memcache_multiget", kMemcache, MemcacheGet(10), 1},
  };
}

// A worker with a thread of its own; its servers and the client are on the
// test's.
class AllocationTest : public ::testing::TestWithParam<Load> {
 protected:
  AllocationTest() {
    PoolConfig &pool = config_.pools.emplace_back();
    pool.name = "pool";
    pool.redis = protocol() == Protocol::kRedis;
    std::vector<std::optional<Address>> addresses;
    for (size_t i = 0; i < kServers; ++i) {
      pool.servers.emplace_back().name = "s" + std::to_string(i);
      addresses.push_back(AddressOf(server_ports_[i]));
      servers_.push_back(std::make_unique<FakeServer>(
          *loop_, protocol(), *addresses.back(),
          [](const auto &words) { return RecordedAnswer(protocol(), "s", words); }));
    }
    auto snapshot = std::make_shared<RoutingSnapshot>();
    snapshot->pools.push_back(*PoolRoute::Make(std::make_shared<const PoolConfig>(pool),
                                               std::vector<bool>(kServers, true), addresses));
    stats_.pools.push_back(std::make_unique<PoolStats>(kServers));
    worker_.emplace(Worker::Parts{.loop = *worker_loop_,
                                  .stats = stats_,
                                  .events = events_,
                                  .logger = *logger_,
                                  .group = group_},
                    0, config_);
    group_.workers.push_back(&*worker_);
    EXPECT_TRUE(worker_->Listen(0, AddressOf(port_), {}).ok());
    worker_->Adopt(std::move(snapshot));
    thread_ = std::thread([this] { worker_loop_->Run(); });
  }
  ~AllocationTest() override {
    worker_loop_->Stop();
    thread_.join();
  }

  static Protocol protocol() { return GetParam().protocol; }
  static Address AddressOf(const FreePort &port) {
    return *Resolve({.host = "127.0.0.1", .port = port.number(), .path = {}});
  }

  std::unique_ptr<Party> Connect() {
    return std::make_unique<Party>(*loop_, AddressOf(port_), [this](Party &) { loop_->Stop(); });
  }
  // Sends `batches` batches of requests, each when the last one is answered.
  void Send(Party &client, int batches) {
    std::string requests;
    for (size_t i = 0; i < GetParam().pipeline; ++i) requests += GetParam().request;
    for (int batch = 0; batch < batches; ++batch) {
      client.Send(requests);
      for (size_t replies = 0; replies < GetParam().pipeline;) {
        const size_t size = ReplySize(protocol(), client.received());
        client.Take(size);
        if (size != 0) {
          ++replies;
        } else {
          loop_->Run();
        }
        ASSERT_FALSE(client.ended());
      }
    }
  }
  // Of the worker's thread so far.
  Count Counted() {
    std::atomic<bool> done = false;
    Count counted;
    worker_loop_->Post([&] {
      counted = count;
      done = true;
      loop_->Stop();
    });
    while (!done) loop_->Run();
    return counted;
  }

  struct NoEvents : ServerEvents {
    void OnFailed(ServerId, std::string) override {}
    void OnRecovered(ServerId) override {}
  };

  const FreePort port_;
  const FreePort server_ports_[kServers];
  Config config_;
  NoEvents events_;
  const std::unique_ptr<Logger> logger_ = *Logger::Open("/dev/null", LogLevel::kErr);
  WorkerStats stats_;
  WorkerGroup group_{1, 1, 1'000'000};
  const std::unique_ptr<EventLoop> loop_ = MakeEpollLoop();
  const std::unique_ptr<EventLoop> worker_loop_ = MakeEpollLoop();
  std::vector<std::unique_ptr<FakeServer>> servers_;
  std::optional<Worker> worker_;
  std::thread thread_;
};

TEST_P(AllocationTest, OfRequests) {
  const std::unique_ptr<Party> client = Connect();
  Send(*client, kWarmUp);
  const size_t before = Counted().allocations;
  Send(*client, kBatches);
  const size_t made = Counted().allocations - before;
  const size_t requests = kBatches * GetParam().pipeline;
  EXPECT_LE(made, GetParam().allocations * requests + kByChance)
      << static_cast<double>(made) / static_cast<double>(requests) << " a request";
}

TEST_P(AllocationTest, OfIdleClients) {
  Send(*Connect(), kWarmUp);
  const int64_t before = Counted().bytes;
  std::vector<std::unique_ptr<Party>> clients;
  for (int64_t i = 0; i < kIdleClients; ++i) Send(*clients.emplace_back(Connect()), 1);
  EXPECT_LE((Counted().bytes - before) / kIdleClients, kMostIdleBytes);
}

INSTANTIATE_TEST_SUITE_P(Loads, AllocationTest, ::testing::ValuesIn(Loads()),
                         [](const auto &load) { return std::string(load.param.name); });

}  // namespace
}  // namespace keyway
