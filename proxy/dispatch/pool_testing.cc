#include "proxy/dispatch/pool_testing.h"

#include <utility>

#include "gtest/gtest.h"
#include "proxy/protocol/codecs.h"

namespace keyway {
namespace {

constexpr uint16_t kFirstPort = 7001;

PoolConfig Named(PoolConfig config, size_t servers) {
  config.name = "alpha";
  for (size_t i = 0; i < servers; ++i) {
    ServerConfig& server = config.servers.emplace_back();
    server.name = "s" + std::to_string(i + 1);
  }
  return config;
}

}  // namespace

PoolConfig RedisPool() {
  PoolConfig config;
  config.redis = true;
  config.timeout_ms = 400;
  return config;
}

PoolConfig MemcachePool() {
  PoolConfig config;
  config.timeout_ms = 400;
  return config;
}

TestPool::TestPool(FakeLoop& loop, PoolConfig config, size_t servers)
    : loop_(loop),
      config_(std::make_shared<PoolConfig>(Named(std::move(config), servers))),
      logger_(*Logger::Open("/dev/null", LogLevel::kErr)) {
  for (size_t i = 0; i < servers; ++i) {
    const auto port = static_cast<uint16_t>(kFirstPort + i);
    addresses_.push_back(*Resolve({.host = "127.0.0.1", .port = port, .path = {}}));
    hosts_.push_back(std::make_unique<Host>(loop, *addresses_[i], [](Party&) {}));
  }
  worker_stats_.pools.push_back(std::make_unique<PoolStats>(servers));
  route_ = MakeRoute(std::vector<bool>(servers, true));
  dispatcher_ = std::make_unique<Dispatcher>(
      Dispatcher::Parts{.loop = loop,
                        .codec = *FindCodec(config_->redis ? "redis" : "memcache"),
                        .worker_stats = worker_stats_,
                        .stats = stats(),
                        .events = events_,
                        .logger = *logger_,
                        .exchanges = exchanges_,
                        .fan_outs = fan_outs_},
      0, route_);
}

TestPool::~TestPool() = default;

std::shared_ptr<const PoolRoute> TestPool::MakeRoute(const std::vector<bool>& live) const {
  return *PoolRoute::Make(config_, live, addresses_);
}

void TestPool::SetLive(const std::vector<bool>& live) { dispatcher_->Adopt(MakeRoute(live)); }

std::string TestPool::KeyOn(size_t server, size_t n) const {
  for (int i = 1;; ++i) {
    std::string key = "k" + std::to_string(i);
    if (route_->ServerFor(key) == server && n-- == 0) return key;
  }
}

void TestPool::Refuse(size_t server) {
  hosts_[server]->Refuse();
  loop_.RunUntilIdle();
}

std::string TestPool::Got(size_t server, size_t n) {
  loop_.RunUntilIdle();
  if (connections(server) <= n) return "";
  Party& end = ServerEnd(server, n);
  std::string got = end.received();
  end.Take(got.size());
  return got;
}

void TestPool::Reply(size_t server, std::string_view bytes, size_t n) {
  loop_.RunUntilIdle();
  ASSERT_LT(n, connections(server)) << "nobody has connected to server " << server;
  ServerEnd(server, n).Send(bytes);
  loop_.RunUntilIdle();
}

TestClient::TestClient(TestPool& pool)
    : pool_(pool),
      parser_(pool.dispatcher().codec().MakeRequestParser()),
      kept_{Stash(pool.loop().blocks())},
      output_(pool.loop().blocks()) {
  state.authenticated = pool.dispatcher().config().redis_auth.empty();
}

Exchange& TestClient::Send(std::string_view bytes) {
  const BlockRef block = pool_.loop().blocks().Get(bytes.size());
  bytes.copy(block->data(), bytes.size());
  const Parsed parsed = parser_->Next({block->data(), bytes.size()}, block.get(), request_);
  EXPECT_EQ(parsed, Parsed::kDone) << bytes;
  EXPECT_EQ(request_.size, bytes.size()) << bytes;
  exchanges_.push_back(Exchange::Make(pool_.dispatcher().context(), *this));
  Exchange& exchange = *exchanges_.back();
  pool_.dispatcher().Start(exchange, request_, state);
  return exchange;
}

OutputBuffer* TestClient::OutputFor(const Exchange& exchange) {
  return !exchanges_.empty() && exchanges_.front().get() == &exchange ? &output_ : nullptr;
}

void TestClient::OnPiece(Exchange&, ServerPool&, Connection& from) {
  ++pieces;
  last_from = &from;
}

std::string TestClient::ReplyTo(size_t n) {
  pool_.loop().RunUntilIdle();
  if (!exchanges_[n]->finished()) return "(no reply yet)";
  if (n == 0) return TextOf(output_);
  OutputBuffer reply(pool_.loop().blocks());
  exchanges_[n]->Release(reply);
  return TextOf(reply);
}

void TestClient::Leave() {
  for (ExchangePtr& exchange : exchanges_) Exchange::Abandon(std::move(exchange));
  exchanges_.clear();
  output_.Clear();
  kept_.stash.Rest();
}

std::string TextOf(const OutputBuffer& buffer) { return std::string(buffer.Flatten().bytes); }

}  // namespace keyway
