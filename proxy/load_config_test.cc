#include "proxy/load_config.h"

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

ParsedConfig Load(const std::string& text) {
  const std::string path = ::testing::TempDir() + "/load.yml";
  std::ofstream(path) << text;
  return LoadConfig(path);
}

std::string PoolText(const std::string& name, const std::string& listen) {
  return name + ":\n  listen: " + listen + "\n  redis: true\n  servers:\n   - 127.0.0.1:6379:1\n";
}

TEST(LoadConfigTest, AddressesToListenOnMustResolve) {
  const ParsedConfig parsed =
      Load(PoolText("a", "127.0.0.1:22121") + PoolText("b", "nosuch.invalid:22122") +
           PoolText("c", "/tmp/socket 0600"));
  ASSERT_EQ(parsed.problems.size(), 1u);
  EXPECT_FALSE(parsed.ok());
  EXPECT_THAT(parsed.Report(), HasSubstr("load.yml:7:3: error: pool 'b': key 'listen': cannot "
                                         "resolve 'nosuch.invalid': "));
}

TEST(LoadConfigTest, ThatStandsAmongTheOtherProblemsInTheOrderOfTheFile) {
  const ParsedConfig parsed = Load(PoolText("a", "127.0.0.1:22121") + "  hash: sha\n" +
                                   PoolText("b", "nosuch.invalid:22122") + "  timeout: soon\n");
  ASSERT_EQ(parsed.problems.size(), 3u);
  EXPECT_EQ(parsed.problems[0].key, "hash");
  EXPECT_EQ(parsed.problems[1].key, "listen");
  EXPECT_EQ(parsed.problems[2].key, "timeout");
}

TEST(LoadConfigTest, AFileThatCannotBeReadIsAProblem) {
  const ParsedConfig parsed = LoadConfig("/nonexistent/nutcracker.yml");
  EXPECT_FALSE(parsed.ok());
  EXPECT_THAT(parsed.Report(), StartsWith("/nonexistent/nutcracker.yml: error: cannot be opened"));
}

TEST(LoadConfigTest, TheExampleIsFlawless) {
  EXPECT_EQ(ExampleConfig().Report(), "");
  EXPECT_EQ(ExampleConfig().config.pools.size(), 1u);
}

}  // namespace
}  // namespace keyway
