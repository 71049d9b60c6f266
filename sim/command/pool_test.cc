#include "sim/command/pool.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<Pool> Read(const std::string& text, const std::string& name = "") {
  Files files(std::map<std::string, std::string>{{"f.yml", text}});
  return ReadPool({.file = "f.yml", .name = name}, files);
}

std::string OnePool(const std::string& name, const std::string& servers) {
  return name + ":\n  listen: h:" + std::to_string(name.size()) + "\n  servers:\n" + servers;
}

TEST(ReadPoolTest, TheOnlyOneNeedsNoName) {
  EXPECT_EQ(Read(OnePool("a", "   - h:1:1\n"))->config.name, "a");
}

TEST(ReadPoolTest, WarningsOfOtherPoolsAreNotShown) {
  const std::string text =
      OnePool("a", "   - h:1:1 x\n   - h:1:1 y\n") + OnePool("bb", "   - h:1:1\n");
  const absl::StatusOr<Pool> a = Read(text, "a");
  ASSERT_TRUE(a.ok()) << a.status();
  EXPECT_THAT(a->warnings, ElementsAre(HasSubstr("f.yml:5:6: warning: pool 'a'")));
  EXPECT_TRUE(Read(text, "bb")->warnings.empty());
}

TEST(AddPoolTest, AnAddressIsOneServerWhateverItsNames) {
  Experiment experiment;
  const Scenario scenario = AddPool(
      Read(OnePool("a", "   - h:1:1 x\n   - h:2:3 y\n   - h:1:2 z\n"))->config, "all", experiment);
  EXPECT_EQ(experiment.servers.size(), 2u);
  EXPECT_THAT(scenario.servers, ElementsAre(0, 1, 0));
  EXPECT_THAT(Weights(scenario, 2), ElementsAre(3, 3));
}

TEST(AddPoolTest, ServersOfTwoFilesAreToldApart) {
  Experiment experiment;
  AddPool(Read(OnePool("a", "   - h:1:1 x\n   - h:2:1 y\n"))->config, "old", experiment);
  AddPool(Read(OnePool("a", "   - h:1:1 x\n   - h:3:1 y\n"))->config, "new", experiment);
  TellApart(experiment.servers);
  ASSERT_EQ(experiment.servers.size(), 3u);
  EXPECT_EQ(experiment.servers[0].name, "x");
  EXPECT_EQ(experiment.servers[1].name, "y h:2");
  EXPECT_EQ(experiment.servers[2].name, "y h:3");
}

TEST(FilesTest, WhatWasNotReadBeforeIsNotThere) {
  Files files(std::map<std::string, std::string>{});
  EXPECT_FALSE(files.Read("f.yml").ok());
}

}  // namespace
}  // namespace keyway::sim
