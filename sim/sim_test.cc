// The program as a user runs it.

#include <stdlib.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Outcome {
  int exit_code = -1;
  std::string output = {};
  std::string messages = {};
};

std::string ReadFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  std::ostringstream content;
  content << stream.rdbuf();
  return content.str();
}

std::string Temporary(const std::string& name) { return ::testing::TempDir() + name; }

std::string Write(const std::string& name, const std::string& content) {
  std::ofstream(Temporary(name), std::ios::binary) << content;
  return Temporary(name);
}

// `arguments` as a shell understands them.
Outcome Sim(const std::string& arguments) {
  const char* const program = std::getenv("SIM");
  if (program == nullptr) return {.messages = "SIM is not set"};
  const std::string output = Temporary("output");
  const std::string messages = Temporary("messages");
  const std::string command =
      absl::StrFormat("%s %s >%s 2>%s", program, arguments, output, messages);
  const int status = std::system(command.c_str());
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .output = ReadFile(output),
          .messages = ReadFile(messages)};
}

constexpr char kPool[] = "--config testdata/sim/sessions.yml ";
constexpr char kKeys[] = "--keys testdata/sim/sessions.keys ";

std::string Example(const std::string& command) { return command + " " + kPool + kKeys; }

TEST(SimTest, TheExampleHasTheExpectedReports) {
  for (const std::string format : {"table", "csv", "json"}) {
    const Outcome outcome = Sim(Example("balance") + "--report " + format);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.messages, "");
    EXPECT_EQ(outcome.output, ReadFile("testdata/sim/sessions.expected." + format));
  }
}

TEST(SimTest, OneRunWritesManyReports) {
  const std::string files = absl::StrFormat("--json %s --html %s --output %s", Temporary("j"),
                                            Temporary("h"), Temporary("t"));
  const Outcome outcome = Sim(Example("balance") + files);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(ReadFile(Temporary("j")), ReadFile("testdata/sim/sessions.expected.json"));
  EXPECT_EQ(ReadFile(Temporary("t")), ReadFile("testdata/sim/sessions.expected.table"));
  EXPECT_THAT(ReadFile(Temporary("h")), StartsWith("<!DOCTYPE html>"));
}

TEST(SimTest, TheNumberOfThreadsDoesNotShow) {
  for (const std::string command : {"balance", "failures --lose 2", "advise --hash murmur"}) {
    const std::string arguments =
        command + " " + kPool + "--keys zipf:keys=5000,requests=20000 --report json --threads ";
    const Outcome one = Sim(arguments + "1"), many = Sim(arguments + "3");
    EXPECT_EQ(one.exit_code, 0) << one.messages;
    EXPECT_EQ(one.output, many.output) << command;
  }
}

TEST(SimTest, KeysMayComeThroughAPipe) {
  const Outcome outcome =
      Sim(std::string("balance ") + kPool + "--keys - <testdata/sim/sessions.keys");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output, ReadFile("testdata/sim/sessions.expected.table"));
}

TEST(SimTest, NamesStartWhereTheUserIs) {
  const std::string here = "balance --config sessions.yml --keys sessions.keys";
  EXPECT_EQ(Sim(here).exit_code, 2);
  setenv("BUILD_WORKING_DIRECTORY", "testdata/sim", 1);
  EXPECT_EQ(Sim(here).exit_code, 0);
  unsetenv("BUILD_WORKING_DIRECTORY");
}

TEST(SimTest, ConfigurationsAreReadAsTheProxyReadsThem) {
  const std::string file =
      Write("bad.yml", "a:\n  listen: h:1\n  hash: no\n  servers:\n   - h:1:1\n");
  const Outcome outcome = Sim("balance --config " + file + " " + kKeys);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.messages, HasSubstr("bad.yml:3:9: error: pool 'a': key 'hash': "));
}

