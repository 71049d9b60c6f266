// AnchorHash: buckets that may be removed in any order and added back in the reverse one,
// each moving only its own keys.
#ifndef KEYWAY_HASHING_ANCHOR_H_
#define KEYWAY_HASHING_ANCHOR_H_

#include <cstdint>
#include <vector>

namespace keyway::hashing {

// Mendelson, Vargaftik, Barabash, Lorenz, Keslassy, Orda: AnchorHash: A Scalable
// Consistent Hash, arXiv:1812.09674, the version in arrays. A value; not synchronised.
// Takes 16 bytes per bucket of the capacity, and a look-up tries 1 + ln(capacity /
// working) buckets on average.
class AnchorHash {
 public:
  // Buckets 0 to `working` - 1 work. 1 <= working <= capacity.
  AnchorHash(uint32_t capacity, uint32_t working);

  // The working bucket of a key, for which `bits` stand; all 64 should be well mixed.
  uint32_t BucketOf(uint64_t bits) const;

  // Takes out a working bucket, not the last one. Its keys spread evenly over the others.
  void Remove(uint32_t bucket);

  // Puts back the bucket removed last and returns it. At least one is out. It gets the
  // keys it had, and no other key moves.
  uint32_t Add();

  uint32_t working() const { return working_; }
  uint32_t capacity() const { return static_cast<uint32_t>(size_when_removed_.size()); }

 private:
  uint32_t working_;
  // In the paper A, W, L, K and R, in this order; the first four by bucket.
  std::vector<uint32_t> size_when_removed_;  // working buckets left then; 0 if it works
  std::vector<uint32_t> order_;              // the working buckets, first working_ entries
  std::vector<uint32_t> place_;              // where a bucket is, or was, in order_
  std::vector<uint32_t> successor_;          // who took a removed bucket's place
  std::vector<uint32_t> removed_;            // the last one at the back
};

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_ANCHOR_H_
