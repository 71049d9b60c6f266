// A queue in a ring of records: no allocation while it stays within its size.
#ifndef KEYWAY_PROXY_BASE_RING_H_
#define KEYWAY_PROXY_BASE_RING_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

namespace keyway {

// First in, first out. Grows by doubling, gives its memory back once it has run empty
// without having needed it, and owns none before its first element.
template <class T>
class RingQueue {
 public:
  RingQueue() = default;
  RingQueue(RingQueue&& other) noexcept { *this = std::move(other); }
  RingQueue& operator=(RingQueue&& other) noexcept {
    records_ = std::move(other.records_);
    capacity_ = std::exchange(other.capacity_, 0);
    head_ = std::exchange(other.head_, 0);
    size_ = std::exchange(other.size_, 0);
    peak_ = std::exchange(other.peak_, 0);
    return *this;
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  T& front() { return records_[head_]; }
  const T& front() const { return records_[head_]; }
  T& back() { return (*this)[size_ - 1]; }
  T& operator[](size_t i) { return records_[(head_ + i) & (capacity_ - 1)]; }
  const T& operator[](size_t i) const { return records_[(head_ + i) & (capacity_ - 1)]; }

  T& push_back(T value) {
    T& place = Add();
    place = std::move(value);
    return place;
  }

  // Appends a record to be filled in where it stands: moving a larger one there that was
  // just made reads what is still being written, and stalls.
  T& Add() {
    if (size_ == capacity_) Grow();
    T& place = records_[(head_ + size_) & (capacity_ - 1)];
    peak_ = std::max(peak_, ++size_);
    return place;
  }

  void pop_front() {
    records_[head_] = T();
    head_ = (head_ + 1) & (capacity_ - 1);
    if (--size_ == 0 && capacity_ > kKept) Settle();
  }

 private:
  static constexpr size_t kFirst = 8;
  static constexpr size_t kKept = 1024;

  // Called when it has run empty. What is filled again and again keeps its memory.
  void Settle() {
    if (std::exchange(peak_, 0) < capacity_ / 4) *this = RingQueue();
  }

  void Grow() {
    const size_t capacity = capacity_ == 0 ? kFirst : 2 * capacity_;
    auto records = std::make_unique<T[]>(capacity);
    for (size_t i = 0; i < size_; ++i) records[i] = std::move((*this)[i]);
    records_ = std::move(records);
    capacity_ = capacity;
    head_ = 0;
  }

  std::unique_ptr<T[]> records_;
  size_t capacity_ = 0;  // a power of two, or 0
  size_t head_ = 0;
  size_t size_ = 0;
  size_t peak_ = 0;  // the most at a time since it last ran empty
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_RING_H_
