// Memory for objects that are made and destroyed all the time.
#ifndef KEYWAY_PROXY_BASE_OBJECT_POOL_H_
#define KEYWAY_PROXY_BASE_OBJECT_POOL_H_

#include <new>
#include <utility>
#include <vector>

#include "proxy/base/limits.h"

namespace keyway {

// Keeps up to kSpareRecords freed objects' memory for the next ones. Belongs to one
// thread; outlives its objects.
template <class T>
class ObjectPool {
 public:
  ObjectPool() = default;
  ObjectPool(const ObjectPool&) = delete;
  ObjectPool& operator=(const ObjectPool&) = delete;
  ~ObjectPool() {
    for (void* spare : spares_) ::operator delete(spare);
  }

  template <class... Arguments>
  T* Make(Arguments&&... arguments) {
    void* memory;
    if (spares_.empty()) {
      memory = ::operator new(sizeof(T));
    } else {
      memory = spares_.back();
      spares_.pop_back();
    }
    return new (memory) T(std::forward<Arguments>(arguments)...);
  }

  void Destroy(T* object) {
    object->~T();
    if (spares_.size() < kSpareRecords) {
      spares_.push_back(object);
    } else {
      ::operator delete(object);
    }
  }

 private:
  std::vector<void*> spares_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_OBJECT_POOL_H_
