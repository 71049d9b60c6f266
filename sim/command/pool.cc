#include "sim/command/pool.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "proxy/config/parse.h"

namespace keyway::sim {
namespace {

absl::StatusOr<const PoolConfig*> FindPool(const Config& config, const std::string& name) {
  if (name.empty() && config.pools.size() == 1) return &config.pools.front();
  std::string names;
  for (const PoolConfig& pool : config.pools) {
    if (pool.name == name) return &pool;
    names += (names.empty() ? "" : ", ") + pool.name;
  }
  if (name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: has several pools; choose one with --pool: %s", config.file, names));
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: has no pool %s, but %s", config.file, Quoted(name), names));
}

std::string AddressOf(const Endpoint& endpoint) {
  if (endpoint.is_unix()) return endpoint.path;
  const bool ipv6 = endpoint.host.find(':') != std::string::npos;
  const std::string host = ipv6 ? "[" + endpoint.host + "]" : endpoint.host;
  return absl::StrFormat("%s:%d", host, endpoint.port);
}

std::string WithoutLastLineFeed(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

void PoolOptions::AddTo(CLI::App& app, const std::string& option, const std::string& help) {
  app.add_option(option, file, help)->required()->type_name("FILE");
  app.add_option("--pool", name, "The pool, if the file has several")->type_name("NAME");
}

absl::StatusOr<Pool> ReadPool(const PoolOptions& options, Files& files) {
  const absl::StatusOr<std::string> text = files.Read(options.file);
  if (!text.ok()) return text.status();
  const ParsedConfig parsed = ParseConfig(*text, options.file);
  if (!parsed.ok()) return absl::InvalidArgumentError(WithoutLastLineFeed(parsed.Report()));
  const absl::StatusOr<const PoolConfig*> found = FindPool(parsed.config, options.name);
  if (!found.ok()) return found.status();
  Pool pool = {.config = **found, .file = options.file};
  for (const Problem& problem : parsed.problems) {
    if (problem.pool.empty() || problem.pool == pool.config.name) {
      pool.warnings.push_back(problem.ToString(options.file));
    }
  }
  return pool;
}

hashing::PlacementOptions PlacementOptionsOf(const PoolConfig& pool) {
  return {.hash = pool.hash, .hash_tag = pool.hash_tag, .distribution = pool.distribution};
}

std::vector<hashing::Member> MembersOf(const PoolConfig& pool) {
  std::vector<hashing::Member> members;
  for (const ServerConfig& server : pool.servers) {
    members.push_back({.name = server.name, .weight = server.weight});
  }
  return members;
}

std::string Describe(const hashing::PlacementOptions& options) {
  std::string text = options.distribution + ", " + options.hash;
  if (!options.hash_tag.empty()) text += ", hash tag " + options.hash_tag;
  return text;
}

std::string Describe(const PoolConfig& pool) {
  const size_t servers = pool.servers.size();
  return absl::StrFormat("%d server%s, %s", servers, servers == 1 ? "" : "s",
                         Describe(PlacementOptionsOf(pool)));
}

Scenario AddPool(const PoolConfig& pool, std::string id, Experiment& experiment) {
  Scenario scenario = {
      .id = std::move(id), .options = PlacementOptionsOf(pool), .members = MembersOf(pool)};
  std::vector<Server>& servers = experiment.servers;
  for (const ServerConfig& server : pool.servers) {
    const std::string address = AddressOf(server.endpoint);
    auto known = std::ranges::find(servers, address, &Server::address);
    if (known == servers.end()) known = servers.insert(known, {.address = address});
    known->name = server.name;
    scenario.servers.push_back(static_cast<size_t>(known - servers.begin()));
  }
  return scenario;
}

void TellApart(std::vector<Server>& servers) {
  std::map<std::string, int> names;
  for (const Server& server : servers) ++names[server.name];
  for (Server& server : servers) {
    if (names[server.name] > 1) server.name += " " + server.address;
  }
}

std::vector<double> Weights(const Scenario& scenario, size_t servers) {
  std::vector<double> weights(servers);
  for (size_t i = 0; i < scenario.members.size(); ++i) {
    weights[scenario.servers[i]] += scenario.members[i].weight;
  }
  return weights;
}

void FairOptions::AddTo(CLI::App& app) {
  app.add_option("--fair", text,
                 "What servers should have: 'equal', or the weights of another FILE; otherwise "
                 "by their weights")
      ->type_name("FILE");
}

absl::StatusOr<std::vector<double>> FairWeights(const FairOptions& options, const Pool& pool,
                                                const Experiment& experiment, Files& files) {
  std::vector<double> weights = Weights(experiment.scenarios.front(), experiment.servers.size());
  if (options.text.empty()) return weights;
  if (options.text == "equal") {
    for (double& weight : weights) weight = weight > 0 ? 1 : 0;
    return weights;
  }
  const absl::StatusOr<Pool> other =
      ReadPool({.file = options.text, .name = pool.config.name}, files);
  if (!other.ok()) return other.status();
  Experiment known = {.servers = experiment.servers};
  const Scenario scenario = AddPool(other->config, "fair", known);
  const std::vector<double> fair = Weights(scenario, known.servers.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0 && fair[i] == 0) {
      return absl::InvalidArgumentError(
          absl::StrFormat("%s: has no server at %s", options.text, experiment.servers[i].address));
    }
    weights[i] = weights[i] > 0 ? fair[i] : 0;
  }
  return weights;
}

}  // namespace keyway::sim
