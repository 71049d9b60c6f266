#include "proxy/config/nutcracker.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_format.h"
#include "hashing/distribution.h"
#include "hashing/hash.h"
#include "proxy/base/number.h"
#include "proxy/config/address_text.h"

namespace keyway {
namespace {

constexpr int kMostInt = std::numeric_limits<int>::max();
constexpr int kMostWorkers = 1024;

template <class Settings, class Value>
Settings SettingsOf(Value Settings::*);

template <auto field, int least = 0, int most = kMostInt>
std::string Number(const Scalar& value, decltype(SettingsOf(field))& settings) {
  const std::optional<int> number = ParseNumber(value.text, least, most);
  if (!number) {
    return absl::StrFormat("%s is not a number from %d to %d in plain digits", Quoted(value.text),
                           least, most);
  }
  settings.*field = *number;
  return "";
}

template <auto field>
std::string Boolean(const Scalar& value, decltype(SettingsOf(field))& settings) {
  if (value.text != "true" && value.text != "false") {
    return absl::StrFormat("%s is neither 'true' nor 'false'", Quoted(value.text));
  }
  settings.*field = value.text == "true";
  return "";
}

template <auto field>
std::string Text(const Scalar& value, decltype(SettingsOf(field))& settings) {
  settings.*field = value.text;
  return "";
}

// "a, b or c" from the names of a table.
template <class Row>
std::string Names(std::span<const Row> rows) {
  std::string names;
  for (const Row& row : rows) {
    if (&row != &rows.front()) names += &row == &rows.back() ? " or " : ", ";
    names += row.name;
  }
  return names;
}

std::string SetHash(const Scalar& value, PoolConfig& pool) {
  if (hashing::FindHash(value.text) == nullptr) {
    return absl::StrFormat("%s is not a hash; write %s", Quoted(value.text),
                           Names(hashing::AllHashes()));
  }
  pool.hash = value.text;
  return "";
}

std::string SetDistribution(const Scalar& value, PoolConfig& pool) {
  if (hashing::FindDistribution(value.text) == nullptr) {
    return absl::StrFormat("%s is not a distribution; write %s", Quoted(value.text),
                           Names(hashing::AllDistributions()));
  }
  pool.distribution = value.text;
  return "";
}

std::string SetHashTag(const Scalar& value, PoolConfig& pool) {
  if (value.text.size() != 2) {
    return absl::StrFormat(R"(%s is not a pair of characters; write two, such as "{}")",
                           Quoted(value.text));
  }
  pool.hash_tag = value.text;
  return "";
}

std::string SetListen(const Scalar& value, PoolConfig& pool) {
  ListenAddress listen;
  std::string wrong = ParseListen(value.text, listen);
  if (!wrong.empty()) return wrong;
  pool.listen = std::move(listen.endpoint);
  pool.listen_mode = listen.mode;
  pool.listen_text = value.text;
  return "";
}

std::string AddServer(const Scalar& value, PoolConfig& pool) {
  ServerText server;
  std::string wrong = ParseServer(value.text, server);
  if (!wrong.empty()) return wrong;
  pool.servers.push_back({.endpoint = std::move(server.endpoint),
                          .weight = server.weight,
                          .name = std::move(server.name),
                          .line = value.text,
                          .location = value.location});
  return "";
}

constexpr std::string_view kAddressForm = "host:port, or /path and an octal mode";
constexpr std::string_view kServerForm =
    "lines '- host:port:weight' or '- /path:weight', each with a name if wanted";

// clang-format off
constexpr Key<PoolConfig> kPoolKeys[] = {
    {.name = "listen", .form = kAddressForm,
     .help = "Where clients connect to.",
     .set = SetListen},
    {.name = "servers", .form = kServerForm,
     .help = "The servers that share the keys.",
     .repeats = true, .set = AddServer},
    {.name = "hash", .form = "name",
     .help = "The function that makes a number of a key.",
     .set = SetHash},
    {.name = "hash_tag", .form = "two characters",
     .help = "Hash only the part of a key that stands between these two.",
     .set = SetHashTag},
    {.name = "distribution", .form = "name",
     .help = "How hashed keys are shared out among the servers.",
     .set = SetDistribution},
    {.name = "timeout", .form = "milliseconds",
     .help = "How long a server may take to connect and answer; 0 is for ever.",
     .set = Number<&PoolConfig::timeout_ms>},
    {.name = "backlog", .form = "number",
     .help = "Connections that may wait to be accepted.",
     .set = Number<&PoolConfig::backlog>},
    {.name = "reuse_port", .form = "true or false",
     .help = "Let other processes that say so, too, listen there; the kernel shares out clients.",
     .set = Boolean<&PoolConfig::reuse_port>},
    {.name = "reuseport", .form = "true or false",
     .help = "The same, as Twemproxy's versions after 0.5.0 have it.",
     .set = Boolean<&PoolConfig::reuse_port>},
    {.name = "client_connections", .form = "number",
     .help = "Most clients at a time; 0 is no limit.",
     .set = Number<&PoolConfig::client_connections>},
    {.name = "redis", .form = "true or false",
     .help = "The pool speaks the Redis protocol; otherwise memcached's.",
     .set = Boolean<&PoolConfig::redis>},
    {.name = "tcpkeepalive", .form = "true or false",
     .help = "Probe idle connections, so that dead ones are noticed.",
     .set = Boolean<&PoolConfig::tcpkeepalive>},
    {.name = "redis_auth", .form = "password",
     .help = "Demanded of clients, and sent to the servers.",
     .set = Text<&PoolConfig::redis_auth>},
    {.name = "redis_db", .form = "number",
     .help = "The database that is selected on the servers.",
     .set = Number<&PoolConfig::redis_db>},
    {.name = "preconnect", .form = "true or false",
     .help = "Connect to the servers at the start instead of at the first request.",
     .set = Boolean<&PoolConfig::preconnect>},
    {.name = "auto_eject_hosts", .form = "true or false",
     .help = "Take a server out while it fails, and give its keys to the others.",
     .set = Boolean<&PoolConfig::auto_eject_hosts>},
    {.name = "server_connections", .form = "number",
     .help = "Connections to each server that clients share.",
     .set = Number<&PoolConfig::server_connections, 1>},
    {.name = "server_retry_timeout", .form = "milliseconds",
     .help = "How long a server that was taken out is left alone.",
     .set = Number<&PoolConfig::server_retry_timeout_ms>},
    {.name = "server_failure_limit", .form = "number",
     .help = "Failures in a row after which a server is taken out; 0 acts as 1.",
     .set = Number<&PoolConfig::server_failure_limit>},
};

constexpr Key<ProcessConfig> kProcessKeys[] = {
    {.name = "workers", .form = "number",
     .help = "Threads that serve clients; one for each processor if not given.",
     .set = Number<&ProcessConfig::workers, 1, kMostWorkers>},
    {.name = "lookup_interval", .form = "milliseconds",
     .help = "From one look-up of the servers' names to the next; 0: only when a server fails. "
             "30000 if not given.",
     .set = Number<&ProcessConfig::lookup_interval_ms>},
};
// clang-format on

// Reads one section by a table of keys.
template <class Settings>
class SectionReader {
 public:
  SectionReader(const Section& section, std::span<const Key<Settings>> keys, Problems& problems)
      : section_(section), keys_(keys), problems_(problems) {}

