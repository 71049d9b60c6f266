// How much is in use, and how much was.
#ifndef KEYWAY_PROXY_BASE_USAGE_H_
#define KEYWAY_PROXY_BASE_USAGE_H_

#include <cstddef>
#include <utility>

namespace keyway {

class Usage {
 public:
  // True if so much was not in use since the last TakePeak.
  bool Add(size_t count) {
    now_ += count;
    if (now_ <= peak_) return false;
    peak_ = now_;
    return true;
  }
  void Remove(size_t count) { now_ -= count; }

  size_t now() const { return now_; }
  // The most in use at a time since the last call.
  size_t TakePeak() { return std::exchange(peak_, now_); }

 private:
  size_t now_ = 0;
  size_t peak_ = 0;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_USAGE_H_
