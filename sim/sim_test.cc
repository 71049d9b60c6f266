// The program as a user runs it.

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

using ::testing::HasSubstr;

struct Outcome {
  int exit_code = -1;
  std::string output;
  std::string messages;
};

std::string ReadFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  std::ostringstream content;
  content << stream.rdbuf();
  return content.str();
}

// `arguments` as a shell understands them.
Outcome Sim(const std::string& arguments) {
  const char* const program = std::getenv("SIM");
  if (program == nullptr) return {.exit_code = -1, .output = "", .messages = "SIM is not set"};
  const std::string output = ::testing::TempDir() + "output";
  const std::string messages = ::testing::TempDir() + "messages";
  const std::string command =
      absl::StrFormat("%s %s >%s 2>%s", program, arguments, output, messages);
  const int status = std::system(command.c_str());
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .output = ReadFile(output),
          .messages = ReadFile(messages)};
}

constexpr char kExample[] = "--config=testdata/sim/sessions.yml --keys=testdata/sim/sessions.keys ";

TEST(SimTest, TheExampleHasTheExpectedReports) {
  for (const std::string format : {"table", "csv", "json"}) {
    const Outcome outcome = Sim(kExample + ("--format=" + format));
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.messages, "");
    EXPECT_EQ(outcome.output, ReadFile("testdata/sim/sessions.expected." + format));
  }
}

TEST(SimTest, KeysMayComeThroughAPipe) {
  const Outcome outcome =
      Sim("--config=testdata/configs/alpha.yml --keys=- <testdata/sim/sessions.keys");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.output, HasSubstr("\n500 keys from standard input\n"));
}

TEST(SimTest, NamesStartWhereTheUserIs) {
  const std::string here = "--config=sessions.yml --keys=sessions.keys";
  EXPECT_EQ(Sim(here).exit_code, 1);
  setenv("BUILD_WORKING_DIRECTORY", "testdata/sim", 1);
  EXPECT_EQ(Sim(here).exit_code, 0);
  unsetenv("BUILD_WORKING_DIRECTORY");
}

TEST(SimTest, BadInputHasExitCodeOne) {
  const Outcome outcome = Sim(std::string(kExample) + "--hex");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.messages, HasSubstr("testdata/sim/sessions.keys:1: 'cart:{alan50}:token'"));
}

TEST(SimTest, WrongUseHasExitCodeTwo) {
  EXPECT_EQ(Sim("").exit_code, 2);
  EXPECT_EQ(Sim("--config=x").exit_code, 2);
  EXPECT_EQ(Sim(std::string(kExample) + "more").exit_code, 2);
  const Outcome outcome = Sim(std::string(kExample) + "--format=xml");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.messages, HasSubstr("--format is table, csv or json"));
}

}  // namespace
}  // namespace keyway::sim
