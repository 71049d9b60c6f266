// The daemon, from its command line to its end.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proxy/base/log.h"
#include "proxy/daemon.h"
#include "proxy/flags/options.h"
#include "proxy/load_config.h"
#include "proxy/process/detach.h"
#include "proxy/stats/metrics.h"
#include "proxy/version.h"

namespace keyway {
namespace {

// The name that scripts know, in messages and versions alike.
constexpr char kName[] = "nutcracker";

int RefuseOptions(const absl::Status& wrong) {
  fprintf(stderr, "%s: %s\n%s", kName, std::string(wrong.message()).c_str(),
          UsageText(kName).c_str());
  return 1;
}

// The first line is nutcracker's to the byte, for programs that read it.
int DescribeProgram(const Options& options) {
  fprintf(stderr, "This is %s-0.5.0\nasync event backend: epoll\nkeyway %s\n\n", kName,
          VersionString().c_str());
  if (options.help) {
    fputs(UsageText(kName).c_str(), stderr);
  } else if (options.describe_stats) {
    fputs(DescribeStats().c_str(), stderr);
  }
  return 0;
}

// Relative paths count from where the user is, not from where Bazel runs programs.
void EnterUsersDirectory() {
  const char* directory = getenv("BUILD_WORKING_DIRECTORY");
  if (directory != nullptr && chdir(directory) != 0) perror("chdir");
}

ParsedConfig LoadConfigFor(const Options& options) {
  const bool example = !options.as_nutcracker && !options.config_file_given &&
                       access(options.config_file.c_str(), F_OK) != 0;
  if (!example) return LoadConfig(options.config_file);
  fprintf(stderr,
          "%s is not there: running the built-in example, pool alpha on 127.0.0.1:22121 over "
          "Redis on 127.0.0.1:6386 and 127.0.0.1:6387. Use -c FILE for your own.\n",
          options.config_file.c_str());
  return ExampleConfig();
}

int TellSyntax(const ParsedConfig& parsed, const std::string& file) {
  fprintf(stderr, "%s: configuration file '%s' syntax is %s\n", kName, file.c_str(),
          parsed.ok() ? "ok" : "invalid");
  return parsed.ok() ? 0 : 1;
}

void LogProblems(const ParsedConfig& parsed, Logger& logger) {
  for (const Problem& problem : parsed.problems) {
    const bool error = problem.severity == Severity::kError;
    logger.Write(error ? LogLevel::kErr : LogLevel::kWarn, problem.ToString(parsed.config.file));
  }
  if (logger.to_file()) fputs(parsed.Report().c_str(), stderr);
}

int Fail(const absl::Status& reason) {
  fprintf(stderr, "%s: %s\n", kName, std::string(reason.message()).c_str());
  return 1;
}

int Serve(const Options& options, Config config, Logger& logger) {
  Daemon daemon({.detach = options.daemonize,
                 .pid_file = options.pid_file,
                 .workers = options.workers,
                 .stats = {.host = options.stats_address,
                           .port = static_cast<uint16_t>(options.stats_port),
                           .path = ""},
                 .admin = options.admin},
                logger);
  const absl::Status status = daemon.Run(std::move(config));
  if (status.ok()) return 0;
  if (logger.to_file()) logger.Tell(LogLevel::kErr, std::string(status.message()));
  return Fail(status);
}

int Main(int argc, char** argv) {
  OpenStandardStreams();
  const absl::StatusOr<Options> options = ParseOptions(argc, argv);
  if (!options.ok()) return RefuseOptions(options.status());
  if (options->version || options->help || options->describe_stats) {
    return DescribeProgram(*options);
  }
  EnterUsersDirectory();
  ParsedConfig parsed = LoadConfigFor(*options);
  if (options->test_config) {
    fputs(parsed.Report().c_str(), stderr);
    return TellSyntax(parsed, options->config_file);
  }
  const auto logger = Logger::Open(options->output, static_cast<LogLevel>(options->verbosity),
                                   *options->log_format);
  if (!logger.ok()) return Fail(logger.status());
  SetCheckLogger(logger->get());
  LogProblems(parsed, **logger);
  if (!parsed.ok()) return TellSyntax(parsed, options->config_file);
  return Serve(*options, std::move(parsed.config), **logger);
}

}  // namespace
}  // namespace keyway

int main(int argc, char** argv) { return keyway::Main(argc, argv); }
