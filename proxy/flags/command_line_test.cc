// Command lines given to nutcracker and to the proxy: exit codes, streams and words.

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/testing/command.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::StartsWith;

using Arguments = std::vector<std::string>;

CommandResult Call(const std::string& program, Arguments arguments) {
  arguments.insert(arguments.begin(), program);
  return RunCommand(arguments);
}

std::string ToText(const Arguments& arguments) {
  std::string text;
  for (const std::string& argument : arguments) text += " '" + argument + "'";
  return text;
}

std::string WriteFile(const std::string& name, const std::string& content) {
  std::string path = ::testing::TempDir() + "/" + name;
  std::ofstream(path) << content;
  return path;
}

std::string ConfigListeningOn(const std::string& address) {
  return "alpha:\n  listen: " + address + "\n  redis: true\n  servers:\n   - 127.0.0.1:6379:1\n";
}

// The first line that the program says in its own name, log lines left out.
std::string Verdict(const std::string& err) {
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("nutcracker: ") || line.starts_with("This is ")) return line;
  }
  return "";
}

bool HasUsage(const std::string& err) {
  return err.find("Usage: nutcracker ") != std::string::npos;
}

// All first groups of the matches of `pattern`.
std::vector<std::string> Find(const std::string& pattern, const std::string& text) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (auto match = std::sregex_iterator(text.begin(), text.end(), regex);
       match != std::sregex_iterator(); ++match) {
    found.push_back((*match)[1]);
  }
  return found;
}

class CommandLineTest : public ::testing::Test {
 protected:
  void ExpectSame(const Arguments& arguments, bool same_words) {
    SCOPED_TRACE(ToText(arguments));
    const CommandResult theirs = Call(NutcrackerPath(), arguments);
    const CommandResult ours = Call(ProxyPath(), arguments);
    EXPECT_EQ(ours.exit_code, theirs.exit_code) << ours.err;
    EXPECT_EQ(ours.out, theirs.out);
    EXPECT_EQ(HasUsage(ours.err), HasUsage(theirs.err)) << ours.err;
    if (same_words) {
      EXPECT_EQ(Verdict(ours.err), Verdict(theirs.err));
    } else {
      EXPECT_NE(Verdict(ours.err), Verdict(theirs.err)) << "the words are the same by now";
      EXPECT_THAT(Verdict(ours.err), StartsWith("nutcracker: "));
    }
  }

  const std::string good_ = WriteFile("good.yml", ConfigListeningOn("127.0.0.1:22121"));
  const std::string bad_ =
      WriteFile("bad.yml", ConfigListeningOn("127.0.0.1:22121") + "  hash: x\n");
  const std::string nowhere_ = WriteFile("nowhere.yml", ConfigListeningOn("nosuch.invalid:22121"));
};

TEST_F(CommandLineTest, WhatDescribesTheProgram) {
  for (const Arguments& arguments : {Arguments{"-V"},
                                     {"--version"},
                                     {"-h"},
                                     {"--help"},
                                     {"-D"},
                                     {"--describe-stats"},
                                     {"-hV"},
                                     {"-VD"},
                                     {"-t", "-V"},
                                     {"-tDc", bad_},
                                     {"-d", "-V"}}) {
    ExpectSame(arguments, true);
  }
}

TEST_F(CommandLineTest, BadOptionsInTheSameWords) {
  for (const Arguments& arguments :
       {Arguments{"-x"}, {"-?"},          {"-tx"},          {"-V", "-x"},
        {"-d=1"},        {"-c"},          {"-o"},           {"-p"},
        {"-v"},          {"-s"},          {"-i"},           {"-m"},
        {"-a"},          {"--output"},    {"--stats-addr"}, {"-v", "x"},
        {"-s", "x"},     {"-s", "-1"},    {"-i", "-1"},     {"-i", "5s"},
        {"-s", "0"},     {"-s", "65536"}, {"-v", ""},       {"--stats-port=0"}}) {
    ExpectSame(arguments, true);
  }
}

// nutcracker prints a zero byte for a long option that it does not know, names the first
// letter of one that takes no argument, and says "mbuf chunk size" for -m.
TEST_F(CommandLineTest, BadOptionsInBetterWords) {
  for (const Arguments& arguments :
       {Arguments{"--foo"}, {"--v"}, {"--stats=1"}, {"--help=3"}, {"-m", "1"}, {"-m", "x"}}) {
    ExpectSame(arguments, false);
  }
}

