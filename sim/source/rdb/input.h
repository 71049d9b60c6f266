// The bytes of an RDB file, one window at a time: where they are, and their checksum.
#ifndef KEYWAY_SIM_SOURCE_RDB_INPUT_H_
#define KEYWAY_SIM_SOURCE_RDB_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "sim/source/bytes/byte_stream.h"

namespace keyway::sim {

// Functions that return a bool are false when the input ends too early or cannot be read;
// status() says which, and what was read is to be given up.
class RdbInput {
 public:
  explicit RdbInput(std::unique_ptr<ByteStream> stream);

  // The next few bytes, valid until the next call.
  bool Take(size_t size, std::string_view& bytes) {
    if (window_.size() - at_ < size && !Await(size)) return false;
    bytes = std::string_view(window_.data() + at_, size);
    at_ += size;
    return true;
  }
  bool Byte(uint8_t& byte) {
    std::string_view bytes;
    if (!Take(1, bytes)) return false;
    byte = static_cast<uint8_t>(bytes[0]);
    return true;
  }
  bool Skip(uint64_t size) {
    if (window_.size() - at_ < size) return SkipFar(size);
    at_ += size;
    return true;
  }
  // Adds the next `size` bytes to the end of `bytes`.
  bool Append(uint64_t size, std::string& bytes) {
    if (window_.size() - at_ < size) return AppendFar(size, bytes);
    bytes.append(window_.data() + at_, static_cast<size_t>(size));
    at_ += static_cast<size_t>(size);
    return true;
  }

  // Whether nothing is left. An error is not an end.
  bool AtEnd();

  // Of the next byte.
  uint64_t offset() const { return window_offset_ + at_; }
  // Of all bytes before the next.
  uint64_t Checksum();

  // Makes this the status, with the name of the file and the place; returns false.
  bool Fail(uint64_t offset, const std::string& message);
  const absl::Status& status() const { return status_; }
  const ByteStream& stream() const { return *stream_; }

 private:
  bool Await(size_t size);
  bool AppendFar(uint64_t size, std::string& bytes);
  bool SkipFar(uint64_t size);
  // Drops what was read and fills the window up. False at an error; at the end it adds
  // nothing.
  bool Refill();
  bool FailAtEnd();

  const std::unique_ptr<ByteStream> stream_;
  std::vector<char> space_;
  std::string_view window_;  // of space_: what came and is not dropped
  size_t at_ = 0;            // in the window
  size_t checked_ = 0;       // in the window: where the checksum is
  uint64_t window_offset_ = 0;
  uint64_t checksum_ = 0;
  absl::Status status_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_RDB_INPUT_H_
