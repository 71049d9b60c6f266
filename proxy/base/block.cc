#include "proxy/base/block.h"

#include <new>

namespace keyway {

SpareList* BlockPool::SparesOf(size_t capacity) {
  if (capacity == kReceiveBlockBytes) return &receive_spares_;
  if (capacity == kOutputBlockBytes) return &output_spares_;
  return nullptr;
}

BlockRef BlockPool::Get(size_t capacity) {
  if (usage_.Add(capacity) && usage_.now() > kBurstBytes && much_) much_();
  SpareList* spares = SparesOf(capacity);
  void* memory = spares == nullptr ? nullptr : spares->Take();
  if (memory == nullptr) memory = ::operator new(sizeof(Block) + capacity);
  return BlockRef(new (memory) Block(this, capacity));
}

void BlockPool::Return(Block* block) {
  usage_.Remove(block->capacity_);
  if (SpareList* spares = SparesOf(block->capacity_)) {
    spares->Put(block);
  } else {
    ::operator delete(block);
  }
}

void BlockPool::TrimIdle() {
  receive_spares_.TrimIdle(kIdleBlocks);
  output_spares_.TrimIdle(kIdleBlocks);
  segments_.TrimIdle();
}

}  // namespace keyway
