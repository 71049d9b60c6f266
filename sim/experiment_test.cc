#include "sim/experiment.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/config/parse.h"
#include "sim/source/lines.h"

namespace keyway::sim {
namespace {

const OnProgress kNoProgress = [](uint64_t) {};

std::string TemporaryFile(const std::string& name, const std::string& content) {
  std::string path = ::testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

PoolConfig OnlyPool(const std::string& path) {
  const ParsedConfig parsed = ReadConfigFile(path);
  EXPECT_TRUE(parsed.ok()) << parsed.Report();
  return parsed.config.pools.at(0);
}

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

// The tables were measured: the real proxy served these keys from these servers.
TEST(ExperimentTest, EveryServerGetsAsManyKeysAsFromNutcracker) {
  size_t configurations = 0;
  for (const auto& entry : std::filesystem::directory_iterator("testdata/vectors/routing")) {
    if (entry.path().extension() != ".yml") continue;
    const PoolConfig pool = OnlyPool(entry.path());
    Vectors vectors = ReadVectors(std::filesystem::path(entry.path()).replace_extension(".tsv"));
    ASSERT_FALSE(vectors.keys.empty()) << entry.path();

    absl::StatusOr<std::unique_ptr<LineSource>> source =
        LineSource::Open(TemporaryFile("keys", vectors.keys), "keys", KeyFormat::kHex);
    ASSERT_TRUE(source.ok()) << source.status();
    const absl::StatusOr<Tally> tally = PlaceKeys(pool, **source, kNoProgress);
    ASSERT_TRUE(tally.ok()) << tally.status();
    for (size_t i = 0; i < pool.servers.size(); ++i) {
      EXPECT_EQ(tally->keys(i), vectors.keys_by_server[pool.servers[i].name])
          << entry.path() << " " << pool.servers[i].name;
    }
    ++configurations;
  }
  EXPECT_GE(configurations, 29u);
}

TEST(ExperimentTest, ProgressIsToldOnTheWay) {
  const std::string config =
      TemporaryFile("pool.yml", "a:\n  listen: h:1\n  servers:\n   - h:1:1\n   - h:2:1\n");
  absl::StatusOr<std::unique_ptr<LineSource>> source =
      LineSource::Open(TemporaryFile("many", std::string(600'000, '\n')), "", KeyFormat::kPlain);
  ASSERT_TRUE(source.ok());
  std::vector<uint64_t> told;
  const absl::StatusOr<Tally> tally =
      PlaceKeys(OnlyPool(config), **source, [&](uint64_t keys) { told.push_back(keys); });
  ASSERT_TRUE(tally.ok());
  EXPECT_EQ(tally->total(), 600'000u);
  EXPECT_EQ(told, (std::vector<uint64_t>{1 << 18, 1 << 19}));
}

TEST(ExperimentTest, ABadKeyEndsTheExperiment) {
  const std::string config =
      TemporaryFile("one.yml", "a:\n  listen: h:1\n  servers:\n   - h:1:1\n");
  absl::StatusOr<std::unique_ptr<LineSource>> source =
      LineSource::Open(TemporaryFile("bad", "61\nx\n"), "bad", KeyFormat::kHex);
  ASSERT_TRUE(source.ok());
  EXPECT_EQ(PlaceKeys(OnlyPool(config), **source, kNoProgress).status().message(),
            "bad:2: 'x' is not hexadecimal");
}

}  // namespace
}  // namespace keyway::sim
