#include "sim/command/traps.h"

#include <string>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/config/parse.h"

namespace keyway::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A pool of that many servers with names, and these settings.
PoolConfig PoolOf(size_t servers, const std::string& settings, const std::string& label = "n") {
  std::string text = "p:\n  listen: h:1\n" + settings + "  servers:\n";
  for (size_t i = 1; i <= servers; ++i) {
    text += absl::StrFormat("   - h:%d:1 %s%d\n", 1000 + i, label, i);
  }
  const ParsedConfig parsed = ParseConfig(text, "f.yml");
  EXPECT_TRUE(parsed.ok()) << parsed.Report();
  return parsed.config.pools.at(0);
}

TEST(TrapsTest, AnOrdinaryPoolIsInNone) {
  EXPECT_THAT(TrapsOf(PoolOf(10, "", "server")), IsEmpty());
}

TEST(TrapsTest, Random) {
  EXPECT_THAT(TrapsOf(PoolOf(3, "  distribution: random\n")), ElementsAre(HasSubstr("random")));
}

TEST(TrapsTest, RoundingTakesPoints) {
  EXPECT_THAT(TrapsOf(PoolOf(25, "", "server")), ElementsAre(HasSubstr("156 points and not 160")));
}

TEST(TrapsTest, EjectionMovesWithModula) {
  const PoolConfig pool = PoolOf(10, "  distribution: modula\n  auto_eject_hosts: true\n");
  EXPECT_THAT(TrapsOf(pool), ElementsAre(HasSubstr("moves 8")));
  EXPECT_THAT(TrapsOf(PoolOf(10, "  distribution: modula\n")), IsEmpty());
}

TEST(TrapsTest, EjectedStores) {
  const PoolConfig pool = PoolOf(10, "  auto_eject_hosts: true\n  redis: true\n", "server");
  EXPECT_THAT(TrapsOf(pool), ElementsAre(HasSubstr("only for caches")));
}

TEST(TrapsTest, NamesMadeOfAddresses) {
  PoolConfig pool = PoolOf(3, "");
  pool.servers[1].line = "h:1002:1";
  EXPECT_THAT(TrapsOf(pool), ElementsAre(HasSubstr("has no name")));
}

TEST(TrapsTest, AKeyThatIsTooHot) {
  EXPECT_EQ(HotKeyTrap("k", 0.02, 0.1), "");
  EXPECT_THAT(HotKeyTrap("k", 0.065, 0.05), HasSubstr("'k' alone is 6.5% of the load"));
}

TEST(TrapsTest, AHashTagThatGathers) {
  PoolConfig pool = PoolOf(3, "  hash_tag: \"{}\"\n");
  EXPECT_EQ(HashTagTrap(pool, 1.1, 1.05), "");
  EXPECT_THAT(HashTagTrap(pool, 2.1, 1.05), HasSubstr("'{}' gathers keys"));
}

}  // namespace
}  // namespace keyway::sim
