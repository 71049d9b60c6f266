#include "proxy/admin/admin_service.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_format.h"
#include "proxy/admin/admin.grpc.pb.h"
#include "proxy/admin/admin_messages.h"
#include "proxy/base/limits.h"
#include "proxy/config/address_text.h"

namespace keyway {
namespace {

namespace v1 = admin::v1;

constexpr std::string_view kUnixPrefix = "unix:";
constexpr int kOwnerOnly = 0600;

// gRPC's codes are those of Abseil.
grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

// Something that the control thread gives and a thread of gRPC waits for. Shared, as
// either may be gone before the other.
template <class T>
class Answer {
 public:
  void Give(T value) {
    {
      const std::lock_guard lock(mutex_);
      value_ = std::move(value);
    }
    given_.notify_one();
  }

  absl::StatusOr<T> Wait(Duration limit) {
    std::unique_lock lock(mutex_);
    if (given_.wait_for(lock, limit, [this] { return value_.has_value(); })) {
      return *std::move(value_);
    }
    return absl::DeadlineExceededError("the control thread of the proxy does not answer");
  }

 private:
  std::mutex mutex_;
  std::condition_variable given_;
  std::optional<T> value_;
};

// Accepts nothing: for asking whether an address is free.
class NoAccept : public AcceptHandler {
  void OnAccept(std::unique_ptr<Incoming>) override {}
};

std::string GrpcAddress(const Address& address) {
  return (address.is_unix() ? std::string(kUnixPrefix) : "") + ToString(address);
}

}  // namespace

absl::StatusOr<AdminAddress> ParseAdminAddress(const std::string& text) {
  std::string_view rest = text;
  if (rest.starts_with(kUnixPrefix)) rest.remove_prefix(kUnixPrefix.size());
  ListenAddress listen;
  std::string wrong = ParseListen(rest, listen);
  if (!wrong.empty()) return absl::InvalidArgumentError(wrong);
  const absl::StatusOr<Address> address = Resolve(listen.endpoint);
  if (!address.ok()) return address.status();
  if (!IsLocal(*address)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "'%s' can be reached from other machines, and there is no authentication; write "
        "127.0.0.1:port or unix:/path, and use ssh to come from elsewhere",
        text));
  }
  return AdminAddress{.address = *address,
                      .unix_mode = listen.mode != 0 ? listen.mode : kOwnerOnly};
}

// The methods of the API. Called by gRPC's threads, several at a time.
class AdminService::Calls final : public v1::Admin::Service {
 public:
  explicit Calls(Parts parts) : parts_(std::move(parts)) {}

  grpc::Status GetState(grpc::ServerContext*, const v1::GetStateRequest* request,
                        v1::State* state) override {
    const absl::StatusOr<ControlReport> report = Report();
    if (!report.ok()) return ToGrpc(report.status());
    absl::StatusOr<v1::State> made = MakeState(*report, parts_.stats, request->pool());
    if (!made.ok()) return ToGrpc(made.status());
    *state = *std::move(made);
    state->mutable_process()->set_pid(::getpid());
    *state->mutable_process()->mutable_log_level() = MakeLogLevel(parts_.logger.level());
    return grpc::Status::OK;
  }

  grpc::Status Route(grpc::ServerContext*, const v1::RouteRequest* request,
                     v1::RouteResponse* response) override {
    const absl::StatusOr<ControlReport> report = Report();
    if (!report.ok()) return ToGrpc(report.status());
    const absl::StatusOr<size_t> pool = FindPool(*report, request->pool());
    if (!pool.ok()) return ToGrpc(pool.status());
    absl::StatusOr<v1::RouteResponse> made =
        MakeRouteResponse(report->pools[*pool], request->key());
    if (!made.ok()) return ToGrpc(made.status());
    *response = *std::move(made);
    response->set_generation(report->generation);
    return grpc::Status::OK;
  }

  grpc::Status Eject(grpc::ServerContext*, const v1::EjectRequest* request,
                     v1::OrderResponse* response) override {
    return Order(*response, [&](Control::OrderDone done) {
      parts_.control.EjectByHand({request->pool(), request->server()}, request->even_last(),
                                 std::move(done));
    });
  }

  grpc::Status Restore(grpc::ServerContext*, const v1::RestoreRequest* request,
                       v1::OrderResponse* response) override {
    return Order(*response, [&](Control::OrderDone done) {
      parts_.control.RestoreByHand({request->pool(), request->server()}, std::move(done));
    });
  }