TEST(SimTest, SeveralPoolsNeedAName) {
  const std::string file = Write(
      "two.yml",
      "a:\n  listen: h:1\n  servers:\n   - h:1:1\nb:\n  listen: h:2\n  servers:\n   - h:2:1\n");
  const std::string arguments = "balance --config " + file + " " + kKeys;
  EXPECT_THAT(Sim(arguments).messages,
              HasSubstr("has several pools; choose one with --pool: a, b"));
  EXPECT_THAT(Sim(arguments + "--pool c").messages, HasSubstr("has no pool 'c', but a, b"));
  EXPECT_EQ(Sim(arguments + "--pool b").exit_code, 0);
}

TEST(SimTest, WrongUseHasExitCodeTwo) {
  EXPECT_EQ(Sim("").exit_code, 2);
  EXPECT_EQ(Sim("no").exit_code, 2);
  EXPECT_EQ(Sim("balance --config x").exit_code, 2);
  const Outcome outcome = Sim(Example("balance") + "--report xml");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.messages, HasSubstr("--report"));
  EXPECT_THAT(outcome.messages, HasSubstr("sim balance --help shows how it is used."));
  EXPECT_THAT(Sim(Example("balance") + "--max-bad much").messages,
              HasSubstr("'much' is not a share such as 10% or 0.1"));
}

TEST(SimTest, BadLinesAreCountedAndShown) {
  const std::string keys = Write("some.hex", "6162\n6163\nhello\n6164\n");
  const std::string arguments = "balance " + std::string(kPool) + "--format hex --keys " + keys;
  const Outcome refused = Sim(arguments);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.output, "");
  EXPECT_THAT(refused.messages, HasSubstr("some.hex:3: 'hello'"));
  EXPECT_THAT(refused.messages, HasSubstr("1 of 4 lines are bad (25%); --max-bad allows 1%"));
  const Outcome taken = Sim(arguments + " --max-bad 30%");
  EXPECT_EQ(taken.exit_code, 0);
  EXPECT_THAT(taken.output, HasSubstr("bad lines"));
}

TEST(DiffTest, AFurtherServerTakesFromAll) {
  const Outcome outcome =
      Sim("diff --from testdata/sim/sessions.yml --to testdata/sim/sessions-grown.yml "
          "--keys sequence:keys=100000,prefix=k --report json");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.messages;
  EXPECT_THAT(outcome.output, HasSubstr("\"needed_share\":0.2,"));
}

TEST(DiffTest, AServerWithANewAddressIsAnotherServer) {
  const std::string today =
      Write("today.yml", "a:\n  listen: h:1\n  servers:\n   - h:1:1 one\n   - h:2:1 two\n");
  const std::string moved =
      Write("moved.yml", "a:\n  listen: h:1\n  servers:\n   - h:1:1 one\n   - h:3:1 two\n");
  const Outcome outcome = Sim(absl::StrFormat("diff --from %s --to %s %s", today, moved, kKeys));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.messages;
  EXPECT_THAT(outcome.output, HasSubstr("two h:2"));
  EXPECT_THAT(outcome.output, HasSubstr("two h:3"));
}

TEST(FailuresTest, NobodyIsLeft) {
  const Outcome outcome = Sim(Example("failures") + "--lose 3");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.messages, HasSubstr("--lose 3 leaves nothing of the 3 servers"));
}

TEST(FailuresTest, CapacitiesAreOfWhatThereIs) {
  EXPECT_EQ(Sim(Example("failures") + "--capacity keys=300").exit_code, 0);
  EXPECT_THAT(Sim(Example("failures") + "--capacity requests=300").messages,
              HasSubstr("the input has no requests"));
  EXPECT_EQ(Sim(Example("failures") + "--capacity much").exit_code, 2);
}

