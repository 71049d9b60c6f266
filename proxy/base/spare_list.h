// Freed memory that is kept for the next use.
#ifndef KEYWAY_PROXY_BASE_SPARE_LIST_H_
#define KEYWAY_PROXY_BASE_SPARE_LIST_H_

#include <algorithm>
#include <cstddef>
#include <new>

namespace keyway {

// Pieces of one size from ::operator new, last in, first out. Knows which of them were
// not needed for a while. Belongs to one thread.
class SpareList {
 public:
  // Keeps at most `most` pieces.
  explicit SpareList(size_t most) : most_(most) {}
  SpareList(const SpareList&) = delete;
  SpareList& operator=(const SpareList&) = delete;
  ~SpareList() {
    while (void* piece = Take()) ::operator delete(piece);
  }

  size_t size() const { return size_; }

  // Null if there is none.
  void* Take() {
    Piece* piece = first_;
    if (piece == nullptr) return nullptr;
    first_ = piece->next;
    idle_ = std::min(idle_, --size_);
    return piece;
  }
  // A piece has room for a pointer.
  void Put(void* memory) {
    if (size_ == most_) {
      ::operator delete(memory);
      return;
    }
    first_ = new (memory) Piece{first_};
    ++size_;
  }

  // Gives those back to the allocator that were there all the time since the last call,
  // but for `kept` of them.
  void TrimIdle(size_t kept) {
    for (size_t surplus = idle_ - std::min(idle_, kept); surplus != 0; --surplus) {
      ::operator delete(Take());
    }
    idle_ = size_;
  }

 private:
  struct Piece {
    Piece* next;
  };

  const size_t most_;
  Piece* first_ = nullptr;
  size_t size_ = 0;
  size_t idle_ = 0;  // the least size since the last TrimIdle
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_SPARE_LIST_H_
