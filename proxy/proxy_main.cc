// The daemon: flags, signals, threads.
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "proxy/base/log.h"
#include "proxy/config/parse.h"
#include "proxy/control/resolver.h"
#include "proxy/flags/options.h"
#include "proxy/net/epoll_loop.h"
#include "proxy/server.h"
#include "proxy/stats/metrics.h"
#include "proxy/version.h"

namespace keyway {
namespace {

// What runs when neither -c nor an installed configuration says otherwise.
constexpr char kExampleConfig[] =
    "alpha:\n"
    "  listen: 127.0.0.1:22121\n"
    "  hash: fnv1a_64\n"
    "  distribution: ketama\n"
    "  auto_eject_hosts: true\n"
    "  redis: true\n"
    "  server_retry_timeout: 2000\n"
    "  server_failure_limit: 1\n"
    "  servers:\n"
    "   - 127.0.0.1:6386:1\n"
    "   - 127.0.0.1:6387:1\n";

void PrintVersion() {
  fprintf(stderr, "This is nutcracker-0.5.0 (keyway %s)\nasync event backend: epoll\n\n",
          VersionString().c_str());
}

// Relative paths count from where the user is, not from where Bazel runs programs.
void EnterUsersDirectory() {
  const char* directory = getenv("BUILD_WORKING_DIRECTORY");
  if (directory != nullptr && chdir(directory) != 0) perror("chdir");
}

ParsedConfig LoadConfig(const Options& options) {
  if (!options.config_file_given && access(options.config_file.c_str(), F_OK) != 0) {
    fprintf(stderr,
            "%s is not there: running the built-in example, pool alpha on 127.0.0.1:22121 over "
            "Redis on 127.0.0.1:6386 and 127.0.0.1:6387. Use -c FILE for your own.\n",
            options.config_file.c_str());
    return ParseConfig(kExampleConfig, "built-in example");
  }
  return ReadConfigFile(options.config_file);
}

int TestConfig(const ParsedConfig& parsed, const std::string& file) {
  fputs(parsed.Report().c_str(), stderr);
  fprintf(stderr, "nutcracker: configuration file '%s' syntax is %s\n", file.c_str(),
          parsed.ok() ? "ok" : "invalid");
  return parsed.ok() ? 0 : 1;
}

void RaiseFileLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

sigset_t HandledSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2}) {
    sigaddset(&signals, signal);
  }
  return signals;
}

// Handles signals until one of them ends the process; returns that one.
int WaitForEnd(const sigset_t& signals, Logger& logger) {
  while (true) {
    int signal = 0;
    sigwait(&signals, &signal);
    const int level = static_cast<int>(logger.level());
    switch (signal) {
      case SIGHUP: {
        const absl::Status reopened = logger.Reopen();
        logger.Write(LogLevel::kNotice, reopened.ok() ? "log reopened" : "cannot reopen the log");
        break;
      }
      case SIGTTIN:
        logger.SetLevel(static_cast<LogLevel>(std::min(level + 1, 11)));
        logger.Write(LogLevel::kNotice, "log level raised", {{"level", std::min(level + 1, 11)}});
        break;
      case SIGTTOU:
        logger.SetLevel(static_cast<LogLevel>(std::max(level - 1, 0)));
        logger.Write(LogLevel::kNotice, "log level lowered", {{"level", std::max(level - 1, 0)}});
        break;
      case SIGUSR1:
      case SIGUSR2:
        logger.Write(LogLevel::kNotice, "signal has no effect", {{"signal", signal}});
        break;
      default:
        return signal;
    }
  }
}

int WorkerCount(const Options& options, const Config& config) {
  if (options.workers != 0) return options.workers;
  if (config.process.workers != 0) return config.process.workers;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int Serve(const Options& options, Config config, Logger& logger) {
  const sigset_t signals = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const std::unique_ptr<EventLoop> control = MakeEpollLoop();
  std::vector<std::unique_ptr<EventLoop>> loops;
  std::vector<EventLoop*> workers;
  for (int i = 0; i < WorkerCount(options, config); ++i) {
    loops.push_back(MakeEpollLoop());
    workers.push_back(loops.back().get());
  }
  ThreadResolver resolver(*control);
  Server server({.control = *control, .workers = workers, .resolver = resolver, .logger = logger},
                std::move(config));
  const absl::Status started =
      server.Start(Endpoint{.host = options.stats_address,
                            .port = static_cast<uint16_t>(options.stats_port),
                            .path = ""});
  if (!started.ok()) {
    fprintf(stderr, "nutcracker: %s\n", std::string(started.message()).c_str());
    return 1;
  }
  std::vector<std::thread> threads;
  for (EventLoop* loop : workers) threads.emplace_back([loop] { loop->Run(); });
  threads.emplace_back([&] { control->Run(); });
  logger.Write(LogLevel::kNotice, "started",
               {{"version", VersionString()}, {"pid", getpid()}, {"workers", workers.size()}});

  const int signal = WaitForEnd(signals, logger);
  logger.Write(LogLevel::kNotice, "stopping", {{"signal", signal}});
  server.Drain([&] {
    for (EventLoop* loop : workers) loop->Stop();
    control->Stop();
  });
  for (std::thread& thread : threads) thread.join();
  logger.Write(LogLevel::kNotice, "stopped");
  return 0;
}

int Main(int argc, char** argv) {
  const absl::StatusOr<Options> options = ParseOptions(argc, argv);
  if (!options.ok()) {
    fprintf(stderr, "%s\n%s", std::string(options.status().message()).c_str(),
            UsageText("nutcracker").c_str());
    return 1;
  }
  if (options->version || options->help) {
    PrintVersion();
    if (options->help) fputs(UsageText("nutcracker").c_str(), stderr);
    return 0;
  }
  if (options->describe_stats) {
    PrintVersion();
    fputs(DescribeStats().c_str(), stderr);
    return 0;
  }
  EnterUsersDirectory();
  ParsedConfig parsed = LoadConfig(*options);
  if (options->test_config || !parsed.ok()) return TestConfig(parsed, options->config_file);
  auto logger = Logger::Open(options->output, static_cast<LogLevel>(options->verbosity));
  if (!logger.ok()) {
    fprintf(stderr, "nutcracker: %s\n", std::string(logger.status().message()).c_str());
    return 1;
  }
  for (const Problem& problem : parsed.problems) {
    (*logger)->Write(LogLevel::kWarn, problem.ToString(parsed.config.file));
  }
  SetCheckLogger(logger->get());
  RaiseFileLimit();
  return Serve(*options, std::move(parsed.config), **logger);
}

}  // namespace
}  // namespace keyway

int main(int argc, char** argv) { return keyway::Main(argc, argv); }
