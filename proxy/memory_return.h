// Gives back to the system what a worker needed once and needs no more.
#ifndef KEYWAY_PROXY_MEMORY_RETURN_H_
#define KEYWAY_PROXY_MEMORY_RETURN_H_

#include <cstddef>

#include "proxy/base/object_pool.h"
#include "proxy/base/usage.h"
#include "proxy/dispatch/exchange.h"
#include "proxy/dispatch/fan_out.h"
#include "proxy/net/event_loop.h"

namespace keyway {

// Looks once in kMemoryReturnInterval while a worker uses more than kBurstBytes, and not at
// all else. When the most that was in use since the last look is less than half of what
// it was before, spare memory is freed and the allocator is told to let go of free pages.
// Belongs to the worker's thread.
class MemoryReturn {
 public:
  struct Parts {
    EventLoop& loop;
    ObjectPool<Exchange>& exchanges;
    ObjectPool<FanOut>& fan_outs;
    void (*free_pages)() = FreePages;
  };

  explicit MemoryReturn(const Parts& parts);
  ~MemoryReturn();

  void OnClient() { clients_.Add(kClientBytes); }
  void OnClientLeft();

 private:
  // A session and what belongs to it, roughly.
  static constexpr size_t kClientBytes = 512;

  static void FreePages();
  void Watch();
  void Look();

  Parts parts_;
  Usage clients_;
  size_t had_ = 0;  // the most bytes in use since pages were freed
  Timer look_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_MEMORY_RETURN_H_
