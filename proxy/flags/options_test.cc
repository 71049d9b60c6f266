#include "proxy/flags/options.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<Options> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "keyway");
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

std::string ErrorOf(const std::vector<const char*>& arguments) {
  const absl::StatusOr<Options> options = Parse(arguments);
  return options.ok() ? "accepted" : std::string(options.status().message());
}

TEST(OptionsTest, NothingGivenLeavesTheDefaults) {
  const Options options = Parse({}).value();
  EXPECT_FALSE(options.help || options.version || options.test_config || options.daemonize ||
               options.describe_stats || options.config_file_given);
  EXPECT_EQ(options.verbosity, 5);
  EXPECT_EQ(options.output, "");
  EXPECT_EQ(options.config_file, "/etc/nutcracker/nutcracker.yml");
  EXPECT_EQ(options.stats_address, "0.0.0.0");
  EXPECT_EQ(options.stats_port, 22222);
  EXPECT_EQ(options.stats_interval_ms, 30000);
  EXPECT_EQ(options.pid_file, "");
  EXPECT_EQ(options.mbuf_size, 16384);
  EXPECT_EQ(options.workers, 0);
}

TEST(OptionsTest, EveryShortFormSetsItsField) {
  const Options options =
      Parse({"-h", "-V", "-t", "-d",  "-D", "-v", "7",  "-o",  "log", "-c", "f.yml",
             "-s", "1",  "-a", "::1", "-i", "0",  "-p", "pid", "-m",  "512"})
          .value();
  EXPECT_TRUE(options.help && options.version && options.test_config && options.daemonize &&
              options.describe_stats && options.config_file_given);
  EXPECT_EQ(options.verbosity, 7);
  EXPECT_EQ(options.output, "log");
  EXPECT_EQ(options.config_file, "f.yml");
  EXPECT_EQ(options.stats_port, 1);
  EXPECT_EQ(options.stats_address, "::1");
  EXPECT_EQ(options.stats_interval_ms, 0);
  EXPECT_EQ(options.pid_file, "pid");
  EXPECT_EQ(options.mbuf_size, 512);
}

TEST(OptionsTest, EveryLongFormSetsTheSameField) {
  const Options options =
      Parse({"--help", "--version", "--test-conf", "--daemonize", "--describe-stats", "--verbose=7",
             "--output=log", "--conf-file=f.yml", "--stats-port=65535", "--stats-addr=::1",
             "--stats-interval=9", "--pid-file=pid", "--mbuf-size=16777216", "--workers=3",
             "--admin=unix:/a"})
          .value();
  EXPECT_TRUE(options.help && options.version && options.test_config && options.daemonize &&
              options.describe_stats && options.config_file_given);
  EXPECT_EQ(options.verbosity, 7);
  EXPECT_EQ(options.output, "log");
  EXPECT_EQ(options.config_file, "f.yml");
  EXPECT_EQ(options.stats_port, 65535);
  EXPECT_EQ(options.stats_address, "::1");
  EXPECT_EQ(options.stats_interval_ms, 9);
  EXPECT_EQ(options.pid_file, "pid");
  EXPECT_EQ(options.mbuf_size, 16777216);
  EXPECT_EQ(options.workers, 3);
  EXPECT_EQ(options.admin, "unix:/a");
}

TEST(OptionsTest, LettersMayBeJoinedAndLongFormsCut) {
  EXPECT_EQ(Parse({"-tdcf.yml"}).value().config_file, "f.yml");
  EXPECT_TRUE(Parse({"-tdc", "f.yml"}).value().daemonize);
  EXPECT_EQ(Parse({"--conf", "f.yml"}).value().config_file, "f.yml");
  EXPECT_EQ(Parse({"--w=2"}).value().workers, 2);
}

TEST(OptionsTest, WhatIsNoOptionIsIgnored) {
  const Options options = Parse({"stray", "-t", "more", "-", "--", "-x", "--what"}).value();
  EXPECT_TRUE(options.test_config);
}

TEST(OptionsTest, TheLastOfSeveralCounts) {
  EXPECT_EQ(Parse({"-s", "1", "--stats-port=2"}).value().stats_port, 2);
}

TEST(OptionsTest, AnArgumentMayLookLikeAnOptionOrBeEmpty) {
  EXPECT_EQ(Parse({"-o", "-V"}).value().output, "-V");
  EXPECT_EQ(Parse({"-o", ""}).value().output, "");
  EXPECT_TRUE(Parse({"-c", ""}).value().config_file_given);
}

TEST(OptionsTest, VerbosityIsCutToItsRange) {
  EXPECT_EQ(Parse({"-v", "0"}).value().verbosity, 0);
  EXPECT_EQ(Parse({"-v", "99"}).value().verbosity, 11);
}

