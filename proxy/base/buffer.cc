#include "proxy/base/buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace keyway {

namespace {

// What waits in a stash keeps at most so many times its size of memory from others.
constexpr size_t kMaxPinned = 4;

}  // namespace

Slice Stash::Keep(Block* block, std::string_view bytes) {
  if (block != nullptr && bytes.size() >= std::max(kLinkBytes, block->capacity() / kMaxPinned)) {
    return {BlockRef(block), bytes};
  }
  auto [kept, place] =
      bytes.size() > kOutputBlockBytes ? OwnRoom(bytes.size()) : Take(bytes.size());
  std::memcpy(place, bytes.data(), bytes.size());
  return {std::move(kept), {place, bytes.size()}};
}

std::pair<BlockRef, char*> Stash::Room(size_t bytes) {
  constexpr size_t kAlignment = alignof(void*);
  static_assert(sizeof(Block) % kAlignment == 0);
  if (bytes > kOutputBlockBytes) return OwnRoom(bytes);
  used_ = (used_ + kAlignment - 1) / kAlignment * kAlignment;
  return Take(bytes);
}

std::pair<BlockRef, char*> Stash::OwnRoom(size_t bytes) {
  BlockRef own = pool_.Get(bytes);
  char* const place = own->data();
  return {std::move(own), place};
}

std::pair<BlockRef, char*> Stash::Take(size_t bytes) {
  if (!block_ || used_ + bytes > block_->capacity()) {
    block_ = pool_.Get(kOutputBlockBytes);
    used_ = 0;
  }
  char* const place = block_->data() + used_;
  used_ += bytes;
  return {block_, place};
}

void InputBuffer::Consume(size_t count) {
  begin_ += count;
  size_ -= count;
  wanted_ -= std::min(wanted_, count);
  if (size_ == 0) block_ = BlockRef();
}

std::pair<char*, size_t> InputBuffer::Room(BlockRef& shared) {
  const size_t total = std::max(wanted_, size_ + 1);
  if (block_ && size_ > kLinkBytes) {
    char* end = const_cast<char*>(begin_) + size_;
    const auto room = static_cast<size_t>(block_->data() + block_->capacity() - end);
    if (room != 0) return {end, room};
  }
  BlockRef target;
  if (total > kReceiveBlockBytes) {
    // Grows with what has come, not with what was announced: announcing is free. And it
    // doubles at least, since many small arguments announce but a few bytes each.
    target = pool_.Get(std::clamp(total, 2 * size_, std::max(2 * size_, 4 * kReceiveBlockBytes)));
  } else {
    if (!shared || shared->shared()) shared = pool_.Get(kReceiveBlockBytes);
    target = shared;
  }
  if (size_ != 0) std::memcpy(target->data(), begin_, size_);
  block_ = std::move(target);
  begin_ = block_->data();
  return {block_->data() + size_, block_->capacity() - size_};
}

void InputBuffer::Retire(const BlockRef& shared) {
  if (size_ == 0) {
    block_ = BlockRef();
  } else if (block_.get() == shared.get()) {
    BlockRef own = pool_.Get(size_);
    std::memcpy(own->data(), begin_, size_);
    block_ = std::move(own);
    begin_ = block_->data();
  }
}

void OutputBuffer::Link(BlockRef block, std::string_view bytes) {
  size_ += bytes.size();
  room_ = 0;
  if (first_ != nullptr && last_->block.get() == block.get() &&
      last_->begin + last_->size == bytes.data()) {
    last_->size += bytes.size();
    return;
  }
  Segment* added = pool_->segments().Make(std::move(block), bytes.data(), bytes.size());
  (first_ == nullptr ? first_ : last_->next) = added;
  last_ = added;
}

void OutputBuffer::PopFirst() {
  Segment* gone = std::exchange(first_, first_->next);
  pool_->segments().Destroy(gone);
}

OutputBuffer::OutputBuffer(OutputBuffer&& other) noexcept
    : pool_(other.pool_),
      first_(std::exchange(other.first_, nullptr)),
      last_(other.last_),
      tail_(std::move(other.tail_)),
      place_(other.place_),
      room_(std::exchange(other.room_, 0)),
      size_(std::exchange(other.size_, 0)) {}

void OutputBuffer::AppendInBlocks(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!tail_ || place_ == tail_->data() + tail_->capacity()) {
      tail_ = pool_->Get(kOutputBlockBytes);
      place_ = tail_->data();
    }
    const auto left = static_cast<size_t>(tail_->data() + tail_->capacity() - place_);
    const std::string_view piece = bytes.substr(0, left);
    std::memcpy(place_, piece.data(), piece.size());
    Link(tail_, {place_, piece.size()});
    place_ += piece.size();
    room_ = left - piece.size();
    bytes.remove_prefix(piece.size());
  }
}

void OutputBuffer::Append(OutputBuffer&& other) {
  for (; other.first_ != nullptr; other.PopFirst()) {
    Append(other.first_->block.get(), {other.first_->begin, other.first_->size});
  }
  other.Clear();
}

int OutputBuffer::Gather(iovec* pieces) const {
  int count = 0;
  for (Segment* segment = first_; segment != nullptr && count < kGatherSegments;
       segment = segment->next) {
    pieces[count++] = {const_cast<char*>(segment->begin), segment->size};
  }
  return count;
}

void OutputBuffer::Consume(size_t count) {
  size_ -= count;
  while (count != 0) {
    if (count < first_->size) {
      first_->begin += count;
      first_->size -= count;
      return;
    }
    count -= first_->size;
    PopFirst();
  }
  if (size_ == 0) Clear();
}

void OutputBuffer::Clear() {
  while (first_ != nullptr) PopFirst();
  tail_ = BlockRef();
  room_ = size_ = 0;
}

Slice OutputBuffer::Flatten() const {
  if (size_ == 0) return {};
  if (first_ == last_) return {first_->block, {first_->begin, first_->size}};
  BlockRef whole = pool_->Get(size_);
  size_t used = 0;
  for (const Segment* segment = first_; segment != nullptr; segment = segment->next) {
    std::memcpy(whole->data() + used, segment->begin, segment->size);
    used += segment->size;
  }
  const std::string_view bytes{whole->data(), size_};
  return {std::move(whole), bytes};
}

void OutputBuffer::Compact() {
  for (Segment* segment = first_; segment != nullptr; segment = segment->next) {
    if (segment->block.get() == tail_.get() || segment->size > segment->block->capacity() / 2) {
      continue;
    }
    BlockRef own = pool_->Get(segment->size);
    std::memcpy(own->data(), segment->begin, segment->size);
    segment->begin = own->data();
    segment->block = std::move(own);
  }
}

}  // namespace keyway
