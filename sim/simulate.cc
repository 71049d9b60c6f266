#include "sim/simulate.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "proxy/config/parse.h"
#include "sim/experiment.h"
#include "sim/progress.h"
#include "sim/statistics.h"
#include "sim/tally.h"

namespace keyway::sim {
namespace {

std::string PathOf(const std::string& name, const std::string& directory) {
  const bool as_it_is = name == "-" || name.starts_with('/') || directory.empty();
  return as_it_is ? name : directory + "/" + name;
}

absl::StatusOr<Config> ReadConfig(const Task& task, std::ostream& messages) {
  ParsedConfig parsed = ReadConfigFile(PathOf(task.config_file, task.directory));
  parsed.config.file = task.config_file;  // messages show what the user wrote
  if (!parsed.ok()) {
    std::string report = parsed.Report();
    report.pop_back();
    return absl::InvalidArgumentError(report);
  }
  messages << parsed.Report();
  return std::move(parsed.config);
}

absl::StatusOr<PoolConfig> FindPool(const Config& config, const std::string& name) {
  if (name.empty() && config.pools.size() == 1) return config.pools.front();
  std::string names;
  for (const PoolConfig& pool : config.pools) {
    if (pool.name == name) return pool;
    names += (names.empty() ? "" : ", ") + pool.name;
  }
  if (name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: has several pools; choose one with --pool: %s", config.file, names));
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: has no pool %s, but %s", config.file, Quoted(name), names));
}

}  // namespace

absl::StatusOr<Report> Simulate(const Task& task, std::ostream& messages) {
  const absl::StatusOr<Config> config = ReadConfig(task, messages);
  if (!config.ok()) return config.status();
  const absl::StatusOr<PoolConfig> pool = FindPool(*config, task.pool);
  if (!pool.ok()) return pool.status();

  const std::string keys_from = task.keys_file == "-" ? "standard input" : task.keys_file;
  const absl::StatusOr<std::unique_ptr<LineSource>> source =
      LineSource::Open(PathOf(task.keys_file, task.directory), keys_from, task.key_format);
  if (!source.ok()) return source.status();

  std::optional<Progress> progress;
  if (task.progress) progress.emplace(messages);
  const absl::StatusOr<Tally> tally = PlaceKeys(*pool, **source, [&](uint64_t keys) {
    if (progress) progress->Update(keys, (*source)->bytes_read(), (*source)->bytes_in_all());
  });
  if (!tally.ok()) return tally.status();

  return Report{.pool = pool->name,
                .hash = pool->hash,
                .hash_tag = pool->hash_tag,
                .distribution = pool->distribution,
                .keys_from = keys_from,
                .figures = ComputeFigures(*pool, *tally)};
}

}  // namespace keyway::sim
