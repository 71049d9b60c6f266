// What is counted while keys go by.
#ifndef KEYWAY_SIM_TALLY_H_
#define KEYWAY_SIM_TALLY_H_

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace keyway::sim {

// How many keys each server has. As large as the pool, however many keys there are.
class Tally {
 public:
  explicit Tally(size_t servers) : keys_(servers) {}

  void Add(size_t server) { ++keys_[server]; }

  size_t servers() const { return keys_.size(); }
  uint64_t keys(size_t server) const { return keys_[server]; }
  uint64_t total() const { return std::accumulate(keys_.begin(), keys_.end(), uint64_t{0}); }

 private:
  std::vector<uint64_t> keys_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_TALLY_H_
