// The queues of bytes that are built from blocks and slices: what comes, what goes, and
// what must wait. They belong to the worker whose BlockPool they are made with.
#ifndef KEYWAY_PROXY_BASE_BUFFER_H_
#define KEYWAY_PROXY_BASE_BUFFER_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include "proxy/base/block.h"

namespace keyway {

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
  void Append(std::string_view bytes) {
    if (bytes.size() >= room_ || bytes.empty()) return AppendInBlocks(bytes);
    std::memcpy(place_, bytes.data(), bytes.size());
    place_ += bytes.size();
    room_ -= bytes.size();
    size_ += bytes.size();
    last_->size += bytes.size();
  }
  // Links `bytes`, which lie in `block`, if they are large; else copies them.
  // With a null block it copies.
  void Append(Block* block, std::string_view bytes) {
    if (block == nullptr || bytes.size() < kLinkBytes) {
      Append(bytes);
    } else {
      Link(BlockRef(block), bytes);
    }
  }
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
  friend class OutputWriter;
  void AppendInBlocks(std::string_view bytes);
  void Link(BlockRef block, std::string_view bytes);
  void PopFirst();

  BlockPool* pool_;
  Segment* first_ = nullptr;
  Segment* last_ = nullptr;  // valid unless first_ is null
  BlockRef tail_;            // the block that copies go to
  char* place_ = nullptr;    // in it, for the next copy
  size_t room_ = 0;          // behind place_; 0 if the last segment does not end there
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
  // Room for so many bytes, for numbers and pointers to be written to.
  std::pair<BlockRef, char*> Room(size_t bytes);
  // Lets go of the block that the next copies would go to.
  void Rest() { block_ = BlockRef(); }

 private:
  std::pair<BlockRef, char*> OwnRoom(size_t bytes);
  std::pair<BlockRef, char*> Take(size_t bytes);

  BlockPool& pool_;
  BlockRef block_;
  size_t used_ = 0;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_BUFFER_H_
