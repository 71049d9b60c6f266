// Points on a circle of 2^32 positions, and the search for the next one: the ring under
// ketama, bounded loads and multi-probe hashing.
#ifndef KEYWAY_HASHING_RING_H_
#define KEYWAY_HASHING_RING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace keyway::hashing {

// Immutable.
class Ring {
 public:
  struct Point {
    uint32_t position;
    uint32_t member;
  };

  // At least one point, in any order. Where positions are equal, the lower member
  // comes first.
  explicit Ring(const std::vector<Point>& points);

  // Index of the first point at or after `position`; past the last one, of the first.
  // A table indexed by the leading bits of the position says where to begin, and one or
  // two comparisons do the rest. The first of them is a coin toss that no processor can
  // predict, so it is added and not branched on: 1 to 2 ns for up to a hundred servers.
  size_t Next(uint32_t position) const {
    size_t index = first_guess_[position >> shift_];
    index += points_[index].position < position;
    while (points_[index].position < position) ++index;
    return index == size() ? 0 : index;
  }

  const Point& operator[](size_t index) const { return points_[index]; }
  size_t size() const { return points_.size() - 1; }

  // How many positions lie between the point before this one, excluded, and this one: those
  // from which Next leads here.
  uint64_t Arc(size_t index) const;

  // Sets `shares`, one for each member, to the parts of the circle that they own.
  void Shares(std::span<double> shares) const;

 private:
  int shift_;
  std::vector<uint32_t> first_guess_;  // leading bits → first point that has them or more
  std::vector<Point> points_;          // sorted; then one at the last position, to stop at
};

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_RING_H_
