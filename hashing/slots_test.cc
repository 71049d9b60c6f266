#include "hashing/slots.h"

#include <gtest/gtest.h>

#include <bitset>
#include <string>

namespace keyway::hashing {
namespace {

// The check value of CRC-16/XMODEM, which the specification names.
TEST(SlotsTest, CheckValue) { EXPECT_EQ(SlotOf("123456789"), 0x31c3); }

// What CLUSTER KEYSLOT of redis-server 7.0.15 answered.
TEST(SlotsTest, AsRedisServer) {
  EXPECT_EQ(SlotOf(""), 0);
  EXPECT_EQ(SlotOf("foo"), 12182);
  EXPECT_EQ(SlotOf("hello"), 866);
  EXPECT_EQ(SlotOf("user:1000"), 1649);
  EXPECT_EQ(SlotOf(std::string(300, 'x')), 11216);
  EXPECT_EQ(SlotOf({"\0\xff\x80", 3}), 4727);
  EXPECT_EQ(SlotOf("\xc3\xa9t\xc3\xa9"), 10087);
}

TEST(SlotsTest, TagsAsRedisServer) {
  EXPECT_EQ(SlotOf("user1000"), 3443);
  EXPECT_EQ(SlotOf("{user1000}.following"), 3443);
  EXPECT_EQ(SlotOf("{user1000}.followers"), 3443);
  EXPECT_EQ(SlotOf("foo{}{bar}"), 8363);
  EXPECT_EQ(SlotOf("foo{{bar}}zap"), 4015);
  EXPECT_EQ(SlotOf("{bar"), 4015);
  EXPECT_EQ(SlotOf("foo{bar}{zap}"), 5061);
  EXPECT_EQ(SlotOf("bar"), 5061);
  EXPECT_EQ(SlotOf("{}"), 15257);
  EXPECT_EQ(SlotOf("}{a}"), 15495);
  EXPECT_EQ(SlotOf("{}a{b}"), 16175);
  EXPECT_EQ(SlotOf("{\xff}x"), 7920);
  EXPECT_EQ(SlotOf({"{a\0b}c", 6}), 8383);
}

// All two-byte keys are all 16-bit values of the CRC, four of each slot.
TEST(SlotsTest, EverySlotIsReached) {
  std::bitset<kSlotCount> seen;
  for (int high = 0; high < 256; ++high) {
    for (int low = 0; low < 256; ++low) {
      const char key[] = {static_cast<char>(high), static_cast<char>(low)};
      seen.set(SlotOf({key, 2}));
    }
  }
  EXPECT_TRUE(seen.all());
}

}  // namespace
}  // namespace keyway::hashing
