// The simulator's command line: bazel run //sim -- --config=FILE --keys=FILE

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/status/statusor.h"
#include "sim/report/report.h"
#include "sim/simulate.h"

ABSL_FLAG(std::string, config, "", "The configuration file, as the proxy reads it.");
ABSL_FLAG(std::string, pool, "", "The pool, if the configuration has several.");
ABSL_FLAG(std::string, keys, "", "The file of keys, one to a line; - is the standard input.");
ABSL_FLAG(bool, hex, false, "The keys are in hexadecimal.");
ABSL_FLAG(std::string, format, "table", "How to report: table, csv or json.");

namespace keyway::sim {
namespace {

// Wrong use, as the shell's own programs say it.
constexpr int kUsageError = 2;

int Complain(const std::string& message) {
  std::cerr << message << "\nsim --help shows the options.\n";
  return kUsageError;
}

// Where the user is; bazel run starts programs elsewhere.
std::string UserDirectory() {
  const char* const directory = std::getenv("BUILD_WORKING_DIRECTORY");
  return directory != nullptr ? directory : "";
}

int Main(const std::vector<char*>& arguments) {
  const Task task = {
      .config_file = absl::GetFlag(FLAGS_config),
      .pool = absl::GetFlag(FLAGS_pool),
      .keys_file = absl::GetFlag(FLAGS_keys),
      .key_format = absl::GetFlag(FLAGS_hex) ? KeyFormat::kHex : KeyFormat::kPlain,
      .directory = UserDirectory(),
      .progress = isatty(STDERR_FILENO) == 1,
  };
  const ReportFormat* const format = FindReportFormat(absl::GetFlag(FLAGS_format));
  if (arguments.size() > 1) return Complain("not an option: " + std::string(arguments[1]));
  if (task.config_file.empty()) return Complain("--config is missing");
  if (task.keys_file.empty()) return Complain("--keys is missing");
  if (format == nullptr) return Complain("--format is table, csv or json");

  const absl::StatusOr<Report> report = Simulate(task, std::cerr);
  if (!report.ok()) {
    std::cerr << report.status().message() << "\n";
    return EXIT_FAILURE;
  }
  std::cout << format->render(*report) << std::flush;
  return std::cout ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace keyway::sim

int main(int argc, char* argv[]) {
  absl::SetProgramUsageMessage(
      "shows how the keys of a file spread over the servers of a pool.\n\n"
      "  bazel run //sim -- --config=nutcracker.yml --keys=keys.txt");
  return keyway::sim::Main(absl::ParseCommandLine(argc, argv));
}
