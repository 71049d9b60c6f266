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
#include "proxy/base/log_line.h"
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

constexpr std::string_view kNotANumber = "requires a number";

template <int Options::*field, int least, int most>
std::string Number(const std::string& argument, Options& options) {
  const std::optional<int> number = ParseNumber(argument, least, most);
  if (!number) {
    const bool is_number = ParseNumber(argument, 0, kMostInt).has_value();
    if (!is_number) return std::string(kNotANumber);
    return absl::StrFormat("value %s is not between %d and %d", argument, least, most);
  }
  options.*field = *number;
  return "";
}

std::string SetVerbosity(const std::string& argument, Options& options) {
  std::string wrong = Number<&Options::verbosity, 0, kMostInt>(argument, options);
  options.verbosity = std::min(options.verbosity, kMostVerbosity);
  return wrong;
}

std::string SetStatsPort(const std::string& argument, Options& options) {
  std::string wrong = Number<&Options::stats_port, 1, 65535>(argument, options);
  if (wrong.empty() || wrong == kNotANumber) return wrong;
  return absl::StrFormat("value %s is not a valid port", argument);
}

std::string SetConfigFile(const std::string& argument, Options& options) {
  options.config_file = argument;
  options.config_file_given = true;
  return "";
}

std::string SetPidFile(const std::string& argument, Options& options) {
  options.pid_file = argument;
  options.pid_file_given = true;
  return "";
}

std::string SetLogFormat(const std::string& argument, Options& options) {
  const LogFormat* const format = FindLogFormat(argument);
  if (format == nullptr) return absl::StrFormat("value %s is neither text nor json", argument);
  options.log_format = format;
  return "";
}

// clang-format off
constexpr OptionRow kOptions[] = {
    {'h', "help", "", "print this text and exit", Switch<&Options::help>},
    {'V', "version", "", "print the version and exit", Switch<&Options::version>},
    {'t', "test-conf", "", "say all that is wrong with the configuration and exit",
     Switch<&Options::test_config>},
    {'d', "daemonize", "", "go to the background once clients are served",
     Switch<&Options::daemonize>},
    {'D', "describe-stats", "", "list the statistics and exit", Switch<&Options::describe_stats>},
    {'v', "verbose", "N", "how much to log, from 0 to 11 (5)", SetVerbosity},
    {'o', "output", "FILE", "the log, which SIGHUP opens anew (stderr)", Text<&Options::output>},
    {'c', "conf-file", "FILE", "the configuration (/etc/nutcracker/nutcracker.yml)", SetConfigFile},
    {'s', "stats-port", "N", "the port of the statistics (22222)", SetStatsPort},
    {'a', "stats-addr", "HOST", "the address of the statistics (0.0.0.0)",
     Text<&Options::stats_address>},
    {'i', "stats-interval", "N",
     "how old statistics may be, in ms (30000): they are always current",
     Number<&Options::stats_interval_ms, 0, kMostInt>},
    {'p', "pid-file", "FILE", "where to write the process id (nowhere)", SetPidFile},
    {'m', "mbuf-size", "N", "nutcracker's buffer size (16384): checked, but without effect",
     Number<&Options::mbuf_size, 512, 16777216>},
    {0, "workers", "N", "threads that serve clients (as configured, or one a processor)",
     Number<&Options::workers, 1, kMostWorkers>},
    {0, "log-format", "FORMAT", "text or json (text)", SetLogFormat},
    {0, "admin", "ADDRESS", "serve keywayctl there: 127.0.0.1:22223 or unix:/path (nowhere)",
     Text<&Options::admin>},
};
// clang-format on

// What an option without its argument is told, in nutcracker's words.
struct ArgumentRow {
  std::string_view argument;
  std::string_view required;
};
constexpr ArgumentRow kArguments[] = {
    {"N", kNotANumber},
    {"FILE", "requires a file name"},
    {"HOST", "requires a string"},
    {"FORMAT", "requires text or json"},
    {"ADDRESS", "requires host:port or unix:/path"},
};

std::string_view Required(std::string_view argument) {
  return std::find_if(std::begin(kArguments), std::end(kArguments),
                      [&](const ArgumentRow& row) { return row.argument == argument; })
      ->required;
}

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
    return absl::StrFormat("option %s %s", DisplayName(*row), Required(row->argument));
  }
  if (!word.starts_with("--")) return absl::StrFormat("invalid option -- '%c'", value);
  if (row != nullptr) return absl::StrFormat("option --%s takes no argument", row->name);
  return absl::StrFormat("invalid option -- '%s', which is none or the beginning of several", word);
}

std::string_view BaseName(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

Options DefaultsFor(const char* program) {
  Options options;
  options.as_nutcracker = program != nullptr && BaseName(program) == "nutcracker";
  if (options.as_nutcracker) options.output = "/var/log/nutcracker/nutcracker.log";
  return options;
}

// nutcracker writes its usual pid file only as a daemon.
void CompletePidFile(Options& options) {
  if (options.as_nutcracker && options.daemonize && !options.pid_file_given) {
    options.pid_file = "/run/nutcracker/nutcracker.pid";
  }
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

  Options options = DefaultsFor(argc > 0 ? argv[0] : nullptr);
  optind = 0;  // glibc: start afresh
  opterr = 0;  // print nothing
  while (true) {
    const int value =
        getopt_long(argc, arguments.data(), short_options.c_str(), long_options.data(), nullptr);
    if (value == -1) {
      CompletePidFile(options);
      return options;
    }
    if (value == '?' || value == ':') {
      const std::string_view word = optind > 0 ? arguments[optind - 1] : "";
      return absl::InvalidArgumentError(
          Complaint(value == ':' ? ':' : optopt, FindRow(optopt), word));
    }
    const OptionRow& row = *FindRow(value);
    const std::string wrong = row.set(optarg != nullptr ? optarg : "", options);
    if (!wrong.empty()) {
      return absl::InvalidArgumentError(absl::StrFormat("option %s %s", DisplayName(row), wrong));
    }
  }
}

std::string UsageText(std::string_view program) {
  std::string text = absl::StrFormat("Usage: %s [option]...\n\nOptions:\n", program);
  for (const OptionRow& row : kOptions) {
    const std::string letter = row.letter != 0 ? absl::StrFormat("-%c,", row.letter) : "";
    const std::string equals = row.argument.empty() ? "" : "=";
    absl::StrAppendFormat(&text, "  %-3s --%-22s %s\n", letter,
                          absl::StrFormat("%s%s%s", row.name, equals, row.argument), row.help);
  }
  return text;
}

}  // namespace keyway
