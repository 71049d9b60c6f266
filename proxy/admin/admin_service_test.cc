#include "proxy/admin/admin_service.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/admin/admin.grpc.pb.h"
#include "proxy/net/epoll_loop.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

namespace v1 = admin::v1;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What a worker would route by. Adopts on the control thread, is asked on the test's.
class Worker : public SnapshotSink {
 public:
  void Adopt(std::shared_ptr<const RoutingSnapshot> snapshot) override {
    const std::lock_guard lock(mutex_);
    snapshot_ = std::move(snapshot);
  }
  std::shared_ptr<const RoutingSnapshot> snapshot() const {
    const std::lock_guard lock(mutex_);
    return snapshot_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const RoutingSnapshot> snapshot_;
};

PoolConfig MakePool(const std::string& name, const std::vector<std::string>& servers) {
  PoolConfig pool;
  pool.name = name;
  pool.listen_text = "127.0.0.1:22121";
  pool.hash_tag = "{}";
  pool.redis = true;
  pool.auto_eject_hosts = true;
  pool.server_failure_limit = 2;
  pool.server_retry_timeout_ms = 3600'000;
  for (const std::string& server_name : servers) {
    ServerConfig& server = pool.servers.emplace_back();
    server.name = server_name;
    server.endpoint = {.host = "127.0.0.1", .port = 6386, .path = {}};
  }
  return pool;
}

// A control thread, the service on a unix socket, and a client of it.
class AdminServiceTest : public ::testing::Test {
 protected:
  AdminServiceTest() {
    char folder[] = "/tmp/k.XXXXXX";
    folder_ = ::mkdtemp(folder);
    path_ = folder_ + "/admin";
    config_.pools = {MakePool("alpha", {"s1", "s2", "s3"}), MakePool("beta", {"only"})};
  }
  ~AdminServiceTest() override {
    service_.reset();
    Stop();
    ::unlink(path_.c_str());
    ::rmdir(folder_.c_str());
  }

  void Start() {
    logger_ = *Logger::Open("/dev/null", LogLevel::kNotice);
    resolver_ = std::make_unique<ThreadResolver>(*loop_);
    control_ = std::make_unique<Control>(*loop_, config_, /*workers=*/1, *resolver_, *logger_);
    for (const PoolConfig& pool : config_.pools) {
      stats_.pools.push_back(std::make_unique<PoolStats>(pool.servers.size()));
    }
    ASSERT_TRUE(control_->Start({&worker_}).ok());
    auto service = StartService("unix:" + path_);
    ASSERT_TRUE(service.ok()) << service.status();
    service_ = *std::move(service);
    channel_ = grpc::CreateChannel("unix:" + path_, grpc::InsecureChannelCredentials());
    stub_ = v1::Admin::NewStub(channel_);
    Run();
  }
  void Run() {
    thread_ = std::thread([this] { loop_->Run(); });
  }
  void Stop() {
    if (!thread_.joinable()) return;
    loop_->Stop();
    thread_.join();
  }

  absl::StatusOr<std::unique_ptr<AdminService>> StartService(const std::string& address) {
    return AdminService::Start({.loop = *loop_,
                                .control = *control_,
                                .logger = *logger_,
                                .stats = {.shown = ShowInTwemproxyOrder(config_),
                                          .workers = {&stats_},
                                          .control = &control_->stats(),
                                          .host = "here",
                                          .version = "1.2.3",
                                          .started = loop_->WallNow()},
                                .wait = wait_},
                               address);
  }

  // Calls a method; what it says of the failure is in status_.
  template <class Request, class Response>
  Response Call(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*, const Request&,
                                                        Response*),
                const Request& request) {
    grpc::ClientContext context;
    Response response;
    status_ = (stub_.get()->*method)(&context, request, &response);
    return response;
  }

  v1::State State(const std::string& pool = "") {
    v1::GetStateRequest request;
    request.set_pool(pool);
    return Call(&v1::Admin::Stub::GetState, request);
  }
  v1::RouteResponse Route(const std::string& pool, const std::string& key) {
    v1::RouteRequest request;
    request.set_pool(pool);
    request.set_key(key);
    return Call(&v1::Admin::Stub::Route, request);
  }
  v1::OrderResponse Eject(const std::string& pool, const std::string& server,
                          bool even_last = false) {
    v1::EjectRequest request;
    request.set_pool(pool);
    request.set_server(server);
    request.set_even_last(even_last);
    return Call(&v1::Admin::Stub::Eject, request);
  }
  v1::OrderResponse Restore(const std::string& pool, const std::string& server) {
    v1::RestoreRequest request;
    request.set_pool(pool);
    request.set_server(server);
    return Call(&v1::Admin::Stub::Restore, request);
  }

