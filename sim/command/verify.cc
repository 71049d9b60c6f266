#include "sim/verify/verify.h"

#include <CLI/App.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "proxy/config/address_text.h"
#include "sim/command/commands.h"
#include "sim/command/pool.h"
#include "sim/command/progress.h"
#include "sim/command/verify_report.h"
#include "sim/source/live/server.h"

namespace keyway::sim {
namespace {

class VerifyCommand : public Command {
 public:
  void AddOptions(CLI::App& app) override {
    pool_options_.AddTo(app, "--config", "The configuration, as the proxy reads it");
    app.add_flag("--servers", servers_, "Look at the keys of all servers of the pool");
    app.add_option("--proxy", proxy_, "And read some of them through the proxy that runs there")
        ->type_name("HOST:PORT");
    app.add_option("--sample", options_.sample, "How many keys of each server are read so")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("NUMBER")
        ->capture_default_str();
    app.add_option("--list", options_.examples, "How many misplaced keys of each server are shown")
        ->check(CLI::Range(0, 1'000'000))
        ->type_name("NUMBER")
        ->capture_default_str();
    app.add_flag("--no-progress", no_progress_, "No line about the progress");
  }

  absl::StatusOr<std::optional<Report>> Run(const Context& context) override {
    if (!servers_ && proxy_.empty()) {
      return absl::InvalidArgumentError(
          "--servers looks at the servers, --proxy HOST:PORT also reads through the proxy; give "
          "one of them");
    }
    Files files(context.directory);
    absl::StatusOr<Pool> pool = ReadPool(pool_options_, files);
    if (!pool.ok()) return pool.status();
    pool_ = *std::move(pool);
    const absl::Status planned = Plan();
    if (!planned.ok()) return planned;

    std::optional<Progress> progress;
    if (context.progress && !no_progress_) progress.emplace(context.messages);
    options_.on_progress = [&](uint64_t keys) {
      if (progress) progress->Update(keys, 0);
    };
    const absl::StatusOr<Findings> findings = Verify(deployment_, options_);
    progress.reset();
    if (!findings.ok()) return findings.status();
    return VerifyReport(pool_, experiment_, *findings, options_.examples);
  }

 private:
  absl::Status Plan() {
    const PoolConfig& config = pool_.config;
    experiment_.scenarios.push_back(AddPool(config, "all", experiment_));
    deployment_.scenario = experiment_.scenarios.front();
    TellApart(experiment_.servers);
    deployment_.servers.resize(experiment_.servers.size());
    for (size_t i = 0; i < config.servers.size(); ++i) {
      deployment_.servers[deployment_.scenario.servers[i]] = Live(config.servers[i].endpoint);
      deployment_.servers[deployment_.scenario.servers[i]].database =
          config.redis ? static_cast<uint64_t>(config.redis_db) : 0;
    }
    if (proxy_.empty()) return absl::OkStatus();
    ListenAddress address;
    const std::string problem = ParseListen(proxy_, address);
    if (!problem.empty()) return absl::InvalidArgumentError("--proxy: " + problem);
    // The proxy selects the database itself.
    deployment_.proxy = Live(address.endpoint);
    return absl::OkStatus();
  }

  LiveServer Live(const Endpoint& endpoint) const {
    return {.endpoint = endpoint,
            .redis = pool_.config.redis,
            .password = pool_.config.redis ? pool_.config.redis_auth : ""};
  }

  PoolOptions pool_options_;
  bool servers_ = false;
  std::string proxy_;
  VerifyOptions options_;
  bool no_progress_ = false;
  Pool pool_;
  Experiment experiment_;
  Deployment deployment_;
};

}  // namespace

std::unique_ptr<Command> MakeVerify() { return std::make_unique<VerifyCommand>(); }

}  // namespace keyway::sim
