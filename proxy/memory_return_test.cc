#include "proxy/memory_return.h"

#include <optional>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/net/fake_loop.h"

namespace keyway {
namespace {

int pages_freed;

class MemoryReturnTest : public ::testing::Test {
 protected:
  MemoryReturnTest() {
    pages_freed = 0;
    memory_.emplace(MemoryReturn::Parts{
        .loop = loop_, .exchanges = exchanges_, .fan_outs = fan_outs_, .free_pages = [] {
          ++pages_freed;
        }});
  }

  void Need(size_t bytes) {
    while (loop_.blocks().bytes_in_use() < bytes) {
      blocks_.push_back(loop_.blocks().Get(kReceiveBlockBytes));
    }
  }
  void Wait(int intervals) { loop_.Advance(intervals * Duration(kMemoryReturnInterval)); }
  bool watching() const { return loop_.NextTimer().has_value(); }

  FakeLoop loop_;
  ObjectPool<Exchange> exchanges_;
  ObjectPool<FanOut> fan_outs_;
  std::vector<BlockRef> blocks_;
  std::optional<MemoryReturn> memory_;
};

TEST_F(MemoryReturnTest, AfterABurst) {
  Need(20 * kBurstBytes);
  blocks_.clear();
  Wait(2);
  EXPECT_EQ(pages_freed, 1);
  EXPECT_LE(loop_.blocks().spare_bytes(), kIdleBlocks * kReceiveBlockBytes);
  EXPECT_FALSE(watching()) << "an idle worker sleeps";
}

TEST_F(MemoryReturnTest, NotWhileTheBurstGoesOn) {
  for (int i = 0; i < 10; ++i) {
    Need(20 * kBurstBytes);
    blocks_.clear();
    EXPECT_TRUE(watching());
    Wait(1);
    EXPECT_EQ(pages_freed, 0);
  }
  Wait(1);
  EXPECT_EQ(pages_freed, 1);
}

TEST_F(MemoryReturnTest, LittleIsNotWorthIt) {
  for (int i = 0; i < 10; ++i) {
    Need(kBurstBytes / 2);
    blocks_.clear();
    EXPECT_FALSE(watching());
  }
}

TEST_F(MemoryReturnTest, WhatIsHeldForLongIsReturnedInTheEnd) {
  Need(3 * kBurstBytes);
  Wait(100);
  EXPECT_EQ(pages_freed, 0);
  blocks_.clear();
  Wait(2);
  EXPECT_EQ(pages_freed, 1);
  EXPECT_FALSE(watching());
}

TEST_F(MemoryReturnTest, WhenMostClientsHaveLeft) {
  for (int i = 0; i < 10000; ++i) memory_->OnClient();
  EXPECT_FALSE(watching());
  for (int i = 0; i < 1000; ++i) memory_->OnClientLeft();
  Wait(3);
  EXPECT_EQ(pages_freed, 0);
  EXPECT_FALSE(watching());
  for (int i = 0; i < 8000; ++i) memory_->OnClientLeft();
  Wait(3);
  EXPECT_EQ(pages_freed, 1);
  EXPECT_FALSE(watching());
}

TEST_F(MemoryReturnTest, MayGoAtAnyTime) {
  Need(3 * kBurstBytes);
  memory_.reset();
  EXPECT_FALSE(watching());
  Need(9 * kBurstBytes);
  EXPECT_FALSE(watching());
}

}  // namespace
}  // namespace keyway