  // The server that workers send the key to.
  std::string Routed(const std::string& key) const {
    const std::shared_ptr<const RoutingSnapshot> snapshot = worker_.snapshot();
    const PoolRoute& route = *snapshot->pools[0];
    const size_t server = route.ServerFor(key);
    return server == PoolRoute::kNoServer ? "" : route.config().servers[server].name;
  }

  std::string folder_;
  std::string path_;
  Config config_;
  Duration wait_ = kAdminWait;
  const std::unique_ptr<EventLoop> loop_ = MakeEpollLoop();
  std::unique_ptr<Logger> logger_;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<Control> control_;
  WorkerStats stats_;
  Worker worker_;
  std::unique_ptr<AdminService> service_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Admin::Stub> stub_;
  std::thread thread_;
  grpc::Status status_;
};

TEST_F(AdminServiceTest, StateTellsEverything) {
  Start();
  stats_.pools[0]->client_connections.Set(3);
  stats_.pools[1]->client_connections.Set(4);
  stats_.pools[0]->requests.Set(100);
  stats_.pools[0]->servers[1].requests.Set(55);
  stats_.curr_connections.Set(9);
  const v1::State state = State();
  ASSERT_TRUE(status_.ok()) << status_.error_message();

  EXPECT_EQ(state.process().version(), "1.2.3");
  EXPECT_EQ(state.process().host(), "here");
  EXPECT_EQ(state.process().pid(), ::getpid());
  EXPECT_EQ(state.process().generation(), 1u);
  EXPECT_EQ(state.process().log_level().name(), "notice");
  EXPECT_GT(state.process().started().seconds(), 1'500'000'000);
  EXPECT_LT(state.process().uptime().seconds(), kTestDeadline.count());
  EXPECT_EQ(state.process().counters().at("curr_connections"), 9);

  ASSERT_THAT(state.workers(), SizeIs(1));
  EXPECT_EQ(state.workers(0).clients(), 7);
  EXPECT_EQ(state.workers(0).connections(), 9);

  ASSERT_THAT(state.pools(), SizeIs(2));
  const v1::Pool& beta = state.pools(0);  // the shorter name comes first
  EXPECT_EQ(beta.name(), "beta");
  const v1::Pool& alpha = state.pools(1);
  EXPECT_EQ(alpha.name(), "alpha");
  EXPECT_EQ(alpha.listen(), "127.0.0.1:22121");
  EXPECT_EQ(alpha.protocol(), "redis");
  EXPECT_EQ(alpha.distribution(), "ketama");
  EXPECT_EQ(alpha.hash(), "fnv1a_64");
  EXPECT_EQ(alpha.hash_tag(), "{}");
  EXPECT_EQ(alpha.counters().at("requests"), 100);
  ASSERT_THAT(alpha.servers(), SizeIs(3));
  const v1::Server& s2 = alpha.servers(1);
  EXPECT_EQ(s2.name(), "s2");
  EXPECT_EQ(s2.address(), "127.0.0.1:6386");
  EXPECT_EQ(s2.weight(), 1u);
  EXPECT_TRUE(s2.live());
  EXPECT_EQ(s2.counters().at("requests"), 55);
}

TEST_F(AdminServiceTest, StateTellsWhatFailed) {
  Start();
  control_->EventsOf(0).OnFailed({.pool = 0, .server = 0}, "Connection refused");
  for (int i = 0; i < 2; ++i) {
    control_->EventsOf(0).OnFailed({.pool = 0, .server = 1}, "Connection refused");
  }
  const v1::State state = State("alpha");
  ASSERT_THAT(state.pools(), SizeIs(1));
  const auto& servers = state.pools(0).servers();
  EXPECT_TRUE(servers[0].live());
  EXPECT_EQ(servers[0].failures(), 1);
  EXPECT_FALSE(servers[0].has_next_probe());
  EXPECT_FALSE(servers[1].live());
  EXPECT_TRUE(servers[1].ejected());
  EXPECT_FALSE(servers[1].ejected_by_hand());
  EXPECT_GT(servers[1].next_probe().seconds(), 3000);
  EXPECT_EQ(servers[1].last_error(), "Connection refused");
  EXPECT_EQ(servers[1].counters().at("server_ejected"), 1);
}

TEST_F(AdminServiceTest, RouteIsWhereWorkersSendTheKey) {
  Start();
  for (int i = 0; i < 50; ++i) {
    const std::string key = "user:{" + std::to_string(i) + "}:name";
    const v1::RouteResponse route = Route("alpha", key);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    EXPECT_EQ(route.hashed_part(), std::to_string(i));
    EXPECT_EQ(route.destination().server(), Routed(key));
    EXPECT_EQ(route.destination().place().kind(), "ring point");
    EXPECT_EQ(route.destination().place().count(), 480u);
    EXPECT_TRUE(route.destination().place().has_position());
    EXPECT_EQ(route.if_all_live().server(), route.destination().server());
    EXPECT_THAT(route.out(), IsEmpty());
    EXPECT_EQ(route.generation(), 1u);
  }
  EXPECT_EQ(Route("alpha", "1").hash_value(), uint32_t((0x84222325u ^ 0x31u) * 0x1b3u));
  EXPECT_EQ(Route("alpha", "1").hash(), "fnv1a_64");
}

TEST_F(AdminServiceTest, RouteTakesAnyBytes) {
  Start();
  const std::string key("\x00\xff\"\n{", 5);
  const v1::RouteResponse route = Route("alpha", key);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(route.hashed_part(), "\\x00\\xff\\\"\\n{");
  EXPECT_EQ(route.destination().server(), Routed(key));
  EXPECT_EQ(Route("alpha", "").hash_value(), 0u);
  Route("alpha", std::string(2'000'000, 'x'));
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(AdminServiceTest, RouteNeedsAPoolOnlyWhereThereAreSeveral) {
  Start();
  Route("", "key");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status_.error_message(), "no pool is named; there are: alpha, beta");
  Route("gamma", "key");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status_.error_message(), "there is no pool 'gamma'; there are: alpha, beta");
}

