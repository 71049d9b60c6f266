#include "sim/simulate.h"

#include <fstream>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class SimulateTest : public ::testing::Test {
 protected:
  SimulateTest() {
    task_.directory = ::testing::TempDir();
    Write("pool.yml", "alpha:\n  listen: h:1\n  servers:\n   - h:1:1 one\n   - h:2:1 two\n");
    Write("keys", "a\nb\nc\n");
    task_.config_file = "pool.yml";
    task_.keys_file = "keys";
  }

  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(task_.directory + "/" + name) << content;
  }

  std::string Error() {
    const absl::StatusOr<Report> report = Simulate(task_, messages_);
    return report.ok() ? "no error" : std::string(report.status().message());
  }

  Task task_;
  std::ostringstream messages_;
};

TEST_F(SimulateTest, TheReportKnowsThePoolAndTheKeys) {
  const absl::StatusOr<Report> report = Simulate(task_, messages_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->pool, "alpha");
  EXPECT_EQ(report->hash, "fnv1a_64");
  EXPECT_EQ(report->distribution, "ketama");
  EXPECT_EQ(report->keys_from, "keys");
  EXPECT_EQ(report->figures.keys, 3u);
  ASSERT_EQ(report->figures.servers.size(), 2u);
  EXPECT_EQ(report->figures.servers[1].name, "two");
  EXPECT_EQ(messages_.str(), "");
}

TEST_F(SimulateTest, OneOfSeveralPoolsIsChosen) {
  Write("pools.yml",
        "alpha:\n  listen: h:1\n  servers:\n   - h:1:1\n"
        "beta:\n  listen: h:2\n  hash: md5\n  servers:\n   - h:1:1\n");
  task_.config_file = "pools.yml";
  EXPECT_EQ(Error(), "pools.yml: has several pools; choose one with --pool: alpha, beta");
  task_.pool = "gamma";
  EXPECT_EQ(Error(), "pools.yml: has no pool 'gamma', but alpha, beta");
  task_.pool = "beta";
  EXPECT_EQ(Simulate(task_, messages_)->hash, "md5");
}

TEST_F(SimulateTest, ABadConfigurationIsExplainedAsTheProxyDoes) {
  Write("pool.yml", "alpha:\n  listen: h\n  timeout: x\n  servers:\n   - h:1:1\n");
  const std::string error = Error();
  EXPECT_THAT(error, StartsWith("pool.yml:2:11: error: pool 'alpha': key 'listen': 'h' is not"));
  EXPECT_THAT(error, HasSubstr("\npool.yml:3:12: error: pool 'alpha': key 'timeout': 'x' is not"));
  EXPECT_NE(error.back(), '\n');
}

TEST_F(SimulateTest, WarningsOfTheConfigurationAreShown) {
  Write("pool.yml", "alpha:\n  listen: h:1\n  redis_db: 1\n  servers:\n   - h:1:1\n");
  EXPECT_EQ(Error(), "no error");
  EXPECT_THAT(messages_.str(), StartsWith("pool.yml:3:3: warning: pool 'alpha': key 'redis_db'"));
}

TEST_F(SimulateTest, MissingFilesAreNamedAsTheUserDid) {
  task_.keys_file = "nothing";
  EXPECT_EQ(Error(), "nothing: cannot be opened: No such file or directory");
  task_.config_file = "no.yml";
  EXPECT_EQ(Error(), "no.yml: error: cannot be opened: No such file or directory");
}

TEST_F(SimulateTest, BadKeysAreNamedByTheirLine) {
  task_.key_format = KeyFormat::kHex;
  EXPECT_EQ(Error(), "keys:1: 'a' is not hexadecimal");
}

}  // namespace
}  // namespace keyway::sim
