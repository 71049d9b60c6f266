#include "proxy/base/block.h"

#include <vector>

#include "gtest/gtest.h"

namespace keyway {
namespace {

TEST(BlockPoolTest, ReusesBlocksOfTheUsualSizes) {
  BlockPool pool;
  BlockRef block = pool.Get(kOutputBlockBytes);
  const Block* first = block.get();
  EXPECT_EQ(pool.bytes_in_use(), kOutputBlockBytes);
  block = BlockRef();
  EXPECT_EQ(pool.bytes_in_use(), 0u);
  EXPECT_EQ(pool.Get(kOutputBlockBytes).get(), first);
}

TEST(BlockPoolTest, ABlockLivesAsLongAsAReference) {
  BlockPool pool;
  BlockRef one = pool.Get(100);
  EXPECT_FALSE(one->shared());
  BlockRef other = one;
  EXPECT_TRUE(one->shared());
  one = BlockRef();
  EXPECT_EQ(pool.bytes_in_use(), 100u);
  other = BlockRef();
  EXPECT_EQ(pool.bytes_in_use(), 0u);
}

TEST(BlockPoolTest, KeepsNothingMuchThatIsNotNeeded) {
  BlockPool pool;
  std::vector<BlockRef> blocks;
  for (size_t i = 0; i < kSpareBlocks; ++i) blocks.push_back(pool.Get(kReceiveBlockBytes));
  blocks.clear();
  pool.TrimIdle();
  pool.TrimIdle();
  EXPECT_LE(pool.spare_bytes(), kIdleBlocks * kReceiveBlockBytes);
}

TEST(BlockPoolTest, SaysWhenMuchIsInUse) {
  BlockPool pool;
  int calls = 0;
  pool.WhenMuch([&] { ++calls; });
  BlockRef one = pool.Get(kBurstBytes);
  EXPECT_EQ(calls, 0);
  BlockRef other = pool.Get(1);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(pool.usage().TakePeak(), kBurstBytes + 1);
  one = BlockRef();
  EXPECT_EQ(pool.usage().TakePeak(), kBurstBytes + 1);
  EXPECT_EQ(pool.usage().TakePeak(), 1u);
  one = pool.Get(100);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace keyway
