#include "proxy/daemon.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "proxy/control/resolver.h"
#include "proxy/process/crash_log.h"
#include "proxy/process/file_limit.h"
#include "proxy/version.h"

namespace keyway {
namespace {

int WorkerCount(int wanted, const Config& config) {
  if (wanted != 0) return wanted;
  if (config.process.workers != 0) return config.process.workers;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

FileBudget BudgetFiles(const Config& config, int workers, Logger& logger) {
  const FileBudget files = ShareFiles(RaiseFileLimit(), config, workers);
  const bool enough = files.suffices();
  logger.Write(enough ? LogLevel::kNotice : LogLevel::kWarn,
               enough ? "open files" : "the limit of open files is too low for all servers",
               {{"limit", files.limit},
                {"clients", files.clients},
                {"leases", files.leases},
                {"others", files.others}});
  return files;
}

}  // namespace

Daemon::Daemon(Options options, Logger& logger)
    : options_(std::move(options)), logger_(logger), supervisor_(Supervisor::FromEnvironment()) {}

absl::Status Daemon::Run(Config config) {
  absl::Status status = Begin();
  if (status.ok()) status = Serve(std::move(config));
  if (status.ok()) logger_.Tell(LogLevel::kNotice, "done");
  return status;
}

absl::Status Daemon::Begin() {
  if (options_.detach) {
    absl::StatusOr<StartReport> detached = Detach();
    if (!detached.ok()) return detached.status();
    start_ = *std::move(detached);
  }
  signals_ = std::make_unique<SignalQueue>();
  LogCrashes(logger_);
  logger_.Tell(LogLevel::kNotice, absl::StrFormat("nutcracker-0.5.0 (keyway %s) started on pid %d",
                                                  VersionString(), getpid()));
  if (options_.pid_file.empty()) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<PidFile>> taken = PidFile::Take(options_.pid_file);
  if (!taken.ok()) return taken.status();
  pid_file_ = *std::move(taken);
  return absl::OkStatus();
}

absl::Status Daemon::Serve(Config config) {
  const int workers = WorkerCount(options_.workers, config);
  const FileBudget files = BudgetFiles(config, workers, logger_);
  Threads threads(workers);
  ThreadResolver resolver(threads.control());
  Server server({.control = threads.control(),
                 .workers = threads.workers(),
                 .resolver = resolver,
                 .logger = logger_,
                 .max_clients = files.clients},
                std::move(config));
  absl::Status status = server.Start(options_.stats);
  if (!status.ok()) return status;
  absl::StatusOr<std::unique_ptr<AdminService>> admin = StartAdmin(server, threads.control());
  status = admin.ok() ? TellReady() : admin.status();
  if (!status.ok()) return status;
  const std::unique_ptr<Watchdog> watchdog = StartWatchdog(threads);
  threads.Start();
  AwaitSignal(server, threads, *std::move(admin));
  AwaitDrain();
  threads.Join();
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<AdminService>> Daemon::StartAdmin(Server& server,
                                                                 EventLoop& control) {
  if (options_.admin.empty()) return nullptr;
  absl::StatusOr<std::unique_ptr<AdminService>> service =
      AdminService::Start({.loop = control,
                           .control = server.control(),
                           .logger = logger_,
                           .stats = server.MakeStatsSource()},
                          options_.admin);
  if (service.ok()) return service;
  return absl::UnavailableError(
      absl::StrFormat("option --admin: %s", std::string(service.status().message())));
}

// Twice as often as the service manager demands, as it recommends.
std::unique_ptr<Watchdog> Daemon::StartWatchdog(Threads& threads) {
  if (!supervisor_.watchdog()) return nullptr;
  return std::make_unique<Watchdog>(threads.control(), threads.workers(),
                                    *supervisor_.watchdog() / 2, logger_,
                                    [this] { supervisor_.Tell("WATCHDOG=1").IgnoreError(); });
}

// Clients can connect by now, and are served as soon as the threads run.
absl::Status Daemon::TellReady() {
  if (pid_file_ != nullptr) {
    absl::Status written = pid_file_->Write();
    if (!written.ok()) return written;
  }
  logger_.Tell(LogLevel::kNotice, "ready");
  start_.Ready();
  const absl::Status told = supervisor_.Tell("READY=1");
  if (!told.ok()) logger_.Write(LogLevel::kWarn, std::string(told.message()));
  return absl::OkStatus();
}

void Daemon::AwaitSignal(Server& server, Threads& threads, std::unique_ptr<AdminService> admin) {
  const int signal = HandleSignals(*signals_, logger_);
  logger_.Tell(LogLevel::kNotice,
               absl::StrFormat("signal %s received, exiting when requests in flight are answered",
                               SignalText(signal)));
  supervisor_.Tell("STOPPING=1").IgnoreError();
  admin.reset();  // while the loops run, which its calls wait for
  server.Drain([&] {
    threads.Stop();
    signals_->Wake();
  });
}

void Daemon::AwaitDrain() {
  const int signal = HandleSignals(*signals_, logger_);
  if (signal == 0) return;
  logger_.Tell(LogLevel::kWarn,
               absl::StrFormat("signal %s received again, exiting at once", SignalText(signal)));
  pid_file_.reset();
  _exit(1);
}

}  // namespace keyway
