// How many requests fail before a server is ejected: in both programs as many as
// server_failure_limit says, and the next one goes to a server that lives.
#include <signal.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "proxy/testing/both_programs.h"
#include "proxy/testing/client.h"

namespace keyway {
namespace {

constexpr int kRequests = 60;
constexpr int kLimits[] = {0, 1, 2, 5};

class FailureCountTest : public BothProgramsTest {
 protected:
  // One server after another is asked, by a client that waits for each reply.
  void ExpectFailures(uint16_t failing, int limit) {
    const FreePort pool;
    const auto proxy = Start(absl::StrFormat("p:\n"
                                             "  listen: 127.0.0.1:%d\n"
                                             "  redis: true\n"
                                             "  timeout: 200\n"
                                             "  auto_eject_hosts: true\n"
                                             "  server_retry_timeout: 600000\n"
                                             "  server_failure_limit: %d\n"
                                             "  servers:\n"
                                             "   - 127.0.0.1:%d:1 lives\n"
                                             "   - 127.0.0.1:%d:1 fails\n",
                                             pool.number(), limit, lives_.port(), failing),
                             {pool.number()});
    Client client(pool.number());
    std::string outcome;
    for (int i = 0; i < kRequests; ++i) {
      outcome += client.Ask({"GET", "key" + std::to_string(i)}) == "$-1\r\n" ? '.' : 'x';
    }
    EXPECT_EQ(std::count(outcome.begin(), outcome.end(), 'x'), std::max(limit, 1)) << outcome;
    // nutcracker's statistics lag.
    if (ours()) {
      EXPECT_NE(proxy->Stats().find("\"server_ejects\":1,"), std::string::npos);
    }
  }

  RedisServer lives_;
};

TEST_P(FailureCountTest, RefusedConnections) {
  const FreePort nobody;
  for (const int limit : kLimits) ExpectFailures(nobody.number(), limit);
}

TEST_P(FailureCountTest, Timeouts) {
  RedisServer hangs;
  hangs.process().Signal(SIGSTOP);
  for (const int limit : kLimits) ExpectFailures(hangs.port(), limit);
}

INSTANTIATE_TEST_SUITE_P(Programs, FailureCountTest, BothPrograms(), ProgramName);

}  // namespace
}  // namespace keyway
