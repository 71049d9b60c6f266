#include "proxy/stats/process_sample.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace keyway {
namespace {

TEST(ParseProcessStatTest, FindsTheFieldsBehindAnyName) {
  const std::string rest =
      " S 1 2 3 4 -1 4194560 50 0 0 0 250 125 0 0 20 0 7 0 1234 1048576 3 18446744073709551615 1\n";
  for (const std::string name : {"proxy", "a b", "a) R 1 (b", ""}) {
    ProcessSample sample;
    ASSERT_TRUE(ParseProcessStat("42 (" + name + ")" + rest, sample)) << name;
    EXPECT_DOUBLE_EQ(sample.cpu_seconds, 375.0 / static_cast<double>(sysconf(_SC_CLK_TCK)));
    EXPECT_EQ(sample.threads, 7);
    EXPECT_EQ(sample.virtual_bytes, 1048576);
    EXPECT_EQ(sample.resident_bytes, 3 * sysconf(_SC_PAGESIZE));
  }
}

TEST(ParseProcessStatTest, OtherTextsAreRefused) {
  ProcessSample sample;
  for (const std::string text : {"", "42", "42 (proxy)", "42 (proxy) S 1 2 3"}) {
    EXPECT_FALSE(ParseProcessStat(text, sample)) << text;
  }
}

TEST(SampleProcessTest, TellsOfThisProcess) {
  const ProcessSample before = SampleProcess();
  EXPECT_GE(before.threads, 1);
  EXPECT_GT(before.resident_bytes, 100'000);
  EXPECT_GT(before.virtual_bytes, before.resident_bytes);
  EXPECT_GT(before.max_fds, before.open_fds);
  std::vector<int> files;
  for (int i = 0; i < 10; ++i) files.push_back(::open("/dev/null", O_RDONLY));
  EXPECT_EQ(SampleProcess().open_fds, before.open_fds + 10);
  for (const int file : files) ::close(file);
}

}  // namespace
}  // namespace keyway
