// The simulator's counts beside what the real nutcracker did in the configurations of
// testdata/vectors/routing.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "proxy/config/parse.h"
#include "sim/engine/experiment.h"
#include "sim/engine/pool_experiment.h"
#include "sim/source/open/open.h"

namespace keyway::sim {
namespace {

// The keys of a table of vectors in hexadecimal, and how many of them each server got from
// nutcracker.
struct Vectors {
  std::string keys;
  std::map<std::string, uint64_t> keys_by_server;
};

Vectors ReadVectors(const std::filesystem::path& file) {
  Vectors vectors;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    const size_t tab = line.find('\t');
    const size_t end = std::min(line.find('\t', tab + 1), line.size());
    vectors.keys += line.substr(0, tab) + "\n";
    ++vectors.keys_by_server[line.substr(tab + 1, end - tab - 1)];
  }
  return vectors;
}

std::unique_ptr<Source> HexSource(const std::string& keys) {
  const std::string path = ::testing::TempDir() + "keys";
  std::ofstream(path, std::ios::binary) << keys;
  absl::StatusOr<std::unique_ptr<Source>> source = OpenSource(path, {.format = "hex"});
  EXPECT_TRUE(source.ok()) << source.status();
  return *std::move(source);
}

TEST(VectorsTest, EveryServerGetsAsManyKeysAsFromNutcracker) {
  size_t configurations = 0;
  for (const auto& entry : std::filesystem::directory_iterator("testdata/vectors/routing")) {
    if (entry.path().extension() != ".yml") continue;
    SCOPED_TRACE(entry.path());
    const ParsedConfig parsed = ReadConfigFile(entry.path());
    ASSERT_TRUE(parsed.ok()) << parsed.Report();
    const Experiment experiment = ExperimentOfPool(parsed.config.pools.at(0));
    Vectors vectors = ReadVectors(std::filesystem::path(entry.path()).replace_extension(".tsv"));
    ASSERT_FALSE(vectors.keys.empty());

    std::vector<std::unique_ptr<Source>> sources;
    sources.push_back(HexSource(vectors.keys));
    const absl::StatusOr<Outcome> outcome = sim::Run(experiment, std::move(sources), {});
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    for (size_t server = 0; server < experiment.servers.size(); ++server) {
      EXPECT_EQ(outcome->tally.scenarios[0].servers[server].keys,
                vectors.keys_by_server[experiment.servers[server].name])
          << experiment.servers[server].name;
    }
    ++configurations;
  }
  EXPECT_GE(configurations, 29u);
}

}  // namespace
}  // namespace keyway::sim
