#include "proxy/memory_return.h"

#include <malloc.h>

#include <algorithm>

#include "proxy/base/limits.h"

namespace keyway {

MemoryReturn::MemoryReturn(const Parts& parts) : parts_(parts) {
  parts_.loop.blocks().WhenMuch([this] { Watch(); });
}

MemoryReturn::~MemoryReturn() { parts_.loop.blocks().WhenMuch(nullptr); }

// Blocks and records of a burst lie among those that stay, so that the allocator's own
// trimming, which looks at the end of its heap only, finds little. This frees every page in
// which nothing is left, and costs milliseconds: not for the data path.
void MemoryReturn::FreePages() { malloc_trim(0); }

void MemoryReturn::OnClientLeft() {
  clients_.Remove(kClientBytes);
  Watch();
}

void MemoryReturn::Watch() {
  if (look_.armed()) return;
  look_ = parts_.loop.After(kMemoryReturnInterval, [this] {
    look_ = Timer();
    Look();
  });
}

void MemoryReturn::Look() {
  BlockPool& blocks = parts_.loop.blocks();
  size_t needed = 0;
  size_t now = 0;
  for (Usage* usage : {&blocks.usage(), &blocks.segments().usage(), &parts_.exchanges.usage(),
                       &parts_.fan_outs.usage(), &clients_}) {
    needed += usage->TakePeak();
    now += usage->now();
  }
  blocks.TrimIdle();
  parts_.exchanges.TrimIdle();
  parts_.fan_outs.TrimIdle();
  had_ = std::max(had_, needed);
  const size_t enough = std::max(kBurstBytes, had_ / 2);
  if (had_ - needed >= enough) {
    parts_.free_pages();
    had_ = needed;
  }
  if (had_ - now >= enough || blocks.bytes_in_use() > kBurstBytes) Watch();
}

}  // namespace keyway
