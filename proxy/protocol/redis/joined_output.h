#ifndef KEYWAY_PROXY_PROTOCOL_REDIS_JOINED_OUTPUT_H_
#define KEYWAY_PROXY_PROTOCOL_REDIS_JOINED_OUTPUT_H_

#include <string_view>

#include "proxy/base/buffer.h"

namespace keyway::redis {

// Appends pieces to an OutputBuffer, and those that lie next to each other in one
// block as one piece: a split often takes several arguments or elements in a row.
class JoinedOutput {
 public:
  explicit JoinedOutput(OutputBuffer& out) : out_(out) {}
  JoinedOutput(const JoinedOutput&) = delete;
  JoinedOutput& operator=(const JoinedOutput&) = delete;
  ~JoinedOutput() { Flush(); }

  // `block` may be null; `piece` stays valid as long as this object.
  void Append(Block* block, std::string_view piece) {
    if (block == block_ && run_.data() + run_.size() == piece.data()) {
      run_ = {run_.data(), run_.size() + piece.size()};
      return;
    }
    Flush();
    block_ = block;
    run_ = piece;
  }

 private:
  void Flush() {
    if (!run_.empty()) out_.Append(block_, run_);
  }

  OutputBuffer& out_;
  Block* block_ = nullptr;
  std::string_view run_;
};

}  // namespace keyway::redis

#endif  // KEYWAY_PROXY_PROTOCOL_REDIS_JOINED_OUTPUT_H_
