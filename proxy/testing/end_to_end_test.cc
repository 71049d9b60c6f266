// Every scenario again, with the program that is shipped, real sockets and real time.
#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "proxy/testing/scenario.h"

namespace keyway {
namespace {

std::string NameOf(const ::testing::TestParamInfo<std::string>& test) {
  std::string name = std::filesystem::path(test.param).stem();
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

class EndToEndTest : public ::testing::TestWithParam<std::string> {};

TEST_P(EndToEndTest, Scenario) {
  const Scenario scenario = ReadScenario(GetParam());
  if (scenario.memory_only) return;
  KernelStage stage(ProxyPath(), {"--workers=1"});
  Play(scenario, stage);
}

INSTANTIATE_TEST_SUITE_P(All, EndToEndTest, ::testing::ValuesIn(ScenarioFiles()), NameOf);

}  // namespace
}  // namespace keyway
