#include "hashing/ring.h"

#include <algorithm>
#include <bit>
#include <span>
#include <tuple>

namespace keyway::hashing {
namespace {

// Two to four table entries per point: 4 KB for two servers of 160 points. Measured with
// 2 to 400 servers, more entries make searches slower for the cache they take, and fewer
// for the comparisons. The limit is reached with 400 servers and is 1 MB.
constexpr int kMaxTableBits = 18;

int TableBits(size_t points) {
  return std::clamp(static_cast<int>(std::bit_width(points)) + 1, 1, kMaxTableBits);
}

bool Before(const Ring::Point& a, const Ring::Point& b) {
  return std::tie(a.position, a.member) < std::tie(b.position, b.member);
}

}  // namespace

// The table is also the first pass of the sort: points are put into the section of their
// leading bits, then each section, a few points long, is sorted by itself.
Ring::Ring(const std::vector<Point>& points)
    : shift_(32 - TableBits(points.size())),
      first_guess_(size_t{1} << TableBits(points.size())),
      points_(points.size() + 1, Point{.position = UINT32_MAX, .member = 0}) {
  for (const Point& point : points) ++first_guess_[point.position >> shift_];
  uint32_t sum = 0;
  for (uint32_t& entry : first_guess_) {
    sum += entry;
    entry = sum;
  }
  for (const Point& point : points) points_[--first_guess_[point.position >> shift_]] = point;

  const std::span<Point> all(points_.data(), points.size());
  for (size_t section = 0; section < first_guess_.size(); ++section) {
    const size_t begin = first_guess_[section];
    const bool last = section + 1 == first_guess_.size();
    const size_t end = last ? points.size() : first_guess_[section + 1];
    std::ranges::sort(all.subspan(begin, end - begin), Before);
  }
}

uint64_t Ring::Arc(size_t index) const {
  const uint32_t end = points_[index].position;
  if (index > 0) return end - points_[index - 1].position;
  const uint32_t begin = points_[size() - 1].position;
  return begin == end ? uint64_t{1} << 32 : end - begin;
}

void Ring::Shares(std::span<double> shares) const {
  std::ranges::fill(shares, 0);
  for (size_t index = 0; index < size(); ++index) {
    shares[points_[index].member] += static_cast<double>(Arc(index)) * 0x1p-32;
  }
}

}  // namespace keyway::hashing
