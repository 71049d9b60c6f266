// Every scenario, in memory: with whole reads and with reads cut anywhere.
#include "proxy/testing/scenario.h"

#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "proxy/testing/fake_stage.h"

namespace keyway {
namespace {

std::string NameOf(const ::testing::TestParamInfo<std::string>& test) {
  std::string name = std::filesystem::path(test.param).stem();
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

TEST(ComposeMessagesTest, WritesWhatPeopleRead) {
  const auto redis = [](std::string_view text) { return ComposeMessages(Protocol::kRedis, text); };
  EXPECT_EQ("*2\r\n$3\r\nGET\r\n$1\r\na\r\n*1\r\n$4\r\nPING\r\n", redis("GET a | PING"));
  EXPECT_EQ("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$3\r\nx y\r\n", redis("SET a \"x y\""));
  EXPECT_EQ("$1\r\nA\r\n$-1\r\n+OK\r\n-ERR no way\r\n:7\r\n",
            redis("$1 A | $-1 | +OK | -ERR no way | :7"));
  EXPECT_EQ("*3\r\n$3\r\na b\r\n$-1\r\n*1\r\n:1\r\n*-1\r\n*0\r\n",
            redis("*3 $3 a b $-1 *1 :1 | *-1 | *0"));
  EXPECT_EQ("*1\r\n\x01", redis("\"*1\\r\\n\\x01\""));
  EXPECT_EQ("$6\r\nababab\r\n:1\r\n:1\r\n", redis("$6 {3 ab} | {2 :1 | }"));
  EXPECT_EQ("$2\r\nxx\r\n$2\r\nxx\r\n", redis("{2 $2 {2 x} | }"));
  EXPECT_EQ("*2\r\n$3\r\nGET\r\n$4\r\n{a}b\r\n", redis("GET {a}b"));
  EXPECT_EQ("set a 0 0 1\r\nA\r\nget a\r\n",
            ComposeMessages(Protocol::kMemcache, "set a 0 0 1\\r\\nA | get a"));
}

class ScenarioTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, InMemory) {
  FakeStage stage;
  Play(ReadScenario(GetParam()), stage);
  stage.StopProxy();
  stage.loop().RunUntilIdle();
  EXPECT_EQ(0u, stage.loop().blocks().bytes_in_use());
}

TEST_P(ScenarioTest, InMemoryCutAnywhere) {
  const Scenario scenario = ReadScenario(GetParam());
  bool large = false;
  for (const ScenarioStep& step : scenario.steps) {
    large = large || step.text.find("00000 ") != step.text.npos;
  }
  FakeStage stage({.max_read_bytes = large ? 9973u : 7u, .shuffle = true, .seed = 11});
  Play(scenario, stage);
}

INSTANTIATE_TEST_SUITE_P(All, ScenarioTest, ::testing::ValuesIn(ScenarioFiles()), NameOf);

}  // namespace
}  // namespace keyway
