#include "hashing/ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "hashing/measure.h"

namespace keyway::hashing {
namespace {

using Points = std::vector<Ring::Point>;

// What Next should find, by the plainest search.
Ring::Point FirstAtOrAfter(const Points& sorted, uint32_t position) {
  const auto found = std::ranges::lower_bound(sorted, position, {}, &Ring::Point::position);
  return found == sorted.end() ? sorted.front() : *found;
}

void ExpectNext(const Ring& ring, const Points& sorted, uint32_t position) {
  const Ring::Point& found = ring[ring.Next(position)];
  const Ring::Point expected = FirstAtOrAfter(sorted, position);
  ASSERT_EQ(found.position, expected.position) << "from " << position;
  ASSERT_EQ(found.member, expected.member) << "from " << position;
}

// The points are confined to `mask`, so that they crowd or spread.
void ExpectNextAsPlainSearch(size_t count, uint32_t mask) {
  std::mt19937 random(static_cast<uint32_t>(count) ^ mask);
  Points points(count);
  for (uint32_t i = 0; i < count; ++i) {
    points[i] = {.position = static_cast<uint32_t>(random()) & mask, .member = i};
  }
  const Ring ring(points);
  ASSERT_EQ(ring.size(), count);
  std::ranges::stable_sort(points, {}, &Ring::Point::position);
  for (const Ring::Point& point : points) {
    ExpectNext(ring, points, point.position - 1);
    ExpectNext(ring, points, point.position);
    ExpectNext(ring, points, point.position + 1);
  }
  for (int i = 0; i < 1000; ++i) ExpectNext(ring, points, static_cast<uint32_t>(random()));
  ExpectNext(ring, points, 0);
  ExpectNext(ring, points, UINT32_MAX);
}

TEST(RingTest, NextIsThePlainSearch) {
  for (const size_t count : {1, 2, 3, 7, 160, 1600, 5000}) {
    for (const uint32_t mask : {0xffffffffu, 0xffu, 0xff00ff00u, 0x0u, 0xfffff000u}) {
      ExpectNextAsPlainSearch(count, mask);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(RingTest, OfEqualPositionsTheLowerMemberIsFirst) {
  const Ring ring({{.position = 7, .member = 2}, {.position = 7, .member = 1}});
  EXPECT_EQ(ring[ring.Next(7)].member, 1u);
  EXPECT_EQ(ring[ring.Next(8)].member, 1u);
}

TEST(RingTest, TheLastPositionIsAPlaceLikeOthers) {
  const Ring ring({{.position = 5, .member = 0}, {.position = UINT32_MAX, .member = 1}});
  EXPECT_EQ(ring[ring.Next(6)].member, 1u);
  EXPECT_EQ(ring[ring.Next(UINT32_MAX)].member, 1u);
  EXPECT_EQ(ring[ring.Next(5)].member, 0u);
}

// The shares of `servers` with `points` random points each, on `rings` rings.
std::vector<double> RandomShares(size_t servers, size_t points, int rings) {
  std::mt19937 random(static_cast<uint32_t>(points));
  std::vector<double> shares;
  for (int i = 0; i < rings; ++i) {
    Points all;
    for (uint32_t point = 0; point < servers * points; ++point) {
      all.push_back({.position = static_cast<uint32_t>(random()),
                     .member = point % static_cast<uint32_t>(servers)});
    }
    for (const double share : Shares(Ring(all), servers)) {
      shares.push_back(share * static_cast<double>(servers));
    }
  }
  std::ranges::sort(shares);
  return shares;
}

// Karger's ring as in the table of arXiv:1406.2294, with 1000 servers. The share of one is
// Beta-distributed, so the deviation is sqrt((n - 1) / (n k + 1)). Sampled with N shares it
// is off by 1.4 / sqrt(N) for k = 1 (whose tail is that of the exponential) and some
// 0.8 / sqrt(N) else; the ends of the interval by sqrt(0.005 / N) over the density there,
// 0.005, 0.015 and 0.14. Tolerances are four times that.
TEST(RingTest, SpreadOfServerShares) {
  struct Case {
    size_t points;
    int rings;
    double low, high;         // of the 99 % interval
    double deviation_within;  // relative
    double high_within;
  };
  for (const Case& c : {Case{1, 80, 0.005, 5.27, 0.02, 0.2}, Case{10, 20, 0.373, 2.00, 0.02, 0.14},
                        Case{100, 2, 0.757, 1.281, 0.065, 0.045}}) {
    SCOPED_TRACE(c.points);
    const std::vector<double> shares = RandomShares(1000, c.points, c.rings);
    const double expected = std::sqrt(999.0 / (1000.0 * static_cast<double>(c.points) + 1));
    EXPECT_NEAR(Deviation(shares) / expected, 1, c.deviation_within);
    EXPECT_NEAR(shares[shares.size() / 200], c.low, 0.045);
    EXPECT_NEAR(shares[shares.size() - 1 - shares.size() / 200], c.high, c.high_within);
  }
}

}  // namespace
}  // namespace keyway::hashing
