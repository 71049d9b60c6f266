// Counted blocks of bytes, and slices of them.
//
// Nothing here is thread-safe: blocks and slices belong to the worker whose BlockPool they
// come from.
#ifndef KEYWAY_PROXY_BASE_BLOCK_H_
#define KEYWAY_PROXY_BASE_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "proxy/base/limits.h"
#include "proxy/base/object_pool.h"
#include "proxy/base/spare_list.h"
#include "proxy/base/usage.h"

namespace keyway {

class BlockPool;

// A fixed run of bytes with a reference count; header and bytes are one
// allocation. Made by a BlockPool, returned to it by the last BlockRef.
class Block {
 public:
  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  size_t capacity() const { return capacity_; }
  bool shared() const { return references_ > 1; }

 private:
  friend class BlockPool;
  friend class BlockRef;
  Block(BlockPool* pool, size_t capacity) : pool_(pool), capacity_(capacity) {}

  BlockPool* pool_;
  size_t capacity_;
  uint32_t references_ = 0;
};

// One reference to a block, or null.
class BlockRef {
 public:
  BlockRef() = default;
  explicit BlockRef(Block* block) : block_(block) {
    if (block_ != nullptr) ++block_->references_;
  }
  BlockRef(const BlockRef& other) : BlockRef(other.block_) {}
  BlockRef(BlockRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  BlockRef& operator=(const BlockRef& other) { return *this = BlockRef(other); }
  BlockRef& operator=(BlockRef&& other) noexcept {
    Block* const block = std::exchange(other.block_, nullptr);
    Release();
    block_ = block;
    return *this;
  }
  ~BlockRef() { Release(); }

  Block* get() const { return block_; }
  Block* operator->() const { return block_; }
  explicit operator bool() const { return block_ != nullptr; }

 private:
  inline void Release();

  Block* block_ = nullptr;
};

// A piece of a queue of bytes. Made by a BlockPool.
struct Segment {
  BlockRef block;
  const char* begin;
  size_t size;
  Segment* next = nullptr;
};

// Hands out blocks and segments, and keeps up to kSpareBlocks of each of the two usual
// sizes and kSpareRecords segments for reuse. Outlives what it has handed out.
class BlockPool {
 public:
  BlockPool() = default;
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  // A block of at least `capacity` bytes with unspecified contents.
  BlockRef Get(size_t capacity);
  ObjectPool<Segment>& segments() { return segments_; }

  // Bytes of all blocks that are in use now; spare ones are not counted.
  size_t bytes_in_use() const { return usage_.now(); }
  Usage& usage() { return usage_; }
  size_t spare_bytes() const {
    return receive_spares_.size() * kReceiveBlockBytes + output_spares_.size() * kOutputBlockBytes;
  }
  // Calls `task` now and then while more than kBurstBytes are in use.
  void WhenMuch(absl::AnyInvocable<void()> task) { much_ = std::move(task); }
  // Frees what was spare all the time since the last call, but for a little.
  void TrimIdle();

 private:
  friend class BlockRef;
  void Return(Block* block);
  SpareList* SparesOf(size_t capacity);

  SpareList receive_spares_{kSpareBlocks};
  SpareList output_spares_{kSpareBlocks};
  ObjectPool<Segment> segments_;
  Usage usage_;
  absl::AnyInvocable<void()> much_;
};

inline void BlockRef::Release() {
  if (block_ != nullptr && --block_->references_ == 0) block_->pool_->Return(block_);
}

// Bytes, and the reference that keeps them alive.
struct Slice {
  void Clear() {
    block = BlockRef();
    bytes = {};
  }

  BlockRef block;
  std::string_view bytes;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_BLOCK_H_
