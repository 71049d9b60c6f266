// Whether a client gets what it asked for.
#ifndef KEYWAY_TOOLS_BENCH_REPLY_CHECK_H_
#define KEYWAY_TOOLS_BENCH_REPLY_CHECK_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/content.h"
#include "tools/bench/messages.h"

namespace keyway::bench {

// Compares the bytes of one reply after another, however they are cut, with the only ones
// that are right. So a reply that is wrong, another's, too short or too long does not pass.
class ReplyCheck {
 public:
  explicit ReplyCheck(RequestKind kind) : kind_(kind) {}

  // The next bytes are the reply to the request for these items.
  void Expect(std::span<const Item> items);

  enum class Verdict { kIncomplete, kRight, kWrong };
  // Takes what belongs to the reply from the front of `input`. After kWrong there is no
  // way to go on.
  Verdict Take(std::string_view& input);

  // After kWrong: what was expected, and what came, for people.
  const std::string& complaint() const { return complaint_; }

 private:
  bool InAnyOrder() const {
    return kind_.protocol == Protocol::kMemcache && kind_.operation == Operation::kMultiGet;
  }
  Verdict TakeExpected(std::string_view& input);
  Verdict TakeInAnyOrder(std::string_view& input);
  void BeginAnyOrder();
  bool ExpectNextValue();
  Verdict Complain(std::string_view expected, std::string_view came);

  RequestKind kind_;
  std::string expected_;
  size_t matched_ = 0;  // so many bytes of expected_ have come
  // For values in any order: what was asked for, whether all of it, in its order, is
  // expected_ and may still come at once; if not, which of it has come, how many of it have
  // not, where the next one likely is, and its beginning.
  std::vector<Item> asked_;
  bool in_order_ = false;
  std::vector<char> came_;
  size_t missing_ = 0;
  size_t likely_ = 0;
  std::string head_;
  std::string complaint_;
};

}  // namespace keyway::bench

#endif  // KEYWAY_TOOLS_BENCH_REPLY_CHECK_H_
