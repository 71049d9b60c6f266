// The command line: nutcracker's options, and Keyway's own.
#ifndef KEYWAY_PROXY_FLAGS_OPTIONS_H_
#define KEYWAY_PROXY_FLAGS_OPTIONS_H_

#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "proxy/base/log_line.h"

namespace keyway {

// Fields carry the defaults. Those of Debian's nutcracker apply, except that the log
// goes to stderr and no pid file is written unless asked for, or unless the program is
// called nutcracker.
struct Options {
  bool as_nutcracker = false;  // the name that the program was called by
  bool help = false;
  bool version = false;
  bool describe_stats = false;
  bool test_config = false;
  bool daemonize = false;
  int verbosity = 5;   // 0 to 11; what is above counts as 11
  std::string output;  // file of the log; empty: stderr
  std::string config_file = "/etc/nutcracker/nutcracker.yml";
  bool config_file_given = false;
  std::string stats_address = "0.0.0.0";
  int stats_port = 22222;
  int stats_interval_ms = 30000;
  std::string pid_file;  // empty: none
  bool pid_file_given = false;
  int mbuf_size = 16384;  // accepted for nutcracker's sake
  std::string admin;      // where operators may give orders; empty: nowhere
  int workers = 0;        // 0: as configured
  const LogFormat* log_format = &LogFormats().front();
};

// One option, in the words of the command line.
struct OptionRow {
  char letter;                // 0: only the long form
  std::string_view name;      // the long form, without "--"
  std::string_view argument;  // what follows it: "FILE", "N", …; empty: nothing
  std::string_view help;      // for people
  // Takes the argument over. Returns what is wrong with it, as the end of a sentence that
  // begins with the option, or nothing.
  std::string (*set)(const std::string& argument, Options& options);
};

// Every option, in the order of the documentation.
std::span<const OptionRow> AllOptions();

// Reads main's arguments as getopt_long does: "-tc FILE", "--conf-file=FILE" and unique
// beginnings of long options will do; what is no option is ignored. Fails with one line
// for the user; nothing is printed. Uses getopt's global state: one call at a time.
absl::StatusOr<Options> ParseOptions(int argc, const char* const argv[]);

// What --help prints: a line for each option.
std::string UsageText(std::string_view program);

}  // namespace keyway

#endif  // KEYWAY_PROXY_FLAGS_OPTIONS_H_
