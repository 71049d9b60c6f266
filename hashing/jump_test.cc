#include "hashing/jump.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hashing/measure.h"

namespace keyway::hashing {
namespace {

TEST(JumpTest, KnownAnswers) {
  EXPECT_EQ(JumpHash(10863919174838991u, 11), 6u);
  EXPECT_EQ(JumpHash(256, 1024), 520u);
  EXPECT_EQ(JumpHash(0, 1), 0u);
  EXPECT_EQ(JumpHash(1, 1), 0u);
}

// The paper's deviation of 8e-9 is out of reach of sampling, so chance must explain all.
TEST(JumpTest, Spread) {
  const auto jump = MakeOrDie("jump", Servers(100));
  EXPECT_LT(std::abs(ChiSquareScore(Count(*jump, 100, RandomHashes(500'000)))), 4);
}

// From a buckets to b exactly 1 - a / b of the keys, all of them to the new buckets. The
// paper's own example is 10 to 12: one sixth. 200,000 keys are off by 0.0034 at most.
TEST(JumpTest, MovesWhatItMust) {
  struct Case {
    double before, after;
  };
  const std::vector<uint32_t> hashes = RandomHashes(200'000);
  for (const Case& c : {Case{10, 11}, Case{10, 12}, Case{16, 17}, Case{100, 110}}) {
    SCOPED_TRACE(c.after);
    const Movement added = Move("jump", Servers(static_cast<size_t>(c.before)),
                                Servers(static_cast<size_t>(c.after)), hashes);
    EXPECT_NEAR(added.total, 1 - c.before / c.after, 0.0034);
    EXPECT_EQ(added.between_survivors, 0);
  }
}

TEST(JumpTest, RefusesUnequalWeights) {
  const auto made = FindDistribution("jump")->make(std::vector<Member>{{"a", 1}, {"b", 2}});
  EXPECT_EQ(made.status().message(),
            "jump: the weights differ, but all members get the same share");
  EXPECT_TRUE(FindDistribution("jump")->make(std::vector<Member>{{"a", 5}, {"b", 5}}).ok());
}

}  // namespace
}  // namespace keyway::hashing