TEST_F(CommandLineTest, TestsOfAConfiguration) {
  const std::string missing = ::testing::TempDir() + "/missing.yml";
  for (const Arguments& arguments : {Arguments{"-t", "-c", good_},
                                     {"-tc", good_},
                                     {"--test-c", "--conf=" + good_},
                                     {"-tdc", good_},
                                     {"-t", "-c", bad_},
                                     {"-t", "-c", missing},
                                     {"-t", "-c", nowhere_},
                                     {"-t", "-c", ::testing::TempDir()},
                                     {"-t", "-c", ""}}) {
    ExpectSame(arguments, true);
  }
  const CommandResult bad = Call(ProxyPath(), {"-t", "-c", bad_});
  EXPECT_THAT(bad.err, StartsWith(bad_ + ":6:9: error: pool 'alpha': key 'hash': "));
}

TEST_F(CommandLineTest, JoinedLettersCutNamesAndStrays) {
  for (const Arguments& arguments : {Arguments{"-tc" + good_},
                                     {"-tdv5c", good_},
                                     {"-tv0", "-i0", "-s1", "-m512", "-c", good_},
                                     {"-tv99", "-m16777216", "-s65535", "-c", good_},
                                     {"--te", "--conf", good_},
                                     {"--test-conf", "--c=" + good_, "--verb", "7"},
                                     {"--test", "--stats-i=0", "--stats-p=1", "--stats-a=x",
                                      "--p=x", "--mbuf=512", "--o=", "--conf-file=" + good_},
                                     {"stray", "-t", "more", "-c", good_, "-"},
                                     {"-t", "-c", good_, "--", "-x", "--what"},
                                     {"-o", "-V", "-tc", good_},
                                     {"-c", bad_, "-tc", good_},
                                     {"-tc", good_, "-c", bad_}}) {
    ExpectSame(arguments, true);
  }
}

TEST_F(CommandLineTest, StartsThatFail) {
  FreePort port;
  const std::string number = std::to_string(port.number());
  const std::string config = WriteFile("port.yml", ConfigListeningOn("127.0.0.1:" + number));
  ExpectSame({"-o", "", "-c", bad_}, true);
  ExpectSame({"-o", "", "-c", nowhere_}, true);
  // Of these nutcracker speaks in its log only.
  for (const Arguments& arguments :
       {Arguments{"-o", "", "-c", ::testing::TempDir() + "/missing.yml"},
        {"-c", config, "-o", "/nonexistent/log"},
        {"-c", config, "-o", "", "-a", "nosuch.invalid"},
        // The statistics cannot have the pool's port.
        {"-c", config, "-o", "", "-a", "127.0.0.1", "-s", number}}) {
    ExpectSame(arguments, false);
  }
}

TEST_F(CommandLineTest, VersionsStandOnLinesOfTheirOwn) {
  EXPECT_THAT(Call(ProxyPath(), {"-V"}).err,
              StartsWith("This is nutcracker-0.5.0\nasync event backend: epoll\nkeyway 0."));
}

TEST_F(CommandLineTest, HelpHasAllOfNutcrackersOptions) {
  const std::string theirs = Call(NutcrackerPath(), {"-h"}).err;
  const std::string ours = Call(ProxyPath(), {"-h"}).err;
  for (const std::string pattern : {" (-\\w),", "(--[\\w-]+=?)"}) {
    EXPECT_THAT(Find(pattern, theirs), ::testing::Not(::testing::IsEmpty()));
    EXPECT_THAT(Find(pattern, ours), IsSupersetOf(Find(pattern, theirs)));
  }
  EXPECT_THAT(ours, HasSubstr("without effect"));
}

TEST_F(CommandLineTest, DescriptionHasAllOfNutcrackersStatistics) {
  const std::string theirs = Call(NutcrackerPath(), {"-D"}).err;
  const std::string ours = Call(ProxyPath(), {"-D"}).err;
  for (const std::string pattern : {"\n(\\w+ stats:)\n", "\n  (\\w+) +\"[^\"\n]+\""}) {
    EXPECT_THAT(Find(pattern, theirs), ::testing::Not(::testing::IsEmpty()));
    EXPECT_THAT(Find(pattern, ours), IsSupersetOf(Find(pattern, theirs)));
  }
}

}  // namespace
}  // namespace keyway
