#ifndef KEYWAY_PROXY_BASE_OUTPUT_WRITER_H_
#define KEYWAY_PROXY_BASE_OUTPUT_WRITER_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "proxy/base/buffer.h"
#include "proxy/base/limits.h"

namespace keyway {

// Appends many pieces to an OutputBuffer, which hears of most of them only at the end: a
// split or a merge has hundreds. Nobody else uses the buffer meanwhile.
class OutputWriter {
 public:
  explicit OutputWriter(OutputBuffer& out) : out_(out) { Begin(); }
  OutputWriter(const OutputWriter&) = delete;
  OutputWriter& operator=(const OutputWriter&) = delete;
  ~OutputWriter() { End(); }

  // As OutputBuffer::Append.
  void Append(Block* block, std::string_view bytes) {
    if (bytes.size() >= short_) {
      End();
      out_.Append(block, bytes);
      Begin();
      return;
    }
    Copy(bytes);
    place_ += bytes.size();
    short_ = std::min(kLinkBytes, static_cast<size_t>(end_ - place_));
  }
  void Append(std::string_view bytes) { Append(nullptr, bytes); }

 private:
  // As memcpy; but most pieces are that long, and finding out takes longer than copying.
  void Copy(std::string_view bytes) {
    constexpr size_t kUsual = 32;
    const size_t size = bytes.size();
    if (size >= kUsual / 2 && size <= kUsual) {
      CopyEnds<kUsual / 2>(bytes);
    } else if (size > kUsual && size <= 2 * kUsual) {
      CopyEnds<kUsual>(bytes);
    } else if (size != 0) {  // the bytes of nothing may be null
      std::memcpy(place_, bytes.data(), size);
    }
  }
  // Copies between kBytes and twice as many: from both ends.
  template <size_t kBytes>
  void CopyEnds(std::string_view bytes) {
    const size_t second = bytes.size() - kBytes;
    std::memcpy(place_, bytes.data(), kBytes);
    std::memcpy(place_ + second, bytes.data() + second, kBytes);
  }

  void Begin() {
    place_ = out_.place_;
    end_ = place_ + out_.room_;
    short_ = std::min(kLinkBytes, out_.room_);
  }
  void End() {
    const auto count = static_cast<size_t>(place_ - out_.place_);
    if (count == 0) return;
    out_.place_ = place_;
    out_.room_ -= count;
    out_.size_ += count;
    out_.last_->size += count;
  }

  OutputBuffer& out_;
  char* place_;
  char* end_;
  size_t short_;  // pieces of less are copied
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_OUTPUT_WRITER_H_
