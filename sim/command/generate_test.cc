// What is generated comes back through the other commands.

#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/command/program.h"
#include "sim/command/program_testing.h"

namespace keyway::sim {
namespace {

using testing::HasSubstr;

Ran Sim(const std::vector<std::string>& arguments) { return RunSim(arguments, testing::TempDir()); }

std::string Balance(const std::vector<std::string>& sources) {
  std::ofstream(testing::TempDir() + "/pool.yml") << kThreeServers;
  std::vector<std::string> arguments = {"balance", "--config", "pool.yml", "--report", "csv"};
  for (const std::string& source : sources) {
    arguments.push_back("--keys");
    arguments.push_back(source);
  }
  const Ran result = Sim(arguments);
  EXPECT_EQ(result.code, kFine) << result.messages;
  return result.output;
}

// Everything but what the input is called.
std::string Tables(const std::string& report) { return report.substr(report.find("\r\n\r\n")); }

constexpr char kTrace[] = "zipf:keys=2000,requests=40000,reads=0.8,size=uniform:1-99";

TEST(GenerateCommandTest, AFileOfASourceHasTheSameBalance) {
  for (const std::string file : {"trace.csv", "trace.csv.gz", "trace.csv.zst", "trace.csv.lz4"}) {
    const Ran result = Sim({"generate", kTrace, "--format", "twitter", "--output", file});
    EXPECT_EQ(result.code, kFine);
    EXPECT_EQ(result.output, "");
    EXPECT_EQ(result.messages, "40000 records in " + file + "\n");
    EXPECT_EQ(Tables(Balance({file})), Tables(Balance({kTrace})));
  }
}

TEST(GenerateCommandTest, PartsHaveTheBalanceOfTheWhole) {
  const std::string trace = kTrace;
  EXPECT_EQ(Balance({trace + ",part=1/3", trace + ",part=2/3", trace + ",part=3/3"}),
            Balance({trace}));
}

// From one format to another.
TEST(GenerateCommandTest, AFileIsASourceToo) {
  Sim({"generate", "sequence:keys=3", "--format", "hex", "--output", "keys.hex"});
  EXPECT_EQ(Sim({"generate", "keys.hex", "--source-format", "hex"}).output, "1\n2\n3\n");
}

TEST(GenerateCommandTest, WhatWentWrong) {
  const Ran left_out = Sim({"generate", "template:a b{id},keys=3", "--format", "memcached"});
  EXPECT_EQ(left_out.code, kFine);
  EXPECT_THAT(left_out.messages, HasSubstr("3 keys that the format memcached cannot hold"));
  EXPECT_EQ(Sim({"generate"}).code, kBadInput);
  EXPECT_EQ(Sim({"generate", "sequence:"}).code, kBadInput);
  EXPECT_EQ(Sim({"generate", "sequence:keys=1", "--format", "xml"}).code, kBadInput);
  EXPECT_EQ(Sim({"generate", "sequence:keys=1", "--rate", "0"}).code, kBadInput);
  const Ran unwritable = Sim({"generate", "sequence:keys=1", "--output", "no/such/folder"});
  EXPECT_EQ(unwritable.code, kBadInput);
  EXPECT_THAT(unwritable.messages, HasSubstr("no/such/folder: cannot be written"));
}

TEST(StudyCommandTest, OptionsAndErrors) {
  const Ran result = Sim({"study", "--distribution", "ring,slots", "--servers", "3,4", "--points",
                          "1024", "--add", "1", "--keys", "1e3", "--report", "csv"});
  EXPECT_EQ(result.code, kFine) << result.messages;
  EXPECT_THAT(result.output, HasSubstr("\nloads,ring,1024,3,"));
  EXPECT_THAT(result.output, HasSubstr("\nloads,slots,1024,4,"));
  EXPECT_THAT(result.output, HasSubstr("\nchanges,slots,1024,3,joining,"));
  const Ran unknown = Sim({"study", "--distribution", "kettle"});
  EXPECT_EQ(unknown.code, kBadInput);
  EXPECT_THAT(unknown.messages, HasSubstr("there is no distribution \"kettle\""));
  EXPECT_EQ(Sim({"study", "--keys", "many"}).code, kBadInput);
}

}  // namespace
}  // namespace keyway::sim
