#include "proxy/base/buffer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace keyway {

BlockRef::~BlockRef() {
  if (block_ != nullptr && --block_->references_ == 0) block_->pool_->Return(block_);
}

BlockPool::~BlockPool() { Trim(); }

std::vector<Block*>* BlockPool::SparesOf(size_t capacity) {
  if (capacity == kReceiveBlockBytes) return &receive_spares_;
  if (capacity == kOutputBlockBytes) return &output_spares_;
  return nullptr;
}

BlockRef BlockPool::Get(size_t capacity) {
  bytes_in_use_ += capacity;
  if (std::vector<Block*>* spares = SparesOf(capacity); spares != nullptr && !spares->empty()) {
    Block* block = spares->back();
    spares->pop_back();
    return BlockRef(block);
  }
  void* memory = ::operator new(sizeof(Block) + capacity);
  return BlockRef(new (memory) Block(this, capacity));
}

void BlockPool::Return(Block* block) {
  bytes_in_use_ -= block->capacity_;
  std::vector<Block*>* spares = SparesOf(block->capacity_);
  if (spares != nullptr && spares->size() < kSpareBlocks) {
    spares->push_back(block);
  } else {
    ::operator delete(block);
  }
}

void BlockPool::Trim() {
  for (std::vector<Block*>* spares : {&receive_spares_, &output_spares_}) {
    for (Block* block : *spares) ::operator delete(block);
    spares->clear();
  }
}

Slice Stash::Keep(Block* block, std::string_view bytes) {
  if (block != nullptr && bytes.size() >= kLinkBytes) return {BlockRef(block), bytes};
  if (bytes.size() > kOutputBlockBytes) {
    BlockRef own = pool_.Get(bytes.size());
    std::memcpy(own->data(), bytes.data(), bytes.size());
    const std::string_view copy{own->data(), bytes.size()};
    return {std::move(own), copy};
  }
  if (!block_ || used_ + bytes.size() > block_->capacity()) {
    block_ = pool_.Get(kOutputBlockBytes);
    used_ = 0;
  }
  char* place = block_->data() + used_;
  std::memcpy(place, bytes.data(), bytes.size());
  used_ += bytes.size();
  return {block_, {place, bytes.size()}};
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
    // Grows with what has come, not with what was announced: announcing is free.
    target = pool_.Get(std::min(total, std::max(2 * size_, 4 * kReceiveBlockBytes)));
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
  if (!segments_.empty()) {
    Segment& last = segments_.back();
    if (last.block.get() == block.get() && last.begin + last.size == bytes.data()) {
      last.size += bytes.size();
      return;
    }
  }
  segments_.push_back({std::move(block), bytes.data(), bytes.size()});
}

void OutputBuffer::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!tail_ || tail_used_ == tail_->capacity()) {
      tail_ = pool_->Get(kOutputBlockBytes);
      tail_used_ = 0;
    }
    const size_t count = std::min(bytes.size(), tail_->capacity() - tail_used_);
    char* place = tail_->data() + tail_used_;
    std::memcpy(place, bytes.data(), count);
    tail_used_ += count;
    Link(tail_, {place, count});
    bytes.remove_prefix(count);
  }
}

void OutputBuffer::Append(Block* block, std::string_view bytes) {
  if (block == nullptr || bytes.size() < kLinkBytes) {
    Append(bytes);
  } else {
    Link(BlockRef(block), bytes);
  }
}

void OutputBuffer::Append(OutputBuffer&& other) {
  for (; !other.segments_.empty(); other.segments_.pop_front()) {
    const Segment& segment = other.segments_.front();
    Append(segment.block.get(), {segment.begin, segment.size});
  }
  other.Clear();
}

int OutputBuffer::Gather(iovec* pieces) const {
  const size_t count = std::min<size_t>(segments_.size(), kGatherSegments);
  for (size_t i = 0; i < count; ++i) {
    pieces[i] = {const_cast<char*>(segments_[i].begin), segments_[i].size};
  }
  return static_cast<int>(count);
}

void OutputBuffer::Consume(size_t count) {
  size_ -= count;
  while (count != 0) {
    Segment& first = segments_.front();
    if (count < first.size) {
      first.begin += count;
      first.size -= count;
      return;
    }
    count -= first.size;
    segments_.pop_front();
  }
  if (size_ == 0) tail_ = BlockRef();
}

void OutputBuffer::Clear() {
  segments_ = RingQueue<Segment>();
  tail_ = BlockRef();
  size_ = 0;
}

Slice OutputBuffer::Flatten() const {
  if (size_ == 0) return {};
  if (segments_.size() == 1) {
    const Segment& only = segments_[0];
    return {only.block, {only.begin, only.size}};
  }
  BlockRef whole = pool_->Get(size_);
  size_t used = 0;
  for (size_t i = 0; i < segments_.size(); ++i) {
    std::memcpy(whole->data() + used, segments_[i].begin, segments_[i].size);
    used += segments_[i].size;
  }
  const std::string_view bytes{whole->data(), size_};
  return {std::move(whole), bytes};
}

void OutputBuffer::Compact() {
  for (size_t i = 0; i < segments_.size(); ++i) {
    Segment& segment = segments_[i];
    if (segment.block.get() == tail_.get() || segment.size > segment.block->capacity() / 2)
      continue;
    BlockRef own = pool_->Get(segment.size);
    std::memcpy(own->data(), segment.begin, segment.size);
    segment.begin = own->data();
    segment.block = std::move(own);
  }
}

}  // namespace keyway
