// Counted blocks of bytes, slices of them, and the two queues built from both.
//
// Nothing here is thread-safe: blocks, slices and buffers belong to the worker
// whose BlockPool they come from.
#ifndef KEYWAY_PROXY_BASE_BUFFER_H_
#define KEYWAY_PROXY_BASE_BUFFER_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "proxy/base/limits.h"
#include "proxy/base/object_pool.h"
#include "proxy/base/spare_list.h"

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
  BlockRef& operator=(BlockRef other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~BlockRef();

  Block* get() const { return block_; }
  Block* operator->() const { return block_; }
  explicit operator bool() const { return block_ != nullptr; }

 private:
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
  size_t bytes_in_use() const { return bytes_in_use_; }
  size_t spare_bytes() const {
    return receive_spares_.size() * kReceiveBlockBytes + output_spares_.size() * kOutputBlockBytes;
  }
  // The most in use at a time since the last call.
  size_t TakePeak() { return std::exchange(peak_, bytes_in_use_); }
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
  size_t bytes_in_use_ = 0;
  size_t peak_ = 0;
  absl::AnyInvocable<void()> much_;
};

// Bytes, and the reference that keeps them alive.
struct Slice {
  BlockRef block;
  std::string_view bytes;
};

// Bytes received and not yet consumed, always contiguous. The event loop fills
// it; a handler looks at bytes(), consumes what it understood and leaves the rest
// to be presented again with more behind it.
class InputBuffer {
 public:
  explicit InputBuffer(BlockPool& pool) : pool_(pool) {}

  std::string_view bytes() const { return {begin_, size_}; }
  // The block that bytes() lies in, for OutputBuffer::Append. Null when empty.
  Block* block() const { return block_.get(); }
  bool empty() const { return size_ == 0; }

  void Consume(size_t count);

  // Says that nothing can be done before `total` bytes are there (counted from the
  // first unconsumed one), so that the next reads get room for as much.
  void Want(size_t total) { wanted_ = total; }

  // For the event loop. Room to read into, after the unconsumed bytes: usually
  // the rest of the loop's shared block, else of a block of this buffer's own.
  std::pair<char*, size_t> Room(BlockRef& shared);
  void Filled(size_t count) { size_ += count; }
  // Ends a turn: unconsumed bytes leave the shared block for one of their size.
  void Retire(const BlockRef& shared);

 private:
  BlockPool& pool_;
  BlockRef block_;
  const char* begin_ = nullptr;
  size_t size_ = 0;
  size_t wanted_ = 0;
};

// Bytes waiting to be sent: small pieces copied together, large ones linked. Owns
// nothing when empty.
class OutputBuffer {
 public:
  explicit OutputBuffer(BlockPool& pool) : pool_(&pool) {}
  OutputBuffer(OutputBuffer&& other) noexcept;
  OutputBuffer& operator=(OutputBuffer&&) = delete;
  ~OutputBuffer() { Clear(); }

  // Copies.
  void Append(std::string_view bytes);
  // Links `bytes`, which lie in `block`, if they are large; else copies them.
  // With a null block it copies.
  void Append(Block* block, std::string_view bytes);
  void Append(const Slice& slice) { Append(slice.block.get(), slice.bytes); }
  // Moves everything out of `other`.
  void Append(OutputBuffer&& other);

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Describes the first bytes in at most kGatherSegments pieces; returns their number.
  int Gather(iovec* pieces) const;
  void Consume(size_t count);
  void Clear();

  // Everything as one slice: without a copy when it is one segment already.
  Slice Flatten() const;

  // Copies linked pieces that are much smaller than the block they keep alive. For
  // a queue that is going to stand for a while.
  void Compact();

 private:
  void Link(BlockRef block, std::string_view bytes);
  void PopFirst();

  BlockPool* pool_;
  Segment* first_ = nullptr;
  Segment* last_ = nullptr;  // valid unless first_ is null
  BlockRef tail_;            // the block that copies go to
  size_t tail_used_ = 0;
  size_t size_ = 0;
};

// Copies of small pieces that must outlive the buffer they arrived in, packed into
// shared blocks. Owns nothing once Rest was called and its slices are gone.
class Stash {
 public:
  explicit Stash(BlockPool& pool) : pool_(pool) {}

  // A slice with the same bytes: a link when `bytes` are large, also compared with the
  // block they lie in, else a copy.
  Slice Keep(Block* block, std::string_view bytes);
  // Lets go of the block that the next copies would go to.
  void Rest() { block_ = BlockRef(); }

 private:
  BlockPool& pool_;
  BlockRef block_;
  size_t used_ = 0;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_BUFFER_H_
