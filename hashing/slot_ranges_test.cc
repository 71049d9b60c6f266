#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hashing/measure.h"
#include "hashing/placement.h"
#include "hashing/slots.h"

namespace keyway::hashing {
namespace {

std::vector<size_t> SlotsByMember(const std::vector<Member>& members) {
  const auto slots = MakeOrDie("slots", members);
  std::vector<size_t> counts(members.size());
  for (uint64_t slot = 0; slot < kSlotCount; ++slot) ++counts[slots->Pick(slot)];
  return counts;
}

// What `redis-cli --cluster create` does with so many masters.
TEST(SlotRangesTest, AreSpreadAsRedisDoes) {
  EXPECT_EQ(SlotsByMember(Servers(1)), (std::vector<size_t>{16384}));
  EXPECT_EQ(SlotsByMember(Servers(3)), (std::vector<size_t>{5461, 5462, 5461}));
  EXPECT_EQ(SlotsByMember(Servers(5)), (std::vector<size_t>{3277, 3277, 3276, 3277, 3277}));
}

TEST(SlotRangesTest, DifferByOneSlotAtMost) {
  for (const size_t members : {2, 7, 10, 100, 1000, 16384}) {
    const std::vector<size_t> counts = SlotsByMember(Servers(members));
    const auto [least, most] = std::ranges::minmax(counts);
    EXPECT_GE(least, kSlotCount / members);
    EXPECT_LE(most, (kSlotCount + members - 1) / members);
  }
}

TEST(SlotRangesTest, AreAsLongAsTheWeights) {
  EXPECT_EQ(SlotsByMember({{"a", 1}, {"b", 2}, {"c", 5}}),
            (std::vector<size_t>{2048, 4096, 10240}));
  EXPECT_EQ(SlotsByMember({{"a", 4294967295}, {"b", 4294967295}}),
            (std::vector<size_t>{8192, 8192}));
}

// Ranges are one behind the other, in twemproxy's order of the members.
TEST(SlotRangesTest, AreContiguous) {
  const auto slots = MakeOrDie("slots", Servers(7));
  size_t before = 0;
  for (uint64_t slot = 0; slot < kSlotCount; ++slot) {
    const size_t member = slots->Pick(slot);
    EXPECT_TRUE(member == before || member == before + 1) << slot;
    before = member;
  }
}

TEST(SlotRangesTest, ThePlaceOfAKeyIsItsClusterSlot) {
  const auto placement =
      Placement::Make({.hash = "crc16", .hash_tag = "{}", .distribution = "slots"}, Servers(10));
  ASSERT_TRUE(placement.ok()) << placement.status();
  const std::vector<uint32_t> numbers = RandomHashes(1000);
  for (size_t i = 0; i < numbers.size(); ++i) {
    std::string key = std::string(numbers[i] % 40, static_cast<char>(numbers[i] >> 8));
    key += std::to_string(numbers[i]);
    if (i % 3 == 0) key = "user:{" + key + "}:name";
    if (i % 5 == 0) key = "{}" + key;
    EXPECT_EQ(placement->Explain(key).finding.index, SlotOf(key)) << key;
  }
  EXPECT_EQ(placement->Explain("").finding.index, SlotOf(""));
  EXPECT_EQ(placement->Explain("foo{{bar}}zap").finding.index, 4015u);
}

TEST(SlotRangesTest, NoMoreMembersThanSlots) {
  const DistributionKind* const kind = FindDistribution("slots");
  EXPECT_EQ(kind->make(Servers(16385)).status().message(),
            "slots: 16385 members are more than 16384 slots");
}

}  // namespace
}  // namespace keyway::hashing
