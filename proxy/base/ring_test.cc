#include "proxy/base/ring.h"

#include <deque>
#include <memory>
#include <random>

#include "gtest/gtest.h"

namespace keyway {
namespace {

TEST(RingQueueTest, BehavesLikeADeque) {
  std::mt19937 random(7);
  RingQueue<int> ring;
  std::deque<int> expected;
  for (int step = 0; step < 20000; ++step) {
    // Phases of growing and of shrinking, so that it wraps, doubles and runs empty.
    const bool grow = random() % 8 < ((step / 2000) % 2 == 0 ? 5u : 3u);
    if (grow) {
      ring.push_back(step);
      expected.push_back(step);
    } else if (!expected.empty()) {
      ASSERT_EQ(ring.front(), expected.front());
      ring.pop_front();
      expected.pop_front();
    }
    ASSERT_EQ(ring.size(), expected.size());
    if (expected.empty()) continue;
    ASSERT_EQ(ring.back(), expected.back());
    ASSERT_EQ(ring[expected.size() / 2], expected[expected.size() / 2]);
  }
}

TEST(RingQueueTest, LetsGoOfWhatItsElementsOwn) {
  RingQueue<std::shared_ptr<int>> ring;
  auto owned = std::make_shared<int>(1);
  ring.push_back(owned);
  EXPECT_EQ(owned.use_count(), 2);
  ring.pop_front();
  EXPECT_EQ(owned.use_count(), 1);
}

// Says how many records there is memory for.
struct Counted {
  Counted() { ++count; }
  ~Counted() { --count; }
  Counted(const Counted&) : Counted() {}
  Counted& operator=(const Counted&) = default;
  static inline int count = 0;
};

TEST(RingQueueTest, KeepsMemoryWhileItIsNeededAgainAndAgain) {
  RingQueue<Counted> ring;
  const auto fill_and_empty = [&](int records) {
    for (int i = 0; i < records; ++i) ring.Add();
    for (int i = 0; i < records; ++i) ring.pop_front();
  };
  fill_and_empty(5000);
  const int capacity = Counted::count;
  EXPECT_GE(capacity, 5000);
  fill_and_empty(5000);
  EXPECT_EQ(Counted::count, capacity);
  fill_and_empty(1);
  EXPECT_EQ(Counted::count, 0);
}

TEST(RingQueueTest, MovesLeaveAnEmptyQueue) {
  RingQueue<int> ring;
  for (int i = 0; i < 100; ++i) ring.push_back(i);
  RingQueue<int> other = std::move(ring);
  EXPECT_EQ(other.size(), 100u);
  EXPECT_EQ(other.front(), 0);
  EXPECT_TRUE(ring.empty());  // NOLINT(bugprone-use-after-move): the contract says so
  ring.push_back(5);
  EXPECT_EQ(ring.front(), 5);
}

}  // namespace
}  // namespace keyway