TEST_F(AdminServiceTest, TheOnlyPoolNeedsNoName) {
  config_.pools.pop_back();
  Start();
  EXPECT_EQ(Route("", "key").destination().server(), Routed("key"));
}

TEST_F(AdminServiceTest, WithRandomNoServerHasTheKey) {
  config_.pools[0].distribution = "random";
  Start();
  const v1::RouteResponse route = Route("alpha", "key");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(route.distribution(), "random");
  EXPECT_EQ(route.destination().server(), "");
  EXPECT_FALSE(route.destination().has_place());
}

TEST_F(AdminServiceTest, EjectMovesTheKeysAndRestoreBringsThemBack) {
  Start();
  const std::string key = "key";
  const std::string home = Routed(key);
  const v1::OrderResponse ejected = Eject("alpha", home);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_TRUE(ejected.changed());
  EXPECT_EQ(ejected.generation(), 2u);
  EXPECT_EQ(ejected.server().name(), home);
  EXPECT_TRUE(ejected.server().ejected_by_hand());
  EXPECT_FALSE(ejected.server().live());
  EXPECT_NE(Routed(key), home);

  const v1::RouteResponse route = Route("alpha", key);
  EXPECT_EQ(route.destination().server(), Routed(key));
  EXPECT_EQ(route.if_all_live().server(), home);
  ASSERT_THAT(route.out(), SizeIs(1));
  EXPECT_EQ(route.out(0).name(), home);
  EXPECT_TRUE(route.out(0).ejected_by_hand());

  EXPECT_FALSE(Eject("alpha", home).changed());
  EXPECT_TRUE(Restore("alpha", home).server().live());
  EXPECT_EQ(Routed(key), home);
  EXPECT_THAT(Route("alpha", key).out(), IsEmpty());
}

TEST_F(AdminServiceTest, WithoutAServerThereIsNoDestination) {
  Start();
  Eject("beta", "only");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status_.error_message(), HasSubstr("the only live server of pool 'beta'"));
  Eject("beta", "only", /*even_last=*/true);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const v1::RouteResponse route = Route("beta", "key");
  EXPECT_EQ(route.destination().server(), "");
  EXPECT_EQ(route.if_all_live().server(), "only");
}

TEST_F(AdminServiceTest, OrdersNameWhatThereIs) {
  Start();
  Eject("alpha", "s9");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status_.error_message(), "pool 'alpha' has no server 's9'; it has: s1, s2, s3");
  Restore("", "s1");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  Restore("alpha", "");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status_.error_message(), HasSubstr("it has: s1, s2, s3"));
}

TEST_F(AdminServiceTest, LogLevelByNameOrNumber) {
  Start();
  EXPECT_EQ(Call(&v1::Admin::Stub::GetLogLevel, v1::GetLogLevelRequest()).number(), 5);
  v1::SetLogLevelRequest request;
  request.set_level("debug");
  EXPECT_EQ(Call(&v1::Admin::Stub::SetLogLevel, request).number(), 7);
  EXPECT_EQ(logger_->level(), LogLevel::kDebug);
  request.set_level("11");
  EXPECT_EQ(Call(&v1::Admin::Stub::SetLogLevel, request).name(), "pverb");
  for (const char* wrong : {"", "12", "-1", "Debug"}) {
    request.set_level(wrong);
    Call(&v1::Admin::Stub::SetLogLevel, request);
    EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << wrong;
    EXPECT_THAT(status_.error_message(), HasSubstr("emerg, alert, crit")) << wrong;
  }
  EXPECT_EQ(logger_->level(), LogLevel::kPverb);
}

