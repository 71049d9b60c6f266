#include "proxy/protocol/request.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A request with these words, whose row has these places for keys.
class FindKeysTest : public ::testing::Test {
 protected:
  KeysFound Find(KeySpec keys, const std::vector<std::string>& words, KeySpec more_keys = {}) {
    Fill(words);
    row_.keys = keys;
    row_.more_keys = more_keys;
    return FindKeys(request_, positions_);
  }

  void Fill(const std::vector<std::string>& words) {
    bytes_.clear();
    request_.arguments.clear();
    for (const std::string& word : words) {
      request_.arguments.push_back(
          {static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(word.size())});
      bytes_ += word;
    }
    request_.bytes = bytes_;
    request_.command = &row_;
  }

  CommandSpec row_ = {.name = "test",
                      .arity = -1,
                      .keys = {},
                      .access = Access::kRead,
                      .plan = Plan::kOneShard,
                      .merge = Merge::kOnly};
  std::string bytes_;
  Request request_;
  KeyPositions positions_ = {99};  // what an earlier request left
};

TEST_F(FindKeysTest, NoKeys) {
  EXPECT_EQ(Find(kNoKeys, {"ping", "x"}), KeysFound::kOk);
  EXPECT_THAT(positions_, IsEmpty());
}

TEST_F(FindKeysTest, OneKey) {
  EXPECT_EQ(Find(kFirstKey, {"get", "k"}), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(1));
}

TEST_F(FindKeysTest, AKeyThatMayBeAbsent) {
  const KeySpec second = {.first = 2, .last = 2};
  EXPECT_EQ(Find(second, {"object", "help"}), KeysFound::kOk);
  EXPECT_THAT(positions_, IsEmpty());
  EXPECT_EQ(Find(second, {"object", "encoding", "k"}), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(2));
}

TEST_F(FindKeysTest, RangesCountFromBothEnds) {
  EXPECT_EQ(Find(kAllKeys, {"mget", "a", "b", "c"}), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(1, 2, 3));
  EXPECT_EQ(Find({.first = 1, .last = -2}, {"blpop", "a", "b", "0"}), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(1, 2));
  EXPECT_EQ(Find({.first = 1, .last = 2}, {"rename", "a", "b", "c"}), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(1, 2));
}

TEST_F(FindKeysTest, RangesEndWithTheArguments) {
  EXPECT_EQ(Find({.first = 1, .last = 2}, {"rename", "a"}), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(1));
  EXPECT_EQ(Find({.first = 2, .last = -1}, {"bitop"}), KeysFound::kOk);
  EXPECT_THAT(positions_, IsEmpty());
  EXPECT_EQ(Find({.first = 1, .last = -4}, {"x", "a"}), KeysFound::kOk);
  EXPECT_THAT(positions_, IsEmpty());
}

TEST_F(FindKeysTest, PairsComeOutEven) {
  const KeySpec pairs = {.first = 1, .last = -1, .step = 2};
  EXPECT_EQ(Find(pairs, {"mset", "a", "1", "b", "2"}), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(1, 3));
  EXPECT_EQ(Find(pairs, {"mset", "a", "1", "b"}), KeysFound::kMalformed);
  EXPECT_EQ(Find(pairs, {"mset", "a"}), KeysFound::kMalformed);
}

TEST_F(FindKeysTest, AnArgumentCountsTheKeys) {
  const KeySpec counted = {.first = 3, .count_at = 2};
  EXPECT_EQ(Find(counted, {"eval", "s", "2", "a", "b", "v"}), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(3, 4));
  EXPECT_EQ(Find(counted, {"eval", "s", "0", "v"}), KeysFound::kOk);
  EXPECT_THAT(positions_, IsEmpty());
  EXPECT_EQ(Find(counted, {"eval", "s", "1", "a"}), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(3));
}

TEST_F(FindKeysTest, ACountThatCannotBe) {
  const KeySpec counted = {.first = 3, .count_at = 2};
  for (const char* count :
       {"2", "-1", "x", "", "1x", " 1", "+1", "4294967296", "4294967295", "18446744073709551617"}) {
    EXPECT_EQ(Find(counted, {"eval", "s", count, "a"}), KeysFound::kBadCount) << count;
  }
  EXPECT_EQ(Find(counted, {"eval", "s"}), KeysFound::kBadCount);
  EXPECT_EQ(Find(counted, {"eval", "s", "1"}), KeysFound::kBadCount);
}