TEST(OptionsTest, UnknownOptionsAreNamed) {
  EXPECT_EQ(ErrorOf({"-x"}), "invalid option -- 'x'");
  EXPECT_EQ(ErrorOf({"-?"}), "invalid option -- '?'");
  EXPECT_EQ(ErrorOf({"-tx"}), "invalid option -- 'x'");
  EXPECT_EQ(ErrorOf({"-V", "-x"}), "invalid option -- 'x'");
  EXPECT_EQ(ErrorOf({"--foo"}),
            "invalid option -- '--foo', which is none or the beginning of several");
  EXPECT_EQ(ErrorOf({"--stats=5"}),
            "invalid option -- '--stats=5', which is none or the beginning of several");
}

TEST(OptionsTest, MissingAndSuperfluousArgumentsAreNamed) {
  EXPECT_EQ(ErrorOf({"-c"}), "option -c requires a file name");
  EXPECT_EQ(ErrorOf({"-tv"}), "option -v requires a number");
  EXPECT_EQ(ErrorOf({"--stats-addr"}), "option -a requires a string");
  EXPECT_EQ(ErrorOf({"--workers"}), "option --workers requires a number");
  EXPECT_EQ(ErrorOf({"--log-format"}), "option --log-format requires text or json");
  EXPECT_EQ(ErrorOf({"--admin"}), "option --admin requires host:port or unix:/path");
  EXPECT_EQ(ErrorOf({"--test-conf=5"}), "option --test-conf takes no argument");
}

TEST(OptionsTest, NumbersAreDigitsWithinTheirRange) {
  EXPECT_EQ(ErrorOf({"-s", "0"}), "option -s value 0 is not a valid port");
  EXPECT_EQ(ErrorOf({"-s", "65536"}), "option -s value 65536 is not a valid port");
  EXPECT_EQ(ErrorOf({"-s", "x"}), "option -s requires a number");
  EXPECT_EQ(ErrorOf({"-m", "511"}), "option -m value 511 is not between 512 and 16777216");
  EXPECT_EQ(ErrorOf({"--mbuf-size=16777217"}),
            "option -m value 16777217 is not between 512 and 16777216");
  EXPECT_EQ(ErrorOf({"--workers=0"}), "option --workers value 0 is not between 1 and 1024");
  for (const char* number : {"", "x", "5x", "-1", "+1", " 1", "0x10", "1.5", "4294967297"}) {
    EXPECT_EQ(ErrorOf({"-v", number}), "option -v requires a number") << number;
    EXPECT_EQ(ErrorOf({"-s", number}), "option -s requires a number") << number;
    EXPECT_EQ(ErrorOf({"-i", number}), "option -i requires a number") << number;
  }
}

TEST(OptionsTest, FormatsOfTheLogHaveNames) {
  EXPECT_EQ(Parse({})->log_format->name, "text");
  EXPECT_EQ(Parse({"--log-format=text"})->log_format->name, "text");
  EXPECT_EQ(Parse({"--log-format", "json"})->log_format->name, "json");
  EXPECT_EQ(ErrorOf({"--log-format=xml"}),
            "option --log-format value xml is neither text nor json");
}

TEST(OptionsTest, CalledNutcrackerItUsesItsFiles) {
  const auto parse = [](std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "/usr/sbin/nutcracker");
    return *ParseOptions(static_cast<int>(arguments.size()), arguments.data());
  };
  EXPECT_TRUE(parse({}).as_nutcracker);
  EXPECT_FALSE(Parse({})->as_nutcracker);
  EXPECT_EQ(parse({}).output, "/var/log/nutcracker/nutcracker.log");
  EXPECT_EQ(parse({"-o", ""}).output, "");
  EXPECT_EQ(parse({}).pid_file, "");
  EXPECT_EQ(parse({"-d"}).pid_file, "/run/nutcracker/nutcracker.pid");
  EXPECT_EQ(parse({"-d", "-p", "other"}).pid_file, "other");
  EXPECT_EQ(parse({"-p", "other"}).pid_file, "other");
}

TEST(OptionsTest, OneCallLeavesNothingBehindForTheNext) {
  EXPECT_EQ(ErrorOf({"-tx", "-V"}), "invalid option -- 'x'");
  EXPECT_TRUE(Parse({"-V"}).value().version);
}

TEST(OptionsTest, UsageHasALineForEveryOption) {
  const std::string usage = UsageText("keyway");
  EXPECT_THAT(usage, HasSubstr("Usage: keyway [option]...\n"));
  EXPECT_THAT(usage, HasSubstr("\n  -c, --conf-file=FILE         the configuration"));
  EXPECT_THAT(usage, HasSubstr("\n      --workers=N              threads"));
  for (const OptionRow& row : AllOptions()) {
    EXPECT_THAT(usage, HasSubstr("--" + std::string(row.name))) << row.name;
    EXPECT_FALSE(row.help.empty());
  }
}

}  // namespace
}  // namespace keyway
