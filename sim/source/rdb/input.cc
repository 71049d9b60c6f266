#include "sim/source/rdb/input.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "absl/strings/str_format.h"
#include "sim/source/rdb/crc64.h"

namespace keyway::sim {
namespace {

// Fits into a core's own cache, where the checksum and the reader find it one after the
// other.
constexpr size_t kWindowBytes = 256 * 1024;

}  // namespace

RdbInput::RdbInput(std::unique_ptr<ByteStream> stream)
    : stream_(std::move(stream)), space_(kWindowBytes), window_(space_.data(), 0) {}

bool RdbInput::AppendFar(uint64_t size, std::string& bytes) {
  while (size > 0) {
    if (at_ == window_.size() && !Await(1)) return false;
    const size_t here = static_cast<size_t>(std::min<uint64_t>(size, window_.size() - at_));
    bytes.append(window_.substr(at_, here));
    at_ += here;
    size -= here;
  }
  return true;
}

bool RdbInput::AtEnd() { return at_ == window_.size() && Refill() && at_ == window_.size(); }

uint64_t RdbInput::Checksum() {
  checksum_ = Crc64(checksum_, window_.substr(checked_, at_ - checked_));
  checked_ = at_;
  return checksum_;
}

bool RdbInput::Fail(uint64_t offset, const std::string& message) {
  status_ = absl::InvalidArgumentError(
      absl::StrFormat("%s: byte %d: %s", stream_->name(), offset, message));
  return false;
}

bool RdbInput::FailAtEnd() {
  return status_.ok() && Fail(window_offset_ + window_.size(), "the file ends too early");
}

bool RdbInput::Await(size_t size) {
  while (window_.size() - at_ < size) {
    const size_t before = window_.size() - at_;
    if (!Refill()) return false;
    if (window_.size() - at_ == before) return FailAtEnd();
  }
  return true;
}

bool RdbInput::SkipFar(uint64_t size) {
  while (window_.size() - at_ < size) {
    size -= window_.size() - at_;
    at_ = window_.size();
    if (!Await(1)) return false;
  }
  at_ += static_cast<size_t>(size);
  return true;
}

bool RdbInput::Refill() {
  if (!status_.ok()) return false;
  Checksum();
  const size_t left = window_.size() - at_;
  std::memmove(space_.data(), window_.data() + at_, left);
  window_offset_ += at_;
  at_ = checked_ = 0;
  window_ = std::string_view(space_.data(), left);
  const absl::StatusOr<size_t> more = stream_->Read(std::span(space_).subspan(left));
  if (!more.ok()) {
    status_ = more.status();
    return false;
  }
  window_ = std::string_view(space_.data(), left + *more);
  return true;
}

}  // namespace keyway::sim