  grpc::Status GetLogLevel(grpc::ServerContext*, const v1::GetLogLevelRequest*,
                           v1::LogLevel* level) override {
    *level = MakeLogLevel(parts_.logger.level());
    return grpc::Status::OK;
  }

  grpc::Status SetLogLevel(grpc::ServerContext*, const v1::SetLogLevelRequest* request,
                           v1::LogLevel* level) override {
    const absl::StatusOr<LogLevel> wanted = ParseLogLevel(request->level());
    if (!wanted.ok()) return ToGrpc(wanted.status());
    parts_.logger.SetLevel(*wanted);
    parts_.logger.Write(LogLevel::kNotice, "log level set", {{"level", LevelName(*wanted)}});
    *level = MakeLogLevel(*wanted);
    return grpc::Status::OK;
  }

 private:
  // Calls `ask` with what the control thread is to call with its answer, and waits.
  template <class T>
  absl::StatusOr<T> Await(const std::function<void(absl::AnyInvocable<void(T)>)>& ask) const {
    const auto answer = std::make_shared<Answer<T>>();
    ask([answer](T value) { answer->Give(std::move(value)); });
    return answer->Wait(parts_.wait);
  }

  absl::StatusOr<ControlReport> Report() {
    return Await<ControlReport>(
        [this](Control::ReportDone done) { parts_.control.Report(std::move(done)); });
  }

  grpc::Status Order(v1::OrderResponse& response,
                     const std::function<void(Control::OrderDone)>& order) {
    const absl::StatusOr<absl::StatusOr<OrderReport>> answer =
        Await<absl::StatusOr<OrderReport>>(order);
    if (!answer.ok()) return ToGrpc(answer.status());
    const absl::StatusOr<OrderReport>& report = *answer;
    if (!report.ok()) return ToGrpc(report.status());
    response.set_changed(report->changed);
    response.set_generation(report->generation);
    *response.mutable_server() = MakeServer(report->pool, report->server);
    return grpc::Status::OK;
  }

  const Parts parts_;
};

// gRPC's own part: sockets and threads.
class AdminService::Listener {
 public:
  Listener(Calls& calls, const AdminAddress& where) {
    // Never undone: when its last user is gone, gRPC waits up to ten seconds for a poller
    // of its own, which would delay the end of the proxy.
    grpc_init();
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ResourceQuota quota;
    quota.SetMaxThreads(kMaxAdminThreads);
    grpc::ServerBuilder builder;
    builder.SetResourceQuota(quota);
    builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
    builder.SetMaxReceiveMessageSize(kMaxAdminRequestBytes);
    // Else a second proxy would share the port, and get every other call.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort(GrpcAddress(where.address), grpc::InsecureServerCredentials());
    builder.RegisterService(&calls);
    // The socket is never open to more users than it is meant for.
    const mode_t mask = ::umask(static_cast<mode_t>(0777 & ~where.unix_mode));
    server_ = builder.BuildAndStart();
    ::umask(mask);
  }
  ~Listener() {
    if (server_ == nullptr) return;
    // Calls under way are a matter of milliseconds, but for those that watch the health.
    const gpr_timespec grace = gpr_time_from_millis(100, GPR_TIMESPAN);
    server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), grace));
  }

  bool listens() const { return server_ != nullptr; }

 private:
  std::unique_ptr<grpc::Server> server_;
};

AdminService::AdminService() = default;
AdminService::~AdminService() = default;

absl::StatusOr<std::unique_ptr<AdminService>> AdminService::Start(Parts parts,
                                                                  const std::string& address) {
  const absl::StatusOr<AdminAddress> where = ParseAdminAddress(address);
  if (!where.ok()) return where.status();
  {
    // gRPC would take a unix socket away from whoever listens on it, and tells no reasons.
    NoAccept nobody;
    const auto free = parts.loop.Listen(where->address, {}, nobody);
    if (!free.ok()) return free.status();
  }
  std::unique_ptr<AdminService> service(new AdminService);
  service->calls_ = std::make_unique<Calls>(std::move(parts));
  service->listener_ = std::make_unique<Listener>(*service->calls_, *where);
  if (!service->listener_->listens()) {
    return absl::UnavailableError("gRPC cannot listen on " + ToString(where->address));
  }
  return service;
}

}  // namespace keyway