TEST_F(AdminServiceTest, AStuckControlThreadIsReported) {
  wait_ = std::chrono::milliseconds(20);
  Start();
  Stop();
  State();
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(status_.error_message(), HasSubstr("control thread"));
  Eject("alpha", "s1");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  Run();
  State();
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(AdminServiceTest, ManyAtATime) {
  Start();
  std::vector<std::thread> operators;
  for (int i = 0; i < 8; ++i) {
    operators.emplace_back([this, i] {
      const auto stub = v1::Admin::NewStub(channel_);
      for (int round = 0; round < 20; ++round) {
        grpc::ClientContext context;
        v1::RouteRequest request;
        request.set_pool("alpha");
        request.set_key(std::to_string(i) + ":" + std::to_string(round));
        v1::RouteResponse response;
        const grpc::Status status = stub->Route(&context, request, &response);
        EXPECT_TRUE(status.ok()) << status.error_message();
        EXPECT_EQ(response.destination().server(), Routed(request.key()));
      }
    });
  }
  for (std::thread& each : operators) each.join();
}

// Sends a message, already serialized, to any method, and returns the reply likewise:
// the libraries have the standard services, but not their message types.
std::string CallRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                    const std::string& request) {
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  const auto call = stub.PrepareCall(&context, method, &queue);
  const auto finished = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  call->StartCall(nullptr);
  EXPECT_TRUE(finished());
  const grpc::Slice slice(request);
  call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
  EXPECT_TRUE(finished());
  grpc::ByteBuffer reply;
  call->Read(&reply, nullptr);
  EXPECT_TRUE(finished()) << method << " has no reply";
  grpc::Status status;
  call->Finish(&status, nullptr);
  finished();
  EXPECT_TRUE(status.ok()) << status.error_message();
  grpc::Slice whole;
  if (!reply.DumpToSingleSlice(&whole).ok()) return "";
  return std::string(reinterpret_cast<const char*>(whole.begin()), whole.size());
}

TEST_F(AdminServiceTest, TheStandardServicesAreThere) {
  Start();
  // HealthCheckResponse{status: SERVING}
  EXPECT_EQ(CallRaw(channel_, "/grpc.health.v1.Health/Check", ""), std::string("\x08\x01", 2));
  // ServerReflectionRequest{list_services: ""}
  EXPECT_THAT(CallRaw(channel_, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                      std::string("\x3a\x00", 2)),
              HasSubstr("keyway.admin.v1.Admin"));
}

TEST_F(AdminServiceTest, TheSocketIsItsOwners) {
  Start();
  struct stat file = {};
  ASSERT_EQ(::stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  service_.reset();
  EXPECT_NE(::stat(path_.c_str(), &file), 0) << "the socket was left behind";
  Stop();
  service_ = *StartService(path_ + " 0660");
  ASSERT_EQ(::stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0660u);
}

TEST_F(AdminServiceTest, NobodyElsesSocketIsTaken) {
  Start();
  Stop();
  const auto second = StartService("unix:" + path_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(second.status().ToString(), HasSubstr("Address already in use"));
  Run();
  State();
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(AdminServiceTest, NobodyElsesPortIsShared) {
  Start();
  Stop();
  const FreePort port;
  const std::string address = "127.0.0.1:" + std::to_string(port.number());
  const auto first = StartService(address);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = StartService(address);
  EXPECT_THAT(second.status().ToString(), HasSubstr("Address already in use"));
}

TEST(AdminAddressTest, OnlyThisMachine) {
  for (const std::string text : {"127.0.0.1:22223", "127.1.2.3:1", "::1:22223", "/tmp/x",
                                 "unix:/tmp/x", "unix:///tmp/x", "localhost:22223"}) {
    EXPECT_TRUE(ParseAdminAddress(text).ok()) << text << ParseAdminAddress(text).status();
  }
  for (const std::string text : {"0.0.0.0:22223", "*:22223", "10.0.0.1:22223", ":::22223"}) {
    const auto address = ParseAdminAddress(text);
    EXPECT_EQ(address.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(address.status().ToString(), HasSubstr("other machines")) << text;
  }
  for (const std::string text : {"", "unix:", "22223", "127.0.0.1", "127.0.0.1:0", "unix:x"}) {
    EXPECT_FALSE(ParseAdminAddress(text).ok()) << text;
  }
}

TEST(AdminAddressTest, Mode) {
  EXPECT_EQ(ParseAdminAddress("/tmp/x")->unix_mode, 0600);
  EXPECT_EQ(ParseAdminAddress("unix:/tmp/x 0666")->unix_mode, 0666);
}

}  // namespace
}  // namespace keyway
