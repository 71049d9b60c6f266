// The real nutcracker is asked which command lines it accepts.

#include <sys/wait.h>

#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/flags/options.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

using Arguments = std::vector<std::string>;

std::string ToText(const Arguments& arguments) {
  std::string text;
  for (const std::string& argument : arguments) text += " '" + argument + "'";
  return text;
}

// With -V in front nutcracker reads all options, prints its version and exits with 0, or
// complains and exits with 1.
bool NutcrackerAccepts(const Arguments& arguments) {
  std::vector<std::string> command = {NutcrackerPath(), "-V"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  Process nutcracker("nutcracker", command);
  const std::optional<int> status = nutcracker.AwaitExit();
  EXPECT_TRUE(status.has_value() && WIFEXITED(*status)) << ToText(arguments);
  return status == 0;
}

bool KeywayAccepts(const Arguments& arguments) {
  std::vector<const char*> argv = {"keyway"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  return ParseOptions(static_cast<int>(argv.size()), argv.data()).ok();
}

const Arguments& Numbers() {
  static const Arguments numbers = {
      "0",     "1",     "011",      "11",       "12",         "99",        "511", "512",
      "-1",    "+1",    "x",        "5x",       "",           " 5",        "0x5", "1.5",
      "65535", "65536", "16777216", "16777217", "2147483647", "2147483648"};
  return numbers;
}

std::vector<Arguments> CommandLines() {
  return {
      {},
      {"stray"},
      {"-"},
      {"--"},
      {"--", "-x"},
      {"-x"},
      {"-?"},
      {"-h"},
      {"-tdD"},
      {"-tx"},
      {"-tc"},
      {"-tcF"},
      {"-tc", "F"},
      {"-c", ""},
      {"-o", "-V"},
      {"-oF"},
      {"--foo"},
      {"--help"},
      {"--h"},
      {"--v"},
      {"--ve"},
      {"--ver"},
      {"--verb=1"},
      {"--vers"},
      {"--test"},
      {"--test-conf=1"},
      {"--d"},
      {"--da"},
      {"--conf=F"},
      {"--conf"},
      {"--c", "F"},
      {"--s=1"},
      {"--stats-p=1"},
      {"--stats-a=1"},
      {"--stats"},
      {"--p", "F"},
      {"--m=512"},
      {"--output="},
      {"--=1"},
      {"a", "-x"},
      {"-V", "-V"},
      {"-t", "-x", "-h"},
  };
}

TEST(NutcrackerTest, TheSameCommandLinesAreAccepted) {
  std::vector<Arguments> cases = CommandLines();
  for (const std::string letter : {"v", "s", "i", "m"}) {
    cases.push_back({"-" + letter});
    for (const std::string& number : Numbers()) cases.push_back({"-" + letter, number});
  }
  for (const std::string letter : {"o", "c", "a", "p"}) {
    cases.push_back({"-" + letter});
    cases.push_back({"-" + letter, "text"});
  }
  for (const Arguments& arguments : cases) {
    EXPECT_EQ(KeywayAccepts(arguments), NutcrackerAccepts(arguments)) << ToText(arguments);
  }
}

// nutcracker computes in 32 bits and takes what the overflow leaves.
TEST(NutcrackerTest, OnlyNutcrackerAcceptsNumbersThatOverflow) {
  for (const Arguments& arguments :
       {Arguments{"-v", "4294967297"}, {"-s", "4294967297"}, {"-i", "4294967296"}}) {
    EXPECT_TRUE(NutcrackerAccepts(arguments)) << ToText(arguments);
    EXPECT_FALSE(KeywayAccepts(arguments)) << ToText(arguments);
  }
}

}  // namespace
}  // namespace keyway
