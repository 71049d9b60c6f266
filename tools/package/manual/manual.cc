#include "tools/package/manual/manual.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "hashing/distribution.h"
#include "hashing/hash.h"
#include "proxy/config/config.h"
#include "proxy/config/nutcracker.h"
#include "proxy/flags/options.h"

namespace keyway {
namespace {

// What a key is when it is not given, read from the defaults of its field.
template <class Settings>
struct Default {
  std::string_view key;
  std::string (*text)(const Settings& settings);
};

std::string Written(const std::string& value) { return value; }
std::string Written(int value) { return absl::StrFormat("%d", value); }
std::string Written(bool value) { return value ? "true" : "false"; }

template <auto field>
std::string PoolField(const PoolConfig& pool) {
  return Written(pool.*field);
}

// Keys that must be given, and those that are off unless given, have no row.
constexpr Default<PoolConfig> kPoolDefaults[] = {
    {"hash", PoolField<&PoolConfig::hash>},
    {"distribution", PoolField<&PoolConfig::distribution>},
    {"timeout", PoolField<&PoolConfig::timeout_ms>},
    {"backlog", PoolField<&PoolConfig::backlog>},
    {"reuse_port", PoolField<&PoolConfig::reuse_port>},
    {"reuseport", PoolField<&PoolConfig::reuse_port>},
    {"client_connections", PoolField<&PoolConfig::client_connections>},
    {"redis", PoolField<&PoolConfig::redis>},
    {"tcpkeepalive", PoolField<&PoolConfig::tcpkeepalive>},
    {"redis_db", PoolField<&PoolConfig::redis_db>},
    {"preconnect", PoolField<&PoolConfig::preconnect>},
    {"auto_eject_hosts", PoolField<&PoolConfig::auto_eject_hosts>},
    {"server_connections", PoolField<&PoolConfig::server_connections>},
    {"server_retry_timeout", PoolField<&PoolConfig::server_retry_timeout_ms>},
    {"server_failure_limit", PoolField<&PoolConfig::server_failure_limit>},
};

template <class Settings>
std::string KeyEntries(std::span<const Key<Settings>> keys,
                       std::span<const Default<Settings>> defaults) {
  std::string entries;
  for (const Key<Settings>& key : keys) {
    absl::StrAppendFormat(&entries, ".TP\n\\fB%s\\fP: \\fI%s\\fP\n%s\n", Roff(key.name),
                          Roff(key.form), Roff(key.help));
    const auto row = std::find_if(defaults.begin(), defaults.end(),
                                  [&](const auto& candidate) { return candidate.key == key.name; });
    if (row != defaults.end()) {
      absl::StrAppendFormat(&entries, "Default: \\fB%s\\fP.\n", Roff(row->text(Settings())));
    }
  }
  return entries;
}

std::string PoolKeyEntries() { return KeyEntries<PoolConfig>(PoolKeys(), kPoolDefaults); }

// What the process does unless told depends on the machine; the help of each key says it.
std::string ProcessKeyEntries() { return KeyEntries<ProcessConfig>(ProcessKeys(), {}); }

std::string OptionEntries() {
  std::string entries;
  for (const OptionRow& row : AllOptions()) {
    const std::string letter =
        row.letter != 0 ? absl::StrFormat("\\fB\\-%c\\fP, ", row.letter) : "";
    const std::string argument =
        row.argument.empty() ? "" : absl::StrFormat("=\\fI%s\\fP", Roff(row.argument));
    absl::StrAppendFormat(&entries, ".TP\n%s\\fB\\-\\-%s\\fP%s\n%s\n", letter, Roff(row.name),
                          argument, Roff(row.help));
  }
  return entries;
}

// "a, b, c." for the rows that nutcracker has, and a second list for the others.
template <class Row>
std::string NameLists(std::span<const Row> rows) {
  std::vector<std::string> known, more;
  for (const Row& row : rows) {
    (row.twemproxy ? known : more).push_back(absl::StrFormat("\\fB%s\\fP", Roff(row.name)));
  }
  std::string lists = absl::StrFormat("As nutcracker has them: %s.\n", absl::StrJoin(known, ", "));
  if (!more.empty()) {
    absl::StrAppendFormat(&lists, "Beyond it: %s.\n", absl::StrJoin(more, ", "));
  }
  return lists;
}

struct Part {
  std::string_view name;
  std::string (*text)();
};

constexpr Part kParts[] = {
    {"options", OptionEntries},
    {"pool-keys", PoolKeyEntries},
    {"process-keys", ProcessKeyEntries},
    {"hashes", [] { return NameLists(hashing::AllHashes()); }},
    {"distributions", [] { return NameLists(hashing::AllDistributions()); }},
};

// The forms of an option: "-c", "--conf-file".
std::vector<std::string> Forms(const OptionRow& row) {
  std::vector<std::string> forms;
  if (row.letter != 0) forms.push_back(absl::StrFormat("-%c", row.letter));
  forms.push_back(absl::StrFormat("--%s", row.name));
  return forms;
}

constexpr char kBashCompletion[] = R"(# Completes the options of NAME.
_NAME() {
  local word=$2 option=$3
  # --option=word comes as three words.
  if [[ $word = = ]]; then
    word=
  elif [[ $option = = ]]; then
    option=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  case $option in
    FILES) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    OTHERS) ;;
    *) mapfile -t COMPREPLY < <(compgen -W 'ALL' -- "$word") ;;
  esac
}
complete -o filenames -F _NAME NAME
)";

}  // namespace

std::string Roff(std::string_view text) {
  std::string source;
  if (text.starts_with('.') || text.starts_with('\'')) source = "\\&";
  for (const char character : text) {
    switch (character) {
      case '\\':
        source += "\\e";
        break;
      case '-':
        source += "\\-";
        break;
      case '\'':
        source += "\\(aq";
        break;
      default:
        source += character;
    }
  }
  return source;
}

absl::StatusOr<std::string> FillPage(std::string_view source) {
  std::vector<std::string> lines = absl::StrSplit(std::string(source), '\n');
  for (std::string& line : lines) {
    if (line.size() < 3 || !line.starts_with('@') || !line.ends_with('@')) continue;
    const std::string name = line.substr(1, line.size() - 2);
    const auto part = std::find_if(std::begin(kParts), std::end(kParts),
                                   [&](const Part& row) { return row.name == name; });
    if (part == std::end(kParts)) {
      return absl::InvalidArgumentError(absl::StrFormat("nothing is generated as %s", line));
    }
    line = part->text();
    line.pop_back();  // the line feed, which joining adds
  }
  return absl::StrJoin(lines, "\n");
}

std::string BashCompletion(std::string_view program) {
  std::vector<std::string> files, others, all;
  for (const OptionRow& row : AllOptions()) {
    for (const std::string& form : Forms(row)) {
      all.push_back(form);
      if (row.argument.empty()) continue;
      (row.argument == "FILE" ? files : others).push_back(form);
    }
  }
  return absl::StrReplaceAll(kBashCompletion, {{"NAME", std::string(program)},
                                               {"FILES", absl::StrJoin(files, " | ")},
                                               {"OTHERS", absl::StrJoin(others, " | ")},
                                               {"ALL", absl::StrJoin(all, " ")}});
}

}  // namespace keyway