TEST(AdviseTest, TheRecommendationIsWrittenAndHolds) {
  const std::string file = Temporary("even.yml");
  const std::string keys = "--keys sequence:keys=50000,prefix=user: ";
  const std::string limit = "--max-peak-to-mean 1.06 ";
  const std::string uneven =
      Write("uneven.yml",
            "# mine\na:\n  listen: h:1\n  hash: murmur\n  servers:\n   - h:1:1 a\n   - h:2:1 b\n"
            "   - h:3:1 c\n   - h:4:1 d\n   - h:5:1 e\n   - h:6:1 f\n");
  EXPECT_EQ(Sim("check --config " + uneven + " " + keys + limit).exit_code, 1);
  const Outcome advice = Sim("advise --config " + uneven + " " + keys + "--write " + file +
                             " --nutcracker --max-moved 10% --hash murmur");
  EXPECT_EQ(advice.exit_code, 0) << advice.messages;
  EXPECT_EQ(Sim("check --config " + file + " --fair equal " + keys + limit).exit_code, 0)
      << advice.output << ReadFile(file);
  EXPECT_THAT(ReadFile(file), StartsWith("# mine\na:\n"));
  const Outcome again = Sim("advise --config " + file + " --fair " + uneven + " " + keys +
                            "--hash murmur --report csv");
  EXPECT_THAT(again.output, HasSubstr("recommendations,recommended,\"ketama, murmur\""));
}

TEST(AdviseTest, NoPlacementHelpsAgainstAHotKey) {
  const Outcome outcome =
      Sim(std::string("advise ") + kPool + "--keys zipf:keys=1000,requests=5000,s=1.5 --hash md5");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.messages;
  EXPECT_THAT(outcome.output, HasSubstr("'1' alone is"));
}

TEST(AdviseTest, RandomIsATrap) {
  const std::string file =
      Write("random.yml",
            "a:\n  listen: h:1\n  distribution: random\n  servers:\n   - h:1:1 a\n   - h:2:1 b\n");
  const Outcome outcome = Sim("advise --config " + file + " " + kKeys);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.messages;
  EXPECT_THAT(outcome.output, HasSubstr("random gives each request another server"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("nothing changes")));
}

TEST(CheckTest, EachBrokenLimitIsNamed) {
  const Outcome fine = Sim(Example("check") + "--max-peak-to-mean 1.2 --min-to-mean 0.8");
  EXPECT_EQ(fine.exit_code, 0) << fine.messages;
  const Outcome broken =
      Sim(Example("check") + "--max-peak-to-mean 1.1 --min-to-mean 0.95 --max-gini 0.5");
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.output, HasSubstr("max/mean is 1.136; the limit is 1.1"));
  EXPECT_THAT(broken.output, HasSubstr("min/mean is 0.896; the limit is 0.95"));
}

TEST(CheckTest, ExtremeLimitsOfEveryKind) {
  const std::string from = "--from testdata/sim/sessions-grown.yml ";
  EXPECT_EQ(Sim(Example("check") + from +
                "--max-peak-to-mean 9 --min-to-mean 0 --max-cv 9 --max-gini 1 --min-p 0 "
                "--max-outside 100% --max-hot-key-share 100% --max-moved 100% "
                "--max-avoidable 100% --max-after-loss 9 --max-churn 100%")
                .exit_code,
            0);
  for (const std::string limit : {"--max-moved 1%", "--max-after-loss 1.1", "--max-churn 0",
                                  "--max-cv 0", "--min-p 1", "--max-hot-key-share 0"}) {
    EXPECT_EQ(Sim(Example("check") + from + limit).exit_code, 1) << limit;
  }
}

TEST(CheckTest, LimitsFromAFile) {
  const std::string file = Write("limits.yml", "limits:\n  max_moved: 30%\n  max_gini: much\n");
  const Outcome outcome = Sim(Example("check") + "--limits " + file);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.messages, HasSubstr("limits.yml:3:13: error: 'much' is no number"));
  EXPECT_THAT(Sim(Example("check") + "--limits testdata/sim/limits.yml").messages,
              HasSubstr("needs --from"));
  EXPECT_THAT(Sim(Example("check")).messages, HasSubstr("there is no limit to check"));
}

}  // namespace
}  // namespace keyway::sim
