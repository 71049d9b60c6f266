// Memory for objects that are made and destroyed all the time.
#ifndef KEYWAY_PROXY_BASE_OBJECT_POOL_H_
#define KEYWAY_PROXY_BASE_OBJECT_POOL_H_

#include <algorithm>
#include <cstddef>
#include <new>
#include <utility>

#include "proxy/base/limits.h"
#include "proxy/base/spare_list.h"

namespace keyway {

// Keeps up to kSpareRecords freed objects' memory for the next ones. Belongs to one
// thread; outlives its objects.
template <class T>
class ObjectPool {
 public:
  template <class... Arguments>
  T* Make(Arguments&&... arguments) {
    void* memory = spares_.Take();
    if (memory == nullptr) memory = ::operator new(sizeof(T));
    peak_ = std::max(peak_, ++in_use_);
    return new (memory) T{std::forward<Arguments>(arguments)...};
  }

  void Destroy(T* object) {
    --in_use_;
    object->~T();
    spares_.Put(object);
  }

  // The most bytes of objects there were at a time since the last call.
  size_t TakePeak() { return sizeof(T) * std::exchange(peak_, in_use_); }
  // Frees what was spare all the time since the last call, but for a little.
  void TrimIdle() { spares_.TrimIdle(kIdleRecords); }

 private:
  static_assert(sizeof(T) >= sizeof(void*));
  SpareList spares_{kSpareRecords};
  size_t in_use_ = 0;
  size_t peak_ = 0;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_OBJECT_POOL_H_
