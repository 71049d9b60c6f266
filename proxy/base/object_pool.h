// Memory for objects that are made and destroyed all the time.
#ifndef KEYWAY_PROXY_BASE_OBJECT_POOL_H_
#define KEYWAY_PROXY_BASE_OBJECT_POOL_H_

#include <new>
#include <utility>

#include "proxy/base/limits.h"
#include "proxy/base/spare_list.h"
#include "proxy/base/usage.h"

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
    usage_.Add(sizeof(T));
    return new (memory) T{std::forward<Arguments>(arguments)...};
  }

  void Destroy(T* object) {
    usage_.Remove(sizeof(T));
    object->~T();
    spares_.Put(object);
  }

  Usage& usage() { return usage_; }  // in bytes
  // Frees what was spare all the time since the last call, but for a little.
  void TrimIdle() { spares_.TrimIdle(kIdleRecords); }

 private:
  static_assert(sizeof(T) >= sizeof(void*));
  SpareList spares_{kSpareRecords};
  Usage usage_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_OBJECT_POOL_H_