TEST_F(FindKeysTest, TwoPlacesInTheOrderOfTheRequest) {
  const KeySpec sources = {.first = 3, .count_at = 2};
  EXPECT_EQ(Find(kFirstKey, {"zunionstore", "d", "2", "a", "b", "weights", "1", "2"}, sources),
            KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(1, 3, 4));
  EXPECT_EQ(Find(kFirstKey, {"zunionstore", "d", "9", "a"}, sources), KeysFound::kBadCount);
}

TEST_F(FindKeysTest, KeysBehindAWord) {
  const KeySpec target = {.first = 2, .after = "store|storedist"};
  EXPECT_EQ(Find(kFirstKey, {"sort", "k", "LIMIT", "0", "1", "StoRe", "d"}, target),
            KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(1, 6));
  EXPECT_EQ(Find(kFirstKey, {"sort", "k", "storedist", "d", "alpha"}, target), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(1, 3));
  EXPECT_EQ(Find(kFirstKey, {"sort", "store", "alpha"}, target), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(1));
  EXPECT_EQ(Find(kFirstKey, {"sort", "k", "store"}, target), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(1));
}

// Which of two counts only the server knows: BY takes "store" as its pattern here. With
// all of them on one server none can be missed.
TEST_F(FindKeysTest, EveryOccurrenceOfTheWordCounts) {
  const KeySpec target = {.first = 2, .after = "store"};
  EXPECT_EQ(Find(kFirstKey, {"sort", "k", "by", "store", "store", "d"}, target), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(1, 4, 5));
}

TEST_F(FindKeysTest, TheFirstHalfBehindAWord) {
  const KeySpec streams = {.first = 1, .after = "streams", .halves = true};
  EXPECT_EQ(Find(streams, {"xread", "COUNT", "1", "STREAMS", "a", "b", "0", "0"}), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(4, 5));
  EXPECT_EQ(Find(streams, {"xread", "streams", "streams", "0"}), KeysFound::kOk);
  EXPECT_THAT(positions_, ElementsAre(2));
}

TEST_F(FindKeysTest, HalvesThatDoNotMatchHaveNoKeys) {
  const KeySpec streams = {.first = 1, .after = "streams", .halves = true};
  EXPECT_EQ(Find(streams, {"xread", "streams", "a", "b", "0"}), KeysFound::kOk);
  EXPECT_THAT(positions_, IsEmpty());
  EXPECT_EQ(Find(streams, {"xread", "count", "1"}), KeysFound::kOk);
  EXPECT_THAT(positions_, IsEmpty());
  EXPECT_EQ(Find(streams, {"xread", "streams"}), KeysFound::kOk);
  EXPECT_THAT(positions_, IsEmpty());
}

TEST_F(FindKeysTest, AnOptionIsRefusedOnlyWhereItIsOne) {
  row_.keys = {.first = 2, .after = "streams", .halves = true};
  row_.refused_option = "block";
  Fill({"xread", "g", "BLOCK", "0", "streams", "a", "0"});
  EXPECT_TRUE(HasRefusedOption(request_));
  Fill({"xread", "block", "streams", "a", "0"});
  EXPECT_FALSE(HasRefusedOption(request_)) << "before the options";
  Fill({"xread", "g", "streams", "block", "0"});
  EXPECT_FALSE(HasRefusedOption(request_)) << "a key";
  Fill({"xread", "g", "block"});
  EXPECT_TRUE(HasRefusedOption(request_)) << "no keys at all";
  row_.refused_option = {};
  EXPECT_FALSE(HasRefusedOption(request_));
}

TEST(ArityTest, NegativeMeansAtLeast) {
  EXPECT_TRUE(ArityFits(2, 2));
  EXPECT_FALSE(ArityFits(2, 3));
  EXPECT_TRUE(ArityFits(-2, 2));
  EXPECT_TRUE(ArityFits(-2, 3));
  EXPECT_FALSE(ArityFits(-2, 1));
}

}  // namespace
}  // namespace keyway