  Settings Read() {
    for (const Setting& setting : section_.settings) ReadSetting(setting);
    return std::move(settings_);
  }

 private:
  void Report(const Scalar& at, std::string_view key, std::string message) {
    problems_.push_back({.location = at.location,
                         .pool = section_.name.text,
                         .key = std::string(key),
                         .message = std::move(message)});
  }

  void ReadSetting(const Setting& setting) {
    const std::string& name = setting.key.text;
    const auto key = std::find_if(keys_.begin(), keys_.end(),
                                  [&](const Key<Settings>& row) { return row.name == name; });
    if (key == keys_.end()) {
      Report(setting.key, name, absl::StrFormat("is not known; the keys are %s", Names(keys_)));
      return;
    }
    for (const Scalar& value : setting.values) ReadValue(setting, *key, value);
  }

  void ReadValue(const Setting& setting, const Key<Settings>& key, const Scalar& value) {
    if (value.text.empty()) {
      Report(value, key.name, absl::StrFormat("has no value; write %s", key.form));
      return;
    }
    if (!key.repeats && !seen_.insert(key.name).second) {
      Report(setting.key, key.name, "stands here a second time; leave it out");
      return;
    }
    std::string wrong = key.set(value, settings_);
    if (!wrong.empty()) Report(value, key.name, std::move(wrong));
  }

