#include "proxy/flags/options.h"

#include <getopt.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "proxy/base/number.h"

namespace keyway {
namespace {

constexpr int kMostInt = std::numeric_limits<int>::max();
constexpr int kMostVerbosity = 11;
constexpr int kMostWorkers = 1024;

// getopt_long reports row N of the table as kFirstRow + N, whichever form was used, and
// its own complaints as characters.
constexpr int kFirstRow = 256;

template <bool Options::*field>
std::string Switch(const std::string&, Options& options) {
  options.*field = true;
  return "";
}

template <std::string Options::*field>
std::string Text(const std::string& argument, Options& options) {
  options.*field = argument;
  return "";
}

template <int Options::*field, int least, int most>
std::string Number(const std::string& argument, Options& options) {
  const std::optional<int> number = ParseNumber(argument, least, most);
  if (!number) {
    return absl::StrFormat("'%s' is not a number from %d to %d", argument, least, most);
  }
  options.*field = *number;
  return "";
}

std::string SetVerbosity(const std::string& argument, Options& options) {
  std::string wrong = Number<&Options::verbosity, 0, kMostInt>(argument, options);
  options.verbosity = std::min(options.verbosity, kMostVerbosity);
  return wrong;
}

std::string SetConfigFile(const std::string& argument, Options& options) {
  options.config_file = argument;
  options.config_file_given = true;
  return "";
}

// clang-format off
constexpr OptionRow kOptions[] = {
    {'h', "help", "", "print this text and exit", Switch<&Options::help>},
    {'V', "version", "", "print the version and exit", Switch<&Options::version>},
    {'t', "test-conf", "", "check the configuration file and exit", Switch<&Options::test_config>},
    {'d', "daemonize", "", "go to the background", Switch<&Options::daemonize>},
    {'D', "describe-stats", "", "list the statistics and exit", Switch<&Options::describe_stats>},
    {'v', "verbose", "N", "how much to log, from 0 to 11 (5)", SetVerbosity},
    {'o', "output", "FILE", "where to log to (stderr)", Text<&Options::output>},
    {'c', "conf-file", "FILE", "the configuration (/etc/nutcracker/nutcracker.yml)", SetConfigFile},
    {'s', "stats-port", "N", "the port of the statistics (22222)",
     Number<&Options::stats_port, 1, 65535>},
    {'a', "stats-addr", "HOST", "the address of the statistics (0.0.0.0)",
     Text<&Options::stats_address>},
    {'i', "stats-interval", "N", "milliseconds between updates of the statistics (30000)",
     Number<&Options::stats_interval_ms, 0, kMostInt>},
    {'p', "pid-file", "FILE", "where to write the process id (nowhere)",
     Text<&Options::pid_file>},
    {'m', "mbuf-size", "N", "nutcracker's buffer size (16384); checked, and not needed",
     Number<&Options::mbuf_size, 512, 16777216>},
    {0, "workers", "N", "threads that serve clients (as configured, or one a processor)",
     Number<&Options::workers, 1, kMostWorkers>},
};
// clang-format on

std::string DisplayName(const OptionRow& row) {
  return row.letter != 0 ? absl::StrFormat("-%c", row.letter) : absl::StrFormat("--%s", row.name);
}

// The row that getopt's value or complaint is about, if it names one.
const OptionRow* FindRow(int value) {
  if (value >= kFirstRow) return &kOptions[value - kFirstRow];
  const auto row = std::find_if(std::begin(kOptions), std::end(kOptions),
                                [&](const OptionRow& option) { return option.letter == value; });
  return value == 0 || row == std::end(kOptions) ? nullptr : row;
}

std::vector<option> LongOptions() {
  std::vector<option> options;
  for (const OptionRow& row : kOptions) {
    options.push_back({.name = row.name.data(),
                       .has_arg = row.argument.empty() ? no_argument : required_argument,
                       .flag = nullptr,
                       .val = kFirstRow + static_cast<int>(options.size())});
  }
  options.push_back({});
  return options;
}

// The colon in front tells a missing argument from an unknown option.
std::string ShortOptions() {
  std::string letters = ":";
  for (const OptionRow& row : kOptions) {
    if (row.letter == 0) continue;
    letters += row.letter;
    if (!row.argument.empty()) letters += ':';
  }
  return letters;
}

// What getopt complains about, with the word it was reading.
std::string Complaint(int value, const OptionRow* row, std::string_view word) {
  if (value == ':') {
    return absl::StrFormat("option %s needs an argument: %s", DisplayName(*row), row->argument);
  }
  if (!word.starts_with("--")) return absl::StrFormat("there is no option -%c", value);
  if (row != nullptr) return absl::StrFormat("option --%s takes no argument", row->name);
  return absl::StrFormat("%s is no option, or the start of several", word);
}

}  // namespace

std::span<const OptionRow> AllOptions() { return kOptions; }

absl::StatusOr<Options> ParseOptions(int argc, const char* const argv[]) {
  // getopt_long moves the arguments around, but does not write to them.
  std::vector<char*> arguments;
  for (int i = 0; i < argc; ++i) arguments.push_back(const_cast<char*>(argv[i]));
  arguments.push_back(nullptr);
  const std::vector<option> long_options = LongOptions();
  const std::string short_options = ShortOptions();

  Options options;
  optind = 0;  // glibc: start afresh
  opterr = 0;  // print nothing
  while (true) {
    const int value =
        getopt_long(argc, arguments.data(), short_options.c_str(), long_options.data(), nullptr);
    if (value == -1) return options;
    if (value == '?' || value == ':') {
      const std::string_view word = optind > 0 ? arguments[optind - 1] : "";
      return absl::InvalidArgumentError(
          Complaint(value == ':' ? ':' : optopt, FindRow(optopt), word));
    }
    const OptionRow& row = *FindRow(value);
    const std::string wrong = row.set(optarg != nullptr ? optarg : "", options);
    if (!wrong.empty()) {
      return absl::InvalidArgumentError(absl::StrFormat("option %s: %s", DisplayName(row), wrong));
    }
  }
}

std::string UsageText(std::string_view program) {
  std::string text = absl::StrFormat("usage: %s [option]...\n", program);
  for (const OptionRow& row : kOptions) {
    const std::string letter = row.letter != 0 ? absl::StrFormat("-%c,", row.letter) : "";
    const std::string equals = row.argument.empty() ? "" : "=";
    absl::StrAppendFormat(&text, "  %-3s --%-22s %s\n", letter,
                          absl::StrFormat("%s%s%s", row.name, equals, row.argument), row.help);
  }
  return text;
}

}  // namespace keyway
