#include "tools/keywayctl/arguments.h"

#include <getopt.h>

#include <string_view>

#include "absl/strings/str_format.h"

namespace keyway {
namespace {

struct OptionRow {
  char letter;
  std::string_view name;      // without "--"
  std::string_view argument;  // empty: none
  std::string_view help;
  void (*set)(Arguments& arguments, const char* value);
};

constexpr OptionRow kOptions[] = {
    {'a', "address", "ADDRESS", "the proxy's --admin: host:port or unix:/path (127.0.0.1:22223)",
     [](Arguments& arguments, const char* value) { arguments.address = value; }},
    {'p', "pool", "POOL", "for state, names and route: only this pool",
     [](Arguments& arguments, const char* value) { arguments.pool = value; }},
    {'j', "json", "", "answer as JSON: the messages of proxy/admin/admin.proto",
     [](Arguments& arguments, const char*) { arguments.json = true; }},
    {'f', "force", "", "for eject: also the last live server of a pool",
     [](Arguments& arguments, const char*) { arguments.force = true; }},
    {'h', "help", "", "print this text and exit",
     [](Arguments& arguments, const char*) { arguments.help = true; }},
};

}  // namespace

absl::StatusOr<Arguments> ParseArguments(int argc, char* argv[]) {
  std::vector<option> long_options;
  std::string letters = ":";  // tells a missing argument from an unknown option
  for (const OptionRow& row : kOptions) {
    const bool takes = !row.argument.empty();
    long_options.push_back({.name = row.name.data(),
                            .has_arg = takes ? required_argument : no_argument,
                            .flag = nullptr,
                            .val = row.letter});
    letters += row.letter;
    if (takes) letters += ':';
  }
  long_options.push_back({});

  Arguments arguments;
  opterr = 0;  // print nothing
  while (true) {
    const int letter = getopt_long(argc, argv, letters.c_str(), long_options.data(), nullptr);
    if (letter == -1) break;
    if (letter == '?' || letter == ':') {
      return absl::InvalidArgumentError(absl::StrFormat(
          "%s %s", argv[optind - 1], letter == ':' ? "needs an argument" : "is no option"));
    }
    for (const OptionRow& row : kOptions) {
      if (row.letter == letter) row.set(arguments, optarg);
    }
  }
  arguments.words.assign(argv + optind, argv + argc);
  return arguments;
}

std::string OptionsText() {
  std::string text;
  for (const OptionRow& row : kOptions) {
    const std::string equals = row.argument.empty() ? "" : "=";
    absl::StrAppendFormat(&text, "  -%c, --%-16s %s\n", row.letter,
                          absl::StrFormat("%s%s%s", row.name, equals, row.argument), row.help);
  }
  return text;
}

}  // namespace keyway