  const Section& section_;
  const std::span<const Key<Settings>> keys_;
  Problems& problems_;
  Settings settings_;
  std::set<std::string_view> seen_;
};

// nutcracker wants exactly one sequence in a pool, whatever its key.
void CheckSequences(const Section& section, Problems& problems) {
  const Setting* first = nullptr;
  for (const Setting& setting : section.settings) {
    if (!setting.sequence) continue;
    if (first != nullptr) {
      problems.push_back({.location = setting.key.location,
                          .pool = section.name.text,
                          .key = setting.key.text,
                          .message = absl::StrFormat("is a second list of '- …' lines, the first "
                                                     "is in line %d; a pool has one, for 'servers'",
                                                     first->key.location.line)});
    }
    first = first == nullptr ? &setting : first;
  }
}

const Setting* FindSetting(const Section& section, std::string_view key) {
  const auto setting = std::find_if(section.settings.begin(), section.settings.end(),
                                    [&](const Setting& row) { return row.key.text == key; });
  return setting == section.settings.end() ? nullptr : &*setting;
}

// The keys without which there is no pool.
void CheckRequired(const Section& section, Problems& problems) {
  const auto report = [&](Location location, std::string_view key, std::string message) {
    problems.push_back({.location = location,
                        .pool = section.name.text,
                        .key = std::string(key),
                        .message = std::move(message)});
  };
  if (FindSetting(section, "listen") == nullptr) {
    report(section.name.location, "listen", absl::StrFormat("is missing; write %s", kAddressForm));
  }
  const Setting* servers = FindSetting(section, "servers");
  if (servers == nullptr) {
    report(section.name.location, "servers", absl::StrFormat("is missing; write %s", kServerForm));
    return;
  }
  const bool has_list = std::any_of(section.settings.begin(), section.settings.end(),
                                    [](const Setting& setting) { return setting.sequence; });
  const bool has_value = !servers->values.empty() && !servers->values.front().text.empty();
  if (!has_list && has_value) {
    report(servers->key.location, "servers",
           absl::StrFormat("is not a list; write %s", kServerForm));
  }
}

void CheckProcess(const Section& section, Problems& problems) {
  for (const Setting& setting : section.settings) {
    if (!setting.sequence) continue;
    problems.push_back({.location = setting.key.location,
                        .pool = section.name.text,
                        .key = setting.key.text,
                        .message = "is a list; write one value behind the colon"});
  }
}

PoolConfig ReadPool(const Section& section, bool complete, Problems& problems) {
  PoolConfig pool = SectionReader(section, PoolKeys(), problems).Read();
  pool.name = section.name.text;
  pool.location = section.name.location;
  for (const Setting& setting : section.settings) {
    pool.key_locations.try_emplace(setting.key.text, setting.key.location);
  }
  if (pool.name.empty()) {
    problems.push_back(
        {.location = pool.location, .message = "a pool needs a name before its ':'"});
  }
  CheckSequences(section, problems);
  if (complete && !section.settings.empty()) CheckRequired(section, problems);
  return pool;
}

}  // namespace

std::span<const Key<PoolConfig>> PoolKeys() { return kPoolKeys; }
std::span<const Key<ProcessConfig>> ProcessKeys() { return kProcessKeys; }

Config ReadSections(std::span<const Section> sections, Problems& problems) {
  // What is missing may stand where the outline could not be read.
  const bool complete = !HasError(problems);
  Config config;
  const Section* process = nullptr;
  for (const Section& section : sections) {
    if (section.name.text == kProcessSection) {
      if (std::exchange(process, &section) != nullptr) {
        problems.push_back({.location = section.name.location,
                            .pool = section.name.text,
                            .message = "stands here a second time; leave it out"});
        continue;
      }
      config.process = SectionReader(section, ProcessKeys(), problems).Read();
      CheckProcess(section, problems);
    } else {
      config.pools.push_back(ReadPool(section, complete, problems));
    }
  }
  return config;
}

}  // namespace keyway
